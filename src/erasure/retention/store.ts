import { sql } from 'kysely';
import type { Reader } from '../../store/database.ts';

/** Datasets with a table whose contract says how long something is kept (ODCS: names and synonyms in any case). */
export async function listRetained(reader: Reader): Promise<string[]> {
  const rows = await reader
    .selectFrom('datasets')
    .innerJoin('tables', 'tables.dataset_id', 'datasets.id')
    .select('datasets.id')
    .where(
      sql<boolean>`EXISTS (
        SELECT FROM jsonb_array_elements(coalesce(datasets.contract->'slaProperties', '[]'::jsonb)) AS entry
        WHERE lower(trim(entry->>'property')) IN ('retention', 're'))`,
    )
    .orderBy('datasets.id')
    .execute();
  return rows.map(({ id }) => id);
}
