import { type Kysely, sql } from 'kysely';

export async function up(database: Kysely<unknown>): Promise<void> {
  for (const statement of STATEMENTS) await sql.raw(statement).execute(database);
}

const STATEMENTS = [
  // A key that changes its type changes the order of its values: the bookmark would mean something else.
  `ALTER TABLE bookmark_steps ADD COLUMN type text`,
];
