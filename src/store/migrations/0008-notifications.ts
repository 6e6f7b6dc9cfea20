import { type Kysely, sql } from 'kysely';

/** What happened, whom it was told, and the endpoints it is sent to. */
export async function up(database: Kysely<unknown>): Promise<void> {
  for (const statement of STATEMENTS) await sql.raw(statement).execute(database);
}

const STATEMENTS = [
  // Names of domains and products are looked up when the event is delivered, so a removed one is simply not told of.
  `CREATE TABLE mesh_events (
    id text PRIMARY KEY,
    type text NOT NULL,
    subject text NOT NULL,
    at timestamptz NOT NULL,
    domain_id text,
    product_id text,
    audience jsonb NOT NULL,
    actor text,
    title text NOT NULL,
    data jsonb NOT NULL,
    once text UNIQUE,
    delivered_at timestamptz
  )`,
  `CREATE INDEX mesh_events_waiting ON mesh_events (id) WHERE delivered_at IS NULL`,
  `CREATE TABLE notifications (
    principal_id text NOT NULL REFERENCES principals ON DELETE CASCADE,
    event_id text NOT NULL REFERENCES mesh_events ON DELETE CASCADE,
    created_at timestamptz NOT NULL,
    read_at timestamptz,
    PRIMARY KEY (principal_id, event_id)
  )`,
  `CREATE INDEX notifications_unread ON notifications (principal_id) WHERE read_at IS NULL`,
  `CREATE INDEX notifications_event ON notifications (event_id)`,
  `CREATE TABLE muted_events (
    principal_id text NOT NULL REFERENCES principals ON DELETE CASCADE,
    type text NOT NULL,
    PRIMARY KEY (principal_id, type)
  )`,
  `CREATE TABLE webhooks (
    id text PRIMARY KEY,
    domain_id text NOT NULL REFERENCES domains ON DELETE CASCADE,
    url text NOT NULL,
    description text NOT NULL,
    types jsonb NOT NULL,
    products jsonb NOT NULL,
    secret text NOT NULL,
    former_secret text,
    former_until timestamptz,
    disabled_at timestamptz,
    disabled_reason text,
    succeeded_at timestamptz,
    created_by text NOT NULL,
    created_at timestamptz NOT NULL
  )`,
  `CREATE INDEX webhooks_domain ON webhooks (domain_id)`,
  `CREATE TABLE webhook_deliveries (
    id text PRIMARY KEY,
    webhook_id text NOT NULL REFERENCES webhooks ON DELETE CASCADE,
    event_id text NOT NULL REFERENCES mesh_events ON DELETE CASCADE,
    state text NOT NULL CHECK (state IN ('waiting', 'delivered', 'failed', 'dropped')),
    attempts integer NOT NULL,
    next_at timestamptz,
    created_at timestamptz NOT NULL,
    finished_at timestamptz,
    UNIQUE (webhook_id, event_id)
  )`,
  `CREATE INDEX webhook_deliveries_waiting ON webhook_deliveries (next_at) WHERE state = 'waiting'`,
  `CREATE INDEX webhook_deliveries_event ON webhook_deliveries (event_id)`,
  `CREATE TABLE webhook_attempts (
    delivery_id text NOT NULL REFERENCES webhook_deliveries ON DELETE CASCADE,
    number integer NOT NULL,
    at timestamptz NOT NULL,
    duration_ms integer NOT NULL,
    status integer,
    error text,
    answer text,
    PRIMARY KEY (delivery_id, number)
  )`,
];
