import { authorize, type Question } from '../audit/decisions.ts';
import { MeshError } from '../base/errors.ts';
import type { Context } from '../identity/context.ts';
import type { Granted } from '../policy/decide.ts';
import { findSubscription, type NamedSubscription } from './store.ts';

type SubscriptionAction = 'subscription.approve' | 'subscription.revoke' | 'subscription.read';

/**
 * Reads a subscription and decides about it. Whoever belongs neither to its producer nor to its consumer
 * gets `not-found`: that somebody uses a product is nobody else's business.
 */
export async function readSubscription<A extends SubscriptionAction>(
  context: Context,
  id: string,
  action: A,
): Promise<{ subscription: NamedSubscription; granted: Granted<A> }> {
  const subscription = await findSubscription(context.database.reader, id);
  if (subscription === undefined || !concerns(context, subscription)) {
    throw new MeshError('not-found', { facts: { what: `subscription ${id}` } });
  }
  const granted = await authorize(context, {
    action,
    resource: {
      type: 'Subscription',
      id,
      domain: subscription.producer,
      product: subscription.product,
      consumer: subscription.consumer,
    } as unknown as Question<A>['resource'],
    scope: { domainId: subscription.producer_id, productId: subscription.product_id },
  });
  return { subscription, granted };
}

function concerns({ caller }: Context, subscription: NamedSubscription): boolean {
  if (caller.administrator) return true;
  return caller.domains.some(({ id }) => id === subscription.producer_id || id === subscription.domain_id);
}

/** @throws MeshError `subscription.state` when it is not in the state the decision needs */
export function needState(subscription: NamedSubscription, state: NamedSubscription['state']): void {
  if (subscription.state === state) return;
  throw new MeshError('subscription.state', {
    facts: { id: subscription.id, state: subscription.state, needed: state },
  });
}
