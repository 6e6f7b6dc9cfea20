import { z } from 'zod';
import { operation } from '../identity/context.ts';
import { listMembers } from '../identity/store.ts';
import { contactsOf } from './contacts.ts';
import { DOMAIN_VIEW, MOST_PRODUCTS } from './list-domains.ts';
import { listSources } from './store.ts';
import { readVisibleDomain } from './visible-domains.ts';
import { listVisibleProducts } from './visible-products.ts';

const ROLE = z.enum(['owner', 'steward', 'engineer', 'analyst']);

export const getDomain = operation({
  name: 'domain.get',
  summary: 'Show a domain and whom to ask; its members and administrators see its members and sources too.',
  effect: 'read',
  http: { method: 'GET', path: '/domains/:domain' },
  scope: 'read',
  input: z.object({ domain: z.string() }),
  output: DOMAIN_VIEW.extend({
    contacts: z.array(z.object({ name: z.string(), role: ROLE })).describe('its owners and stewards'),
    members: z
      .array(
        z.object({
          name: z.string(),
          email: z.string().nullable(),
          kind: z.enum(['person', 'service']),
          role: ROLE,
        }),
      )
      .nullable()
      .describe('null for who is no member'),
    sources: z
      .array(z.object({ name: z.string(), title: z.string(), tables: z.number().int() }))
      .nullable()
      .describe('null for who is no member'),
  }),
  async run(context, input) {
    const { reader } = context.database;
    const domain = await readVisibleDomain(context, input.domain);
    const { isInside } = domain;
    const members = await listMembers(reader, domain.id);
    const sources = isInside ? await listSources(reader, domain.id) : [];
    const { products } = await listVisibleProducts(context, { domain: domain.name, limit: MOST_PRODUCTS });
    return {
      name: domain.name,
      title: domain.title,
      description: domain.description,
      products: products.length,
      contacts: contactsOf(members),
      members: isInside ? members.map(({ name, email, kind, role }) => ({ name, email, kind, role })) : null,
      sources: isInside
        ? sources.map(({ name, document, tables }) => ({
            name,
            title: typeof document['title'] === 'string' ? document['title'] : name,
            tables,
          }))
        : null,
    };
  },
});
