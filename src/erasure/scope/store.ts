import { sql } from 'kysely';
import type { Column } from '../../base/data-type.ts';
import type { Contract } from '../../contracts/odcs.ts';
import type { Product } from '../../contracts/odps.ts';
import { addressedName } from '../../store/addressed-name.ts';
import type { Reader } from '../../store/database.ts';
import type { Edge } from './follow-columns.ts';

export interface DatasetFacts {
  id: string;
  name: string;
  /** `DOMAIN.PRODUCT.DATASET`. */
  fullName: string;
  domainId: string;
  domain: string;
  productId: string;
  product: string;
  contract: Contract;
  document: Product;
  productTags: string[];
  domainTags: string[];
  columns: Column[];
  sql: string | null;
}

export async function readDatasetFacts(reader: Reader, ids: string[]): Promise<DatasetFacts[]> {
  const rows = await reader
    .selectFrom('datasets')
    .innerJoin('products', 'products.id', 'datasets.product_id')
    .innerJoin('domains', 'domains.id', 'products.domain_id')
    .select([
      'datasets.id',
      'datasets.name',
      'datasets.contract',
      'datasets.columns',
      'datasets.sql_text as sql',
    ])
    .select(['domains.id as domainId', 'domains.name as domain', 'domains.tags as domainTags'])
    .select(['products.id as productId', 'products.name as product', 'products.document'])
    .select('products.tags as productTags')
    .select(sql<string>`${addressedName} || '.' || datasets.name`.as('fullName'))
    .where('datasets.id', 'in', ['', ...ids])
    .orderBy('datasets.id')
    .execute();
  return rows.map((row) => ({
    ...row,
    contract: row.contract as unknown as Contract,
    document: row.document as unknown as Product,
    columns: row.columns as Column[],
  }));
}

/** Every dataset of the mesh, with its table where it has data. */
export async function listHoldings(reader: Reader): Promise<{ id: string; table: string | null }[]> {
  return reader
    .selectFrom('datasets')
    .leftJoin('tables', 'tables.dataset_id', 'datasets.id')
    .select(['datasets.id', 'tables.id as table'])
    .orderBy('datasets.id')
    .execute();
}

/** Everything that reads these datasets, directly or not, as it is declared now. */
export async function listReached(reader: Reader, ids: string[]): Promise<string[]> {
  const { rows } = await sql<{ id: string }>`
    WITH RECURSIVE reached (id) AS (
      SELECT dataset_id FROM dataset_inputs WHERE input_dataset_id IN (${sql.join(['', ...ids])})
      UNION
      SELECT dataset_inputs.dataset_id FROM dataset_inputs JOIN reached ON input_dataset_id = reached.id
    )
    SELECT id FROM reached ORDER BY id`.execute(reader);
  return rows.map(({ id }) => id);
}

/** Datasets of which a released run has read one of these, whatever their SQL says now. */
export async function listFormerReaders(
  reader: Reader,
  names: string[],
): Promise<{ id: string; read: string }[]> {
  if (names.length === 0) return [];
  const { rows } = await sql<{ id: string; read: string }>`
    SELECT DISTINCT runs.dataset_id AS id, input->>'dataset' AS read
    FROM runs CROSS JOIN LATERAL jsonb_array_elements(runs.inputs) AS input
    WHERE runs.state = 'released' AND input->>'dataset' IN (${sql.join(names)})
    ORDER BY 1, 2`.execute(reader);
  return rows;
}

/** Edges of the mesh's own lineage between these datasets. */
export async function listEdges(reader: Reader, ids: string[]): Promise<Edge[]> {
  return reader
    .selectFrom('lineage_edges')
    .select(['from_node as fromNode', 'from_column as fromColumn'])
    .select(['to_node as toNode', 'to_column as toColumn', 'transformations'])
    .where('reported_by', 'is', null)
    .where('from_node', 'in', ['', ...ids])
    .where('to_node', 'in', ['', ...ids])
    .orderBy('to_node')
    .orderBy('to_column')
    .execute();
}

export interface InputEdge extends Edge {
  kind: 'dataset' | 'source-table';
  sourceId: string | null;
  /** Of a source's table: its name there. */
  table: string;
  /** `DOMAIN/SOURCE` or `DOMAIN.PRODUCT.DATASET`. */
  name: string;
}

/** What the columns of these datasets are made from. */
export async function listInputEdges(reader: Reader, ids: string[]): Promise<InputEdge[]> {
  const rows = await reader
    .selectFrom('lineage_edges as edge')
    .innerJoin('lineage_nodes as node', 'node.id', 'edge.from_node')
    .innerJoin('domains', 'domains.id', 'node.domain_id')
    .leftJoin('sources', 'sources.id', 'node.source_id')
    .leftJoin('datasets', 'datasets.id', 'node.dataset_id')
    .leftJoin('products', 'products.id', 'datasets.product_id')
    .select(['edge.from_node as fromNode', 'edge.from_column as fromColumn'])
    .select(['edge.to_node as toNode', 'edge.to_column as toColumn', 'edge.transformations'])
    .select(['node.kind', 'node.source_id as sourceId', 'node.name as table', 'domains.name as domain'])
    .select(['sources.name as source', 'products.name as product', 'datasets.name as dataset'])
    .where('edge.reported_by', 'is', null)
    .where('edge.to_node', 'in', ['', ...ids])
    .where('node.kind', 'in', ['dataset', 'source-table'])
    .orderBy('edge.from_node')
    .execute();
  return rows.map(({ domain, source, product, dataset, kind, ...edge }) => ({
    ...edge,
    kind: kind as InputEdge['kind'],
    name: kind === 'dataset' ? `${domain}.${product}.${dataset}` : `${domain}/${source}`,
  }));
}
