import { z } from 'zod';
import { type Context, operation } from '../../identity/context.ts';
import { BY_TABLES, STARTS } from '../lineage-model.ts';
import { findStart, type Start } from './find-nodes.ts';
import {
  COLUMN_EDGE_VIEW,
  EDGE_VIEW,
  NODE_VIEW,
  viewNode,
  viewSubscriptions,
  viewTransformations,
} from './graph-view.ts';
import { groundOf } from './ground.ts';
import { listEdgesAmong, listNodes } from './store.ts';
import { type Direction, walk, type WalkLimits } from './walk.ts';

/** Column edges of one answer: what a screen can still draw. */
const MOST_COLUMN_EDGES = 10_000;

export const WALK_INPUT = z.object({
  node: z
    .string()
    .min(1)
    .max(1_000)
    .describe(
      'DOMAIN.PRODUCT[.DATASET[.COLUMN]], DOMAIN/SOURCE[/TABLE], an id, dataset:NAMESPACE:NAME, job:NAMESPACE:NAME',
    ),
  column: z.string().min(1).max(300).optional().describe('only what hangs on this column'),
  depth: z.coerce.number().int().min(1).max(20).default(5),
  limit: z.coerce.number().int().min(1).max(1_000).default(200).describe('nodes at the most'),
});

export const showLineage = operation({
  name: 'lineage.graph',
  summary:
    'Show what a dataset, source table or job is made of and what is made of it, as far as you may discover it.',
  effect: 'read',
  http: { method: 'GET', path: '/lineage/graph' },
  scope: 'read',
  input: WALK_INPUT.extend({ direction: z.enum(['upstream', 'downstream', 'both']).default('both') }),
  output: z.object({
    start: z.array(z.string()),
    nodes: z.array(NODE_VIEW),
    edges: z.array(EDGE_VIEW),
    columnEdges: z.array(COLUMN_EDGE_VIEW),
    truncated: z.boolean().describe('depth or size ended the walk before the graph did'),
  }),
  async run(context, input) {
    const start = await findStart(context, input.node, input.column);
    const limits = { depth: input.depth, nodes: input.limit };
    const directions: Direction[] =
      input.direction === 'both' ? ['upstream', 'downstream'] : [input.direction];
    const found = await walkAll(context, start, { directions, limits });
    const nodes = await listNodes(context.database.reader, [...found.depths.keys()], { columns: true });
    const placed = nodes.map((node) => ({ node, depth: found.depths.get(node.id) ?? 0 }));
    const downstream = placed.filter(({ depth }) => depth >= 0 && directions.includes('downstream'));
    const subscriptions = await viewSubscriptions(context, downstream);
    const edges = await listEdgesAmong(context.database.reader, [...found.depths.keys()], {
      reporters: found.reporters,
      limit: MOST_COLUMN_EDGES + 1,
    });
    return {
      start: start.nodes.map(({ id }) => id),
      nodes: [...placed.map(({ node, depth }) => viewNode(node, depth)), ...subscriptions.views].sort(
        inOrder,
      ),
      edges: [...edges.whole.map(viewEdge), ...subscriptions.edges],
      columnEdges: edges.columns.slice(0, MOST_COLUMN_EDGES).map(viewColumnEdge),
      truncated: found.truncated || edges.columns.length > MOST_COLUMN_EDGES,
    };
  },
});

interface Walking {
  directions: Direction[];
  limits: WalkLimits;
}

/** Nodes with their distance (upstream negative), and whose reports the caller may see. */
async function walkAll(context: Context, start: Start, { directions, limits }: Walking) {
  const depths = new Map<string, number>();
  const reporters = new Set<string>();
  let truncated = false;
  const places = start.nodes.map(({ id }) => ({ node: id, column: start.column ?? '' }));
  for (const direction of directions) {
    const ground = groundOf(context, direction);
    const walked = await walk(ground, places, limits);
    truncated ||= walked.truncated;
    for (const { place, depth } of walked.reached) {
      const signed = direction === 'upstream' ? -depth : depth;
      const known = depths.get(place.node);
      if (known === undefined || Math.abs(known) > depth) depths.set(place.node, signed === 0 ? 0 : signed);
    }
    for (const reporter of ground.reporters()) reporters.add(reporter);
  }
  return { depths, reporters: [...reporters], truncated };
}

interface EdgeRow {
  from_node: string;
  from_column: string;
  to_node: string;
  to_column: string;
  transformations: string[];
}

function viewEdge({ from_node, to_node, transformations }: EdgeRow): z.output<typeof EDGE_VIEW> {
  const isParent = transformations.includes(STARTS);
  const level = transformations.includes(BY_TABLES) ? 'table' : 'column';
  return { from: from_node, to: to_node, level: isParent ? 'parent' : level };
}

function viewColumnEdge(row: EdgeRow): z.output<typeof COLUMN_EDGE_VIEW> {
  return {
    from: row.from_node,
    fromColumn: row.from_column === '' ? null : row.from_column,
    to: row.to_node,
    toColumn: row.to_column === '' ? null : row.to_column,
    transformations: viewTransformations(row.transformations),
  };
}

function inOrder(left: z.output<typeof NODE_VIEW>, right: z.output<typeof NODE_VIEW>): number {
  return left.depth - right.depth || (left.name < right.name ? -1 : 1);
}
