import { z } from 'zod';
import { isoTime } from '../base/clock.ts';
import { LIMITS } from '../base/limits.ts';
import { type Context, operation } from '../identity/context.ts';
import { worstIncidents } from '../store/incidents.ts';
import { bestStanding, type Standing, standingOf, STANDINGS } from './standing.ts';
import { listAmbiguousNames, type ListedProduct, listReleasedDatasets, listStandings } from './store.ts';
import { sqlNamesOf } from './sql-names.ts';
import { listVisibleProducts } from './visible-products.ts';

export const PRODUCT_STATUSES = ['draft', 'published', 'deprecated', 'retired'] as const;

/** A product as lists show it. */
export const PRODUCT_VIEW = z.object({
  id: z.string(),
  domain: z.string(),
  name: z.string(),
  title: z.string(),
  description: z.string(),
  tags: z.array(z.string()),
  status: z.enum(PRODUCT_STATUSES),
  version: z.string(),
  datasets: z.array(
    z.object({
      name: z.string(),
      sqlName: z.string().describe('the shortest name that SQL knows it by'),
      columns: z.number().int(),
      releasedAt: z.string().nullable(),
      rows: z.number().int().nullable(),
    }),
  ),
  access: z.enum(STANDINGS).describe('how the best placed of your domains stands to it'),
  incident: z.enum(['error', 'warning']).nullable().describe('the worst of its living incidents'),
});

export const listAllProducts = operation({
  name: 'product.list',
  summary: 'List the products you may discover.',
  effect: 'read',
  http: { method: 'GET', path: '/products' },
  scope: 'read',
  input: z.object({
    domain: z.string().optional(),
    after: z.string().max(130).optional().describe('`next` of the page before'),
    limit: z.coerce.number().int().min(1).max(LIMITS.pageRows).default(LIMITS.pageRows),
  }),
  output: z.object({ products: z.array(PRODUCT_VIEW), next: z.string().nullable() }),
  async run(context, input) {
    const { products, next } = await listVisibleProducts(context, input);
    return { products: await viewProducts(context, products), next };
  },
});

async function viewProducts(
  context: Context,
  products: ListedProduct[],
): Promise<z.output<typeof PRODUCT_VIEW>[]> {
  const { reader } = context.database;
  const ids = products.map(({ id }) => id);
  const domainIds = context.caller.domains.map(({ id }) => id);
  const datasets = Map.groupBy(await listReleasedDatasets(reader, ids), (dataset) => dataset.product_id);
  const holdings = await listStandings(reader, ids, domainIds);
  const ambiguous = await listAmbiguousNames(
    reader,
    products.map((product) => product.domain_id),
  );
  const worst = await worstIncidents(reader, ids);
  const facts = { holdings, now: context.clock.now() };
  return products.map((product) => ({
    id: product.id,
    domain: product.domain,
    name: product.name,
    title: product.title,
    description: product.description,
    tags: product.tags,
    status: product.status,
    version: product.version,
    datasets: (datasets.get(product.id) ?? []).map((dataset) => ({
      name: dataset.name,
      sqlName: sqlNamesOf(
        { domain: product.domain, product: product.name, dataset: dataset.name },
        ambiguous,
      )[0]!,
      columns: dataset.column_count,
      releasedAt: dataset.released_at === null ? null : isoTime(dataset.released_at),
      rows: dataset.rows,
    })),
    access: bestStanding(domainIds.map((id): Standing => standingOf(product, id, facts))),
    incident: worst.get(product.id) ?? null,
  }));
}
