import { type Kysely, sql } from 'kysely';

export async function up(database: Kysely<unknown>): Promise<void> {
  for (const statement of STATEMENTS) await sql.raw(statement).execute(database);
}

const STATEMENTS = [
  `CREATE TABLE erasures (
    id text PRIMARY KEY,
    domain_id text NOT NULL REFERENCES domains,
    target text NOT NULL,
    dataset_ids jsonb NOT NULL,
    subject text NOT NULL,
    subject_hash text NOT NULL,
    sealed text,
    reason text NOT NULL,
    dry_run boolean NOT NULL,
    state text NOT NULL CHECK (state IN ('waiting', 'planning', 'erasing', 'planned', 'done', 'failed', 'cancelled')),
    requested_by text NOT NULL,
    requested_at timestamptz NOT NULL,
    committed_at timestamptz,
    finished_at timestamptz,
    cancel_requested boolean NOT NULL DEFAULT false,
    progress jsonb NOT NULL,
    report jsonb,
    error jsonb
  )`,
  `CREATE INDEX erasures_domain ON erasures (domain_id, requested_at DESC)`,
  `CREATE INDEX erasures_open ON erasures (id) WHERE state IN ('waiting', 'planning', 'erasing')`,
  // No run of these datasets begins: an erasure has them to itself, or the retention.
  `CREATE TABLE dataset_holds (
    dataset_id text PRIMARY KEY REFERENCES datasets ON DELETE CASCADE,
    held_by text NOT NULL
  )`,
  // Keyed hashes of subjects that must not come in again, never their values.
  `CREATE TABLE erased_subjects (
    domain_id text NOT NULL REFERENCES domains,
    subject text NOT NULL,
    hash text NOT NULL,
    erasure_id text NOT NULL REFERENCES erasures,
    at timestamptz NOT NULL,
    PRIMARY KEY (domain_id, subject, hash)
  )`,
  // Columns of sources that a subject's columns are made from.
  `CREATE TABLE subject_places (
    source_id text NOT NULL REFERENCES sources ON DELETE CASCADE,
    table_name text NOT NULL,
    column_name text NOT NULL,
    subject text NOT NULL,
    role text NOT NULL CHECK (role IN ('key', 'identifier')),
    PRIMARY KEY (source_id, table_name, column_name, subject)
  )`,
  // The key of those hashes, sealed.
  `CREATE TABLE erasure_key (
    one boolean PRIMARY KEY DEFAULT true CHECK (one),
    sealed text NOT NULL
  )`,
];
