import type { SubscriptionState } from '../store/schema.ts';

/**
 * How a domain, or the best of a caller's domains, stands to a product; `forbidden`: it is granted, and a policy forbids
 * reading it now, as canaries found.
 */
export const STANDINGS = ['own', 'active', 'forbidden', 'requested', 'expired', 'none'] as const;
export type Standing = (typeof STANDINGS)[number];

interface Holding {
  product_id: string;
  domain_id: string;
  state: SubscriptionState;
  until: Date | null;
  forbidden: boolean;
}

/** How one domain stands to a product. A grant whose time is over counts as expired before any job says so. */
export function standingOf(
  product: { id: string; domain_id: string },
  domainId: string,
  { holdings, now }: { holdings: Holding[]; now: Date },
): Standing {
  if (product.domain_id === domainId) return 'own';
  const standings = holdings
    .filter((holding) => holding.product_id === product.id && holding.domain_id === domainId)
    .map((holding) => standingOfHolding(holding, now));
  return bestStanding(standings);
}

export function bestStanding(standings: Standing[]): Standing {
  return STANDINGS.find((standing) => standings.includes(standing)) ?? 'none';
}

function standingOfHolding({ state, until, forbidden }: Holding, now: Date): Standing {
  if (state === 'active' && (until === null || until > now)) return forbidden ? 'forbidden' : 'active';
  if (state === 'active') return 'expired';
  return state === 'requested' || state === 'expired' ? state : 'none';
}
