import { type RawBuilder, sql } from 'kysely';
import type { Column } from '../../base/data-type.ts';
import type { Reader } from '../../store/database.ts';
import type { LineageNodeRow } from '../../store/rows/lineage.ts';
import { BY_TABLES } from '../lineage-model.ts';
import type { Direction, Place, Step } from './walk.ts';

interface StepRow {
  from_node: string;
  from_column: string;
  to_node: string;
  to_column: string;
  start_column: string;
  transformations: string[];
  reported_by: string | null;
}

/** Steps of one level; a level with more is a hub that no picture shows, and the walk says that it stopped. */
const MOST_STEPS = 20_000;

/**
 * Steps from places, one statement a level. From a node as a whole lead the edges between nodes; from a
 * column its own, and those of which only the tables are known.
 */
export async function listSteps(
  reader: Reader,
  places: Place[],
  direction: Direction,
): Promise<{ steps: Step[]; truncated: boolean }> {
  if (places.length === 0) return { steps: [], truncated: false };
  const near = sql.raw(direction === 'downstream' ? 'from' : 'to');
  const far = sql.raw(direction === 'downstream' ? 'to' : 'from');
  const rows = sql.join(places.map(({ node, column }) => sql`(${node}::text, ${column}::text)`));
  const edges = (condition: RawBuilder<unknown>) => sql`
    SELECT edge.from_node, edge.from_column, edge.to_node, edge.to_column, place.col AS start_column,
      edge.transformations, edge.reported_by
    FROM place JOIN lineage_edges AS edge ON edge.${near}_node = place.node AND ${condition}`;
  const { rows: found } = await sql<StepRow>`
    WITH place (node, col) AS (VALUES ${rows})
    ${edges(sql`place.col = '' AND edge.from_column = '' AND edge.to_column = ''`)}
    UNION ALL ${edges(sql`place.col <> '' AND edge.${near}_column = place.col`)}
    UNION ALL ${edges(sql`place.col <> '' AND edge.${near}_column = ''
      AND (edge.${far}_column <> '' OR edge.transformations @> ${JSON.stringify([BY_TABLES])}::jsonb)`)}
    LIMIT ${MOST_STEPS + 1}`.execute(reader);
  const truncated = found.length > MOST_STEPS;
  return { steps: found.slice(0, MOST_STEPS).map((row) => stepOf(row, direction)), truncated };
}

function stepOf(row: StepRow, direction: Direction): Step {
  const [node, start] =
    direction === 'downstream' ? [row.from_node, row.to_node] : [row.to_node, row.from_node];
  const column = direction === 'downstream' ? row.to_column : row.from_column;
  return {
    from: { node, column: row.start_column },
    // What acts on every row upstream is a column of its own; downstream it reaches the node as a whole.
    to: { node: start, column },
    transformations: row.transformations,
    reportedBy: row.reported_by,
  };
}

export interface GraphNode {
  id: string;
  kind: LineageNodeRow['kind'];
  domainId: string;
  domain: string;
  name: string;
  facts: Record<string, unknown>;
  /** Datasets: of the product. */
  productId: string | null;
  product: string | null;
  productStatus: string | null;
  /** Source tables: of the source. */
  source: string | null;
  columns: Column[];
}

/** Nodes with what decides who may see them; `columns` only where asked for. */
export async function listNodes(
  reader: Reader,
  ids: string[],
  { columns = false } = {},
): Promise<GraphNode[]> {
  if (ids.length === 0) return [];
  const rows = await reader
    .selectFrom('lineage_nodes as node')
    .innerJoin('domains', 'domains.id', 'node.domain_id')
    .leftJoin('datasets', 'datasets.id', 'node.dataset_id')
    .leftJoin('products', 'products.id', 'datasets.product_id')
    .leftJoin('sources', 'sources.id', 'node.source_id')
    .select(['node.id', 'node.kind', 'node.domain_id as domainId', 'domains.name as domain', 'node.name'])
    .select(['node.facts', 'products.id as productId', 'products.name as product', 'products.status'])
    .select(['sources.name as source', 'datasets.columns', 'datasets.name as dataset'])
    .where('node.id', 'in', ids)
    .execute();
  const crawled = columns ? await listCrawledColumns(reader, ids) : new Map<string, Column[]>();
  return rows.map(({ status, dataset, columns: own, ...row }) => ({
    ...row,
    name: dataset ?? row.name,
    productStatus: status,
    columns: (own as Column[] | null) ?? crawled.get(row.id) ?? [],
  }));
}

