import { z } from 'zod';
import { MeshError } from '../base/errors.ts';

/** A date (through the end of that day, UTC) or a time with zone. */
export const UNTIL = z
  .union([z.iso.date(), z.iso.datetime({ offset: true })])
  .optional()
  .describe('end date (through that day, UTC) or time, ISO 8601');

/** The earlier of two ends, null being none. */
export function earlierEnd(left: Date | null, right: Date | null): Date | null {
  if (left === null || right === null) return left ?? right;
  return left < right ? left : right;
}

/**
 * The moment an end date means: the first moment that no longer counts.
 * @throws MeshError `input.invalid` when it lies in the past
 */
export function readUntil(until: string | undefined, now: Date): Date | null {
  if (until === undefined) return null;
  const end = until.includes('T') ? new Date(until) : new Date(Date.parse(`${until}T00:00:00Z`) + 86_400_000);
  if (end > now) return end;
  throw new MeshError('input.invalid', {
    problems: [{ message: `the end ${until} is in the past`, pointer: '/until' }],
  });
}
