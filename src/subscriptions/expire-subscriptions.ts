import { insertChange } from '../store/changes.ts';
import type { Parts } from '../identity/context.ts';
import type { Transaction } from '../store/database.ts';
import { announceSubscription } from './announce-subscription.ts';
import { type Expiring, listExpiring, listOverdue } from './ending/store.ts';
import { markEnded } from './store.ts';

/**
 * Marks grants whose end date has passed. Access ends at the date itself, by the plan; this only makes the
 * state say so. Idempotent.
 */
export async function expireSubscriptions(parts: Parts): Promise<number> {
  const { database, clock } = parts;
  const now = clock.now();
  const overdue = await listOverdue(database.reader, now);
  for (const subscription of overdue) {
    await database.transact(async (transaction) => {
      const ending = {
        id: subscription.id,
        from: 'active',
        to: 'expired',
        reason: null,
        by: 'crossdock',
        at: now,
      } as const;
      if (!(await markEnded(transaction, ending))) return;
      await insertChange(transaction, {
        at: now,
        actor: 'crossdock',
        door: 'job',
        requestId: '',
        action: 'subscription.expire',
        object: subscription.id,
        domainId: subscription.producer_id,
        allowed: true,
        reasons: ['its end date has passed'],
        facts: { consumer: subscription.consumer, purpose: subscription.purpose },
      });
      const expired = { id: subscription.id, type: 'subscription.expired', at: now } as const;
      await announceSubscription(parts, transaction, expired);
    });
  }
  return overdue.length;
}

/** How many days before its end a subscription is spoken of; one that was given for less is not. */
export const REMINDER_DAYS = [14, 3];

/**
 * Reminds of grants that end soon, once for each of the days and each end date. A server that was down does
 * not make up for a reminder when the next one is due already. Idempotent.
 */
export async function remindOfExpiry(parts: Parts): Promise<number> {
  const at = parts.clock.now();
  const expiring = await listExpiring(parts.database.reader, { now: at, days: REMINDER_DAYS });
  for (const reminder of expiring) {
    await parts.database.transact((transaction) => remind(parts, transaction, { ...reminder, at }));
  }
  return expiring.length;
}

async function remind(
  parts: Parts,
  transaction: Transaction,
  { id, days, once, at }: Expiring & { at: Date },
): Promise<void> {
  await announceSubscription(parts, transaction, {
    id,
    type: 'subscription.expiring',
    at,
    once,
    data: { days },
  });
}
