import { MeshError } from '../../base/errors.ts';
import type { Context } from '../../identity/context.ts';
import type { Transaction } from '../../store/database.ts';
import type { RunGroup, StepRow } from '../groups/store.ts';
import { startChain } from './start-chain.ts';
import { findOpenBackfill } from './store.ts';

/**
 * New runs for the values that did not release, in their order, after those that are still under way.
 * @throws MeshError `pipeline.backfill-open` while another backfill of the dataset runs
 */
export async function resumeBackfill(
  context: Context,
  transaction: Transaction,
  { group, open, again }: { group: RunGroup; open: StepRow[]; again: StepRow[] },
): Promise<{ id: string; dataset: string }[]> {
  const [first] = again;
  if (first === undefined) return [];
  const { datasetId, dataset } = first;
  const other = await findOpenBackfill(transaction, datasetId);
  if (other !== undefined && other !== group.id)
    throw new MeshError('pipeline.backfill-open', {
      facts: { dataset: `${group.addressed}.${dataset}`, group: other },
    });
  const ids = await startChain(context, transaction, {
    datasetId,
    productId: group.productId,
    roundId: group.roundId,
    trigger: group.trigger,
    links: again.map(({ backfillValue, parameters }) => ({ value: backfillValue!, parameters })),
    after: open.at(-1)?.id ?? null,
  });
  return ids.map((id) => ({ id, dataset }));
}
