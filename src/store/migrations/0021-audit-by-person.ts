import { type Kysely, sql } from 'kysely';

export async function up(database: Kysely<unknown>): Promise<void> {
  // The audit is asked for one person's rows, newest first, however old those are.
  await sql`CREATE INDEX changes_actor ON changes (actor, id DESC)`.execute(database);
}
