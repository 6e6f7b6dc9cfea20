import { z } from 'zod';
import { operation } from '../../identity/context.ts';
import { findStart } from './find-nodes.ts';
import { nameOf, NODE_VIEW, viewSubscriptions } from './graph-view.ts';
import { groundOf } from './ground.ts';
import { listNodes } from './store.ts';
import { HOW, type Reached, walk } from './walk.ts';
import { WALK_INPUT } from './show-graph.ts';

const HANGING = z.object({
  id: z.string(),
  kind: NODE_VIEW.shape.kind,
  name: z.string(),
  domain: z.string(),
  depth: z.number(),
  how: z
    .enum(HOW)
    .describe(
      'direct: values of it; indirect: it chooses, joins or orders rows; possible: only the tables are known',
    ),
  columns: z
    .array(z.object({ name: z.string(), how: z.enum(HOW) }))
    .describe('the columns concerned; none: all rows'),
});

export const showImpact = operation({
  name: 'lineage.impact',
  summary:
    'Show which datasets, columns and subscriptions hang on a column or a dataset, before you change it.',
  effect: 'read',
  http: { method: 'GET', path: '/lineage/impact' },
  scope: 'read',
  input: WALK_INPUT.extend({ depth: z.coerce.number().int().min(1).max(20).default(20) }),
  output: z.object({
    affected: z.array(HANGING),
    subscriptions: z.array(
      z.object({
        id: z.string(),
        domain: z.string(),
        product: z.string(),
        purpose: z.string(),
        until: z.string().nullable(),
      }),
    ),
    truncated: z.boolean(),
  }),
  async run(context, input) {
    const start = await findStart(context, input.node, input.column);
    const places = start.nodes.map(({ id }) => ({ node: id, column: start.column ?? '' }));
    const walked = await walk(groundOf(context, 'downstream'), places, {
      depth: input.depth,
      nodes: input.limit,
    });
    const byNode = Map.groupBy(walked.reached, ({ place }) => place.node);
    const nodes = await listNodes(context.database.reader, [...byNode.keys()]);
    const own = new Set(start.nodes.map(({ id }) => id));
    const affected = nodes
      .filter(({ id }) => !own.has(id))
      .map((node) => ({
        ...{ id: node.id, kind: node.kind, name: nameOf(node), domain: node.domain },
        ...concerned(byNode.get(node.id) ?? []),
      }))
      .sort((left, right) => left.depth - right.depth || (left.name < right.name ? -1 : 1));
    const placed = nodes.map((node) => ({ node, depth: 0 }));
    const { views } = await viewSubscriptions(context, placed);
    return { affected, subscriptions: views.map(viewSubscription), truncated: walked.truncated };
  },
});

/** One node's places in one line: its columns, and the nearest and firmest way to any of them. */
function concerned(places: Reached[]) {
  const columns = places
    .filter(({ place }) => place.column !== '')
    .map(({ place, how }) => ({ name: place.column, how }));
  const firmest = HOW.find((how) => places.some((one) => one.how === how)) ?? 'possible';
  return { depth: Math.min(...places.map(({ depth }) => depth)), how: firmest, columns };
}

function viewSubscription({ id, domain, product, label, until }: z.output<typeof NODE_VIEW>) {
  return { id, domain, product: product ?? '', purpose: label, until };
}
