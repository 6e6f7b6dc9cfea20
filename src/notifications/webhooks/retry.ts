import { randomInt } from 'node:crypto';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

/** Wait before each attempt, as Standard Webhooks 1.0.0 recommends: more than three days in all. */
export const RETRY_DELAYS_MS = [
  0,
  5 * SECOND,
  5 * MINUTE,
  30 * MINUTE,
  2 * HOUR,
  5 * HOUR,
  10 * HOUR,
  14 * HOUR,
  20 * HOUR,
  24 * HOUR,
] as const;

/** Endpoints that failed together are not asked together again: up to this share of the wait more. */
export const JITTER = 0.1;

/** When the next attempt is due after this many; null when there is none. */
export function nextAttempt(attempts: number, now: Date): Date | null {
  const delay = RETRY_DELAYS_MS[attempts];
  if (delay === undefined) return null;
  return new Date(now.getTime() + delay + randomInt(0, Math.floor(delay * JITTER) + 1));
}
