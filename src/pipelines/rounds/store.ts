import { sql } from 'kysely';
import { OPEN_STATES } from '../../products/runs/store.ts';
import { addressedName } from '../../store/addressed-name.ts';
import { type Reader, type Transaction } from '../../store/database.ts';
import type { RunState, StepStart } from '../../store/schema.ts';
import type { Trigger } from '../read-trigger.ts';
import type { Downstream } from './plan-round.ts';

/** Offered datasets with a pipeline that read this dataset, themselves or through others. */
export async function listDownstreamIds(reader: Reader, datasetId: string): Promise<string[]> {
  const { rows } = await sql<{ id: string }>`
    WITH RECURSIVE readers (id) AS (
      SELECT dataset_id FROM dataset_inputs WHERE input_dataset_id = ${datasetId}
      UNION
      SELECT dataset_inputs.dataset_id FROM dataset_inputs JOIN readers ON input_dataset_id = readers.id
    )
    SELECT datasets.id FROM readers
    JOIN datasets ON datasets.id = readers.id AND datasets.sql_text IS NOT NULL
    JOIN products ON products.id = datasets.product_id AND products.status IN ('published', 'deprecated')
    ORDER BY datasets.id`.execute(reader);
  return rows.map(({ id }) => id);
}

/** What decides whether a release starts a run of these datasets. */
export async function readDownstream(reader: Reader, ids: string[]): Promise<Downstream[]> {
  const datasets = await reader
    .selectFrom('datasets')
    .select(['id', 'product_id', 'triggers'])
    .where('id', 'in', ['', ...ids])
    .orderBy('id')
    .execute();
  const inputs = await reader
    .selectFrom('dataset_inputs')
    .innerJoin('datasets', 'datasets.id', 'dataset_inputs.input_dataset_id')
    .innerJoin('products', 'products.id', 'datasets.product_id')
    .innerJoin('domains', 'domains.id', 'products.domain_id')
    .select(['dataset_inputs.dataset_id', 'datasets.id', 'dataset_inputs.name'])
    .select(sql<string>`${addressedName} || '.' || datasets.name`.as('addressed'))
    .where('dataset_inputs.dataset_id', 'in', ['', ...ids])
    .orderBy('dataset_inputs.name')
    .execute();
  const unread = await reader
    .selectFrom('unread_releases')
    .select(['dataset_id', 'input_dataset_id'])
    .where('dataset_id', 'in', ['', ...ids])
    .execute();
  return datasets.map(({ id, product_id, triggers }) => ({
    id,
    productId: product_id,
    triggers: triggers as Trigger[],
    inputs: inputs
      .filter(({ dataset_id }) => dataset_id === id)
      .map(({ id: input, name, addressed }) => ({ id: input, name, addressed })),
    unread: new Set(
      unread.filter(({ dataset_id }) => dataset_id === id).map(({ input_dataset_id }) => input_dataset_id),
    ),
  }));
}

/** Every dataset with a pipeline that reads this one now has a release of it to read. */
export async function noteUnread(
  transaction: Transaction,
  release: { datasetId: string; number: number; at: Date },
): Promise<void> {
  const { datasetId, number, at } = release;
  await sql`
    INSERT INTO unread_releases (dataset_id, input_dataset_id, number, at)
    SELECT DISTINCT dataset_inputs.dataset_id, ${datasetId}, ${number}::integer, ${at}::timestamptz
    FROM dataset_inputs JOIN datasets ON datasets.id = dataset_inputs.dataset_id AND datasets.sql_text IS NOT NULL
    WHERE dataset_inputs.input_dataset_id = ${datasetId}
    ON CONFLICT (dataset_id, input_dataset_id) DO UPDATE SET number = excluded.number, at = excluded.at`.execute(
    transaction,
  );
}

/** A run that begins now reads everything that was released until now. */
export async function forgetUnread(transaction: Transaction, datasetId: string): Promise<void> {
  await transaction.deleteFrom('unread_releases').where('dataset_id', '=', datasetId).execute();
}

export interface WaitingStep {
  id: string;
  datasetId: string;
  dataset: string;
  starts: StepStart;
}

/** Steps that wait for a run, or, without one, for nothing that is still open. */
export function listWaiting(reader: Reader, neededRunId: string | null): Promise<WaitingStep[]> {
  let query = reader
    .selectFrom('runs')
    .innerJoin('datasets', 'datasets.id', 'runs.dataset_id')
    .select(['runs.id', 'runs.dataset_id as datasetId', 'datasets.name as dataset', 'runs.starts'])
    .where('runs.state', '=', 'waiting')
    .orderBy('runs.id');
  query =
    neededRunId === null
      ? query.where((is) =>
          is.not(
            is.exists(
              is
                .selectFrom('run_needs')
                .innerJoin('runs as needed', 'needed.id', 'run_needs.needs_run_id')
                .select('run_needs.run_id')
                .whereRef('run_needs.run_id', '=', 'runs.id')
                .where('needed.state', 'in', OPEN_STATES),
            ),
          ),
        )
      : query.where((is) =>
          is.exists(
            is
              .selectFrom('run_needs')
              .select('run_needs.run_id')
              .whereRef('run_needs.run_id', '=', 'runs.id')
              .where('run_needs.needs_run_id', '=', neededRunId),
          ),
        );
  return query.execute();
}

/** The state of every run that a step needs; null of one that is gone. */
export async function listNeeded(
  reader: Reader,
  runId: string,
): Promise<{ state: RunState | null; dataset: string | null }[]> {
  return reader
    .selectFrom('run_needs')
    .leftJoin('runs', 'runs.id', 'run_needs.needs_run_id')
    .leftJoin('datasets', 'datasets.id', 'runs.dataset_id')
    .select(['runs.state', 'datasets.name as dataset'])
    .where('run_needs.run_id', '=', runId)
    .orderBy('datasets.name')
    .execute();
}

/** True when it was waiting: then it waits for a worker now. */
export async function markQueued(transaction: Transaction, runId: string): Promise<boolean> {
  const result = await transaction
    .updateTable('runs')
    .set({ state: 'queued' })
    .where('id', '=', runId)
    .where('state', '=', 'waiting')
    .executeTakeFirst();
  return result.numUpdatedRows === 1n;
}
