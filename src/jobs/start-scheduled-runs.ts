import type { Parts } from '../identity/context.ts';
import { startScheduledRuns } from '../pipelines/triggers/start-scheduled-runs.ts';

export async function startScheduledRunsJob(parts: Parts): Promise<void> {
  await parts.queue.work('start-scheduled-runs', async () => {
    await startScheduledRuns(parts);
  });
  await parts.queue.schedule('start-scheduled-runs', '* * * * *');
}
