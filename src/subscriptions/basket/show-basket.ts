import { z } from 'zod';
import { MeshError } from '../../base/errors.ts';
import { LIMITS } from '../../base/limits.ts';
import { operation } from '../../identity/context.ts';
import { listSubscriptions } from '../store.ts';
import { BASKET_VIEW, viewBasket } from './basket-view.ts';

export const showBasket = operation({
  name: 'subscription.show-basket',
  summary: 'How far the requests have come that your domain sent together.',
  effect: 'read',
  http: { method: 'GET', path: '/baskets/:id' },
  scope: 'read',
  input: z.object({ id: z.string() }),
  output: BASKET_VIEW,
  async run({ caller, database }, { id }) {
    // Each producer sees the request to it alone; what else the consumer asked for is not its business.
    const consumerIds = caller.domains.map((domain) => domain.id);
    const filter = { basketId: id, consumerIds, limit: LIMITS.basketProducts };
    const rows = await listSubscriptions(database.reader, filter);
    if (rows.length === 0) throw new MeshError('not-found', { facts: { what: `basket ${id}` } });
    return viewBasket(id, rows);
  },
});
