import { z } from 'zod';
import { recordChange, ruledBy } from '../../audit/record-change.ts';
import { isoTime } from '../../base/clock.ts';
import { MeshError } from '../../base/errors.ts';
import { type Context, operation } from '../../identity/context.ts';
import type { Transaction } from '../../store/database.ts';
import { announceSubscription } from '../announce-subscription.ts';
import { needOtherThanRequester } from '../approval/four-eyes.ts';
import { alreadyDecided, type Deciding, decidingOf } from '../approval/step-to-decide.ts';
import { insertDecision } from '../approval/store.ts';
import { readUntil, UNTIL } from '../end-date.ts';
import { findConcerning, needConsumer } from '../read-subscription.ts';
import { findSubscription, lockSubscription } from '../store.ts';
import { SUBSCRIPTION_VIEW, type SubscriptionView, viewSubscription } from '../views.ts';
import { findRenewal, markRenewalEnded, type Renewal } from './store.ts';
import { writeRenewalStep } from './write-step.ts';

const APPROVAL = z.object({ id: z.string(), until: UNTIL });
const REJECTION = z.object({ id: z.string(), reason: z.string().trim().min(3).max(2_000) });

export const approveRenewal = operation({
  name: 'subscription.approve-renewal',
  summary:
    'Approve the step that a renewal waits for, with an earlier end if you wish. The grant stays as it is.',
  effect: 'write',
  http: { method: 'POST', path: '/renewals/:id/approve' },
  scope: 'write',
  input: APPROVAL,
  output: SUBSCRIPTION_VIEW,
  run: approve,
});

export const rejectRenewal = operation({
  name: 'subscription.reject-renewal',
  summary: 'Reject a renewal and say why: the subscription ends when it would have ended.',
  effect: 'write',
  http: { method: 'POST', path: '/renewals/:id/reject' },
  scope: 'write',
  input: REJECTION,
  output: SUBSCRIPTION_VIEW,
  run: reject,
});

export const withdrawRenewal = operation({
  name: 'subscription.withdraw-renewal',
  summary: 'Take a renewal back before it is decided.',
  effect: 'write',
  http: { method: 'POST', path: '/renewals/:id/withdraw' },
  scope: 'write',
  input: z.object({ id: z.string() }),
  output: SUBSCRIPTION_VIEW,
  async run(context, { id }) {
    const { renewal, subscription } = await readRenewal(context, id);
    needConsumer(context, subscription, 'withdraw');
    if (renewal.state !== 'withdrawn') {
      if (renewal.step === null) throw notWaiting(renewal);
      await context.database.transact((transaction) => withdraw(context, transaction, renewal));
    }
    return view(context, renewal.subscription_id);
  },
});

async function approve(context: Context, input: z.output<typeof APPROVAL>): Promise<SubscriptionView> {
  const { id } = input;
  const { renewal, subscription, deciding } = await readDeciding(context, id);
  const until = readUntil(input.until, context.clock.now());
  if (deciding.kind === 'decided') {
    const { decision } = deciding;
    const isSame =
      decision.decision === 'approved' && decision.until === (until === null ? null : isoTime(until));
    if (!isSame) throw alreadyDecided(id, decision);
    return viewSubscription(subscription);
  }
  const { step, granted } = deciding;
  if (until !== null && subscription.until !== null && until <= subscription.until) {
    const message = 'a renewal does not end before what it renews: revoke the subscription instead';
    throw new MeshError('input.invalid', { problems: [{ message, pointer: '/until' }] });
  }
  const request = { id, requested_by: renewal.requested_by, producer_id: subscription.producer_id };
  await needOtherThanRequester(context, request, step);
  const approval = { id, subscriptionId: subscription.id, step, until, by: context.caller.id };
  const written = await context.database.transact((transaction) =>
    writeRenewalStep(context, transaction, { ...approval, ...ruledBy(granted) }),
  );
  return written ? view(context, subscription.id) : approve(context, input);
}

async function reject(context: Context, input: z.output<typeof REJECTION>): Promise<SubscriptionView> {
  const { id, reason } = input;
  const { subscription, deciding } = await readDeciding(context, id);
  if (deciding.kind === 'decided') {
    if (deciding.decision.decision === 'rejected') return viewSubscription(subscription);
    throw alreadyDecided(id, deciding.decision);
  }
  const written = await context.database.transact((transaction) =>
    writeRejection(context, transaction, { ...deciding, id, reason }),
  );
  return written ? view(context, subscription.id) : reject(context, input);
}

async function writeRejection(
  context: Context,
  transaction: Transaction,
  { subscription, step, granted, id, reason }: Deciding & { kind: 'open' } & { id: string; reason: string },
): Promise<boolean> {
  const subscriptionId = subscription.id;
  await lockSubscription(transaction, subscriptionId);
  const renewal = await findRenewal(transaction, id);
  if (renewal?.step !== step) return false;
  const by = context.caller.id;
  const at = context.clock.now();
  const decision = {
    requestId: id,
    subscriptionId,
    decision: 'rejected',
    granted: null,
    until: null,
  } as const;
  await insertDecision(transaction, { ...decision, step, reason, by, at });
  await markRenewalEnded(transaction, { id, state: 'rejected', reason, at });
  const { consumer, purpose, producer_id: domainId } = subscription;
  await recordChange(context, transaction, {
    action: 'subscription.reject',
    object: subscriptionId,
    domainId,
    ...ruledBy(granted),
    facts: { consumer, purpose, renewal: id, step, reason },
  });
  const news = { id: subscriptionId, type: 'subscription.rejected', at, actor: by } as const;
  await announceSubscription(context, transaction, {
    ...news,
    data: { renewal: id, reason },
    also: renewal.requested_by,
  });
  return true;
}

async function withdraw(context: Context, transaction: Transaction, { id, subscription_id }: Renewal) {
  const subscription = await lockSubscription(transaction, subscription_id);
  if (subscription?.renewal?.id !== id) return;
  await markRenewalEnded(transaction, { id, state: 'withdrawn', reason: null, at: context.clock.now() });
  await recordChange(context, transaction, {
    action: 'subscription.withdraw',
    object: subscription_id,
    domainId: subscription.producer_id,
    reasons: [`a member of ${subscription.consumer}`],
    facts: { consumer: subscription.consumer, purpose: subscription.purpose, renewal: id },
  });
}

async function readRenewal(context: Context, id: string) {
  const renewal = await findRenewal(context.database.reader, id);
  if (renewal === undefined) throw new MeshError('not-found', { facts: { what: `renewal ${id}` } });
  return { renewal, ...(await findConcerning(context, renewal.subscription_id)) };
}

async function readDeciding(context: Context, id: string) {
  const { renewal, subscription, approvers } = await readRenewal(context, id);
  const { step, decisions } = renewal;
  const deciding = await decidingOf(context, { subscription, approvers, step, decided: decisions });
  if (deciding === null) throw notWaiting(renewal);
  return { renewal, subscription, deciding };
}

function notWaiting({ id, state }: Renewal): MeshError {
  return new MeshError('subscription.state', { facts: { id, state, needed: 'requested' } });
}

async function view({ database }: Context, id: string): Promise<SubscriptionView> {
  return viewSubscription((await findSubscription(database.reader, id))!);
}
