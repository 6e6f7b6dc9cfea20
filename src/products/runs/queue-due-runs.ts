import { newId } from '../../base/ids.ts';
import type { Context } from '../../identity/context.ts';
import type { Transaction } from '../../store/database.ts';
import { orderSteps } from './order-steps.ts';
import { startRuns } from './start-runs.ts';
import { listDueRuns, listOpenRuns, lockDatasets, readInputsOf } from './store.ts';

/**
 * Starts a run of every dataset of these products whose SQL or contract is newer than its last run: each after
 * those it reads, also where their runs were started before.
 */
export async function queueDueRuns(
  context: Context,
  transaction: Transaction,
  { productIds, trigger }: { productIds: string[]; trigger: string },
): Promise<string[]> {
  const due = new Map((await listDueRuns(transaction, productIds)).map((dataset) => [dataset.id, dataset]));
  if (due.size === 0) return [];
  await lockDatasets(transaction, due.keys());
  const inputs = await readInputsOf(transaction, due.keys());
  const open = await listOpenRuns(transaction, { datasetIds: [...inputs.values()].flat() });
  const steps = orderSteps(due.keys(), inputs).map(({ datasetId, after }) => ({
    datasetId,
    productId: due.get(datasetId)!.productId,
    trigger,
    after,
    needs: open.filter((run) => inputs.get(datasetId)?.includes(run.datasetId)).map(({ id }) => id),
  }));
  const runs = await startRuns(context, transaction, {
    roundId: newId('rnd'),
    requestedBy: context.caller.id,
    starts: 'released',
    at: context.clock.now(),
    steps,
  });
  return [...runs.values()];
}
