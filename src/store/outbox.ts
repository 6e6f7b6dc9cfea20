import { newId } from '../base/ids.ts';
import { json, type Transaction } from './database.ts';
import type { Queue } from './queue.ts';

/** What may happen in the mesh that people and other programs are told about. */
export const EVENT_TYPES = [
  'dataset.released',
  'dataset.erased',
  'run.failed',
  'run.blocked',
  'incident.opened',
  'incident.closed',
  'product.version.published',
  'product.version.deprecated',
  'product.version.sunset',
  'product.elevated',
  'product.elevation-ended',
  'subscription.requested',
  'subscription.privacy-requested',
  'subscription.approved',
  'subscription.renewed',
  'subscription.rejected',
  'subscription.revoked',
  'subscription.expiring',
  'subscription.expired',
  'domain.rules-changed',
  'mesh.rules-changed',
  'webhook.disabled',
] as const;

export type EventType = (typeof EVENT_TYPES)[number];

/**
 * Who is told: the people of the producer's domain, of the domains with an active subscription, or those
 * named by id: principals (`usr_…`, `svc_…`) and whole domains (`dom_…`). Who that is, by role and by what
 * they may still discover, is decided when the event is delivered.
 */
export type Audience = 'producer' | 'consumers' | 'both' | readonly string[];

/** Something that happened. It leaves the mesh as it is: public facts, never values of rows. */
export interface MeshEvent {
  type: EventType;
  /** What it is about, e.g. `sales.sell-out.sell_out`. */
  subject: string;
  at: Date;
  /** The producer's domain. */
  domainId: string;
  /** Who may not discover this product when the event is delivered is not told. */
  productId: string | null;
  audience: Audience;
  /** One public sentence without a full stop. */
  title: string;
  data: Record<string, unknown>;
  /** The principal who did it: nobody needs to be told what they did themselves. */
  actor?: string;
  /** A second event with this key is not announced. */
  once?: string;
}

/** Transactions that have a job already: one delivers all their events. */
const queued = new WeakSet<Transaction>();

/**
 * Announces an event in the transaction of the change it tells of: told exactly if the change happened.
 * The job `deliver-events` then finds out whom to tell.
 */
export async function announce(
  { queue }: { queue: Queue },
  transaction: Transaction,
  event: MeshEvent,
): Promise<void> {
  const inserted = await transaction
    .insertInto('mesh_events')
    .values({
      id: newId('evt'),
      type: event.type,
      subject: event.subject,
      at: event.at,
      domain_id: event.domainId,
      product_id: event.productId,
      audience: json(event.audience),
      actor: event.actor ?? null,
      title: event.title,
      data: json(event.data),
      once: event.once ?? null,
    })
    .onConflict((conflict) => conflict.column('once').doNothing())
    .returning('id')
    .executeTakeFirst();
  if (inserted === undefined || queued.has(transaction)) return;
  await queue.enqueue(transaction, { kind: 'deliver-events', data: {} });
  queued.add(transaction);
}
