import { z } from 'zod';
import type { NamedSubscription } from '../store.ts';
import { SUBSCRIPTION_VIEW, viewSubscription } from '../views.ts';

/** Requests that were sent together, with how far they have come together. */
export const BASKET_VIEW = z.object({
  id: z.string(),
  progress: z.object({
    requests: z.number().int(),
    waiting: z.number().int(),
    granted: z.number().int(),
    refused: z.number().int().describe('rejected or withdrawn'),
    ended: z.number().int().describe('granted once, and revoked or expired since'),
  }),
  requests: z.array(SUBSCRIPTION_VIEW),
});

export function viewBasket(id: string, rows: NamedSubscription[]): z.output<typeof BASKET_VIEW> {
  const count = (...states: NamedSubscription['state'][]) =>
    rows.filter(({ state }) => states.includes(state)).length;
  return {
    id,
    progress: {
      requests: rows.length,
      waiting: count('requested'),
      granted: count('active'),
      refused: count('rejected', 'withdrawn'),
      ended: count('revoked', 'expired'),
    },
    requests: rows.map(viewSubscription),
  };
}
