import { LIMITS } from '../../base/limits.ts';

/** What is known of the failed sign-ins of one subject. */
export interface Failures {
  failures: number;
  since: Date;
  lockedUntil: Date | null;
}

export type Judgement = { allowed: true; next: Failures } | { allowed: false; until: Date; next: Failures };

/**
 * Whether one more sign-in may be tried. It counts as failed from the start, so that many at once are no
 * way around the limit; a success takes it back.
 */
export function judgeAttempt(known: Failures | null, limit: number, now: Date): Judgement {
  if (known?.lockedUntil != null && known.lockedUntil > now)
    return { allowed: false, until: known.lockedUntil, next: known };
  const isOver = known === null || now.getTime() - known.since.getTime() >= LIMITS.signInWindowMs;
  const lockWasOver = known?.lockedUntil != null;
  const before = isOver || lockWasOver ? { failures: 0, since: now } : known;
  if (before.failures < limit) {
    const next = { failures: before.failures + 1, since: before.since, lockedUntil: null };
    return { allowed: true, next };
  }
  const until = new Date(now.getTime() + LIMITS.signInWindowMs);
  return { allowed: false, until, next: { ...before, lockedUntil: until } };
}
