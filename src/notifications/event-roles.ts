import type { EventType } from '../store/outbox.ts';
import type { Role } from '../store/schema.ts';

/** Whose work an event is, on the producer's side and on the consumers'. */
interface Told {
  producer: readonly Role[];
  consumers: readonly Role[];
}

const ALL: readonly Role[] = ['owner', 'steward', 'engineer', 'analyst'];
const KEEPERS: readonly Role[] = ['owner', 'steward', 'engineer'];
const DECIDERS: readonly Role[] = ['owner', 'steward'];
const NOBODY: readonly Role[] = [];

/** A release is no news to those whose pipeline made it; a failed run is none to those who never saw it. */
const TOLD: Record<EventType, Told> = {
  'dataset.released': { producer: NOBODY, consumers: ALL },
  'dataset.erased': { producer: KEEPERS, consumers: ALL },
  'run.failed': { producer: KEEPERS, consumers: NOBODY },
  'run.blocked': { producer: KEEPERS, consumers: NOBODY },
  'incident.opened': { producer: KEEPERS, consumers: ALL },
  'incident.closed': { producer: KEEPERS, consumers: ALL },
  'product.version.published': { producer: KEEPERS, consumers: ALL },
  'product.version.deprecated': { producer: KEEPERS, consumers: ALL },
  'product.version.sunset': { producer: KEEPERS, consumers: ALL },
  'product.elevated': { producer: DECIDERS, consumers: NOBODY },
  'product.elevation-ended': { producer: DECIDERS, consumers: NOBODY },
  'subscription.requested': { producer: DECIDERS, consumers: NOBODY },
  'subscription.privacy-requested': { producer: NOBODY, consumers: NOBODY },
  'subscription.approved': { producer: NOBODY, consumers: ALL },
  'subscription.renewed': { producer: NOBODY, consumers: KEEPERS },
  'subscription.rejected': { producer: NOBODY, consumers: DECIDERS },
  'subscription.revoked': { producer: DECIDERS, consumers: ALL },
  'subscription.expiring': { producer: DECIDERS, consumers: KEEPERS },
  'subscription.expired': { producer: DECIDERS, consumers: ALL },
  'domain.rules-changed': { producer: DECIDERS, consumers: NOBODY },
  'mesh.rules-changed': { producer: DECIDERS, consumers: NOBODY },
  'webhook.disabled': { producer: KEEPERS, consumers: NOBODY },
};

/** The roles in a domain that an event is for. */
export function rolesTold(type: EventType, side: keyof Told): readonly Role[] {
  return TOLD[type][side];
}
