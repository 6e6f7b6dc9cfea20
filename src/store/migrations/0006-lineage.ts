import { type Kysely, sql } from 'kysely';

/**
 * Lineage: what is made of what, and the OpenLineage events that tell of it. Datasets that are there already
 * get edges by their tables alone; their next release knows the columns.
 */
export async function up(database: Kysely<unknown>): Promise<void> {
  for (const statement of STATEMENTS) await sql.raw(statement).execute(database);
}

const STATEMENTS = [
  // A dataset's node carries the dataset's own id; source tables lose theirs with every crawl.
  `CREATE TABLE lineage_nodes (
    id text PRIMARY KEY,
    kind text NOT NULL CHECK (kind IN ('dataset', 'source-table', 'external', 'job')),
    domain_id text NOT NULL REFERENCES domains,
    dataset_id text UNIQUE REFERENCES datasets ON DELETE CASCADE,
    source_id text REFERENCES sources ON DELETE CASCADE,
    name text NOT NULL,
    facts jsonb NOT NULL DEFAULT '{}',
    UNIQUE (source_id, name)
  )`,
  `CREATE TABLE lineage_names (
    domain_id text NOT NULL REFERENCES domains,
    kind text NOT NULL CHECK (kind IN ('dataset', 'job')),
    namespace text NOT NULL,
    name text NOT NULL,
    node_id text NOT NULL REFERENCES lineage_nodes ON DELETE CASCADE,
    PRIMARY KEY (domain_id, kind, namespace, name)
  )`,
  `CREATE INDEX lineage_names_node ON lineage_names (node_id)`,
  `CREATE TABLE lineage_edges (
    writer text NOT NULL REFERENCES lineage_nodes ON DELETE CASCADE,
    from_node text NOT NULL REFERENCES lineage_nodes ON DELETE CASCADE,
    from_column text NOT NULL DEFAULT '',
    to_node text NOT NULL REFERENCES lineage_nodes ON DELETE CASCADE,
    to_column text NOT NULL DEFAULT '',
    transformations jsonb NOT NULL DEFAULT '[]',
    reported_by text REFERENCES domains,
    PRIMARY KEY (writer, from_node, from_column, to_node, to_column)
  )`,
  `CREATE INDEX lineage_edges_down ON lineage_edges (from_node, from_column, to_node, to_column)`,
  `CREATE INDEX lineage_edges_up ON lineage_edges (to_node, to_column, from_node, from_column)`,
  `CREATE TABLE lineage_runs (
    domain_id text NOT NULL REFERENCES domains,
    run_id text NOT NULL,
    job_id text REFERENCES lineage_nodes ON DELETE CASCADE,
    newest_at timestamptz NOT NULL,
    document jsonb NOT NULL,
    PRIMARY KEY (domain_id, run_id)
  )`,
  `CREATE INDEX lineage_runs_job ON lineage_runs (job_id, newest_at)`,
  `CREATE TABLE lineage_events (
    id text PRIMARY KEY,
    domain_id text NOT NULL REFERENCES domains,
    product_id text REFERENCES products ON DELETE CASCADE,
    run_id text,
    type text NOT NULL,
    at timestamptz NOT NULL,
    received_at timestamptz NOT NULL,
    hash text NOT NULL,
    event jsonb NOT NULL,
    forwarding text CHECK (forwarding IN ('waiting', 'sent', 'refused')),
    UNIQUE (domain_id, hash)
  )`,
  `CREATE INDEX lineage_events_received ON lineage_events (received_at)`,
  `CREATE INDEX lineage_events_waiting ON lineage_events (id) WHERE forwarding = 'waiting'`,
  `INSERT INTO lineage_nodes (id, kind, domain_id, dataset_id, name, facts)
    SELECT datasets.id, 'dataset', products.domain_id, datasets.id, datasets.name,
      '{"doubts": ["recorded before lineage was traced: the next release knows the columns"]}'
    FROM datasets JOIN products ON products.id = datasets.product_id`,
  `INSERT INTO lineage_nodes (id, kind, domain_id, source_id, name)
    SELECT DISTINCT 'lin_' || md5(sources.id || ' ' || inputs.name), 'source-table', sources.domain_id, sources.id,
      substr(inputs.name, strpos(inputs.name, '.') + 1)
    FROM dataset_inputs AS inputs JOIN sources ON sources.id = inputs.source_id`,
  `INSERT INTO lineage_edges (writer, from_node, to_node)
    SELECT dataset_id, coalesce(input_dataset_id, 'lin_' || md5(source_id || ' ' || name)), dataset_id
    FROM dataset_inputs WHERE input_dataset_id IS NOT NULL OR source_id IS NOT NULL`,
];