async function listCrawledColumns(reader: Reader, ids: string[]): Promise<Map<string, Column[]>> {
  const rows = await reader
    .selectFrom('lineage_nodes as node')
    .innerJoin('source_tables', 'source_tables.source_id', 'node.source_id')
    .select(['node.id', sql<Column[]>`source_tables.facts->'columns'`.as('columns')])
    .where(sql<boolean>`lower(source_tables.name) = lower(node.name)`)
    .where('node.id', 'in', ids)
    .execute();
  return new Map(rows.map(({ id, columns }) => [id, columns]));
}

export function listDomainNames(reader: Reader, ids: string[]) {
  return reader.selectFrom('domains').select(['id', 'name']).where('id', 'in', noneOr(ids)).execute();
}

/** Edges between nodes of a set: between whole nodes, and up to `limit` of their columns. */
export async function listEdgesAmong(
  reader: Reader,
  ids: string[],
  { reporters, limit }: { reporters: string[]; limit: number },
) {
  const among = reader
    .selectFrom('lineage_edges')
    .select(['from_node', 'from_column', 'to_node', 'to_column', 'transformations'])
    .where('from_node', 'in', noneOr(ids))
    .where('to_node', 'in', noneOr(ids))
    .where((is) => is.or([is('reported_by', 'is', null), is('reported_by', 'in', noneOr(reporters))]));
  const whole = await among.where('from_column', '=', '').where('to_column', '=', '').execute();
  const columns = await among
    .where((is) => is.or([is('from_column', '<>', ''), is('to_column', '<>', '')]))
    .orderBy('to_node')
    .orderBy('to_column')
    .orderBy('from_node')
    .orderBy('from_column')
    .limit(limit)
    .execute();
  return { whole, columns };
}

/** Subscriptions that are active for products, soonest asked first. */
export function listActiveSubscriptions(reader: Reader, productIds: string[], limit: number) {
  return reader
    .selectFrom('subscriptions')
    .innerJoin('domains as consumer', 'consumer.id', 'subscriptions.domain_id')
    .innerJoin('products', 'products.id', 'subscriptions.product_id')
    .innerJoin('domains as producer', 'producer.id', 'products.domain_id')
    .select(['subscriptions.id', 'subscriptions.product_id', 'subscriptions.purpose', 'subscriptions.until'])
    .select(['consumer.name as consumer', 'products.name as product', 'products.domain_id'])
    .select('producer.name as domain')
    .where('subscriptions.product_id', 'in', noneOr(productIds))
    .where('subscriptions.state', '=', 'active')
    .orderBy('subscriptions.id')
    .limit(limit)
    .execute();
}

/** Nodes by what people call them: see `find-nodes.ts`. */
export async function findNodeIds(reader: Reader, name: NodeName): Promise<string[]> {
  switch (name.kind) {
    case 'id':
      return idsOf(reader.selectFrom('lineage_nodes').select('id').where('id', '=', name.id).execute());
    case 'product':
      return idsOf(
        reader
          .selectFrom('datasets')
          .innerJoin('products', 'products.id', 'datasets.product_id')
          .innerJoin('domains', 'domains.id', 'products.domain_id')
          .innerJoin('lineage_nodes as node', 'node.id', 'datasets.id')
          .select('datasets.id')
          .where('domains.name', '=', name.domain)
          .where('products.name', '=', name.product)
          .$if(name.major !== null, (query) => query.where('products.major', '=', name.major!))
          .$if(name.dataset !== null, (query) => query.where('datasets.name', '=', name.dataset!))
          .orderBy('datasets.name')
          .execute(),
      );
    case 'source':
      return idsOf(
        reader
          .selectFrom('lineage_nodes as node')
          .innerJoin('sources', 'sources.id', 'node.source_id')
          .innerJoin('domains', 'domains.id', 'sources.domain_id')
          .select('node.id')
          .where('domains.name', '=', name.domain)
          .where('sources.name', '=', name.source)
          .$if(name.table !== null, (query) => query.where('node.name', '=', name.table!))
          .orderBy('node.name')
          .execute(),
      );
    case 'external':
      return idsOf(
        reader
          .selectFrom('lineage_names')
          .select('node_id as id')
          .where('kind', '=', name.of)
          .where(sql<string>`concat(namespace, ':', name)`, '=', name.name)
          .execute(),
      );
  }
}

export type NodeName =
  | { kind: 'id'; id: string }
  | { kind: 'product'; domain: string; product: string; major: number | null; dataset: string | null }
  | { kind: 'source'; domain: string; source: string; table: string | null }
  | { kind: 'external'; of: 'dataset' | 'job'; name: string };

async function idsOf(rows: Promise<{ id: string }[]>): Promise<string[]> {
  return (await rows).map(({ id }) => id);
}

/** `IN ()` is no SQL; an id that nobody has stands for the empty list. */
function noneOr(ids: string[]): string[] {
  return ids.length === 0 ? [''] : ids;
}
