import type { Me } from './api-types.ts';
import type { Delegation, Subscription } from './subscription-types.ts';

/** Delegations under which I may decide now, myself or by one of my domains; that given first is the one that counts. */
export function heldBy(me: Me, delegations: Delegation[]): Delegation[] {
  const domains = new Set(me.domains.map(({ name }) => name));
  const own = new Set(
    me.domains.filter(({ role }) => role === 'owner' || role === 'steward').map(({ name }) => name),
  );
  return delegations
    .filter(({ state, to, product }) => {
      const isMine = to.kind === 'domain' ? domains.has(to.name ?? '') : to.id === me.principal.id;
      // The producer's own deciders have no ceiling.
      return state === 'active' && isMine && !own.has(product.split('.')[0] ?? '');
    })
    .toSorted((a, b) => a.delegatedAt.localeCompare(b.delegatedAt) || a.id.localeCompare(b.id));
}

/** The one that bounds what I give of this request; only the producer's step is delegated. */
export function ceilingFor(request: Subscription, held: Delegation[]): Delegation | undefined {
  if (request.waitsFor !== 'owner') return undefined;
  const { domain, name, major } = request.product;
  return held.find((one) => one.product === `${domain}.${name}` && one.major === major);
}
