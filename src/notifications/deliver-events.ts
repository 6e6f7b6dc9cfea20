import { policyFactsOf, policySource, principalOf, traitsOf } from '../audit/decisions.ts';
import { isoTime } from '../base/clock.ts';
import { LIMITS } from '../base/limits.ts';
import type { Parts } from '../identity/context.ts';
import { decide, type Principal } from '../policy/decide.ts';
import { type PreparedPolicies, preparePolicies } from '../policy/policies.ts';
import type { Transaction } from '../store/database.ts';
import { type Sides, sidesOf, tellsPerson } from './audience.ts';
import {
  countRecentNotifications,
  foldEvent,
  insertNotifications,
  listToldOf,
  listPeopleOf,
  listSubscribers,
  listWaitingEvents,
  lockWaitingEvent,
  markEventDelivered,
  type Person,
  type WaitingEvent,
} from './store.ts';
import { queueDeliveries } from './webhooks/queue-deliveries.ts';

const BATCH = 200;
const MINUTE_MS = 60_000;

/**
 * Tells of every event that waits, each in one transaction: killed at any point, an event was told to all or
 * to nobody yet. One that fails does not hold up the others; it is tried again within a minute.
 */
export async function deliverEvents(parts: Parts): Promise<number> {
  let delivered = 0;
  let after = '';
  for (;;) {
    const ids = await listWaitingEvents(parts.database.reader, after, BATCH);
    for (const id of ids) {
      try {
        await parts.database.transact((transaction) => deliverEvent(parts, transaction, id));
        delivered++;
      } catch (error) {
        parts.log.error({ err: error, event: id }, 'an event could not be delivered');
      }
    }
    if (ids.length < BATCH) return delivered;
    after = ids.at(-1) ?? after;
  }
}

async function deliverEvent(parts: Parts, transaction: Transaction, id: string): Promise<void> {
  const event = await lockWaitingEvent(transaction, id);
  if (event === undefined) return;
  const at = parts.clock.now();
  const sides = sidesOf(event, await subscribersOf(transaction, event, at));
  const mayKnow = await discovery(transaction, event, at);
  const minute = new Date(Math.floor(at.getTime() / MINUTE_MS) * MINUTE_MS);
  await fillInboxes(transaction, event, { sides, mayKnow, minute, at });
  await queueDeliveries(parts, transaction, { event, sides, mayKnow, minute, at });
  await markEventDelivered(transaction, id, at);
}

async function subscribersOf(transaction: Transaction, event: WaitingEvent, at: Date): Promise<string[]> {
  const wanted = event.audience === 'consumers' || event.audience === 'both';
  return wanted && event.productId !== null ? listSubscribers(transaction, event.productId, at) : [];
}

/** Whether somebody may still discover what the event is about. */
type MayKnow = (principal: Principal) => boolean;

async function discovery(transaction: Transaction, event: WaitingEvent, at: Date): Promise<MayKnow> {
  const { domain, domainId, product, productId } = event;
  if (domain === null) return () => false;
  if (productId === null) return () => true;
  // It is gone: nobody may know of it, and nobody could look at it.
  if (product === null) return () => false;
  const facts = await policyFactsOf(transaction, { domainId, productId });
  const policies: PreparedPolicies = preparePolicies(facts.policies.map(policySource));
  const traits = traitsOf(facts, { domain, productId, now: at });
  if (traits === undefined) return () => false;
  const resource = { type: 'Product' as const, domain, product, ...traits };
  const { domainTags } = facts;
  const context = { now: isoTime(at) };
  return (principal) =>
    decide({ action: 'product.discover', principal, resource, context, domainTags, policies }).allowed;
}

interface Delivery {
  sides: Sides;
  mayKnow: MayKnow;
  /** The start of this minute. */
  minute: Date;
  at: Date;
}

async function fillInboxes(
  transaction: Transaction,
  event: WaitingEvent,
  { sides, mayKnow, minute, at }: Delivery,
): Promise<void> {
  const domainIds = [...sides.producers, ...sides.consumers];
  const principalIds = sides.principals;
  if (domainIds.length + principalIds.length === 0) return;
  const people = await listPeopleOf(transaction, { domainIds, principalIds, type: event.type });
  const told = people.filter((person) => tellsPerson(event, sides, person) && mayKnow(personOf(person)));
  if (told.length === 0) return;
  const ids = await notToldYet(
    transaction,
    event,
    told.map(({ id }) => id),
  );
  const recent = { principalIds: ids, domainId: event.domainId, since: minute };
  const counts = await countRecentNotifications(transaction, recent);
  const full = ids.filter((id) => (counts.get(id) ?? 0) >= LIMITS.eventsPerMinute);
  const principalIdsTold = ids.filter((id) => !full.includes(id));
  await insertNotifications(transaction, { eventId: event.id, principalIds: principalIdsTold, at });
  for (const recipient of full) {
    const folding = { recipient, domainId: event.domainId, domain: event.domain ?? '', minute, at };
    const eventId = await foldEvent(transaction, folding);
    await insertNotifications(transaction, { eventId, principalIds: [recipient], at });
  }
}

/** An emergency is told to the producer and to people by name, who may be the same: once is enough. */
async function notToldYet(transaction: Transaction, event: WaitingEvent, ids: string[]): Promise<string[]> {
  const { elevation } = event.data;
  if (typeof elevation !== 'string') return ids;
  const told = await listToldOf(transaction, {
    ...{ eventId: event.id, type: event.type },
    ...{ elevation, principalIds: ids },
  });
  return ids.filter((id) => !told.has(id));
}

function personOf({ memberships, ...person }: Person): Principal {
  const domains = memberships.map(({ domain: name, role }) => ({ name, role }));
  return principalOf({ ...person, kind: 'person', domains });
}
