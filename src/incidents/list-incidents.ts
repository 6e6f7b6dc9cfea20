import { z } from 'zod';
import { whichAllowed } from '../audit/decisions.ts';
import { MeshError } from '../base/errors.ts';
import { LIMITS } from '../base/limits.ts';
import { type Context, operation } from '../identity/context.ts';
import { readProduct } from '../products/store.ts';
import { onlyVisible, productQuestion } from '../products/visible-products.ts';
import { listEvents, listIncidentRows, type NamedIncident } from './store.ts';
import { PRODUCER_VIEW, viewEvents, viewIncident } from './views.ts';

const DEFAULT_PAGE = 50;
/** Incidents read and judged at once. */
const BATCH = 200;

export const listIncidents = operation({
  name: 'incident.list',
  summary:
    'Incidents of the products you may discover, newest first; causes and comments for their producers.',
  effect: 'read',
  http: { method: 'GET', path: '/incidents' },
  scope: 'read',
  input: z.object({
    domain: z.string().max(100).optional(),
    product: z.string().max(200).optional().describe('DOMAIN.PRODUCT'),
    all: z.stringbool().or(z.boolean()).default(false).describe('closed ones too'),
    limit: z.coerce.number().int().min(1).max(LIMITS.pageRows).default(DEFAULT_PAGE),
    cursor: z.string().max(200).optional(),
  }),
  output: z.object({ incidents: z.array(PRODUCER_VIEW), next: z.string().nullable() }),
  async run(context, input) {
    const productId =
      input.product === undefined ? undefined : await findVisibleProduct(context, input.product);
    const filter = { all: input.all, productId, domain: input.domain };
    const found: NamedIncident[] = [];
    let after = input.cursor === undefined ? undefined : readCursor(input.cursor);
    for (;;) {
      const batch = await listIncidentRows(context.database.reader, { ...filter, after, limit: BATCH });
      found.push(...(await visibleOnly(context, batch)));
      after = batch.at(-1);
      if (batch.length < BATCH || found.length > input.limit) break;
    }
    const page = found.slice(0, input.limit);
    const last = page.at(-1);
    const next = found.length > input.limit && last !== undefined ? writeCursor(last) : null;
    return { incidents: await viewsOf(context, page), next };
  },
});

/** @throws MeshError `not-found` for what the caller may not discover */
async function findVisibleProduct(context: Context, name: string): Promise<string> {
  const product = await readProduct(context.database.reader, name);
  const [visible] = await onlyVisible(context, [product]);
  if (visible === undefined) throw new MeshError('not-found', { facts: { what: `product ${name}` } });
  return visible.id;
}

async function visibleOnly(context: Context, incidents: NamedIncident[]): Promise<NamedIncident[]> {
  const products = new Map(incidents.map((incident) => [incident.productId, productOf(incident)]));
  const visible = new Set((await onlyVisible(context, [...products.values()])).map(({ id }) => id));
  return incidents.filter(({ productId }) => visible.has(productId));
}

function productOf({ productId, domainId, domain, product }: NamedIncident) {
  return { id: productId, domain_id: domainId, domain, name: product };
}

async function viewsOf(context: Context, incidents: NamedIncident[]) {
  const mine = await ownProducts(context, incidents);
  const own = incidents.filter(({ productId }) => mine.has(productId)).map(({ id }) => id);
  const events = Map.groupBy(await listEvents(context.database.reader, own), (event) => event.incidentId);
  return incidents.map((incident) => ({
    ...viewIncident(incident),
    ...(mine.has(incident.productId)
      ? { detail: incident.detail, history: viewEvents(events.get(incident.id) ?? []) }
      : {}),
  }));
}

/** Causes and comments go to those who may run the product's pipelines or restrict it: engineers and stewards. */
async function ownProducts(context: Context, incidents: NamedIncident[]): Promise<Set<string>> {
  const products = [...new Map(incidents.map((one) => [one.productId, productOf(one)])).values()];
  const questions = products.flatMap((product) => [
    productQuestion('product.run', product),
    productQuestion('product.restrict', product),
  ]);
  const allowed = await whichAllowed<'product.run' | 'product.restrict'>(context, questions);
  return new Set(
    products.filter((_, index) => allowed[2 * index] || allowed[2 * index + 1]).map(({ id }) => id),
  );
}

function writeCursor({ openedAt, id }: NamedIncident): string {
  return `${openedAt.toISOString()},${id}`;
}

function readCursor(text: string): { openedAt: Date; id: string } {
  const [time = '', id = ''] = text.split(',');
  const openedAt = new Date(time);
  if (!Number.isNaN(openedAt.getTime()) && id.startsWith('inc_')) return { openedAt, id };
  const problems = [{ message: 'the cursor is not one of ours; start without it', pointer: '/cursor' }];
  throw new MeshError('input.invalid', { problems });
}
