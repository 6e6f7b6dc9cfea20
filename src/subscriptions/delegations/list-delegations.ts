import { z } from 'zod';
import { authorize, mayCaller } from '../../audit/decisions.ts';
import { LIMITS } from '../../base/limits.ts';
import { type Context, operation } from '../../identity/context.ts';
import { readProduct } from '../../products/store.ts';
import { productQuestion } from '../../products/visible-products.ts';
import { holderIdsOf } from './find-right.ts';
import { type DelegationFilter, listDelegations as listRows } from './store.ts';
import { DELEGATION_VIEW, viewDelegation } from './views.ts';

export const listDelegations = operation({
  name: 'delegation.list',
  summary:
    'Delegations that you or your domains hold, and those of the products of domains that you decide for.',
  effect: 'read',
  http: { method: 'GET', path: '/delegations' },
  scope: 'read',
  input: z.object({ product: z.string().optional().describe('DOMAIN.PRODUCT: only of this one') }),
  output: z.object({ delegations: z.array(DELEGATION_VIEW) }),
  async run(context, input) {
    const { reader } = context.database;
    const product = input.product === undefined ? undefined : await readProduct(reader, input.product);
    if (product !== undefined) await authorize(context, productQuestion('product.discover', product));
    const filter = { productId: product?.id, concerning: await concerning(context), limit: LIMITS.pageRows };
    const now = context.clock.now();
    return { delegations: (await listRows(reader, filter)).map((row) => viewDelegation(row, now)) };
  },
});

async function concerning(context: Context): Promise<DelegationFilter['concerning']> {
  if (await mayCaller(context, { action: 'mesh.audit', resource: { type: 'Mesh' } })) return null;
  const { domains } = context.caller;
  const deciding = domains.filter(({ role }) => role === 'owner' || role === 'steward');
  return { producerIds: deciding.map(({ id }) => id), holderIds: holderIdsOf(context) };
}
