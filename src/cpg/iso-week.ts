import { type Day, dayOf, onOrBefore, yearOf } from './calendar-day.ts';

const MONDAY = 1;
const THURSDAY_OFFSET = 3;

export interface IsoWeek {
  /** The year that holds the week's Thursday; near New Year not the calendar's year. */
  year: number;
  /** 1 to 53. */
  week: number;
}

/** The week of a day (ISO 8601: weeks run Monday to Sunday, week 1 holds the year's first Thursday). */
export function isoWeekOf(day: Day): IsoWeek {
  const monday = onOrBefore(day, MONDAY);
  const year = yearOf(monday + THURSDAY_OFFSET);
  return { year, week: (monday - firstMonday(year)) / 7 + 1 };
}

/** The Monday on which a week starts. */
export function isoWeekStart({ year, week }: IsoWeek): Day {
  return firstMonday(year) + (week - 1) * 7;
}

/** 52 or 53. */
export function isoWeeksInYear(year: number): number {
  return (firstMonday(year + 1) - firstMonday(year)) / 7;
}

/** `2026-W05`. */
export function formatIsoWeek({ year, week }: IsoWeek): string {
  return `${year}-W${String(week).padStart(2, '0')}`;
}

function firstMonday(year: number): Day {
  // 4 January is always in week 1.
  return onOrBefore(dayOf(year, 1, 4), MONDAY);
}
