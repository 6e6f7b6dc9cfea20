import { sql } from 'kysely';
import { newId } from '../base/ids.ts';
import { json, type Reader, type Transaction } from '../store/database.ts';
import type { EventType } from '../store/outbox.ts';
import type { Role } from '../store/schema.ts';

/** An event that waits, with the names that its domain and product have now. */
export interface WaitingEvent {
  id: string;
  type: EventType;
  domainId: string;
  productId: string | null;
  audience: string | string[];
  actor: string | null;
  data: Record<string, unknown>;
  domain: string | null;
  product: string | null;
}

/** Events that nobody was told of yet, in the order they happened. */
export async function listWaitingEvents(reader: Reader, after: string, limit: number): Promise<string[]> {
  const rows = await reader
    .selectFrom('mesh_events')
    .select('id')
    .where('delivered_at', 'is', null)
    .where('id', '>', after)
    .orderBy('id')
    .limit(limit)
    .execute();
  return rows.map(({ id }) => id);
}

/** Takes an event for delivery; undefined while another server has it, or when it is delivered. */
export async function lockWaitingEvent(
  transaction: Transaction,
  id: string,
): Promise<WaitingEvent | undefined> {
  const row = await transaction
    .selectFrom('mesh_events')
    .leftJoin('domains', 'domains.id', 'mesh_events.domain_id')
    .leftJoin('products', 'products.id', 'mesh_events.product_id')
    .select(['mesh_events.id', 'mesh_events.type', 'mesh_events.domain_id', 'mesh_events.product_id'])
    .select(['mesh_events.audience', 'mesh_events.actor', 'mesh_events.data'])
    .select(['domains.name as domain', 'products.name as product'])
    .where('mesh_events.id', '=', id)
    .where('mesh_events.delivered_at', 'is', null)
    .forUpdate('mesh_events')
    .skipLocked()
    .executeTakeFirst();
  if (row === undefined) return undefined;
  const { audience, actor, data, domain, product } = row;
  return {
    id,
    type: row.type as EventType,
    domainId: row.domain_id ?? '',
    productId: row.product_id,
    audience,
    actor,
    data,
    domain,
    product,
  };
}

export async function markEventDelivered(transaction: Transaction, id: string, at: Date): Promise<void> {
  await transaction.updateTable('mesh_events').set({ delivered_at: at }).where('id', '=', id).execute();
}

/** Domains that may read a product right now by a subscription. */
export async function listSubscribers(reader: Reader, productId: string, now: Date): Promise<string[]> {
  const rows = await reader
    .selectFrom('subscriptions')
    .select('domain_id')
    .distinct()
    .where('product_id', '=', productId)
    .where('state', '=', 'active')
    .where((is) => is.or([is('until', 'is', null), is('until', '>', now)]))
    .execute();
  return rows.map(({ domain_id }) => domain_id);
}

export interface Person {
  id: string;
  administrator: boolean;
  attributes: Record<string, string | string[]>;
  groups: string[] | null;
  claims: Record<string, string | string[]> | null;
  memberships: { domainId: string; domain: string; role: Role }[];
}

/** People of these domains or with these ids, with all their memberships; without whoever muted the type. */
export async function listPeopleOf(
  reader: Reader,
  { domainIds, principalIds, type }: { domainIds: string[]; principalIds: string[]; type: EventType },
): Promise<Person[]> {
  const { rows } = await sql<Person>`
    SELECT person.id, person.administrator, person.attributes, said.groups, said.claims, coalesce((
      SELECT jsonb_agg(jsonb_build_object('domainId', domains.id, 'domain', domains.name, 'role', held.role))
      FROM memberships AS held JOIN domains ON domains.id = held.domain_id
      WHERE held.principal_id = person.id AND domains.closed_at IS NULL), '[]') AS memberships
    FROM principals AS person
    LEFT JOIN company_people AS said ON said.principal_id = person.id
    WHERE person.kind = 'person' AND person.disabled_at IS NULL
      AND (person.id = ANY(${sql.val(principalIds)}::text[]) OR EXISTS (
        SELECT FROM memberships
        WHERE principal_id = person.id AND domain_id = ANY(${sql.val(domainIds)}::text[])))
      AND NOT EXISTS (SELECT FROM muted_events WHERE principal_id = person.id AND type = ${type})
    ORDER BY person.id`.execute(reader);
  return rows;
}

