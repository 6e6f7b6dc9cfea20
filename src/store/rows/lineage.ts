import type { Json, Time } from './column-types.ts';

/** The tables of lineage; the SQL that makes them stands in `migrations/0006-lineage.ts`. */
export interface LineageTables {
  lineage_nodes: LineageNodeRow;
  lineage_names: LineageNameRow;
  lineage_edges: LineageEdgeRow;
  lineage_runs: LineageRunRow;
  lineage_events: LineageEventRow;
}

export interface LineageNodeRow {
  /** Of a dataset: the dataset's own. */
  id: string;
  kind: 'dataset' | 'source-table' | 'external' | 'job';
  domain_id: string;
  dataset_id: string | null;
  source_id: string | null;
  /** Of a source table: its name in the source; of others what people call them. */
  name: string;
  /** What is known of the node: see `lineage/node-facts.ts`. */
  facts: Json<Record<string, unknown>>;
}

/** Names under which the jobs of a domain know a node; several for one node by the symlinks facet. */
export interface LineageNameRow {
  domain_id: string;
  kind: 'dataset' | 'job';
  namespace: string;
  name: string;
  node_id: string;
}

/** Without columns: the nodes. With `from_column` alone: it acts on every row. With `to_column` alone: some column of it. */
export interface LineageEdgeRow {
  /** The node whose making this edge is part of: its edges are written over together. */
  writer: string;
  from_node: string;
  from_column: string;
  to_node: string;
  to_column: string;
  transformations: Json<string[]>;
  /** The domain whose token told of it, and who alone sees it; null for the mesh's own pipelines. */
  reported_by: string | null;
}

export interface LineageRunRow {
  domain_id: string;
  run_id: string;
  job_id: string | null;
  newest_at: Time;
  /** All its events in one: see `lineage/merge-run.ts`. */
  document: Json<Record<string, unknown>>;
}

export interface LineageEventRow {
  id: string;
  domain_id: string;
  /** The product whose run it tells of; null for events that came from outside. */
  product_id: string | null;
  run_id: string | null;
  type: string;
  at: Time;
  received_at: Time;
  hash: string;
  event: Json<Record<string, unknown>>;
  forwarding: 'waiting' | 'sent' | 'refused' | null;
}
