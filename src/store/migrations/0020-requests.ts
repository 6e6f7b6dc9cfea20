import { type Kysely, sql } from 'kysely';

export async function up(database: Kysely<unknown>): Promise<void> {
  for (const statement of STATEMENTS) await sql.raw(statement).execute(database);
}

const STATEMENTS = [
  // What a request waits for, what was asked and answered; null before there were steps and forms.
  `ALTER TABLE subscriptions
    ADD COLUMN step text CHECK (step IN ('owner', 'privacy')),
    ADD COLUMN asked_columns jsonb,
    ADD COLUMN answers jsonb,
    ADD COLUMN terms jsonb,
    ADD COLUMN basket_id text`,
  `ALTER TABLE products ADD COLUMN request_form jsonb NOT NULL DEFAULT '{}'`,
  `CREATE INDEX subscriptions_basket ON subscriptions (basket_id) WHERE basket_id IS NOT NULL`,
  // One row for each step that was decided, of a request or of a renewal.
  `CREATE TABLE request_decisions (
    request_id text NOT NULL,
    subscription_id text NOT NULL REFERENCES subscriptions,
    step text NOT NULL CHECK (step IN ('owner', 'privacy')),
    decision text NOT NULL CHECK (decision IN ('approved', 'rejected')),
    granted jsonb,
    until timestamptz,
    reason text,
    decided_by text NOT NULL,
    decided_at timestamptz NOT NULL,
    PRIMARY KEY (request_id, step)
  )`,
  `CREATE TABLE renewals (
    id text PRIMARY KEY,
    subscription_id text NOT NULL REFERENCES subscriptions,
    until timestamptz NOT NULL,
    note text,
    state text NOT NULL CHECK (state IN ('requested', 'approved', 'rejected', 'withdrawn', 'lapsed')),
    step text CHECK (step IN ('owner', 'privacy')),
    requested_by text NOT NULL,
    requested_at timestamptz NOT NULL,
    reason text,
    ended_at timestamptz,
    CHECK ((state = 'requested') = (step IS NOT NULL))
  )`,
  `CREATE UNIQUE INDEX renewals_living ON renewals (subscription_id) WHERE state = 'requested'`,
  `CREATE INDEX renewals_subscription ON renewals (subscription_id)`,
  `CREATE TABLE elevations (
    id text PRIMARY KEY,
    product_id text NOT NULL REFERENCES products,
    principal_id text NOT NULL,
    reason text NOT NULL,
    granted jsonb NOT NULL,
    started_at timestamptz NOT NULL,
    until timestamptz NOT NULL,
    ended_at timestamptz,
    ended_by text
  )`,
  `CREATE INDEX elevations_product ON elevations (product_id, until)`,
  `CREATE INDEX elevations_principal ON elevations (principal_id, until)`,
  `ALTER TABLE usage ADD COLUMN elevation_id text`,
  // Last, for what a row's triggers have to do keeps its table from being altered.
  `UPDATE subscriptions SET step = 'owner' WHERE state = 'requested'`,
  `SET CONSTRAINTS ALL IMMEDIATE`,
  `ALTER TABLE subscriptions ADD CHECK ((state = 'requested') = (step IS NOT NULL))`,
];
