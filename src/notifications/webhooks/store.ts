import { sql } from 'kysely';
import { newId } from '../../base/ids.ts';
import { json, type Reader, type Transaction } from '../../store/database.ts';
import type { WebhookAttemptRow, WebhookDeliveryRow, WebhookRow } from '../../store/rows/notifications.ts';
import type { Read } from '../../store/schema.ts';

export interface NamedWebhook extends Read<WebhookRow> {
  domain: string;
}

export interface NewWebhook {
  id: string;
  domainId: string;
  url: string;
  description: string;
  types: string[];
  products: string[];
  secret: string;
  createdBy: string;
  at: Date;
}

export async function insertWebhook(transaction: Transaction, webhook: NewWebhook): Promise<void> {
  await transaction
    .insertInto('webhooks')
    .values({
      id: webhook.id,
      domain_id: webhook.domainId,
      url: webhook.url,
      description: webhook.description,
      types: json(webhook.types),
      products: json(webhook.products),
      secret: webhook.secret,
      created_by: webhook.createdBy,
      created_at: webhook.at,
    })
    .execute();
}

export function listWebhooks(reader: Reader, domainId: string): Promise<Read<WebhookRow>[]> {
  return reader.selectFrom('webhooks').selectAll().where('domain_id', '=', domainId).orderBy('id').execute();
}

export function findWebhook(reader: Reader, id: string): Promise<NamedWebhook | undefined> {
  return reader
    .selectFrom('webhooks')
    .innerJoin('domains', 'domains.id', 'webhooks.domain_id')
    .selectAll('webhooks')
    .select('domains.name as domain')
    .where('webhooks.id', '=', id)
    .executeTakeFirst();
}

/** How many endpoints a domain has; its row is locked, so that two at once do not pass the limit together. */
export async function countWebhooks(transaction: Transaction, domainId: string): Promise<number> {
  await transaction.selectFrom('domains').select('id').where('id', '=', domainId).forUpdate().execute();
  const rows = await listWebhooks(transaction, domainId);
  return rows.length;
}

export async function deleteWebhook(transaction: Transaction, id: string): Promise<boolean> {
  const result = await transaction.deleteFrom('webhooks').where('id', '=', id).executeTakeFirst();
  return result.numDeletedRows === 1n;
}

/** New sealed secrets in the place of those that were read; false when they are others by now. */
export async function replaceSecrets(
  transaction: Transaction,
  webhook: { id: string; was: string; secret: string; former: string | null; formerUntil: Date | null },
): Promise<boolean> {
  const { id, was, secret, former, formerUntil } = webhook;
  const result = await transaction
    .updateTable('webhooks')
    .set({ secret, former_secret: former, former_until: formerUntil })
    .where('id', '=', id)
    .where('secret', '=', was)
    .executeTakeFirst();
  return result.numUpdatedRows === 1n;
}

export async function markEnabled(transaction: Transaction, id: string): Promise<boolean> {
  const result = await transaction
    .updateTable('webhooks')
    .set({ disabled_at: null, disabled_reason: null })
    .where('id', '=', id)
    .where('disabled_at', 'is not', null)
    .executeTakeFirst();
  return result.numUpdatedRows === 1n;
}

/** Nothing is sent any more, what waits is dropped; false when it was so already. */
export async function markDisabled(
  transaction: Transaction,
  { id, at, reason }: { id: string; at: Date; reason: string },
): Promise<boolean> {
  const result = await transaction
    .updateTable('webhooks')
    .set({ disabled_at: at, disabled_reason: reason })
    .where('id', '=', id)
    .where('disabled_at', 'is', null)
    .executeTakeFirst();
  await transaction
    .updateTable('webhook_deliveries')
    .set({ state: 'dropped', finished_at: at, next_at: null })
    .where('webhook_id', '=', id)
    .where('state', '=', 'waiting')
    .execute();
  return result.numUpdatedRows === 1n;
}

