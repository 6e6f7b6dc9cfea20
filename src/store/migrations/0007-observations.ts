import { type Kysely, sql } from 'kysely';

/** What is measured of each release, when the next one is due, and what consumers have to know of. */
export async function up(database: Kysely<unknown>): Promise<void> {
  for (const statement of STATEMENTS) await sql.raw(statement).execute(database);
}

const STATEMENTS = [
  // Of a run that was held back, `release_number` is null: shown to its producer, no part of the history.
  `CREATE TABLE observations (
    run_id text PRIMARY KEY REFERENCES runs ON DELETE CASCADE,
    dataset_id text NOT NULL REFERENCES datasets ON DELETE CASCADE,
    release_number integer,
    observed_at timestamptz NOT NULL,
    rows bigint NOT NULL,
    bytes bigint NOT NULL,
    since_last_ms bigint,
    columns jsonb NOT NULL,
    deviations jsonb NOT NULL,
    UNIQUE (dataset_id, release_number)
  )`,
  `CREATE TABLE deadlines (
    dataset_id text PRIMARY KEY REFERENCES datasets ON DELETE CASCADE,
    contract_version text NOT NULL,
    due_at timestamptz,
    promise text NOT NULL,
    computed_at timestamptz NOT NULL
  )`,
  `CREATE INDEX deadlines_due ON deadlines (due_at) WHERE due_at IS NOT NULL`,
  `CREATE TABLE incidents (
    id text PRIMARY KEY,
    dataset_id text NOT NULL REFERENCES datasets ON DELETE CASCADE,
    product_id text NOT NULL REFERENCES products ON DELETE CASCADE,
    kind text NOT NULL
      CHECK (kind IN ('overdue', 'checks-failed', 'run-failed', 'deviation', 'source-drift')),
    severity text NOT NULL CHECK (severity IN ('error', 'warning')),
    state text NOT NULL CHECK (state IN ('open', 'acknowledged', 'closed')),
    summary text NOT NULL,
    detail jsonb NOT NULL,
    opened_at timestamptz NOT NULL,
    seen_at timestamptz NOT NULL,
    closed_at timestamptz,
    CHECK ((state = 'closed') = (closed_at IS NOT NULL))
  )`,
  // One living incident of a kind: what is seen again is the same incident.
  `CREATE UNIQUE INDEX incidents_living ON incidents (dataset_id, kind) WHERE state <> 'closed'`,
  `CREATE INDEX incidents_product ON incidents (product_id, opened_at DESC)`,
  `CREATE TABLE incident_events (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    incident_id text NOT NULL REFERENCES incidents ON DELETE CASCADE,
    at timestamptz NOT NULL,
    kind text NOT NULL CHECK (kind IN ('opened', 'seen', 'acknowledged', 'commented', 'closed')),
    actor text NOT NULL,
    text text NOT NULL
  )`,
  `CREATE INDEX incident_events_incident ON incident_events (incident_id, id)`,
];
