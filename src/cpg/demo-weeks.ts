import { type Day, formatDay, onOrBefore } from './calendar-day.ts';
import type { Season } from './demo-items.ts';
import { NRF, type RetailWeek, retailWeekOf } from './retail-calendar.ts';

/** A year: enough for every season and for a comparison of months. */
export const WEEK_COUNT = 52;
const SATURDAY = 6;

export interface DemoWeek extends RetailWeek {
  index: number;
  /** `2026-02`, of the week's first day; the partition folders are named by it. */
  month: string;
}

/** The last complete retail weeks before `today`, oldest first. */
export function demoWeeks(today: Day): DemoWeek[] {
  const lastDay = onOrBefore(today - 1, SATURDAY);
  return Array.from({ length: WEEK_COUNT }, (_, index) => {
    const week = retailWeekOf(NRF, lastDay - (WEEK_COUNT - 1 - index) * 7);
    return { ...week, index, month: formatDay(week.start).slice(0, 7) };
  });
}

/** Demand of a season in a fiscal week (week 1 begins about 1 February, 45 holds Christmas), mean about 1. */
export function seasonality(season: Season, fiscalWeek: number): number {
  switch (season) {
    case 'summer':
      // Highest at the end of July, week 26.
      return 1 + 0.35 * Math.cos(((fiscalWeek - 26) / 52) * 2 * Math.PI);
    case 'winter':
      // Highest in the middle of January, week 50.
      return 1 + 0.22 * Math.cos(((fiscalWeek - 50) / 52) * 2 * Math.PI);
    case 'festive':
      return 0.9 + bump(fiscalWeek, 46, 1.3) + bump(fiscalWeek, 9, 0.6);
    default:
      return 1;
  }
}

/** A rise of `height` around one week, gone after four. */
function bump(week: number, top: number, height: number): number {
  return height * Math.max(0, 1 - Math.abs(week - top) / 4);
}
