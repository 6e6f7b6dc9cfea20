import { z } from 'zod';
import { newId } from '../../base/ids.ts';
import { LIMITS } from '../../base/limits.ts';
import { operation } from '../../identity/context.ts';
import { readUntil } from '../end-date.ts';
import { REQUEST_INPUT } from '../request-access.ts';
import { listSubscriptions } from '../store.ts';
import { submitRequests } from '../submit-requests.ts';
import { BASKET_VIEW, viewBasket } from './basket-view.ts';

export const requestBasket = operation({
  name: 'subscription.request-basket',
  summary: 'Ask for several products with one purpose and one form: all requests are sent, or none.',
  effect: 'write',
  http: { method: 'POST', path: '/baskets' },
  scope: 'write',
  input: z.object({
    products: z.array(z.string()).min(1).max(LIMITS.basketProducts).describe('DOMAIN.PRODUCT, each once'),
    ...REQUEST_INPUT,
  }),
  output: BASKET_VIEW,
  async run(context, input) {
    const until = readUntil(input.until, context.clock.now());
    const basketId = newId('bsk');
    const { products, domain, purpose, answers, agreed } = input;
    await submitRequests(context, {
      products,
      domain,
      purpose,
      columns: null,
      until,
      answers,
      agreed,
      basketId,
    });
    return viewBasket(
      basketId,
      await listSubscriptions(context.database.reader, { basketId, limit: LIMITS.basketProducts }),
    );
  },
});
