import type { Parts } from '../identity/context.ts';
import { changeBookmark, deleteSteps, lockBookmark } from '../pipelines/bookmarks/store.ts';
import { readPipelineSettings } from '../pipelines/pipeline-settings.ts';
import { orderSteps } from '../products/runs/order-steps.ts';
import { startRuns } from '../products/runs/start-runs.ts';
import { lockDatasets, readInputsOf } from '../products/runs/store.ts';
import type { Transaction } from '../store/database.ts';
import type { ScopedDataset } from './scope/read-scope.ts';

/** Why one run of a dataset would not make all of its rows anew; null where it does. */
export function canRebuild({ sql }: Pick<ScopedDataset, 'sql'>): string | null {
  if (sql === null) return 'it has no pipeline that could make it anew';
  const { write, incremental, parameters } = readPipelineSettings(sql).settings;
  if (parameters.length > 0) return 'one run of its pipeline does not make all of its rows';
  if (write === 'overwrite' || incremental !== null) return null;
  return `it is written by ${write}: one run does not make all of its rows`;
}

export interface Rebuilding {
  datasets: ScopedDataset[];
  roundId: string;
  at: Date;
}

/**
 * Queues a run of each dataset, in order; those that read on read everything. In the caller's transaction.
 * @returns ids of the runs by dataset
 */
export async function startRebuild(
  parts: Parts,
  transaction: Transaction,
  { datasets, roundId, at }: Rebuilding,
): Promise<Map<string, string>> {
  const ids = datasets.map(({ id }) => id);
  await lockDatasets(transaction, ids);
  for (const { id, sql } of datasets) {
    if (readPipelineSettings(sql ?? '').settings.incremental === null) continue;
    await lockBookmark(transaction, id, at);
    await deleteSteps(transaction, id);
    await changeBookmark(transaction, { datasetId: id, next: 'rebuild', at });
  }
  const productOf = new Map(datasets.map(({ id, productId }) => [id, productId]));
  const steps = orderSteps(ids, await readInputsOf(transaction, ids));
  return startRuns(parts, transaction, {
    roundId,
    requestedBy: 'crossdock',
    starts: 'ended',
    at,
    steps: steps.map((step) => ({
      ...step,
      productId: productOf.get(step.datasetId) ?? '',
      trigger: 'a data subject was erased',
      needs: [],
    })),
  });
}
