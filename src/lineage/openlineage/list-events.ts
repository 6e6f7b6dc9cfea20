import { z } from 'zod';
import { type Question, whichAllowed } from '../../audit/decisions.ts';
import { type Context, operation } from '../../identity/context.ts';
import type { Action } from '../../policy/action.ts';
import { listEvents } from './store.ts';

/** Events read and judged at once, and how many at the most for one page. */
const BATCH = 200;
const MOST_JUDGED = 10_000;

export const listLineageEvents = operation({
  name: 'lineage.list-events',
  summary: 'The OpenLineage events of runs you may operate and of your domain’s other systems, newest first.',
  effect: 'read',
  http: { method: 'GET', path: '/lineage/events' },
  scope: 'read',
  input: z.object({
    limit: z.coerce.number().int().min(1).max(200).default(50),
    before: z.string().max(40).optional().describe('`next` of the page before'),
  }),
  output: z.object({
    events: z.array(z.record(z.string(), z.unknown())),
    next: z.string().nullable(),
  }),
  async run(context, input) {
    const found: { id: string; event: Record<string, unknown> }[] = [];
    let { before } = input;
    for (let judged = 0; judged < MOST_JUDGED; judged += BATCH) {
      const rows = await listEvents(context.database.reader, { before, limit: BATCH });
      const allowed = await mayRead(context, rows);
      found.push(...rows.filter((_, index) => allowed[index]).map(({ id, event }) => ({ id, event })));
      before = rows.at(-1)?.id;
      if (found.length > input.limit || rows.length < BATCH) break;
    }
    const events = found.slice(0, input.limit);
    const next = found.length > input.limit ? (events.at(-1)?.id ?? null) : null;
    return { events: events.map(({ event }) => event), next };
  },
});

/** A run's event holds its SQL and its errors: it is for whoever may see the run itself. */
function mayRead(context: Context, rows: Awaited<ReturnType<typeof listEvents>>): Promise<boolean[]> {
  const questions = rows.map(({ domain_id, domain, product_id, product }): Question<Action> => {
    if (product_id === null) {
      return { action: 'domain.read', resource: { type: 'Domain', domain }, scope: { domainId: domain_id } };
    }
    const resource = { type: 'Product' as const, domain, product: product ?? '' };
    return { action: 'product.run', resource, scope: { domainId: domain_id, productId: product_id } };
  });
  return whichAllowed(context, questions);
}
