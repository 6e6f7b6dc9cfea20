import { z } from 'zod';
import { operation } from '../identity/context.ts';
import { listMembers } from '../identity/store.ts';
import { DOMAIN_VIEW } from './list-domains.ts';
import { listSources, readDomain } from './store.ts';
import { listVisibleProducts } from './visible-products.ts';

const ROLE = z.enum(['owner', 'steward', 'engineer', 'analyst']);
const MOST_PRODUCTS = 100_000;

export const getDomain = operation({
  name: 'domain.get',
  summary: 'Show a domain with its members and sources.',
  effect: 'read',
  http: { method: 'GET', path: '/domains/:domain' },
  scope: 'read',
  input: z.object({ domain: z.string() }),
  output: DOMAIN_VIEW.extend({
    members: z.array(
      z.object({
        name: z.string(),
        email: z.string().nullable(),
        kind: z.enum(['person', 'service']),
        role: ROLE,
      }),
    ),
    sources: z.array(z.object({ name: z.string(), title: z.string(), tables: z.number().int() })),
  }),
  async run(context, input) {
    const { reader } = context.database;
    const domain = await readDomain(reader, input.domain);
    const members = await listMembers(reader, domain.id);
    const sources = await listSources(reader, domain.id);
    const { products } = await listVisibleProducts(context, { domain: domain.name, limit: MOST_PRODUCTS });
    return {
      name: domain.name,
      title: domain.title,
      description: domain.description,
      products: products.length,
      members: members.map(({ name, email, kind, role }) => ({ name, email, kind, role })),
      sources: sources.map(({ name, document, tables }) => ({
        name,
        title: typeof document['title'] === 'string' ? document['title'] : name,
        tables,
      })),
    };
  },
});
