import type { Parts } from '../identity/context.ts';
import { watchDeadlines } from '../incidents/watch-deadlines.ts';

export async function watchDeadlinesJob(parts: Parts): Promise<void> {
  await parts.queue.work('watch-deadlines', async () => {
    const { opened } = await watchDeadlines(parts);
    if (opened > 0) parts.log.info({ opened }, 'datasets are late');
  });
  await parts.queue.schedule('watch-deadlines', '* * * * *');
}
