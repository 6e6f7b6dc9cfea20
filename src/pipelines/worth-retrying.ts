import type { MeshError } from '../base/errors.ts';

/**
 * Failures that may be gone by themselves a while later. Failed checks, wrong SQL and missing rights are not
 * among them: those stay until somebody does something.
 */
const PASSING: readonly MeshError['code'][] = [
  'internal',
  'server.busy',
  'lake.commit-lost',
  'lake.release-stale',
  'query.queue-full',
  'query.timeout',
  'query.killed',
  'source.changed',
  'source.empty',
  'source.missing',
  'pipeline.bookmark-moved',
];

const FIRST_DELAY_MS = 30_000;
const LONGEST_DELAY_MS = 30 * 60_000;

/** How long to wait before a run is tried again, twice as long each time; null when it is not. */
export function retryDelayMs(
  { code }: Pick<MeshError, 'code'>,
  { attempt, retries }: { attempt: number; retries: number },
): number | null {
  if (attempt > retries || !PASSING.includes(code)) return null;
  return Math.min(FIRST_DELAY_MS * 2 ** (attempt - 1), LONGEST_DELAY_MS);
}
