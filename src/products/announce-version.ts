import { isoTime } from '../base/clock.ts';
import type { Context } from '../identity/context.ts';
import type { Transaction } from '../store/database.ts';
import { announce, type EventType } from '../store/outbox.ts';
import { lastDayOf } from './majors/sunset.ts';
import { addressOf } from './product-name.ts';
import type { NamedProduct } from './store.ts';

type VersionEvent = Extract<EventType, `product.version.${string}`>;

const WORDS: Record<VersionEvent, string> = {
  'product.version.published': 'is offered',
  'product.version.deprecated': 'will end: nobody new gets in',
  'product.version.sunset': 'has ended',
};

/** Tells producer and subscribers what became of a product's version. */
export async function announceVersion(
  context: Context,
  transaction: Transaction,
  news: {
    type: VersionEvent;
    product: NamedProduct;
    /** When it stops being served. */
    sunsetAt?: Date | null;
  },
): Promise<void> {
  const { type, product, sunsetAt = null } = news;
  const until = sunsetAt === null ? '' : `, served until ${lastDayOf(sunsetAt)}`;
  // What is published takes the name, if it has not yet.
  const name =
    type === 'product.version.published' ? `${product.domain}.${product.name}` : addressOf(product);
  await announce(context, transaction, {
    type,
    subject: name,
    at: context.clock.now(),
    domainId: product.domain_id,
    productId: product.id,
    audience: 'both',
    title: `${name} ${product.version} ${WORDS[type]}${until}`,
    data: { product: name, version: product.version, sunset: sunsetAt === null ? null : isoTime(sunsetAt) },
    actor: context.caller.id,
  });
}
