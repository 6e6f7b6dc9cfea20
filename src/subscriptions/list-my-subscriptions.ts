import { z } from 'zod';
import { LIMITS } from '../base/limits.ts';
import { operation } from '../identity/context.ts';
import { listSubscriptions } from './store.ts';
import { SUBSCRIPTION_VIEW, viewSubscription } from './views.ts';

export const listMySubscriptions = operation({
  name: 'subscription.list',
  summary: 'What your domains have, had or wait for.',
  effect: 'read',
  http: { method: 'GET', path: '/subscriptions' },
  scope: 'read',
  input: z.object({}),
  output: z.object({ subscriptions: z.array(SUBSCRIPTION_VIEW) }),
  async run({ caller, database }) {
    const consumerIds = caller.domains.map((domain) => domain.id);
    const rows = await listSubscriptions(database.reader, { consumerIds, limit: LIMITS.pageRows });
    return { subscriptions: rows.map(viewSubscription) };
  },
});
