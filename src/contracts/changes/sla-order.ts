import type { Duration } from '../duration.ts';
import { compareDecimals } from '../exact-number.ts';
import type { ServiceLevel } from '../odcs-terms.ts';
import { measurableLevel, type ServiceLevelProperty, type ServiceLevelValue } from '../sla-properties.ts';
import { same } from './change.ts';

/** Whether more of a service level is better for consumers (ODCS "Valid Values for SLA Properties"). */
const MORE_IS_BETTER: Record<ServiceLevelProperty, boolean> = {
  availability: true,
  retention: true,
  completeness: true,
  endOfSupport: true,
  endOfLife: true,
  errorRate: false,
  latency: false,
  freshness: false,
  frequency: false,
  generalAvailability: false,
  timeToDetect: false,
  timeToNotify: false,
  timeToRepair: false,
};

export type ServiceOrder = 'same' | 'strengthened' | 'weakened' | 'unclear';

/** Whether a service level promises more or less than before. */
export function relateServiceLevels(before: ServiceLevel, after: ServiceLevel): ServiceOrder {
  const written = ({ value, valueExt, unit }: ServiceLevel) => ({ value, valueExt, unit });
  if (same(written(before), written(after))) return 'same';
  const [was, is] = [measurableLevel(before), measurableLevel(after)];
  if (!was || !is || was.property !== is.property) return 'unclear';
  const order = compareValues(was.value, is.value);
  if (order === null) return 'unclear';
  if (order === 0) return 'same';
  return order > 0 === MORE_IS_BETTER[is.property] ? 'strengthened' : 'weakened';
}

/** Positive when the new value is the greater one; null when that depends on the calendar. */
function compareValues(was: ServiceLevelValue, is: ServiceLevelValue): number | null {
  if (was.kind === 'percent' && is.kind === 'percent') return compareDecimals(is.percent, was.percent);
  if (was.kind === 'moment' && is.kind === 'moment') return is.at.getTime() - was.at.getTime();
  if (was.kind !== 'duration' || is.kind !== 'duration') return null;
  if (same(was.duration, is.duration)) return 0;
  const [old, now] = [lengthOf(was.duration), lengthOf(is.duration)];
  if (now.shortest > old.longest) return 1;
  return now.longest < old.shortest ? -1 : null;
}

const DAY_MS = 86_400_000;

/** A month has 28 to 31 days, a year 365 or 366. */
function lengthOf({ months, ms }: Duration): { shortest: number; longest: number } {
  const [years, rest] = [Math.floor(months / 12), months % 12];
  return {
    shortest: ms + (years * 365 + rest * 28) * DAY_MS,
    longest: ms + (years * 366 + rest * 31) * DAY_MS,
  };
}
