import { isoTime } from '../../base/clock.ts';
import type { Parts } from '../../identity/context.ts';
import type { Transaction } from '../../store/database.ts';
import { announce, type EventType } from '../../store/outbox.ts';
import { listApproverIds, readNamedPeople } from '../approval/store.ts';
import { findElevation } from './store.ts';

interface News {
  id: string;
  type: Extract<EventType, 'product.elevated' | 'product.elevation-ended'>;
  at: Date;
  actor?: string;
}

/**
 * Tells the producer's owners and stewards, and whoever approves the use of personal data; of the end also the
 * one who read. Two events, for people named beside a domain would have to belong to it.
 */
export async function announceElevation(
  parts: Pick<Parts, 'queue'>,
  transaction: Transaction,
  { id, type, at, actor }: News,
): Promise<void> {
  const elevation = await findElevation(transaction, id);
  if (elevation === undefined) return;
  const { who, reason, until, domain, domain_id: domainId, principal_id, queries, rows } = elevation;
  const product = `${domain}.${elevation.product}`;
  const end = type === 'product.elevated' ? {} : { queries, rows };
  const event = {
    ...{ type, at, domainId, subject: product },
    title:
      type === 'product.elevated'
        ? `${who} reads ${product} in an emergency`
        : `${who} does not read ${product} in an emergency any more`,
    data: { elevation: id, product, who, reason, until: isoTime(until), ...end },
    ...(actor === undefined ? {} : { actor }),
  };
  await announce(parts, transaction, { ...event, productId: elevation.product_id, audience: [domainId] });
  const privacy = await listApproverIds(transaction, await readNamedPeople(transaction, 'privacy'));
  const named = type === 'product.elevated' ? privacy : [...privacy, principal_id];
  await announce(parts, transaction, { ...event, productId: null, audience: [...new Set(named)] });
}
