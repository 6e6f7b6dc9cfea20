import { isoTime } from '../base/clock.ts';
import { refreshSearchDocuments } from '../catalog/store.ts';
import type { Parts } from '../identity/context.ts';
import { listSunset, markSunsetDone, type SunsetProduct } from '../products/majors/store.ts';
import { addressOf } from '../products/product-name.ts';
import { lockProduct } from '../products/store.ts';
import { insertChange } from '../store/changes.ts';
import { announce } from '../store/outbox.ts';
import type { Transaction } from '../store/database.ts';
import { listSubscriptions, markEnded } from './store.ts';

/** More than one product has; the next minute's job ends the rest. */
const MOST_SUBSCRIPTIONS = 10_000;

/**
 * Retires what has come to its sunset, with the subscriptions to it. It is refused from the moment itself on, by
 * the access plan; this makes the state say so. Idempotent.
 */
export async function sunsetProducts(parts: Parts): Promise<number> {
  const due = await listSunset(parts.database.reader, parts.clock.now());
  for (const product of due) {
    await parts.database.transact((transaction) => sunsetOne(parts, transaction, product));
  }
  return due.length;
}

async function sunsetOne(parts: Parts, transaction: Transaction, product: SunsetProduct): Promise<void> {
  const at = parts.clock.now();
  const locked = await lockProduct(transaction, product.id);
  // Postponed or retired in the meantime.
  if (locked.status === 'retired' || locked.sunset_at === null || locked.sunset_at > at) return;
  const version = addressOf(product);
  await markSunsetDone(transaction, { id: product.id, at });
  await record(transaction, {
    action: 'product.sunset',
    object: product.id,
    domainId: product.domain_id,
    at,
    facts: { product: version, version: locked.version, sunset: isoTime(locked.sunset_at) },
  });
  const held = await listSubscriptions(transaction, {
    productId: product.id,
    states: ['active', 'requested'],
    limit: MOST_SUBSCRIPTIONS,
  });
  await announce(parts, transaction, {
    ...{ type: 'product.version.sunset', subject: version, at, productId: product.id },
    // Their subscriptions have ended just now: they are named.
    audience: [...new Set([product.domain_id, ...held.map(({ domain_id }) => domain_id)])],
    domainId: product.domain_id,
    title: `${version} is served no more`,
    data: { product: version, version: locked.version, sunset: isoTime(locked.sunset_at) },
  });
  for (const { id, state, consumer, purpose } of held) {
    const to = state === 'active' ? ('expired' as const) : ('rejected' as const);
    const reason = `${version} ended`;
    await markEnded(transaction, { id, from: state, to, reason, by: 'crossdock', at });
    const facts = { product: version, consumer, purpose, reason };
    await record(transaction, {
      action: to === 'expired' ? 'subscription.expire' : 'subscription.reject',
      object: id,
      domainId: product.domain_id,
      at,
      facts,
    });
  }
  await refreshSearchDocuments(transaction, { domainIds: [], productIds: [product.id] });
}

interface Recorded {
  action: string;
  object: string;
  domainId: string;
  at: Date;
  facts: Record<string, unknown>;
}

function record(transaction: Transaction, recorded: Recorded): Promise<void> {
  return insertChange(transaction, {
    ...recorded,
    actor: 'crossdock',
    door: 'job',
    requestId: '',
    allowed: true,
    reasons: ['its sunset has come'],
  });
}
