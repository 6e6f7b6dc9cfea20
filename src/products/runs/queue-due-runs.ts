import { newId } from '../../base/ids.ts';
import type { Context } from '../../identity/context.ts';
import type { Transaction } from '../../store/database.ts';
import { orderSteps } from './order-steps.ts';
import { startRuns } from './start-runs.ts';
import { listDueRuns, listOpenRuns, lockWithInputs, readInputsOf } from './store.ts';

/**
 * Starts a run of every dataset of these products whose SQL or contract is newer than its last run: each after
 * those it reads, also where their runs were started before.
 */
export async function queueDueRuns(
  context: Context,
  transaction: Transaction,
  { productIds, trigger }: { productIds: string[]; trigger: string },
): Promise<string[]> {
  const before = await listDueRuns(transaction, productIds);
  if (before.length === 0) return [];
  await lockWithInputs(
    transaction,
    before.map(({ id }) => id),
  );
  const due = new Map((await listDueRuns(transaction, productIds)).map((dataset) => [dataset.id, dataset]));
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
    // Not before what makes them due, whatever the clock says: else they would be due for ever.
    at: latest([context.clock.now(), ...[...due.values()].map(({ updatedAt }) => updatedAt)]),
    steps,
  });
  return [...runs.values()];
}

function latest(moments: Date[]): Date {
  return new Date(Math.max(...moments.map((moment) => moment.getTime())));
}
