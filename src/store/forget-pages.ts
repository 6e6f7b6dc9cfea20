import { sql } from 'kysely';
import type { Database } from './database.ts';

/**
 * Takes what rows once held off the disk of the embedded database: tables are written anew, for a row that
 * was changed or removed stays on its page; then the log is left behind segment by segment and removed. Of a
 * PostgreSQL server the pages, the log, replicas and backups are its operator's: nothing is done there.
 */
export async function forgetPages({ kind, reader }: Database, tables: string[]): Promise<void> {
  if (kind !== 'embedded') return;
  for (const table of tables) await sql`VACUUM FULL ${sql.table(table)}`.execute(reader);
  for (let round = 0; round < MOST_SEGMENTS; round++) {
    await sql`CHECKPOINT`.execute(reader);
    await sql`SELECT pg_switch_wal()`.execute(reader);
    await sql`CHECKPOINT`.execute(reader);
    const { rows } = await sql<{ segments: number }>`
      SELECT count(*)::int AS segments FROM pg_ls_waldir()`.execute(reader);
    if (rows[0]?.segments === 1 && round > 0) return;
  }
}

/** A database of an earlier version has put some by for reuse; they are walked through one by one. */
const MOST_SEGMENTS = 100;
