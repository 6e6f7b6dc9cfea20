import { OPEN_STATES } from '../../products/runs/store.ts';
import type { Reader } from '../../store/database.ts';

/** The group of the dataset's backfill that has not ended. */
export async function findOpenBackfill(reader: Reader, datasetId: string): Promise<string | undefined> {
  const row = await reader
    .selectFrom('runs')
    .select('group_id')
    .where('dataset_id', '=', datasetId)
    .where('backfill_value', 'is not', null)
    .where('state', 'in', OPEN_STATES)
    .limit(1)
    .executeTakeFirst();
  return row?.group_id;
}

/** Whether another run of the same backfill comes after this one. */
export async function isFollowed(reader: Reader, runId: string): Promise<boolean> {
  const row = await reader
    .selectFrom('run_needs')
    .innerJoin('runs', 'runs.id', 'run_needs.run_id')
    .innerJoin('runs as me', 'me.id', 'run_needs.needs_run_id')
    .select('runs.id')
    .where('run_needs.needs_run_id', '=', runId)
    .whereRef('runs.group_id', '=', 'me.group_id')
    .where('runs.backfill_value', 'is not', null)
    .limit(1)
    .executeTakeFirst();
  return row !== undefined;
}
