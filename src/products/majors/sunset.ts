import { z } from 'zod';
import { MeshError } from '../../base/errors.ts';

const DAY_MS = 86_400_000;
/** How long consumers have to move when nobody says otherwise: a quarter. */
const NOTICE_DAYS = 90;

export const SUNSET = z.iso
  .date()
  .optional()
  .describe('last day on which the version before is served; without it 90 days from now');

/**
 * The first moment at which a version is served no more: a last day counts to its end, in UTC.
 * @throws MeshError `input.invalid` for a day that is over
 */
export function readSunset(lastDay: string | undefined, now: Date): Date | null {
  if (lastDay === undefined) return null;
  const end = new Date(Date.parse(`${lastDay}T00:00:00Z`) + DAY_MS);
  if (end > now) return end;
  const message = `${lastDay} is over: consumers need time to move, give a day to come`;
  throw new MeshError('input.invalid', { problems: [{ message, pointer: '/sunset' }] });
}

/** The last day on which something with this sunset is served. */
export function lastDayOf(sunsetAt: Date): string {
  return new Date(sunsetAt.getTime() - 1).toISOString().slice(0, 10);
}

export function defaultSunset(now: Date): Date {
  const midnight = Math.floor(now.getTime() / DAY_MS) * DAY_MS;
  return new Date(midnight + (NOTICE_DAYS + 1) * DAY_MS);
}
