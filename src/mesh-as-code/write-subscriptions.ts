import { recordChange, ruledBy } from '../audit/record-change.ts';
import { announceSubscription } from '../subscriptions/announce-subscription.ts';
import { writeApproval } from '../subscriptions/approval/write-approval.ts';
import { EVERYTHING } from '../subscriptions/grant.ts';
import { findSubscription, insertRequest, markEnded } from '../subscriptions/store.ts';
import { type FilledForm, fillForms } from '../subscriptions/forms/fill-form.ts';
import { readForm } from '../subscriptions/forms/store.ts';
import type { DeclaredGrant, DeclaredSubscription } from './declaration.ts';
import { endOf } from './find-grant.ts';
import type { Approval } from './product-plan.ts';
import type { SubscriptionPlan } from './plan-subscriptions.ts';
import type { Writing } from './writing.ts';

/** Requests and returns what a domain declares; what a grant or a policy approves beforehand is active at once. */
export async function writeSubscriptions(
  writing: Writing,
  plans: SubscriptionPlan[],
  consumer: { id: string; name: string },
): Promise<void> {
  for (const plan of plans) {
    if (plan.step === 'request') await request(writing, plan, consumer);
    if (plan.step === 'withdraw') await withdraw(writing, plan);
  }
}

async function request(
  writing: Writing,
  { declared, productId, grant, automatic, follows }: SubscriptionPlan,
  consumer: { id: string; name: string },
): Promise<void> {
  if (declared === null || productId === null) return;
  const { context, transaction, at } = writing;
  const { purpose } = declared;
  const until = declared.until === null ? null : endOf(declared.until);
  const by = context.caller.id;
  const asked = { productId, domainId: consumer.id, purpose, requestedBy: by, at, until, follows };
  const form = await filledForm(writing, declared, productId);
  const requestId = await insertRequest(transaction, { ...asked, ...form });
  await record(writing, 'subscription.request', requestId);
  const given = grant ?? (automatic ? everything(consumer.name, purpose) : null);
  if (given === null) {
    await announceSubscription(context, transaction, {
      id: requestId,
      type: 'subscription.requested',
      at,
      actor: by,
    });
    return;
  }
  await giveBeforehand(writing, { requestId, grant: given });
}

/** The answers that the plan has judged, and the terms as they are now. */
async function filledForm(
  { transaction }: Writing,
  { product, answers, agreed }: DeclaredSubscription,
  id: string,
): Promise<FilledForm> {
  const form = await readForm(transaction, { id, name: product });
  const { filled } = fillForms([form], { answers, agreed: agreed ? [form.agreement.version] : [] });
  return filled[0]!;
}

function everything(domain: string, purpose: string): DeclaredGrant {
  return { domain, purpose, granted: EVERYTHING, until: null };
}

/** The owner's step, by a grant that the producer or its policy gave beforehand. */
export async function giveBeforehand(
  { context, transaction, permits }: Writing,
  { requestId, grant }: Pick<Approval, 'requestId' | 'grant'>,
): Promise<void> {
  await writeApproval(context, transaction, {
    id: requestId,
    step: 'owner',
    granted: grant.granted,
    until: grant.until === null ? null : endOf(grant.until),
    by: context.caller.id,
    beforehand: true,
    ...ruledBy(permits.apply),
  });
}

async function withdraw(writing: Writing, { held }: SubscriptionPlan): Promise<void> {
  if (held === null || (held.state !== 'requested' && held.state !== 'active')) return;
  const { context, transaction, at } = writing;
  const ending = { id: held.id, from: held.state, to: 'withdrawn' as const, by: context.caller.id, at };
  const reason = 'no longer declared by the consumer';
  if (!(await markEnded(transaction, { ...ending, reason }))) return;
  await record(writing, 'subscription.withdraw', held.id);
  if (held.state === 'requested') return;
  await announceSubscription(context, transaction, {
    id: held.id,
    type: 'subscription.revoked',
    at,
    actor: ending.by,
  });
}

/** The row stands with the producer, whose people answer for who uses the product. */
async function record({ context, transaction, permits }: Writing, action: string, id: string): Promise<void> {
  const subscription = await findSubscription(transaction, id);
  if (subscription === undefined) return;
  const { producer, product, consumer, purpose, granted, until, answers, terms } = subscription;
  await recordChange(context, transaction, {
    action,
    object: id,
    domainId: subscription.producer_id,
    ...ruledBy(permits.apply),
    facts: {
      product: `${producer}.${product}`,
      consumer,
      purpose,
      answers,
      terms,
      granted,
      until: until?.toISOString() ?? null,
    },
  });
}
