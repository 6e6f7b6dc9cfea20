/**
 * A day as the number of days since 1970-01-01: calendars are arithmetic on whole days, and no time zone can
 * shift one. Proleptic Gregorian, as SQL's DATE.
 */
export type Day = number;

/** 0 Sunday … 6 Saturday. */
export type Weekday = 0 | 1 | 2 | 3 | 4 | 5 | 6;

const DAY_MS = 86_400_000;

/** Month 1 to 12. Days beyond the month's end run on into the next: `dayOf(2026, 3, 0)` is 28 February. */
export function dayOf(year: number, month: number, dayOfMonth: number): Day {
  return Date.UTC(year, month - 1, dayOfMonth) / DAY_MS;
}

/** `2026-02-01` as a day; null when the text is not a day that exists. */
export function parseDay(text: string): Day | null {
  const parts = /^(\d{4})-(\d{2})-(\d{2})$/.exec(text);
  if (!parts) return null;
  const day = dayOf(Number(parts[1]), Number(parts[2]), Number(parts[3]));
  return formatDay(day) === text ? day : null;
}

/** ISO 8601 calendar date. */
export function formatDay(day: Day): string {
  return new Date(day * DAY_MS).toISOString().slice(0, 10);
}

export function yearOf(day: Day): number {
  return new Date(day * DAY_MS).getUTCFullYear();
}

/** 1 to 12. */
export function monthOf(day: Day): number {
  return new Date(day * DAY_MS).getUTCMonth() + 1;
}

export function weekdayOf(day: Day): Weekday {
  // 1970-01-01 was a Thursday.
  return ((((day + 4) % 7) + 7) % 7) as Weekday;
}

/** The last `weekday` on or before the day. */
export function onOrBefore(day: Day, weekday: Weekday): Day {
  return day - ((weekdayOf(day) - weekday + 7) % 7);
}

/** The `weekday` nearest to the day, at most three days off. */
export function nearest(day: Day, weekday: Weekday): Day {
  return onOrBefore(day + 3, weekday);
}
