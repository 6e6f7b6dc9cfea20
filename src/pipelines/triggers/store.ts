import { json, type Reader, type Transaction } from '../../store/database.ts';
import { nextTick } from '../cron-schedule.ts';
import type { Trigger } from '../read-trigger.ts';

export interface SavedTriggers {
  datasetId: string;
  triggers: Trigger[];
  at: Date;
}

/** What starts the dataset's pipeline from now on; a schedule that stays keeps its next tick. */
export async function saveTriggers(
  transaction: Transaction,
  { datasetId, triggers, at }: SavedTriggers,
): Promise<void> {
  await transaction
    .updateTable('datasets')
    .set({ triggers: json(triggers) })
    .where('id', '=', datasetId)
    .execute();
  const crons = triggers.filter((trigger) => trigger.kind === 'cron');
  const known = await transaction
    .selectFrom('schedules')
    .select(['expression', 'zone'])
    .where('dataset_id', '=', datasetId)
    .execute();
  const isSame = (one: { expression: string; zone: string }) => (other: typeof one) =>
    one.expression === other.expression && one.zone === other.zone;
  for (const { expression, zone } of known.filter((one) => !crons.some(isSame(one)))) {
    await transaction
      .deleteFrom('schedules')
      .where('dataset_id', '=', datasetId)
      .where('expression', '=', expression)
      .where('zone', '=', zone)
      .execute();
  }
  for (const { expression, zone } of crons.filter((one) => !known.some(isSame(one)))) {
    await transaction
      .insertInto('schedules')
      .values({ dataset_id: datasetId, expression, zone, next_at: nextTick({ expression, zone }, at) })
      .onConflict((conflict) => conflict.doNothing())
      .execute();
  }
}

export interface Schedule {
  datasetId: string;
  expression: string;
  zone: string;
  nextAt: Date;
}

/** Schedules whose moment has come, the oldest first; of these datasets, or of all. */
export function listDueSchedules(
  reader: Reader,
  { now, limit, datasetIds }: { now: Date; limit: number; datasetIds?: string[] },
): Promise<Schedule[]> {
  let query = reader
    .selectFrom('schedules')
    .select(['dataset_id as datasetId', 'expression', 'zone', 'next_at as nextAt'])
    .where('next_at', '<=', now);
  if (datasetIds !== undefined) query = query.where('dataset_id', 'in', datasetIds);
  return query.orderBy('next_at').orderBy('dataset_id').orderBy('expression').limit(limit).execute();
}

export async function setNextTick(
  transaction: Transaction,
  { datasetId, expression, zone }: Schedule,
  nextAt: Date,
): Promise<void> {
  await transaction
    .updateTable('schedules')
    .set({ next_at: nextAt })
    .where('dataset_id', '=', datasetId)
    .where('expression', '=', expression)
    .where('zone', '=', zone)
    .execute();
}

/**
 * Of datasets with their ticks, those that may run for them, with their products: offered, and without a run
 * that waits already, or was made for this tick.
 */
export async function listRunnable(
  reader: Reader,
  ticks: ReadonlyMap<string, { at: Date }>,
): Promise<Map<string, string>> {
  if (ticks.size === 0) return new Map();
  const datasets = await reader
    .selectFrom('datasets')
    .innerJoin('products', 'products.id', 'datasets.product_id')
    .select(['datasets.id', 'datasets.product_id as productId'])
    .where('datasets.id', 'in', ['', ...ticks.keys()])
    .where('datasets.sql_text', 'is not', null)
    .where('products.status', 'in', ['published', 'deprecated'])
    .orderBy('datasets.id')
    .execute();
  const runs = await reader
    .selectFrom('runs')
    .select(['dataset_id', 'state', 'scheduled_for'])
    .where('dataset_id', 'in', ['', ...ticks.keys()])
    .where('backfill_value', 'is', null)
    .where((is) =>
      is.or([
        is('state', 'in', ['waiting', 'queued']),
        is('scheduled_for', '>=', new Date(Math.min(...[...ticks.values()].map(({ at }) => at.getTime())))),
      ]),
    )
    .execute();
  const stands = (id: string) =>
    runs.some(
      ({ dataset_id, state, scheduled_for }) =>
        dataset_id === id &&
        (state === 'waiting' ||
          state === 'queued' ||
          scheduled_for?.getTime() === ticks.get(id)?.at.getTime()),
    );
  return new Map(datasets.filter(({ id }) => !stands(id)).map(({ id, productId }) => [id, productId]));
}
