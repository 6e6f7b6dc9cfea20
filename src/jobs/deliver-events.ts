import type { Parts } from '../identity/context.ts';
import { deliverEvents } from '../notifications/deliver-events.ts';
import { resumeDeliveries } from '../notifications/webhooks/maintain.ts';

/** Each announcement queues one; the one of every minute finds what a failure left. */
export async function deliverEventsJob(parts: Parts): Promise<void> {
  await parts.queue.work('deliver-events', async () => {
    await deliverEvents(parts);
    await resumeDeliveries(parts);
  });
  await parts.queue.schedule('deliver-events', '* * * * *');
}
