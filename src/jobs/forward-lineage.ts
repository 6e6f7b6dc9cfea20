import type { Parts } from '../identity/context.ts';
import { forwardEvents } from '../lineage/openlineage/forward-events.ts';
import { removeOldEvents } from '../lineage/openlineage/remove-old-events.ts';

/** Sends on what waits: soon after each run, and each minute what an outage of the collector has left. */
export async function forwardLineageJob(parts: Parts, stopping: AbortSignal): Promise<void> {
  await parts.queue.work('forward-lineage', async ({ signal }) => {
    await forwardEvents(parts, AbortSignal.any([signal, stopping]));
  });
  await parts.queue.work('remove-lineage-events', async () => {
    const removed = await removeOldEvents(parts);
    if (removed > 0) parts.log.info({ removed }, 'old lineage events removed');
  });
  await parts.queue.schedule('remove-lineage-events', '41 3 * * *');
  if (parts.settings.openLineage !== null) await parts.queue.schedule('forward-lineage', '* * * * *');
}
