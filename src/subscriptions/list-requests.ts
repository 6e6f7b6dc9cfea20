import { z } from 'zod';
import { LIMITS } from '../base/limits.ts';
import { operation } from '../identity/context.ts';
import { listSubscriptions } from './store.ts';
import { SUBSCRIPTION_STATES, SUBSCRIPTION_VIEW, viewSubscription } from './views.ts';

export const listRequests = operation({
  name: 'subscription.list-requests',
  summary: 'Requests of your domains (`mine`), or requests that wait for your decision (`to-decide`).',
  effect: 'read',
  http: { method: 'GET', path: '/requests' },
  scope: 'read',
  input: z.object({
    box: z.enum(['mine', 'to-decide']).default('mine'),
    state: z.enum(SUBSCRIPTION_STATES).optional(),
  }),
  output: z.object({ requests: z.array(SUBSCRIPTION_VIEW) }),
  async run({ caller, database }, input) {
    const mine = caller.domains.map((domain) => domain.id);
    const deciding = caller.domains
      .filter(({ role }) => role === 'owner' || role === 'steward')
      .map(({ id }) => id);
    const rows = await listSubscriptions(database.reader, {
      ...(input.box === 'mine' ? { consumerIds: mine } : { producerIds: deciding }),
      states: input.state !== undefined ? [input.state] : input.box === 'mine' ? undefined : ['requested'],
      limit: LIMITS.pageRows,
    });
    return { requests: rows.map(viewSubscription) };
  },
});