export async function markSucceeded(transaction: Transaction, id: string, at: Date): Promise<void> {
  await transaction.updateTable('webhooks').set({ succeeded_at: at }).where('id', '=', id).execute();
}

/** Enabled endpoints of these domains that take this type, with their domains' names. */
export async function listTaking(
  reader: Reader,
  { domainIds, type, product }: { domainIds: string[]; type: string; product: string | null },
): Promise<{ id: string; domain: string }[]> {
  const { rows } = await sql<{ id: string; domain: string }>`
    SELECT webhooks.id, domains.name AS domain FROM webhooks JOIN domains ON domains.id = webhooks.domain_id
    WHERE webhooks.domain_id = ANY(${sql.val(domainIds)}::text[]) AND disabled_at IS NULL
      AND domains.closed_at IS NULL
      AND (types = '[]' OR types ? ${type})
      AND (products = '[]' OR products ? ${product ?? ''})
    ORDER BY webhooks.id`.execute(reader);
  return rows;
}

export async function countRecentDeliveries(
  reader: Reader,
  { webhookId, domainId, since }: { webhookId: string; domainId: string; since: Date },
): Promise<number> {
  const { rows } = await sql<{ count: number }>`
    SELECT count(*)::int AS count
    FROM webhook_deliveries JOIN mesh_events ON mesh_events.id = webhook_deliveries.event_id
    WHERE webhook_id = ${webhookId} AND created_at >= ${since} AND domain_id = ${domainId}`.execute(reader);
  return rows[0]?.count ?? 0;
}

/** A delivery that waits, once for each event and endpoint: undefined when there is one. Returns its id. */
export async function insertDelivery(
  transaction: Transaction,
  delivery: { webhookId: string; eventId: string; at: Date; nextAt: Date },
): Promise<string | undefined> {
  const row = await transaction
    .insertInto('webhook_deliveries')
    .values({
      id: newId('dlv'),
      webhook_id: delivery.webhookId,
      event_id: delivery.eventId,
      state: 'waiting',
      attempts: 0,
      next_at: delivery.nextAt,
      created_at: delivery.at,
    })
    .onConflict((conflict) => conflict.columns(['webhook_id', 'event_id']).doNothing())
    .returning('id')
    .executeTakeFirst();
  return row?.id;
}

/** An event for one endpoint alone, delivered to nobody else. Returns its id. */
export async function insertTestEvent(
  transaction: Transaction,
  { webhook, at }: { webhook: NamedWebhook; at: Date },
): Promise<string> {
  const id = newId('evt');
  await transaction
    .insertInto('mesh_events')
    .values({
      id,
      type: 'webhook.test',
      subject: webhook.domain,
      at,
      domain_id: webhook.domain_id,
      product_id: null,
      audience: json([webhook.id]),
      title: `a test of the endpoint ${webhook.id}`,
      data: json({ webhook: webhook.id }),
      delivered_at: at,
    })
    .execute();
  return id;
}

/** Everything that one attempt needs to know. */
export async function findDelivery(reader: Reader, id: string) {
  return reader
    .selectFrom('webhook_deliveries')
    .innerJoin('webhooks', 'webhooks.id', 'webhook_deliveries.webhook_id')
    .innerJoin('domains as own', 'own.id', 'webhooks.domain_id')
    .innerJoin('mesh_events', 'mesh_events.id', 'webhook_deliveries.event_id')
    .leftJoin('domains as producers', 'producers.id', 'mesh_events.domain_id')
    .select(['webhook_deliveries.id', 'webhook_deliveries.state', 'webhook_deliveries.attempts'])
    .select(['webhook_deliveries.created_at', 'webhooks.id as webhook_id', 'webhooks.url', 'webhooks.secret'])
    .select(['webhooks.former_secret', 'webhooks.former_until', 'webhooks.succeeded_at'])
    .select(['webhooks.domain_id', 'own.name as own_domain', 'mesh_events.id as event_id'])
    .select(['mesh_events.type', 'mesh_events.subject', 'mesh_events.at', 'mesh_events.title'])
    .select(['mesh_events.data', 'producers.name as domain'])
    .where('webhook_deliveries.id', '=', id)
    .executeTakeFirst();
}

