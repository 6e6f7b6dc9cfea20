import type { Parts } from '../../identity/context.ts';
import type { Principal } from '../../policy/decide.ts';
import { LIMITS } from '../../base/limits.ts';
import type { Transaction } from '../../store/database.ts';
import type { Sides } from '../audience.ts';
import { foldEvent, type WaitingEvent } from '../store.ts';
import { countRecentDeliveries, insertDelivery, listTaking } from './store.ts';

const MINUTE_MS = 60_000;

interface Delivery {
  sides: Sides;
  mayKnow: (principal: Principal) => boolean;
  /** The start of this minute. */
  minute: Date;
  at: Date;
}

/**
 * A delivery, and the job that makes it, for each endpoint of the domains concerned that takes the event. An
 * endpoint may know what every member of its domain may: it is asked for as an analyst of it.
 */
export async function queueDeliveries(
  parts: Parts,
  transaction: Transaction,
  { event, sides, mayKnow, minute, at }: Delivery & { event: WaitingEvent },
): Promise<void> {
  const domainIds = [...sides.producers, ...sides.consumers];
  if (domainIds.length === 0) return;
  const product = event.product === null ? null : `${event.domain}.${event.product}`;
  for (const { id, domain } of await listTaking(transaction, { domainIds, type: event.type, product })) {
    const roles = [{ domain, role: 'analyst' as const }];
    if (!mayKnow({ id, kind: 'service-account', administrator: false, attributes: {}, roles })) continue;
    const { domainId } = event;
    const recent = await countRecentDeliveries(transaction, { webhookId: id, domainId, since: minute });
    if (recent < LIMITS.deliveriesPerMinute) {
      await queueDelivery(parts, transaction, { webhookId: id, eventId: event.id, at, nextAt: at });
      continue;
    }
    const folding = { recipient: id, domainId, domain: event.domain ?? '', minute, at };
    const eventId = await foldEvent(transaction, folding);
    // At the minute's end: until then it counts on.
    const nextAt = new Date(minute.getTime() + MINUTE_MS);
    await queueDelivery(parts, transaction, { webhookId: id, eventId, at, nextAt });
  }
}

/** One delivery for each event and endpoint, however often it is asked for. */
export async function queueDelivery(
  parts: Pick<Parts, 'queue'>,
  transaction: Transaction,
  delivery: { webhookId: string; eventId: string; at: Date; nextAt: Date },
): Promise<void> {
  const deliveryId = await insertDelivery(transaction, delivery);
  if (deliveryId === undefined) return;
  await parts.queue.enqueue(transaction, {
    kind: 'send-webhook',
    data: { deliveryId },
    group: delivery.webhookId,
    ...(delivery.nextAt > delivery.at ? { startAfter: delivery.nextAt } : {}),
  });
}
