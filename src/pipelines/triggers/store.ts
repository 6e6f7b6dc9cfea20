import { json, type Transaction } from '../../store/database.ts';
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
