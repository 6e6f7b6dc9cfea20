import { type Kysely, sql } from 'kysely';

export async function up(database: Kysely<unknown>): Promise<void> {
  for (const statement of STATEMENTS) await sql.raw(statement).execute(database);
}

const STATEMENTS = [
  // What canaries last found of each grant: whether the doors give what it says, or after its end nothing of it.
  `CREATE TABLE access_proofs (
    subscription_id text PRIMARY KEY REFERENCES subscriptions ON DELETE CASCADE,
    wanted text NOT NULL CHECK (wanted IN ('open', 'closed')),
    state text NOT NULL CHECK (state IN ('proven', 'drift', 'pending')),
    checked_at timestamptz NOT NULL,
    proven_at timestamptz,
    findings jsonb NOT NULL
  )`,
  `CREATE INDEX access_proofs_checked ON access_proofs (checked_at) WHERE wanted = 'open'`,
  `CREATE INDEX access_proofs_drift ON access_proofs (checked_at) WHERE state = 'drift'`,
  `ALTER TABLE incidents DROP CONSTRAINT incidents_kind_check`,
  `ALTER TABLE incidents ADD CONSTRAINT incidents_kind_check
    CHECK (kind IN ('overdue', 'checks-failed', 'run-failed', 'deviation', 'source-drift', 'access-drift'))`,
];
