import { z } from 'zod';
import { whichAllowed } from '../audit/decisions.ts';
import { operation } from '../identity/context.ts';
import { listDomains } from './store.ts';
import { domainQuestion } from './visible-domains.ts';
import { listVisibleProducts } from './visible-products.ts';

/** The shape of a domain in lists. */
export const DOMAIN_VIEW = z.object({
  name: z.string(),
  title: z.string(),
  description: z.string(),
  products: z.number().int().describe('how many of its products you may discover'),
});

/** Above every mesh we know of; a count beyond it is of no use to a reader. */
export const MOST_PRODUCTS = 100_000;

export const listAllDomains = operation({
  name: 'domain.list',
  summary: 'List the domains you belong to, and those with a product you may discover.',
  effect: 'read',
  http: { method: 'GET', path: '/domains' },
  scope: 'read',
  input: z.object({}),
  output: z.object({ domains: z.array(DOMAIN_VIEW) }),
  async run(context) {
    const domains = await listDomains(context.database.reader);
    const { products } = await listVisibleProducts(context, { limit: MOST_PRODUCTS });
    const counts = Map.groupBy(products, ({ domain }) => domain);
    const inside = await whichAllowed(context, domains.map(domainQuestion));
    const known = domains.filter(({ name }, index) => inside[index] || counts.has(name));
    return {
      domains: known.map(({ name, title, description }) => ({
        name,
        title,
        description,
        products: counts.get(name)?.length ?? 0,
      })),
    };
  },
});
