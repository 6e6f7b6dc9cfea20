import type { DeclaredGrant } from './declaration.ts';

/** The grant that approves a request beforehand: same domain, same purpose, and not over. */
export function findGrant(
  grants: readonly DeclaredGrant[],
  request: { domain: string; purpose: string },
  now: Date,
): DeclaredGrant | null {
  const fitting = grants.find(
    ({ domain, purpose }) => domain === request.domain && purpose === request.purpose,
  );
  if (fitting === undefined || (fitting.until !== null && endOf(fitting.until) <= now)) return null;
  return fitting;
}

/** The first moment that no longer counts: a last day counts to its end, in UTC. */
export function endOf(lastDay: string): Date {
  return new Date(Date.parse(`${lastDay}T00:00:00Z`) + 86_400_000);
}
