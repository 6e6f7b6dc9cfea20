import { z } from 'zod';
import { operation } from '../identity/context.ts';
import { endSubscription } from './end-subscription.ts';
import { SUBSCRIPTION_VIEW } from './views.ts';

export const rejectRequest = operation({
  name: 'subscription.reject',
  summary: 'Reject a request and say why.',
  effect: 'write',
  http: { method: 'POST', path: '/requests/:id/reject' },
  scope: 'write',
  input: z.object({ id: z.string(), reason: z.string().trim().min(3).max(2_000) }),
  output: SUBSCRIPTION_VIEW,
  run: (context, input) => endSubscription(context, { ...input, from: 'requested', to: 'rejected' }),
});
