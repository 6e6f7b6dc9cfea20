import type { Parts } from '../identity/context.ts';
import { listRunning } from './store.ts';

/**
 * Gives back the runs of a server that was killed, at once: the embedded database has no other server that
 * could be working on them. On PostgreSQL another one may be; there the queue notices a dead server by its
 * missing heartbeat.
 */
export async function resumeRuns({ database, queue }: Parts): Promise<void> {
  if (database.kind !== 'embedded') return;
  const runs = await listRunning(database.reader);
  await database.transact(async (transaction) => {
    for (const { id } of runs)
      await queue.enqueue(transaction, { kind: 'run-pipeline', data: { runId: id } });
  });
}
