import { z } from 'zod';
import { operation } from '../identity/context.ts';
import { endSubscription } from './end-subscription.ts';
import { SUBSCRIPTION_VIEW } from './views.ts';

export const revokeSubscription = operation({
  name: 'subscription.revoke',
  summary: 'End a grant now: the very next query is refused.',
  effect: 'write',
  http: { method: 'POST', path: '/subscriptions/:id/revoke' },
  scope: 'write',
  input: z.object({ id: z.string(), reason: z.string().trim().min(3).max(2_000) }),
  output: SUBSCRIPTION_VIEW,
  run: (context, input) => endSubscription(context, { ...input, from: 'active', to: 'revoked' }),
});
