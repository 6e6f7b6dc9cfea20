import { z } from 'zod';
import { operation } from '../identity/context.ts';
import { listDomains } from './store.ts';
import { listVisibleProducts } from './visible-products.ts';

/** The shape of a domain in lists; domains are known to every member of the mesh. */
export const DOMAIN_VIEW = z.object({
  name: z.string(),
  title: z.string(),
  description: z.string(),
  products: z.number().int().describe('how many of its products you may discover'),
});

/** Above every mesh we know of; a count beyond it is of no use to a reader. */
const MOST_PRODUCTS = 100_000;

export const listAllDomains = operation({
  name: 'domain.list',
  summary: 'List the domains of the mesh.',
  effect: 'read',
  http: { method: 'GET', path: '/domains' },
  scope: 'read',
  input: z.object({}),
  output: z.object({ domains: z.array(DOMAIN_VIEW) }),
  async run(context) {
    const domains = await listDomains(context.database.reader);
    const { products } = await listVisibleProducts(context, { limit: MOST_PRODUCTS });
    const counts = Map.groupBy(products, ({ domain }) => domain);
    return {
      domains: domains.map(({ name, title, description }) => ({
        name,
        title,
        description,
        products: counts.get(name)?.length ?? 0,
      })),
    };
  },
});
