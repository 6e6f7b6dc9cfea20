import { expireRows } from '../erasure/retention/expire-rows.ts';
import type { Parts } from '../identity/context.ts';

export async function expireRowsJob(parts: Parts, stopping: AbortSignal): Promise<void> {
  await parts.queue.work('expire-rows', async ({ signal }) => {
    const rows = await expireRows(parts, AbortSignal.any([signal, stopping]));
    if (rows > 0) parts.log.info({ rows }, 'rows expired by retention');
  });
  await parts.queue.schedule('expire-rows', '43 * * * *');
}
