import { principalOf } from '../../audit/decisions.ts';
import { isMeshError } from '../../base/errors.ts';
import type { AccessPlan } from '../../policy/access-plan.ts';
import { mayDiscover, planDataset, type Reading, subscriptionsOf } from '../plan-access.ts';
import type { AccessFacts } from '../store.ts';
import type { Candidate } from './store.ts';

/** Who reads, as far as decisions and plans ask: somebody, or a domain as its pipelines read. */
export type ReadingCandidate = Pick<Candidate, 'id' | 'kind' | 'administrator' | 'attributes' | 'domains'> &
  Partial<Pick<Candidate, 'groups' | 'claims'>>;

/**
 * Every plan under which somebody reads the dataset at that moment: as a member of its domain, or by a grant.
 * What is served no more, or what they may not discover, no door gives them.
 */
export function plansOf(facts: AccessFacts, candidate: ReadingCandidate, now: Date): AccessPlan[] {
  const principal = principalOf(candidate);
  const member = candidate.domains.some(({ id }) => id === facts.domainId);
  const readings: Reading[] = member
    ? [{ principal, domainIds: [facts.domainId], now }]
    : subscriptionsOf(facts, { principal }).map(({ id }) => ({ principal, domainIds: [], purpose: id, now }));
  if (readings.length === 0 || facts.status === 'retired') return [];
  if (!mayDiscover(facts, { principal, domainIds: [], now })) return [];
  return readings.flatMap((reading) => planOrNone(facts, reading));
}

function planOrNone(facts: AccessFacts, reading: Reading): AccessPlan[] {
  try {
    return [planDataset(facts, reading).plan];
  } catch (error) {
    if (isMeshError(error) && error.status < 500) return [];
    throw error;
  }
}
