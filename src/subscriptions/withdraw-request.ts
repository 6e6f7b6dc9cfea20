import { z } from 'zod';
import { operation } from '../identity/context.ts';
import { endSubscription } from './end-subscription.ts';
import { SUBSCRIPTION_VIEW } from './views.ts';

export const withdrawRequest = operation({
  name: 'subscription.withdraw',
  summary: 'Take a request back before it is decided.',
  effect: 'write',
  http: { method: 'POST', path: '/requests/:id/withdraw' },
  scope: 'write',
  input: z.object({ id: z.string() }),
  output: SUBSCRIPTION_VIEW,
  run: (context, input) =>
    endSubscription(context, { ...input, reason: null, from: 'requested', to: 'withdrawn' }),
});
