import { sql } from 'kysely';
import { json, type Reader, type Transaction } from '../../store/database.ts';

/** Takes the ranges of a dataset's observations away: the smallest or largest value may have been the subject's. */
export async function forgetRanges(transaction: Transaction, datasetId: string): Promise<void> {
  await sql`
    UPDATE observations SET columns = coalesce((
      SELECT jsonb_agg(one || '{"minimum": null, "maximum": null}'::jsonb ORDER BY place)
      FROM jsonb_array_elements(columns) WITH ORDINALITY AS found (one, place)), '[]'::jsonb)
    WHERE dataset_id = ${datasetId}`.execute(transaction);
}

/** What was observed of a dataset's last release. */
export function findLastObserved(reader: Reader, datasetId: string) {
  return reader
    .selectFrom('observations')
    .innerJoin('releases', 'releases.run_id', 'observations.run_id')
    .select(['observations.run_id as runId', 'observations.columns'])
    .where('releases.dataset_id', '=', datasetId)
    .orderBy('releases.number', 'desc')
    .limit(1)
    .executeTakeFirst();
}

export async function saveObserved(
  transaction: Transaction,
  { runId, columns, rows, bytes }: { runId: string; columns: unknown[]; rows: number; bytes: number },
): Promise<void> {
  await transaction
    .updateTable('observations')
    .set({ columns: json(columns), rows, bytes })
    .where('run_id', '=', runId)
    .execute();
}
