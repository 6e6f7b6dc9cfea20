import type { Parts } from '../identity/context.ts';
import { endOverElevations } from '../subscriptions/elevation/end-elevation.ts';
import { expireSubscriptions, remindOfExpiry } from '../subscriptions/expire-subscriptions.ts';

/** Access ends by the plan at the moment itself; the state follows within a minute. */
export async function expireSubscriptionsJob(parts: Parts): Promise<void> {
  await parts.queue.work('expire-subscriptions', async () => {
    await expireSubscriptions(parts);
    await remindOfExpiry(parts);
    await endOverElevations(parts);
  });
  await parts.queue.schedule('expire-subscriptions', '* * * * *');
}