/** How many entries about a domain these people were given since a time. */
export async function countRecentNotifications(
  reader: Reader,
  { principalIds, domainId, since }: { principalIds: string[]; domainId: string; since: Date },
): Promise<Map<string, number>> {
  const { rows } = await sql<{ id: string; count: number }>`
    SELECT principal_id AS id, count(*)::int AS count
    FROM notifications JOIN mesh_events ON mesh_events.id = notifications.event_id
    WHERE principal_id = ANY(${sql.val(principalIds)}::text[]) AND domain_id = ${domainId}
      AND notifications.created_at >= ${since}
    GROUP BY principal_id`.execute(reader);
  return new Map(rows.map(({ id, count }) => [id, count]));
}

/** Into these people's inboxes, once each. */
export async function insertNotifications(
  transaction: Transaction,
  { eventId, principalIds, at }: { eventId: string; principalIds: string[]; at: Date },
): Promise<void> {
  await sql`
    INSERT INTO notifications (principal_id, event_id, created_at)
    SELECT unnest(${sql.val(principalIds)}::text[]), ${eventId}, ${at}
    ON CONFLICT DO NOTHING`.execute(transaction);
}

/** Who of these people has been told the same emergency already, by another event. */
export async function listToldOf(
  transaction: Transaction,
  {
    eventId,
    type,
    elevation,
    principalIds,
  }: { eventId: string; type: string; elevation: string; principalIds: string[] },
): Promise<Set<string>> {
  const { rows } = await sql<{ id: string }>`
    SELECT notifications.principal_id AS id FROM notifications
    JOIN mesh_events ON mesh_events.id = notifications.event_id
    WHERE notifications.principal_id = ANY(${sql.val(principalIds)}::text[])
      AND mesh_events.id <> ${eventId} AND mesh_events.type = ${type}
      AND mesh_events.data ->> 'elevation' = ${elevation}`.execute(transaction);
  return new Set(rows.map(({ id }) => id));
}

export interface Folding {
  /** The person or endpoint that gets too much of the domain's in this minute. */
  recipient: string;
  domainId: string;
  domain: string;
  minute: Date;
  at: Date;
}

/** One more event in the entry that stands for all further ones of this minute. Returns its event. */
export async function foldEvent(transaction: Transaction, folding: Folding): Promise<string> {
  const { recipient, domainId, domain, minute, at } = folding;
  const title = (count: unknown) =>
    sql<string>`${count} || ${` further events of ${domain} within a minute`}`;
  const counted = sql<number>`(mesh_events.data->>'events')::int + 1`;
  const row = await transaction
    .insertInto('mesh_events')
    .values({
      id: newId('evt'),
      type: 'events.folded',
      subject: domain,
      at,
      domain_id: domainId,
      product_id: null,
      audience: json([recipient]),
      actor: null,
      title: `1 further event of ${domain} within a minute`,
      data: json({ domain, since: minute.toISOString(), events: 1 }),
      once: `events.folded ${recipient} ${domainId} ${minute.toISOString()}`,
      delivered_at: at,
    })
    .onConflict((conflict) =>
      conflict.column('once').doUpdateSet({
        title: title(counted),
        data: sql`mesh_events.data || jsonb_build_object('events', ${counted})`,
      }),
    )
    .returning('id')
    .executeTakeFirstOrThrow();
  return row.id;
}

/** Removes what happened before a time, with the inbox entries and deliveries that speak of it. */
export async function deleteEvents(transaction: Transaction, before: Date): Promise<number> {
  const result = await transaction
    .deleteFrom('mesh_events')
    .where('at', '<', before)
    .where('delivered_at', 'is not', null)
    .executeTakeFirst();
  return Number(result.numDeletedRows);
}

/** Removes read entries and ended deliveries of before a time; their events stay for those who have them unread. */
export async function deleteRead(transaction: Transaction, before: Date): Promise<number> {
  const read = await transaction.deleteFrom('notifications').where('read_at', '<', before).executeTakeFirst();
  const ended = await transaction
    .deleteFrom('webhook_deliveries')
    .where('finished_at', '<', before)
    .executeTakeFirst();
  return Number(read.numDeletedRows) + Number(ended.numDeletedRows);
}
