import { CronExpressionParser } from 'cron-parser';

/** Moments by a cron expression of five fields, as a time zone's clocks show them. */
export interface CronSchedule {
  expression: string;
  /** IANA name. */
  zone: string;
}

/** Minute, hour, day of month, month, day of week (crontab(5)); names of months and days are allowed. */
const FIELD = /^[A-Za-z0-9*,/-]+$/;

/** The schedule, or what is wrong with it. */
export function readCron(text: string, zone: string): CronSchedule | string {
  const fields = text.trim().split(/\s+/);
  if (fields.length !== 5 || !fields.every((field) => FIELD.test(field)) || /[LWH?#]/.test(plain(text)))
    return 'a schedule has five fields: minute, hour, day of month, month, day of week, such as "0 6 * * 1"';
  const known = canonicalZone(zone);
  if (known === null) return `there is no time zone ${zone}: write an IANA name such as Europe/Madrid`;
  const schedule = { expression: fields.join(' '), zone: known };
  try {
    nextTick(schedule, new Date('2026-01-01T00:00:00Z'));
    return schedule;
  } catch (error) {
    return `the schedule has no moments: ${error instanceof Error ? error.message : String(error)}`;
  }
}

/** Without the names of days and months, whose letters some dialects of cron give a meaning of their own. */
function plain(text: string): string {
  return text.toUpperCase().replaceAll(/[A-Z]{3}/g, '');
}

function canonicalZone(zone: string): string | null {
  try {
    const { timeZone } = new Intl.DateTimeFormat('en', { timeZone: zone }).resolvedOptions();
    // Offsets such as `+02:00` are zones to Intl too, but know no daylight saving.
    return /^[+-]/.test(timeZone) ? null : zone;
  } catch {
    return null;
  }
}

/** The last moment until `now`, itself included. */
export function lastTick({ expression, zone }: CronSchedule, now: Date): Date {
  const after = new Date(now.getTime() + 1);
  return CronExpressionParser.parse(expression, { tz: zone, currentDate: after }).prev().toDate();
}

/**
 * The first moment after `after`. An hour that daylight saving skips: the moment comes as much later. An hour
 * that comes twice: a fixed time comes once, `*` and steps of the hour come in both.
 */
export function nextTick({ expression, zone }: CronSchedule, after: Date): Date {
  return CronExpressionParser.parse(expression, { tz: zone, currentDate: after }).next().toDate();
}
