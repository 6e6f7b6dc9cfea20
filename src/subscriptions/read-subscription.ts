import { authorize, decideWith, type Question } from '../audit/decisions.ts';
import { MeshError } from '../base/errors.ts';
import type { Context } from '../identity/context.ts';
import type { PrivacyApprovers } from '../policy/action.ts';
import type { Granted } from '../policy/decide.ts';
import { readPrivacyApprovers } from './approval/store.ts';
import { findReadingRight, holdsFor } from './delegations/find-right.ts';
import { findSubscription, type NamedSubscription } from './store.ts';

type SubscriptionAction =
  'subscription.approve' | 'subscription.approve-privacy' | 'subscription.revoke' | 'subscription.read';

/**
 * Reads a subscription and decides about it. Whoever belongs neither to its producer nor to its consumer, and
 * has no say in it by a delegation or for personal data, gets `not-found`: that somebody uses a product is nobody else's business.
 */
export async function readSubscription<A extends SubscriptionAction>(
  context: Context,
  id: string,
  action: A,
): Promise<{ subscription: NamedSubscription; approvers: PrivacyApprovers; granted: Granted<A> }> {
  const { subscription, approvers } = await findConcerning(context, id);
  const holding = action === 'subscription.read' ? await findReadingRight(context, subscription) : undefined;
  const granted = await authorize(context, {
    ...questionOf(action, subscription, approvers),
    ...(holding === undefined ? {} : { delegation: { id: holding.id } }),
  });
  return { subscription, approvers, granted };
}

/**
 * A subscription that is the caller's business, with those who approve its use of personal data.
 * @throws MeshError `not-found`
 */
export async function findConcerning(
  context: Context,
  id: string,
): Promise<{ subscription: NamedSubscription; approvers: PrivacyApprovers }> {
  const { reader } = context.database;
  const subscription = await findSubscription(reader, id);
  const approvers = await readPrivacyApprovers(reader);
  if (subscription !== undefined) {
    const isTheirs = concerns(context, subscription, approvers) || (await holdsFor(context, subscription));
    if (isTheirs) return { subscription, approvers };
  }
  throw new MeshError('not-found', { facts: { what: `subscription ${id}` } });
}

/** The question whether the caller may do this about a subscription. */
export function questionOf<A extends SubscriptionAction>(
  action: A,
  subscription: NamedSubscription,
  approvers: PrivacyApprovers,
): Question<A> {
  const { id, producer, product, consumer, producer_id: domainId, product_id: productId } = subscription;
  const privacy = usesPersonalData(subscription) ? { privacy: approvers } : {};
  return {
    action,
    resource: {
      ...{ type: 'Subscription', id, domain: producer, product, consumer },
      ...privacy,
    } as unknown as Question<A>['resource'],
    scope: { domainId, productId },
    purpose: subscription.purpose,
  };
}

/** As far as it was decided: the step is reached once the producer gave columns with personal data. */
function usesPersonalData({ step, decisions, renewal }: NamedSubscription): boolean {
  const decided = [...decisions, ...(renewal?.decisions ?? [])];
  return [step, renewal?.step, ...decided.map((one) => one.step)].includes('privacy');
}

/** @throws MeshError `auth.forbidden` for whoever is no member of the consumer */
export function needConsumer({ caller }: Context, subscription: NamedSubscription, action: string): void {
  if (caller.domains.some(({ id }) => id === subscription.domain_id)) return;
  throw new MeshError('auth.forbidden', {
    facts: { action, what: subscription.id, owner: subscription.consumer },
  });
}

function concerns(context: Context, subscription: NamedSubscription, approvers: PrivacyApprovers): boolean {
  const { caller } = context;
  if (caller.administrator) return true;
  if (caller.domains.some(({ id }) => id === subscription.producer_id || id === subscription.domain_id))
    return true;
  const question = questionOf('subscription.approve-privacy', subscription, approvers);
  // By the built-in policy alone, which asks for nothing of the product.
  const declared = { tags: {}, status: 'published' as const };
  const facts = { policies: [], products: new Map(), domainTags: new Map() };
  return decideWith(context, { ...question, declared }, facts).allowed;
}

/** @throws MeshError `subscription.state` when it is not in the state the decision needs */
export function needState(subscription: NamedSubscription, state: NamedSubscription['state']): void {
  if (subscription.state === state) return;
  throw new MeshError('subscription.state', {
    facts: { id: subscription.id, state: subscription.state, needed: state },
  });
}
