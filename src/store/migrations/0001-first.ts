import { type Kysely, sql } from 'kysely';

/** The first form of the mesh's tables. `search_path` decides the schema: no statement names one. */
export async function up(database: Kysely<unknown>): Promise<void> {
  for (const statement of STATEMENTS) await sql.raw(statement).execute(database);
}

const STATEMENTS = [
  `CREATE TABLE meshes (
    id text PRIMARY KEY,
    name text NOT NULL,
    title text NOT NULL,
    document jsonb NOT NULL,
    text text NOT NULL,
    updated_at timestamptz NOT NULL
  )`,
  `CREATE TABLE policies (
    scope_id text NOT NULL,
    name text NOT NULL,
    text text NOT NULL,
    PRIMARY KEY (scope_id, name)
  )`,
  `CREATE TABLE restrictions (
    id text PRIMARY KEY,
    scope_id text NOT NULL,
    name text NOT NULL,
    document jsonb NOT NULL,
    UNIQUE (scope_id, name)
  )`,
  `CREATE TABLE domains (
    id text PRIMARY KEY,
    name text NOT NULL UNIQUE,
    title text NOT NULL,
    description text NOT NULL,
    document jsonb NOT NULL,
    text text NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    closed_at timestamptz
  )`,
  `CREATE TABLE principals (
    id text PRIMARY KEY,
    kind text NOT NULL CHECK (kind IN ('person', 'service')),
    name text NOT NULL,
    email text UNIQUE,
    domain_id text REFERENCES domains,
    attributes jsonb NOT NULL DEFAULT '{}',
    administrator boolean NOT NULL DEFAULT false,
    created_at timestamptz NOT NULL,
    disabled_at timestamptz,
    UNIQUE (domain_id, name),
    CHECK ((kind = 'service') = (email IS NULL))
  )`,
  `CREATE TABLE memberships (
    domain_id text NOT NULL REFERENCES domains,
    principal_id text NOT NULL REFERENCES principals,
    role text NOT NULL CHECK (role IN ('owner', 'steward', 'engineer', 'analyst')),
    PRIMARY KEY (domain_id, principal_id)
  )`,
  `CREATE INDEX memberships_principal ON memberships (principal_id)`,
  `CREATE TABLE tokens (
    id text PRIMARY KEY,
    principal_id text NOT NULL REFERENCES principals,
    name text NOT NULL,
    hash text NOT NULL UNIQUE,
    scopes jsonb NOT NULL,
    created_at timestamptz NOT NULL,
    expires_at timestamptz,
    revoked_at timestamptz
  )`,
  `CREATE INDEX tokens_principal ON tokens (principal_id)`,
  `CREATE TABLE sources (
    id text PRIMARY KEY,
    domain_id text NOT NULL REFERENCES domains,
    name text NOT NULL,
    document jsonb NOT NULL,
    text text NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    UNIQUE (domain_id, name)
  )`,
  `CREATE TABLE crawls (
    id text PRIMARY KEY,
    source_id text NOT NULL REFERENCES sources ON DELETE CASCADE,
    state text NOT NULL CHECK (state IN ('running', 'done', 'failed', 'cancelled')),
    started_at timestamptz NOT NULL,
    finished_at timestamptz,
    summary jsonb,
    error jsonb
  )`,
  `CREATE INDEX crawls_source ON crawls (source_id, started_at DESC)`,
  `CREATE TABLE source_tables (
    id text PRIMARY KEY,
    source_id text NOT NULL REFERENCES sources ON DELETE CASCADE,
    name text NOT NULL,
    crawl_id text NOT NULL,
    facts jsonb NOT NULL,
    UNIQUE (source_id, name)
  )`,
  `CREATE TABLE products (
    id text PRIMARY KEY,
    domain_id text NOT NULL REFERENCES domains,
    name text NOT NULL,
    title text NOT NULL,
    description text NOT NULL,
    status text NOT NULL CHECK (status IN ('draft', 'published', 'deprecated', 'retired')),
    tags jsonb NOT NULL,
    version text NOT NULL,
    document jsonb NOT NULL,
    text text NOT NULL,
    grants jsonb NOT NULL DEFAULT '[]',
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    published_at timestamptz,
    UNIQUE (domain_id, name)
  )`,
  `CREATE TABLE product_versions (
    id text PRIMARY KEY,
    product_id text NOT NULL REFERENCES products ON DELETE CASCADE,
    version text NOT NULL,
    text text NOT NULL,
    hash text NOT NULL,
    published_at timestamptz NOT NULL,
    published_by text NOT NULL,
    UNIQUE (product_id, version)
  )`,
  `CREATE TABLE datasets (
    id text PRIMARY KEY,
    product_id text NOT NULL REFERENCES products ON DELETE CASCADE,
    name text NOT NULL,
    description text NOT NULL,
    contract jsonb NOT NULL,
    contract_text text NOT NULL,
    contract_version text NOT NULL,
    sql_text text,
    columns jsonb NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    UNIQUE (product_id, name)
  )`,
  `CREATE TABLE contract_versions (
    dataset_id text NOT NULL REFERENCES datasets ON DELETE CASCADE,
    version text NOT NULL,
    text text NOT NULL,
    hash text NOT NULL,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (dataset_id, version)
  )`,
  `CREATE TABLE dataset_inputs (
    dataset_id text NOT NULL REFERENCES datasets ON DELETE CASCADE,
    kind text NOT NULL CHECK (kind IN ('source', 'dataset')),
    name text NOT NULL,
    source_id text REFERENCES sources ON DELETE CASCADE,
    input_dataset_id text REFERENCES datasets ON DELETE CASCADE,
    PRIMARY KEY (dataset_id, kind, name)
  )`,
  `CREATE INDEX dataset_inputs_dataset ON dataset_inputs (input_dataset_id)`,
  `CREATE INDEX dataset_inputs_source ON dataset_inputs (source_id)`,
  // No foreign key: a dropped dataset's table stays until maintenance has removed its files.
  `CREATE TABLE tables (
    id text PRIMARY KEY,
    dataset_id text NOT NULL UNIQUE,
    location text NOT NULL,
    metadata_key text NOT NULL,
    updated_at timestamptz NOT NULL
  )`,
  `CREATE TABLE runs (
    id text PRIMARY KEY,
    dataset_id text NOT NULL REFERENCES datasets ON DELETE CASCADE,
    state text NOT NULL CHECK (state IN ('queued', 'running', 'released', 'blocked', 'failed', 'cancelled')),
    trigger text NOT NULL,
    requested_by text NOT NULL,
    queued_at timestamptz NOT NULL,
    started_at timestamptz,
    finished_at timestamptz,
    snapshot_id text,
    rows bigint,
    inputs jsonb NOT NULL,
    checks jsonb NOT NULL,
    error jsonb,
    cancel_requested boolean NOT NULL DEFAULT false
  )`,
  `CREATE INDEX runs_dataset ON runs (dataset_id, queued_at DESC)`,
  `CREATE TABLE releases (
    id text PRIMARY KEY,
    dataset_id text NOT NULL REFERENCES datasets ON DELETE CASCADE,
    number integer NOT NULL,
    snapshot_id text NOT NULL,
    metadata_key text NOT NULL,
    run_id text NOT NULL UNIQUE,
    contract_version text NOT NULL,
    rows bigint NOT NULL,
    bytes bigint NOT NULL,
    columns jsonb NOT NULL,
    column_tags jsonb NOT NULL,
    checks jsonb NOT NULL,
    released_at timestamptz NOT NULL,
    UNIQUE (dataset_id, number)
  )`,
  `CREATE TABLE subscriptions (
    id text PRIMARY KEY,
    product_id text NOT NULL REFERENCES products,
    domain_id text NOT NULL REFERENCES domains,
    purpose text NOT NULL,
    state text NOT NULL
      CHECK (state IN ('requested', 'active', 'rejected', 'expired', 'revoked', 'withdrawn')),
    requested_by text NOT NULL,
    requested_at timestamptz NOT NULL,
    requested_until timestamptz,
    granted jsonb,
    until timestamptz,
    decided_by text,
    decided_at timestamptz,
    reason text,
    ended_at timestamptz,
    CHECK (state <> 'active' OR granted IS NOT NULL)
  )`,
  // One living request or grant for a purpose: a second one is a conflict, not a second right.
  `CREATE UNIQUE INDEX subscriptions_living ON subscriptions (product_id, domain_id, purpose)
    WHERE state IN ('requested', 'active')`,
  `CREATE INDEX subscriptions_domain ON subscriptions (domain_id, state)`,
  `CREATE INDEX subscriptions_until ON subscriptions (until) WHERE state = 'active'`,
  `CREATE TABLE changes (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at timestamptz NOT NULL,
    actor text NOT NULL,
    door text NOT NULL,
    request_id text NOT NULL,
    action text NOT NULL,
    object text NOT NULL,
    domain_id text,
    allowed boolean NOT NULL,
    reasons jsonb NOT NULL,
    facts jsonb NOT NULL
  )`,
  `CREATE INDEX changes_domain ON changes (domain_id, id DESC)`,
  `CREATE INDEX changes_object ON changes (object, id DESC)`,
  `CREATE TABLE usage (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at timestamptz NOT NULL,
    query_id text NOT NULL,
    subscription_id text,
    dataset_id text NOT NULL,
    principal_id text NOT NULL,
    domain_id text NOT NULL,
    door text NOT NULL,
    rows bigint NOT NULL,
    bytes bigint NOT NULL,
    elapsed_ms integer NOT NULL,
    columns jsonb NOT NULL
  )`,
  `CREATE INDEX usage_subscription ON usage (subscription_id, at DESC)`,
  `CREATE INDEX usage_dataset ON usage (dataset_id, at DESC)`,
  `CREATE TABLE search_documents (
    id text PRIMARY KEY,
    kind text NOT NULL CHECK (kind IN ('domain', 'product', 'dataset', 'column')),
    domain_id text NOT NULL REFERENCES domains ON DELETE CASCADE,
    product_id text REFERENCES products ON DELETE CASCADE,
    dataset_id text REFERENCES datasets ON DELETE CASCADE,
    name text NOT NULL,
    title text NOT NULL,
    description text NOT NULL,
    tags jsonb NOT NULL,
    label text NOT NULL,
    words tsvector NOT NULL GENERATED ALWAYS AS (
      setweight(to_tsvector('simple', replace(replace(name, '_', ' '), '-', ' ')), 'A') ||
      setweight(to_tsvector('english', title), 'A') ||
      setweight(to_tsvector('english', tags::text), 'B') ||
      setweight(to_tsvector('english', description), 'C')
    ) STORED
  )`,
  `CREATE INDEX search_documents_words ON search_documents USING gin (words)`,
  `CREATE INDEX search_documents_label ON search_documents USING gin (label gin_trgm_ops)`,
  `CREATE INDEX search_documents_product ON search_documents (product_id)`,
];
