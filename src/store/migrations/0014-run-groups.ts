import { type Kysely, sql } from 'kysely';

/**
 * Runs in order: steps that wait for the steps before them, in groups; what starts a run by itself; the facts
 * of a run. Every run that was made before is a group of its own.
 */
export async function up(database: Kysely<unknown>): Promise<void> {
  for (const statement of STATEMENTS) await sql.raw(statement).execute(database);
}

const STATEMENTS = [
  // One for each product in a round: what was started together, and what that started.
  `CREATE TABLE run_groups (
    id text PRIMARY KEY,
    round_id text NOT NULL,
    product_id text NOT NULL REFERENCES products ON DELETE CASCADE,
    trigger text NOT NULL,
    requested_by text NOT NULL,
    created_at timestamptz NOT NULL,
    UNIQUE (round_id, product_id)
  )`,
  `CREATE INDEX run_groups_product ON run_groups (product_id, created_at DESC)`,
  `INSERT INTO run_groups (id, round_id, product_id, trigger, requested_by, created_at)
    SELECT 'grp' || substr(runs.id, 4), runs.id, datasets.product_id, runs.trigger, runs.requested_by, runs.queued_at
    FROM runs JOIN datasets ON datasets.id = runs.dataset_id`,
  `ALTER TABLE runs DROP CONSTRAINT runs_state_check`,
  `ALTER TABLE runs ADD CONSTRAINT runs_state_check CHECK (state IN
    ('waiting', 'queued', 'running', 'released', 'blocked', 'failed', 'cancelled', 'skipped'))`,
  `ALTER TABLE runs ADD COLUMN group_id text REFERENCES run_groups ON DELETE CASCADE`,
  `UPDATE runs SET group_id = 'grp' || substr(id, 4)`,
  `ALTER TABLE runs ALTER COLUMN group_id SET NOT NULL`,
  `ALTER TABLE runs ADD COLUMN starts text NOT NULL DEFAULT 'released' CHECK (starts IN ('released', 'triggered', 'ended'))`,
  `ALTER TABLE runs ADD COLUMN attempt integer NOT NULL DEFAULT 1`,
  `ALTER TABLE runs ADD COLUMN held_by text`,
  `ALTER TABLE runs ADD COLUMN scheduled_for timestamptz`,
  `ALTER TABLE runs ADD COLUMN phases jsonb NOT NULL DEFAULT '[]'`,
  `ALTER TABLE runs ADD COLUMN log jsonb NOT NULL DEFAULT '[]'`,
  `CREATE INDEX runs_group ON runs (group_id)`,
  `CREATE INDEX runs_open ON runs (dataset_id) WHERE state IN ('waiting', 'queued', 'running')`,
  // A tick of a schedule is one run, however many servers look at the clock.
  `CREATE UNIQUE INDEX runs_tick ON runs (dataset_id, scheduled_for) WHERE scheduled_for IS NOT NULL`,
  // No foreign key to the run that is needed: one that is gone with its dataset has ended, and not released.
  `CREATE TABLE run_needs (
    run_id text NOT NULL REFERENCES runs ON DELETE CASCADE,
    needs_run_id text NOT NULL,
    PRIMARY KEY (run_id, needs_run_id)
  )`,
  `CREATE INDEX run_needs_needed ON run_needs (needs_run_id)`,
  // Releases of its inputs that no run of a dataset has begun to read.
  `CREATE TABLE unread_releases (
    dataset_id text NOT NULL REFERENCES datasets ON DELETE CASCADE,
    input_dataset_id text NOT NULL REFERENCES datasets ON DELETE CASCADE,
    number integer NOT NULL,
    at timestamptz NOT NULL,
    PRIMARY KEY (dataset_id, input_dataset_id)
  )`,
  `ALTER TABLE datasets ADD COLUMN triggers jsonb NOT NULL
    DEFAULT '[{"kind": "release", "of": "any", "datasets": null}]'`,
  `CREATE TABLE schedules (
    dataset_id text NOT NULL REFERENCES datasets ON DELETE CASCADE,
    expression text NOT NULL,
    zone text NOT NULL,
    next_at timestamptz NOT NULL,
    PRIMARY KEY (dataset_id, expression, zone)
  )`,
  `CREATE INDEX schedules_next ON schedules (next_at)`,
];
