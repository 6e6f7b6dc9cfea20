import { sql } from 'kysely';
import { newId } from '../../base/ids.ts';
import { json, type Reader, type Transaction } from '../../store/database.ts';
import type { RunState, StepStart } from '../../store/schema.ts';

/** A run that has not ended. */
export interface OpenRun {
  id: string;
  datasetId: string;
  state: RunState;
  roundId: string;
  /** It reads what one value of a parameter says, and so stands for no other run. */
  isBackfill: boolean;
}

export const OPEN_STATES = ['waiting', 'queued', 'running'] as const;

/**
 * Locks datasets, always in the same order: whoever starts, takes or settles runs of a dataset does it under
 * this lock, and sees what the one before it did.
 */
export async function lockDatasets(transaction: Transaction, ids: Iterable<string>): Promise<void> {
  await transaction
    .selectFrom('datasets')
    .select('id')
    .where('id', 'in', noneOr(ids))
    .orderBy('id')
    .forNoKeyUpdate()
    .execute();
}

/** The same for datasets with those they read: before runs of them are made wait for runs of those. */
export async function lockWithInputs(transaction: Transaction, ids: Iterable<string>): Promise<void> {
  const datasets = [...ids];
  const inputs = await readInputsOf(transaction, datasets);
  await lockDatasets(transaction, [...datasets, ...[...inputs.values()].flat()]);
}

/**
 * The same for everything that the end of a run of these datasets may start: whatever reads them, directly or
 * not, and what that reads. At once and in one order, so that the two sides of a join may end together.
 */
export async function lockDownstream(transaction: Transaction, ids: Iterable<string>): Promise<void> {
  await sql`
    WITH RECURSIVE reached (id) AS (
      SELECT id FROM datasets WHERE id IN (${sql.join(noneOr(ids))})
      UNION
      SELECT dataset_inputs.dataset_id FROM dataset_inputs JOIN reached ON input_dataset_id = reached.id
    )
    SELECT id FROM datasets
    WHERE id IN (
      SELECT id FROM reached
      UNION ALL
      SELECT input_dataset_id FROM dataset_inputs JOIN reached ON dataset_id = reached.id
    )
    ORDER BY id FOR NO KEY UPDATE`.execute(transaction);
}

export function listOpenRuns(
  reader: Reader,
  of: { datasetIds: Iterable<string> } | { roundId: string },
): Promise<OpenRun[]> {
  let query = reader
    .selectFrom('runs')
    .innerJoin('run_groups', 'run_groups.id', 'runs.group_id')
    .select(['runs.id', 'runs.dataset_id as datasetId', 'runs.state', 'run_groups.round_id as roundId'])
    .select(sql<boolean>`runs.backfill_value IS NOT NULL`.as('isBackfill'))
    .where('runs.state', 'in', OPEN_STATES)
    .orderBy('runs.id');
  if ('roundId' in of) query = query.where('run_groups.round_id', '=', of.roundId);
  else query = query.where('runs.dataset_id', 'in', noneOr(of.datasetIds));
  return query.execute();
}

/** Which datasets these datasets read. */
export async function readInputsOf(
  reader: Reader,
  datasetIds: Iterable<string>,
): Promise<Map<string, string[]>> {
  const rows = await reader
    .selectFrom('dataset_inputs')
    .select(['dataset_id', 'input_dataset_id'])
    .where('dataset_id', 'in', noneOr(datasetIds))
    .where('input_dataset_id', 'is not', null)
    .orderBy('name')
    .execute();
  const inputs = new Map<string, string[]>();
  for (const { dataset_id, input_dataset_id } of rows) {
    inputs.set(dataset_id, [...(inputs.get(dataset_id) ?? []), input_dataset_id ?? '']);
  }
  return inputs;
}

export interface NewGroup {
  roundId: string;
  productId: string;
  trigger: string;
  requestedBy: string;
  at: Date;
}

/** The group of a product in a round: the one that is there, or a new one. */
export async function saveGroup(transaction: Transaction, group: NewGroup): Promise<string> {
  const { id } = await transaction
    .insertInto('run_groups')
    .values({
      id: newId('grp'),
      round_id: group.roundId,
      product_id: group.productId,
      trigger: group.trigger,
      requested_by: group.requestedBy,
      created_at: group.at,
    })
    // Sets nothing new; without it the row that is there would not be returned.
    .onConflict((conflict) =>
      conflict
        .columns(['round_id', 'product_id'])
        .doUpdateSet({ round_id: (excluded) => excluded.ref('excluded.round_id') }),
    )
    .returning('id')
    .executeTakeFirstOrThrow();
  return id;
}

export interface NewRun {
  datasetId: string;
  groupId: string;
  trigger: string;
  requestedBy: string;
  starts: StepStart;
  /** Runs that come before it; with none it waits for a worker only. */
  needs: string[];
  scheduledFor: Date | null;
  /** Values given for its parameters. */
  parameters: Record<string, string | null>;
  backfillValue: string | null;
  at: Date;
}

/** Returns the run's id. */
export async function insertRun(transaction: Transaction, run: NewRun): Promise<string> {
  const id = newId('run');
  await transaction
    .insertInto('runs')
    .values({
      id,
      dataset_id: run.datasetId,
      group_id: run.groupId,
      state: run.needs.length === 0 ? 'queued' : 'waiting',
      starts: run.starts,
      scheduled_for: run.scheduledFor,
      trigger: run.trigger,
      requested_by: run.requestedBy,
      queued_at: run.at,
      inputs: json([]),
      checks: json([]),
      phases: json([]),
      log: json([]),
      error: null,
      parameters: json(run.parameters),
      backfill_value: run.backfillValue,
      written: null,
    })
    .execute();
  if (run.needs.length > 0) {
    await transaction
      .insertInto('run_needs')
      .values(run.needs.map((needed) => ({ run_id: id, needs_run_id: needed })))
      .execute();
  }
  return id;
}

/**
 * Datasets of offered products whose SQL or contract is newer than every run of theirs. What is due follows
 * from the rows alone, so a server that died between a change and its run makes up for it. What runs on demand
 * only is never due.
 */
export function listDueRuns(reader: Reader, productIds: string[]) {
  return reader
    .selectFrom('datasets')
    .innerJoin('products', 'products.id', 'datasets.product_id')
    .select(['datasets.id', 'datasets.name', 'datasets.product_id as productId'])
    .select('datasets.updated_at as updatedAt')
    .where('datasets.product_id', 'in', noneOr(productIds))
    .where('datasets.sql_text', 'is not', null)
    .where(sql<string>`datasets.triggers->0->>'kind'`, '<>', 'on demand')
    .where('products.status', 'in', ['published', 'deprecated'])
    .where((is) =>
      is.not(
        is.exists(
          is
            .selectFrom('runs')
            .select('runs.id')
            .whereRef('runs.dataset_id', '=', 'datasets.id')
            .whereRef('runs.queued_at', '>=', 'datasets.updated_at')
            .where('runs.backfill_value', 'is', null),
        ),
      ),
    )
    .orderBy('datasets.name')
    .execute();
}

/** `IN ()` is no SQL; an id that nobody has stands for the empty list. */
function noneOr(ids: Iterable<string>): string[] {
  return ['', ...ids];
}
