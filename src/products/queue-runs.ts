import type { Context } from '../identity/context.ts';
import type { Transaction } from '../store/database.ts';
import { insertRun, listDueRuns } from './store.ts';

/** Queues a run of every dataset of these products whose SQL or contract is newer than its last run. */
export async function queueDueRuns(
  context: Context,
  transaction: Transaction,
  { productIds, trigger }: { productIds: string[]; trigger: string },
): Promise<string[]> {
  const runIds: string[] = [];
  for (const { id } of await listDueRuns(transaction, productIds)) {
    const at = context.clock.now();
    const runId = await insertRun(transaction, {
      datasetId: id,
      trigger,
      requestedBy: context.caller.id,
      at,
    });
    await context.queue.enqueue(transaction, { kind: 'run-pipeline', data: { runId } });
    runIds.push(runId);
  }
  return runIds;
}
