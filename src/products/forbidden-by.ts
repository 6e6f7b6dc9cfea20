import { isoTime } from '../base/clock.ts';
import type { Principal, Tags } from '../policy/action.ts';
import { decide } from '../policy/decide.ts';
import type { PreparedPolicies } from '../policy/policies.ts';
import type { Publication } from './publication.ts';

interface Asking {
  principal: Principal;
  domain: string;
  product: string;
  tags: Tags;
  policies: PreparedPolicies;
  now: Date;
}

/**
 * What the policies forbid about a publication, by their names. Whether the caller may publish at all is asked
 * elsewhere, without its facts: a policy that speaks of them begins with `context has publication`.
 */
export function forbiddenBy(asking: Asking): (publication: Publication) => string[] {
  const { principal, domain, product, tags, policies, now } = asking;
  return (publication) => {
    const decision = decide({
      action: 'product.publish',
      principal,
      resource: { type: 'Product', domain, product, tags },
      context: { now: isoTime(now), publication: { ...publication } },
      policies,
    });
    const isVerdict =
      decision.errors.length > 0 || decision.reasons.some((reason) => reason.startsWith('forbidden'));
    return decision.allowed || !isVerdict ? [] : decision.reasons;
  };
}
