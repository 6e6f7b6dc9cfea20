import { z } from 'zod';
import { recordChange, ruledBy } from '../audit/record-change.ts';
import { type Context, operation } from '../identity/context.ts';
import type { Transaction } from '../store/database.ts';
import { announceSubscription } from './announce-subscription.ts';
import { alreadyDecided, type Deciding, stepToDecide } from './approval/step-to-decide.ts';
import { insertDecision } from './approval/store.ts';
import { needLiving } from './delegations/find-right.ts';
import { findSubscription, lockSubscription, markEnded } from './store.ts';
import { SUBSCRIPTION_VIEW, type SubscriptionView, viewSubscription } from './views.ts';

const INPUT = z.object({ id: z.string(), reason: z.string().trim().min(3).max(2_000) });

export const rejectRequest = operation({
  name: 'subscription.reject',
  summary: 'Reject a request at the step that it waits for, and say why.',
  effect: 'write',
  http: { method: 'POST', path: '/requests/:id/reject' },
  scope: 'write',
  input: INPUT,
  output: SUBSCRIPTION_VIEW,
  run: reject,
});

async function reject(context: Context, input: z.output<typeof INPUT>): Promise<SubscriptionView> {
  const { id, reason } = input;
  const deciding = await stepToDecide(context, id);
  if (deciding.kind === 'decided') {
    if (deciding.decision.decision === 'rejected') return viewSubscription(deciding.subscription);
    throw alreadyDecided(id, deciding.decision);
  }
  const written = await context.database.transact((transaction) =>
    write(context, transaction, { ...deciding, reason }),
  );
  // Somebody was faster: theirs is the decision that counts.
  if (!written) return reject(context, input);
  return viewSubscription((await findSubscription(context.database.reader, id))!);
}

/** False when the request does not wait for this step any more. */
async function write(
  context: Context,
  transaction: Transaction,
  { subscription, step, granted, delegation, reason }: Deciding & { kind: 'open' } & { reason: string },
): Promise<boolean> {
  const { id, consumer, purpose } = subscription;
  if (delegation !== undefined) await needLiving(context, transaction, delegation);
  const request = await lockSubscription(transaction, id);
  if (request?.step !== step) return false;
  const by = context.caller.id;
  const at = context.clock.now();
  const decision = {
    requestId: id,
    subscriptionId: id,
    decision: 'rejected',
    granted: null,
    until: null,
  } as const;
  await insertDecision(transaction, { ...decision, step, reason, by, at });
  await markEnded(transaction, { id, from: 'requested', to: 'rejected', reason, by, at });
  await recordChange(context, transaction, {
    action: 'subscription.reject',
    object: id,
    domainId: subscription.producer_id,
    ...ruledBy(granted),
    facts: { consumer, purpose, step, reason, ...(delegation && { delegation: delegation.id }) },
  });
  await announceSubscription(context, transaction, { id, type: 'subscription.rejected', at, actor: by });
  return true;
}
