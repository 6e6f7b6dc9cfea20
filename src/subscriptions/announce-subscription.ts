import { isoTime } from '../base/clock.ts';
import type { Parts } from '../identity/context.ts';
import { addressOf } from '../products/product-name.ts';
import type { Transaction } from '../store/database.ts';
import { announce, type EventType, type MeshEvent } from '../store/outbox.ts';
import { listApproverIds, readPrivacyApprovers } from './approval/store.ts';
import { listDelegateIds } from './delegations/store.ts';
import { findSubscription, type NamedSubscription } from './store.ts';

type SubscriptionEvent = Extract<EventType, `subscription.${string}`>;

interface News {
  id: string;
  type: SubscriptionEvent;
  at: Date;
  /** Who did it; absent when it was time. */
  actor?: string;
  once?: string;
  /** Somebody else whom it concerns: who asked for a renewal. */
  also?: string;
  data?: Record<string, unknown>;
}

/** Tells both sides what became of a request or subscription; nobody else learns that there is one. */
export async function announceSubscription(
  parts: Pick<Parts, 'queue'>,
  transaction: Transaction,
  { id, type, at, actor, once, also, data }: News,
): Promise<void> {
  const subscription = await findSubscription(transaction, id);
  if (subscription === undefined) return;
  // The end counts as done when canaries are refused.
  if (type === 'subscription.revoked' || type === 'subscription.expired') {
    await parts.queue.enqueue(transaction, { kind: 'prove-subscription', data: { subscriptionId: id } });
  }
  const { producer: domain, product: name, major, is_current } = subscription;
  const product = addressOf({ domain, name, major, is_current });
  const event: MeshEvent = {
    type,
    subject: product,
    at,
    domainId: subscription.producer_id,
    ...(await toldOf(transaction, type, { ...subscription, also })),
    title: titleOf(type, { ...subscription, product }, data?.['renewal'] !== undefined),
    data: {
      subscription: id,
      product,
      consumer: subscription.consumer,
      purpose: subscription.purpose,
      until: subscription.until === null ? null : isoTime(subscription.until),
      reason: subscription.reason,
      ...data,
    },
    ...(actor === undefined ? {} : { actor }),
    ...(once === undefined ? {} : { once }),
  };
  await announce(parts, transaction, event);
  if (type !== 'subscription.requested' || data?.['renewal'] !== undefined) return;
  const except = [subscription.producer_id, subscription.domain_id];
  const { product_id: productId } = subscription;
  const delegates = await listDelegateIds(transaction, { productId, now: at, except });
  // By name, as whoever decides about it need not find the product in the catalog.
  if (delegates.length > 0)
    await announce(parts, transaction, { ...event, productId: null, audience: delegates });
}

/** Who approves the use of personal data is told by name, and need not find the product in the catalog. */
async function toldOf(
  transaction: Transaction,
  type: SubscriptionEvent,
  subscription: NamedSubscription & { also: string | undefined },
) {
  const { producer_id, domain_id, requested_by, product_id, also = requested_by } = subscription;
  if (type !== 'subscription.privacy-requested') {
    const told = [producer_id, domain_id, requested_by, also];
    return { productId: product_id, audience: [...new Set(told)] };
  }
  const approvers = await listApproverIds(transaction, await readPrivacyApprovers(transaction));
  return { productId: null, audience: approvers.filter((id) => id !== also) };
}

function titleOf(
  type: SubscriptionEvent,
  { consumer, product, until, renewal }: NamedSubscription,
  isRenewal: boolean,
): string {
  const day = until === null ? '' : lastDay(until);
  switch (type) {
    case 'subscription.requested':
      if (isRenewal && renewal)
        return `${consumer} asks to keep ${product} until ${lastDay(new Date(renewal.until))}`;
      return `${consumer} asks for access to ${product}`;
    case 'subscription.privacy-requested':
      return `${consumer} asks ${isRenewal ? 'to keep' : 'for'} personal data of ${product}`;
    case 'subscription.approved':
      return `${consumer} may now read ${product}${day === '' ? '' : ` until ${day}`}`;
    case 'subscription.renewed':
      return `${consumer} may read ${product} longer, until ${day}`;
    case 'subscription.rejected':
      if (isRenewal) return `the renewal of ${consumer} for ${product} was rejected: it ends after ${day}`;
      return `the request of ${consumer} for ${product} was rejected`;
    case 'subscription.revoked':
      return `the access of ${consumer} to ${product} was ended`;
    case 'subscription.expiring':
      return `the access of ${consumer} to ${product} ends after ${day}`;
    case 'subscription.expired':
      return `the access of ${consumer} to ${product} has ended: its time is over`;
  }
}

/** The last day that counts: `until` is the first moment that does not. */
function lastDay(until: Date): string {
  return isoTime(new Date(until.getTime() - 1)).slice(0, 10);
}
