import { sql } from 'kysely';
import type { Column } from '../../base/data-type.ts';
import type { Reader } from '../../store/database.ts';

/** The ways by which columns of other datasets reach these, as their SQL was traced when it was applied. */
export function listWays(reader: Reader, datasetIds: readonly string[]) {
  return reader
    .selectFrom('lineage_edges as edge')
    .innerJoin('lineage_nodes as node', 'node.id', 'edge.from_node')
    .select(['edge.writer', 'edge.from_column as fromColumn', 'edge.to_column as toColumn'])
    .select(['edge.transformations', 'node.dataset_id as from'])
    .where('edge.writer', 'in', ['', ...datasetIds])
    .where('edge.reported_by', 'is', null)
    .where('node.dataset_id', 'is not', null)
    .orderBy('edge.to_column')
    .orderBy('edge.from_column')
    .execute();
}

/** Datasets with their columns and everything that tags them, by id. */
export async function readTables(reader: Reader, datasetIds: readonly string[]) {
  const rows = await reader
    .selectFrom('datasets')
    .innerJoin('products', 'products.id', 'datasets.product_id')
    .innerJoin('domains', 'domains.id', 'products.domain_id')
    .select(['datasets.id', 'datasets.columns', 'datasets.contract'])
    .select(['products.tags as productTags', 'domains.tags as domainTags'])
    .select(sql<string>`domains.name || '.' || products.name || '.' || datasets.name`.as('name'))
    .where('datasets.id', 'in', ['', ...new Set(datasetIds)])
    .execute();
  return new Map(rows.map(({ id, columns, ...row }) => [id, { ...row, columns: columns as Column[] }]));
}
