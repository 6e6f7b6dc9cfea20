import { type Kysely, sql } from 'kysely';

export async function up(database: Kysely<unknown>): Promise<void> {
  for (const statement of STATEMENTS) await sql.raw(statement).execute(database);
}

const STATEMENTS = [
  // The value of the parameter that a backfill runs through; null of every other run.
  `ALTER TABLE runs ADD COLUMN backfill_value text`,
  `CREATE INDEX runs_backfill ON runs (dataset_id)
    WHERE backfill_value IS NOT NULL AND state IN ('waiting', 'queued', 'running')`,
];
