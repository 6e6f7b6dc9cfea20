import { recordChange, ruledBy } from '../audit/record-change.ts';
import type { Context } from '../identity/context.ts';
import type { Granted } from '../policy/decide.ts';
import { announceSubscription } from './announce-subscription.ts';
import { needConsumer, needState, readSubscription } from './read-subscription.ts';
import { findSubscription, markEnded, type NamedSubscription } from './store.ts';
import { type SubscriptionView, viewSubscription } from './views.ts';

/** Each way to end, with the action that must be allowed and the name the audit gives it. */
const ENDINGS = {
  revoked: { needs: 'subscription.revoke', audited: 'subscription.revoke' },
  withdrawn: { needs: 'subscription.read', audited: 'subscription.withdraw' },
} as const;

interface End {
  id: string;
  reason: string | null;
  from: 'requested' | 'active';
  to: keyof typeof ENDINGS;
}

/** Withdraws or revokes. Doing it twice is doing it once, and what has ended otherwise cannot end again. */
export async function endSubscription(context: Context, end: End): Promise<SubscriptionView> {
  const { needs, audited } = ENDINGS[end.to];
  const { subscription, granted } = await readSubscription(context, end.id, needs);
  if (end.to === 'withdrawn') needConsumer(context, subscription, 'withdraw');
  if (subscription.state === end.to || isOver(subscription, end)) return viewSubscription(subscription);
  needState(subscription, end.from);
  await context.database.transact(async (transaction) => {
    const at = context.clock.now();
    const change = { action: audited, object: end.id, domainId: subscription.producer_id };
    if (!(await markEnded(transaction, { ...end, by: context.caller.id, at }))) return;
    await recordChange(context, transaction, { ...change, ...because(granted, end, subscription) });
    // A request that is taken back leaves nothing that anybody would have to do or know.
    if (end.to === 'withdrawn') return;
    const type = `subscription.${end.to}` as const;
    await announceSubscription(context, transaction, { id: end.id, type, at, actor: context.caller.id });
  });
  return viewSubscription((await findSubscription(context.database.reader, end.id))!);
}

/** A grant whose time is over, or whose consumer has left the mesh, gives nothing that could be revoked. */
function isOver({ state, granted }: NamedSubscription, { to }: End): boolean {
  return to === 'revoked' && granted !== null && (state === 'expired' || state === 'withdrawn');
}

function because(
  granted: Granted<'subscription.revoke' | 'subscription.read'>,
  end: End,
  subscription: NamedSubscription,
) {
  const { consumer, purpose } = subscription;
  return { ...ruledBy(granted), facts: { consumer, purpose, reason: end.reason } };
}
