import { isoTime } from '../base/clock.ts';
import type { DecisionContext, DomainTags, Principal, ProductTraits } from '../policy/action.ts';
import { decide, isForbidden } from '../policy/decide.ts';
import type { PreparedPolicies } from '../policy/policies.ts';
import type { Publication } from './publication.ts';

interface Asking {
  principal: Principal;
  domain: string;
  product: string;
  traits: ProductTraits;
  domainTags: DomainTags;
  origin: DecisionContext['origin'];
  policies: PreparedPolicies;
  now: Date;
}

/**
 * What the policies forbid about a publication, by their names. Whether the caller may publish at all is asked
 * elsewhere, without its facts: a policy that speaks of them begins with `context has publication`.
 */
export function forbiddenBy(asking: Asking): (publication: Publication) => string[] {
  const { principal, domain, product, traits, domainTags, origin, policies, now } = asking;
  return (publication) => {
    const decision = decide({
      action: 'product.publish',
      principal,
      resource: { type: 'Product', domain, product, ...traits },
      context: { now: isoTime(now), ...(origin && { origin }), publication: { ...publication } },
      domainTags,
      policies,
    });
    return isForbidden(decision) ? decision.reasons : [];
  };
}
