import { z } from 'zod';
import { typeName } from '../../base/data-type.ts';
import { isoTime } from '../../base/clock.ts';
import { whichAllowed } from '../../audit/decisions.ts';
import type { Context } from '../../identity/context.ts';
import { BY_TABLES } from '../lineage-model.ts';
import { type GraphNode, listActiveSubscriptions } from './store.ts';

/** Columns of one node in an answer; wider tables are shown by their first. */
const MOST_COLUMNS = 500;

export const NODE_VIEW = z.object({
  id: z.string(),
  kind: z.enum(['dataset', 'source-table', 'external', 'job', 'subscription']),
  name: z.string().describe('as people and `node=` write it'),
  label: z.string().describe('the last part of the name'),
  domain: z.string(),
  product: z.string().nullable(),
  depth: z.number().describe('steps from the start; negative upstream'),
  columns: z.array(z.object({ name: z.string(), type: z.string() })),
  doubts: z.array(z.string()).describe('what was not traced to its columns, and why'),
  until: z.string().nullable().describe('subscriptions: when it ends'),
});
export type NodeView = z.output<typeof NODE_VIEW>;

export const EDGE_VIEW = z.object({
  from: z.string(),
  to: z.string(),
  level: z
    .enum(['column', 'table', 'parent'])
    .describe('`table`: which columns go where is not known; `parent`: a job starts another'),
});

export const COLUMN_EDGE_VIEW = z.object({
  from: z.string(),
  fromColumn: z.string().nullable().describe('null: some column of it'),
  to: z.string(),
  toColumn: z.string().nullable().describe('null: it acts on every row'),
  transformations: z
    .array(z.object({ type: z.string(), subtype: z.string().nullable(), masking: z.boolean() }))
    .describe('as in OpenLineage’s column lineage facet'),
});

export function viewNode(node: GraphNode, depth: number): NodeView {
  const { id, kind, domain, product, facts } = node;
  const reported = (facts['columns'] ?? []) as { name: string; type?: string }[];
  const columns =
    reported.length > 0
      ? reported.map((column) => ({ name: column.name, type: column.type ?? '' }))
      : node.columns.map((column) => ({ name: column.name, type: typeName(column.type) }));
  return {
    ...{ id, kind, domain, product, depth, name: nameOf(node), label: node.name },
    columns: columns.slice(0, MOST_COLUMNS),
    doubts: (facts['doubts'] ?? []) as string[],
    until: null,
  };
}

/** As `find-nodes.ts` reads it. */
export function nameOf({ id, kind, domain, product, source, name, facts }: GraphNode): string {
  if (kind === 'dataset') return `${domain}.${product}.${name}`;
  if (kind === 'source-table') return `${domain}/${source}/${name}`;
  const known = facts['fullName'];
  return typeof known === 'string' ? `${kind === 'job' ? 'job' : 'dataset'}:${known}` : id;
}

export function viewTransformations(transformations: string[]) {
  return transformations
    .filter((kind) => kind !== BY_TABLES)
    .map((kind) => {
      const [type = '', subtype = null, masking] = kind.split(' ');
      return { type, subtype, masking: masking === 'MASKING' };
    });
}

/** More subscriptions than any picture holds. */
const MOST_SUBSCRIPTIONS = 500;

/** The subscriptions on these datasets' products that the caller may see, with the edges to them. */
export async function viewSubscriptions(context: Context, nodes: { node: GraphNode; depth: number }[]) {
  const productIds = [...new Set(nodes.flatMap(({ node }) => node.productId ?? []))];
  const rows = await listActiveSubscriptions(context.database.reader, productIds, MOST_SUBSCRIPTIONS);
  const questions = rows.map(({ id, domain, product, consumer, domain_id, product_id, purpose }) => ({
    action: 'subscription.read' as const,
    resource: { type: 'Subscription' as const, id, domain, product, consumer },
    scope: { domainId: domain_id, productId: product_id },
    purpose,
  }));
  const allowed = await whichAllowed(context, questions);
  const seen = rows.filter((_, index) => allowed[index]);
  const views = seen.map((row): NodeView => {
    const depths = nodes.filter(({ node }) => node.productId === row.product_id).map(({ depth }) => depth);
    return {
      id: row.id,
      kind: 'subscription',
      name: row.id,
      label: row.purpose,
      domain: row.consumer,
      product: row.product,
      depth: Math.min(...depths) + 1,
      columns: [],
      doubts: [],
      until: row.until === null ? null : isoTime(row.until),
    };
  });
  const edges = seen.flatMap((row) =>
    nodes
      .filter(({ node }) => node.productId === row.product_id)
      .map(({ node }) => ({ from: node.id, to: row.id, level: 'table' as const })),
  );
  return { views, edges };
}
