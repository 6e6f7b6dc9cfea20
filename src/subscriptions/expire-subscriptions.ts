import { insertChange } from '../store/changes.ts';
import type { Parts } from '../identity/context.ts';
import { listOverdue, markEnded } from './store.ts';

/**
 * Marks grants whose end date has passed. Access ends at the date itself, by the plan; this only makes the
 * state say so. Idempotent.
 */
export async function expireSubscriptions({ database, clock }: Parts): Promise<number> {
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
    });
  }
  return overdue.length;
}
