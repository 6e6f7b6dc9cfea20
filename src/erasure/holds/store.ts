import { lockDatasets } from '../../products/runs/store.ts';
import type { Reader, Transaction } from '../../store/database.ts';

/** Who holds datasets: an erasure's id, or {@link RETENTION}. */
export const RETENTION = 'retention';

/**
 * Takes datasets for somebody alone, in the place of those held before: no run of them begins. False while a
 * run is under way, which then ends before anything else begins, or somebody else has one of them.
 */
export async function holdDatasets(
  transaction: Transaction,
  { heldBy, datasetIds }: { heldBy: string; datasetIds: string[] },
): Promise<boolean> {
  await lockDatasets(transaction, datasetIds);
  const others = await transaction
    .selectFrom('dataset_holds')
    .select('dataset_id')
    .where('dataset_id', 'in', ['', ...datasetIds])
    .where('held_by', '<>', heldBy)
    .execute();
  if (others.length > 0) return false;
  await releaseHolds(transaction, heldBy);
  if (datasetIds.length > 0) {
    const rows = datasetIds.map((datasetId) => ({ dataset_id: datasetId, held_by: heldBy }));
    await transaction.insertInto('dataset_holds').values(rows).execute();
  }
  return (await countRunning(transaction, datasetIds)) === 0;
}

export async function releaseHolds(transaction: Transaction, heldBy: string): Promise<void> {
  await transaction.deleteFrom('dataset_holds').where('held_by', '=', heldBy).execute();
}

/** Runs of these datasets that are under way. */
async function countRunning(reader: Reader, datasetIds: string[]): Promise<number> {
  const row = await reader
    .selectFrom('runs')
    .select((of) => of.fn.countAll<number>().as('runs'))
    .where('dataset_id', 'in', ['', ...datasetIds])
    .where('state', '=', 'running')
    .executeTakeFirstOrThrow();
  return Number(row.runs);
}
