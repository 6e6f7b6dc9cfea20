import { MeshError } from '../../base/errors.ts';
import type { Parts } from '../../identity/context.ts';
import type { Transaction } from '../../store/database.ts';
import { announce } from '../../store/outbox.ts';
import { cloudEvent, CONTENT_TYPE } from './cloud-event.ts';
import { post, type Posted } from './post.ts';
import { nextAttempt } from './retry.ts';
import { signatureOf } from './signature.ts';
import {
  findDelivery,
  lockDelivery,
  markDisabled,
  markSucceeded,
  type NewAttempt,
  recordAttempt,
  type WaitingDelivery,
} from './store.ts';

/** The endpoint says that it will never want anything again (Standard Webhooks 1.0.0, RFC 9110 §15.5.11). */
const GONE = 410;

export interface Attempted extends Omit<NewAttempt, 'deliveryId'> {
  delivered: boolean;
}

/**
 * One attempt at one delivery: send, then record with what follows. A server killed in between sends again
 * with the same `webhook-id`: receivers get everything at least once. Undefined when nothing waits.
 */
export async function sendWebhook(
  parts: Parts,
  deliveryId: string,
  { signal, once = false }: { signal: AbortSignal; once?: boolean },
): Promise<Attempted | undefined> {
  const delivery = await findDelivery(parts.database.reader, deliveryId);
  if (delivery === undefined || delivery.state !== 'waiting') return undefined;
  const at = parts.clock.now();
  const started = performance.now();
  const posted = await attempt(parts, delivery, { at, signal });
  // A stopping server gives the job back: the attempt is made elsewhere.
  signal.throwIfAborted();
  const attempted = {
    number: delivery.attempts + 1,
    at,
    durationMs: Math.round(performance.now() - started),
    status: 'status' in posted ? posted.status : null,
    error: 'error' in posted ? posted.error : null,
    answer: 'status' in posted ? posted.answer : null,
  };
  const delivered = attempted.status !== null && attempted.status >= 200 && attempted.status < 300;
  await parts.database.transact((transaction) =>
    record(parts, transaction, { delivery, attempted: { ...attempted, delivered }, once }),
  );
  return { ...attempted, delivered };
}

async function attempt(
  { settings, secrets }: Parts,
  delivery: WaitingDelivery,
  { at, signal }: { at: Date; signal: AbortSignal },
): Promise<Posted> {
  const body = cloudEvent({ ...delivery, id: delivery.event_id }, settings.publicUrl);
  const timestamp = Math.floor(at.getTime() / 1000);
  const message = { id: delivery.event_id, timestamp, body };
  const headers = {
    'content-type': CONTENT_TYPE,
    'user-agent': 'crossdock-webhooks',
    'webhook-id': message.id,
    'webhook-timestamp': String(timestamp),
    'webhook-signature': signatureOf(message, secretsOf(delivery, { secrets, at })),
  };
  return post({ url: new URL(delivery.url), headers, body, networks: settings.webhookNetworks, signal });
}

/** The secret, and while it is being rotated the one before too. */
function secretsOf(
  delivery: WaitingDelivery,
  { secrets, at }: { secrets: Parts['secrets']; at: Date },
): string[] {
  if (secrets === null) throw new MeshError('secret.no-key');
  const { secret, former_secret, former_until, webhook_id } = delivery;
  const former = former_until !== null && former_until > at ? former_secret : null;
  return [secret, former].filter((one) => one !== null).map((one) => secrets.open(one, webhook_id));
}

interface Record {
  delivery: WaitingDelivery;
  attempted: Attempted;
  /** Whether there is no other attempt, whatever came of this one. */
  once: boolean;
}

async function record(
  parts: Parts,
  transaction: Transaction,
  { delivery, attempted, once }: Record,
): Promise<void> {
  if (!(await lockDelivery(transaction, delivery))) return;
  const { delivered, status, at } = attempted;
  const gone = status === GONE;
  const nextAt = delivered || gone || once ? null : nextAttempt(attempted.number, at);
  const state = delivered ? 'delivered' : nextAt === null ? 'failed' : 'waiting';
  const { delivered: _delivered, ...columns } = attempted;
  const after = { state, nextAt, finishedAt: nextAt === null ? at : null } as const;
  await recordAttempt(transaction, { ...columns, deliveryId: delivery.id }, after);
  if (delivered) return markSucceeded(transaction, delivery.webhook_id, at);
  if (nextAt !== null) {
    const { id: deliveryId, webhook_id: group } = delivery;
    const job = { kind: 'send-webhook', data: { deliveryId }, group, startAfter: nextAt } as const;
    return parts.queue.enqueue(transaction, job);
  }
  if (gone) return disable(parts, transaction, { delivery, at, reason: 'it answered 410 Gone' });
  const silent = delivery.succeeded_at === null || delivery.succeeded_at < delivery.created_at;
  if (silent && !once) {
    const reason = `it took nothing in ${attempted.number} attempts`;
    await disable(parts, transaction, { delivery, at, reason });
  }
}

/** Nothing more is sent; the people of the domain learn of it in their inboxes. */
async function disable(
  parts: Parts,
  transaction: Transaction,
  { delivery, at, reason }: { delivery: WaitingDelivery; at: Date; reason: string },
): Promise<void> {
  const { webhook_id: id, own_domain: domain, domain_id: domainId, url } = delivery;
  if (!(await markDisabled(transaction, { id, at, reason }))) return;
  await announce(parts, transaction, {
    type: 'webhook.disabled',
    subject: domain,
    at,
    domainId,
    productId: null,
    audience: 'producer',
    title: `the endpoint of ${domain} at ${new URL(url).host} is disabled: ${reason}`,
    data: { domain, webhook: id, reason },
  });
}
