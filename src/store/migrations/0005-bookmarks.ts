import { type Kysely, sql } from 'kysely';

/** How far the runs of a pipeline have read, what they wrote, and the values they ran with. */
export async function up(database: Kysely<unknown>): Promise<void> {
  for (const statement of STATEMENTS) await sql.raw(statement).execute(database);
}

const STATEMENTS = [
  // `version` counts every change: a run releases only if nobody has moved what it read from.
  `CREATE TABLE bookmarks (
    dataset_id text PRIMARY KEY REFERENCES datasets ON DELETE CASCADE,
    version integer NOT NULL,
    paused boolean NOT NULL,
    next text NOT NULL CHECK (next IN ('continue', 'restore', 'rebuild')),
    updated_at timestamptz NOT NULL
  )`,
  // The last step is the bookmark; the others are those that one can go back to.
  `CREATE TABLE bookmark_steps (
    dataset_id text NOT NULL REFERENCES datasets ON DELETE CASCADE,
    release integer NOT NULL,
    run_id text NOT NULL UNIQUE REFERENCES runs ON DELETE CASCADE,
    reading text NOT NULL,
    value text,
    ties bigint NOT NULL,
    PRIMARY KEY (dataset_id, release)
  )`,
  // Files that a step has read beyond the one before; a file that was read again has a row of each step.
  `CREATE TABLE bookmark_files (
    dataset_id text NOT NULL,
    release integer NOT NULL,
    key text NOT NULL,
    bytes bigint NOT NULL,
    modified_at text NOT NULL,
    PRIMARY KEY (dataset_id, release, key),
    FOREIGN KEY (dataset_id, release) REFERENCES bookmark_steps ON DELETE CASCADE
  )`,
  `ALTER TABLE runs ADD COLUMN parameters jsonb NOT NULL DEFAULT '{}', ADD COLUMN written jsonb`,
];
