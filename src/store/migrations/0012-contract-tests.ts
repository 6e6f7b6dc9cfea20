import { type Kysely, sql } from 'kysely';

/**
 * Contract tests that run or ran lately: whichever server is asked knows how far one is, and can end it. No
 * reference to what is tested: a test outlives nothing, it is gone after a quarter of an hour.
 */
export async function up(database: Kysely<unknown>): Promise<void> {
  for (const statement of STATEMENTS) await sql.raw(statement).execute(database);
}

const STATEMENTS = [
  `CREATE TABLE contract_tests (
    id text PRIMARY KEY,
    principal_id text NOT NULL,
    domain text NOT NULL,
    product text NOT NULL,
    dataset text NOT NULL,
    purpose text,
    plan_hash text NOT NULL,
    state text NOT NULL CHECK (state IN ('running', 'done', 'failed', 'cancelled')),
    checks_done integer NOT NULL DEFAULT 0,
    checks_total integer NOT NULL DEFAULT 0,
    cancel_requested boolean NOT NULL DEFAULT false,
    report text,
    error jsonb,
    started_at timestamptz NOT NULL,
    seen_at timestamptz NOT NULL,
    CHECK ((state = 'done') = (report IS NOT NULL)),
    CHECK ((state = 'failed') = (error IS NOT NULL))
  )`,
  `CREATE INDEX contract_tests_principal ON contract_tests (principal_id) WHERE state = 'running'`,
  `CREATE INDEX contract_tests_seen ON contract_tests (seen_at)`,
];
