import { z } from 'zod';
import { authorize } from '../../audit/decisions.ts';
import { LIMITS } from '../../base/limits.ts';
import { operation } from '../../identity/context.ts';
import { readProduct } from '../../products/store.ts';
import { productQuestion } from '../../products/visible-products.ts';
import { ELEVATION_VIEW, viewElevation } from './elevation-view.ts';
import { listElevations } from './store.ts';

export const showElevations = operation({
  name: 'product.list-elevations',
  summary: 'Who read a product in an emergency: all of them for its stewards, your own for you.',
  effect: 'read',
  http: { method: 'GET', path: '/products/:domain/:product/elevations' },
  scope: 'read',
  input: z.object({
    domain: z.string(),
    product: z.string(),
    whose: z.enum(['all', 'mine']).default('all'),
  }),
  output: z.object({ elevations: z.array(ELEVATION_VIEW) }),
  async run(context, { domain, product: name, whose }) {
    const { reader } = context.database;
    const product = await readProduct(reader, `${domain}.${name}`);
    const action = whose === 'all' ? 'product.restrict' : 'product.discover';
    await authorize(context, productQuestion(action, product));
    const mine = whose === 'mine' ? { principalId: context.caller.id } : {};
    const filter = { productId: product.id, ...mine, limit: LIMITS.pageRows };
    return { elevations: (await listElevations(reader, filter)).map(viewElevation) };
  },
});