export type WaitingDelivery = NonNullable<Awaited<ReturnType<typeof findDelivery>>>;

/** Locks a delivery that waits and was tried this often; false when somebody else was faster. */
export async function lockDelivery(
  transaction: Transaction,
  { id, attempts }: { id: string; attempts: number },
): Promise<boolean> {
  const row = await transaction
    .selectFrom('webhook_deliveries')
    .select('id')
    .where('id', '=', id)
    .where('state', '=', 'waiting')
    .where('attempts', '=', attempts)
    .forUpdate()
    .executeTakeFirst();
  return row !== undefined;
}

export interface NewAttempt {
  deliveryId: string;
  number: number;
  at: Date;
  durationMs: number;
  status: number | null;
  error: string | null;
  answer: string | null;
}

/** One attempt and what follows from it. */
export async function recordAttempt(
  transaction: Transaction,
  attempt: NewAttempt,
  after: { state: WebhookDeliveryRow['state']; nextAt: Date | null; finishedAt: Date | null },
): Promise<void> {
  await transaction
    .insertInto('webhook_attempts')
    .values({
      delivery_id: attempt.deliveryId,
      number: attempt.number,
      at: attempt.at,
      duration_ms: attempt.durationMs,
      status: attempt.status,
      error: attempt.error,
      answer: attempt.answer,
    })
    .execute();
  await transaction
    .updateTable('webhook_deliveries')
    .set({
      state: after.state,
      attempts: attempt.number,
      next_at: after.nextAt,
      finished_at: after.finishedAt,
    })
    .where('id', '=', attempt.deliveryId)
    .execute();
}

/** The last deliveries of an endpoint, newest first, with their events. */
export function listDeliveries(
  reader: Reader,
  page: { webhookId: string; before?: string | undefined; limit: number },
) {
  let query = reader
    .selectFrom('webhook_deliveries')
    .innerJoin('mesh_events', 'mesh_events.id', 'webhook_deliveries.event_id')
    .selectAll('webhook_deliveries')
    .select(['mesh_events.type', 'mesh_events.subject', 'mesh_events.title'])
    .where('webhook_id', '=', page.webhookId)
    .orderBy('webhook_deliveries.id', 'desc')
    .limit(page.limit);
  if (page.before !== undefined) query = query.where('webhook_deliveries.id', '<', page.before);
  return query.execute();
}

export async function listAttempts(
  reader: Reader,
  deliveryIds: string[],
): Promise<Read<WebhookAttemptRow>[]> {
  if (deliveryIds.length === 0) return [];
  return reader
    .selectFrom('webhook_attempts')
    .selectAll()
    .where('delivery_id', 'in', deliveryIds)
    .orderBy('number')
    .execute();
}

/** Deliveries whose job is long due: it died with its server once too often. Their time is set anew. */
export async function takeOverdueDeliveries(
  transaction: Transaction,
  { dueBefore, at, limit }: { dueBefore: Date; at: Date; limit: number },
): Promise<string[]> {
  const { rows } = await sql<{ id: string }>`
    UPDATE webhook_deliveries SET next_at = ${at} WHERE id IN (
      SELECT id FROM webhook_deliveries WHERE state = 'waiting' AND next_at < ${dueBefore}
      LIMIT ${limit} FOR UPDATE SKIP LOCKED)
    RETURNING id`.execute(transaction);
  return rows.map(({ id }) => id);
}

/** Endpoints whose secrets may need the newest key, or whose former secret has had its time. */
export function listAllWebhooks(reader: Reader, after: string, limit: number) {
  return reader
    .selectFrom('webhooks')
    .select(['id', 'secret', 'former_secret', 'former_until'])
    .where('id', '>', after)
    .orderBy('id')
    .limit(limit)
    .execute();
}
