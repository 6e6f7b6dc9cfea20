import { z } from 'zod';
import { authorize } from '../../audit/decisions.ts';
import { recordChange, ruledBy } from '../../audit/record-change.ts';
import { MeshError } from '../../base/errors.ts';
import { type Context, operation } from '../../identity/context.ts';
import { findDomainId } from '../../identity/store.ts';
import { printRowFilter } from '../../policy/row-filter-print.ts';
import { listDatasets, readProduct } from '../../products/store.ts';
import { productQuestion } from '../../products/visible-products.ts';
import { isUniqueViolation } from '../../store/database.ts';
import type { DelegationRow } from '../../store/rows/delegations.ts';
import { needDeclaredTags, needTagRight } from '../approval/grant-tags.ts';
import { readUntil, UNTIL } from '../end-date.ts';
import { NARROWING, readGrant } from '../grant.ts';
import { findCandidate } from '../readers/store.ts';
import { findDelegation, insertDelegation } from './store.ts';
import { DELEGATION_VIEW, viewDelegation } from './views.ts';

export const giveDelegation = operation({
  name: 'delegation.give',
  summary:
    'Let a person, a service account or a domain approve requests for a product, within a ceiling of rows, columns, masks and time.',
  effect: 'write',
  http: { method: 'POST', path: '/delegations' },
  scope: 'write',
  input: z.object({
    product: z.string().describe('DOMAIN.PRODUCT'),
    to: z
      .string()
      .min(1)
      .max(320)
      .describe('e-mail address, DOMAIN/NAME of a service account, or name of a domain'),
    ...NARROWING,
    until: UNTIL,
  }),
  output: DELEGATION_VIEW,
  async run(context, input) {
    const { database, caller, clock } = context;
    const product = await readProduct(database.reader, input.product);
    const granted = await authorize(context, productQuestion('product.delegate', product));
    const at = clock.now();
    const holder = await readHolder(context, { name: input.to, producer: product.domain });
    const ceiling = readGrant(input, await listDatasets(database.reader, product.id));
    const { id: productId, domain: producer, domain_id } = product;
    await needTagRight(context, { id: productId, producer, producer_id: domain_id }, ceiling);
    const until = readUntil(input.until, at);
    const id = await database
      .transact(async (transaction) => {
        if (ceiling.tags !== undefined) await needDeclaredTags(transaction, ceiling.tags);
        const delegation = { productId: product.id, holder, ceiling, until, by: caller.id, at };
        const made = await insertDelegation(transaction, delegation);
        await recordChange(context, transaction, {
          action: 'product.delegate',
          object: made,
          domainId: product.domain_id,
          ...ruledBy(granted),
          facts: {
            product: product.addressed,
            to: input.to,
            columns: ceiling.columns,
            rows: ceiling.rowFilter === null ? null : printRowFilter(ceiling.rowFilter),
            ...(ceiling.tags && { tags: ceiling.tags }),
            masks: ceiling.masks,
            until: until?.toISOString() ?? null,
          },
        });
        return made;
      })
      .catch((error: unknown) => {
        if (!isUniqueViolation(error)) throw error;
        throw new MeshError('delegation.exists', { facts: { product: product.addressed, to: input.to } });
      });
    return viewDelegation((await findDelegation(database.reader, id))!, at);
  },
});

/**
 * Somebody else than the producer's own deciders: those need none.
 * @throws MeshError `not-found`, `delegation.own-domain`
 */
async function readHolder(
  { database }: Context,
  { name, producer }: { name: string; producer: string },
): Promise<{ kind: DelegationRow['holder_kind']; id: string }> {
  const domainId = await findDomainId(database.reader, name);
  if (name === producer) throw new MeshError('delegation.own-domain', { facts: { domain: name } });
  if (domainId !== undefined) return { kind: 'domain', id: domainId };
  const found = await findCandidate(database.reader, { name, at: null });
  if (found === undefined) throw new MeshError('not-found', { facts: { what: `principal ${name}` } });
  return { kind: found.kind, id: found.id };
}
