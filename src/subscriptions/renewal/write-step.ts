import { recordChange } from '../../audit/record-change.ts';
import { isoTime } from '../../base/clock.ts';
import { MeshError } from '../../base/errors.ts';
import type { Context } from '../../identity/context.ts';
import type { Transaction } from '../../store/database.ts';
import type { RequestStep } from '../../store/schema.ts';
import { announceSubscription } from '../announce-subscription.ts';
import { personalIn } from '../approval/narrow.ts';
import { insertDecision, listPersonalColumns } from '../approval/store.ts';
import { earlierEnd } from '../end-date.ts';
import { EVERYTHING } from '../grant.ts';
import { lockSubscription, type NamedSubscription } from '../store.ts';
import { findRenewal, markRenewalEnded, markRenewalStep, markRenewed, type Renewal } from './store.ts';

/** One step of a renewal approved: the grant stays as it is, only its end moves. */
export interface RenewalApproval {
  id: string;
  subscriptionId: string;
  step: RequestStep;
  /** An earlier end than the one asked for. */
  until: Date | null;
  by: string;
  reasons: readonly string[];
  /** Version of the policies that allowed it. */
  policies?: string | null;
}

/**
 * Approves one step of a renewal, in the transaction given; after its last step the subscription ends later,
 * without a moment between. False when the renewal does not wait for this step any more.
 */
export async function writeRenewalStep(
  context: Context,
  transaction: Transaction,
  approval: RenewalApproval,
): Promise<boolean> {
  const { id, subscriptionId, step, by } = approval;
  const subscription = await lockSubscription(transaction, subscriptionId);
  const renewal = await findRenewal(transaction, id);
  if (subscription === undefined || renewal?.step !== step) return false;
  const at = context.clock.now();
  needLiving(subscription, at);
  const until = endOf(renewal, approval.until);
  const decision = {
    requestId: id,
    subscriptionId,
    decision: 'approved',
    granted: EVERYTHING,
    reason: null,
  } as const;
  await insertDecision(transaction, { ...decision, step, until: approval.until, by, at });
  const isLast = step === 'privacy' || !(await givesPersonalData(transaction, subscription));
  if (isLast) {
    await markRenewalEnded(transaction, { id, state: 'approved', reason: null, at });
    await markRenewed(transaction, { id: subscriptionId, until });
  } else await markRenewalStep(transaction, { id, step: 'privacy' });
  const { producer, product, consumer, purpose } = subscription;
  await recordChange(context, transaction, {
    action: step === 'owner' ? 'subscription.approve' : 'subscription.approve-privacy',
    object: subscriptionId,
    domainId: subscription.producer_id,
    reasons: approval.reasons,
    policies: approval.policies ?? null,
    facts: { product: `${producer}.${product}`, consumer, purpose, renewal: id, step, until: isoTime(until) },
  });
  const type = isLast ? 'subscription.renewed' : 'subscription.privacy-requested';
  const news = {
    id: subscriptionId,
    type,
    at,
    actor: context.caller.id,
    data: { renewal: id },
    also: renewal.requested_by,
  } as const;
  await announceSubscription(context, transaction, news);
  return true;
}

/** The state says so within a minute only; what has ended is not begun again by a renewal. */
function needLiving({ id, until }: NamedSubscription, now: Date): void {
  if (until === null || until > now) return;
  throw new MeshError('subscription.state', { facts: { id, state: 'expired', needed: 'active' } });
}

/** The earliest of what was asked for and what each step left. */
function endOf({ until, decisions }: Renewal, given: Date | null): Date {
  const ends = [...decisions.map((one) => (one.until === null ? null : new Date(one.until))), given];
  return ends.reduce((left: Date, end) => earlierEnd(left, end)!, until);
}

/** Whether the grant shows any: it is asked anew whether that may go on. */
async function givesPersonalData(transaction: Transaction, { granted, product_id }: NamedSubscription) {
  if (granted === null) return false;
  const approved = granted.personal;
  const personal = personalIn(granted, await listPersonalColumns(transaction, product_id));
  return personal.some((name) => approved === undefined || approved.includes(name));
}
