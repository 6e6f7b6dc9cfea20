import { type Day, type Weekday, dayOf, nearest, onOrBefore, yearOf } from './calendar-day.ts';

/**
 * A 52/53-week calendar: quarters of thirteen whole weeks, so that a week has the same number of Saturdays as
 * the week it is compared with a year before. A 53rd week goes to the last period.
 */
export interface RetailCalendar {
  /** Weeks of the three periods of each quarter. */
  pattern: readonly [number, number, number];
  /** The weekday on which the year, and with it every week, ends. */
  endsOn: Weekday;
  /** The month near whose end the year ends, 1 to 12. */
  endMonth: number;
  /** Which such weekday: the last one in the month, or the one nearest to the month's last day. */
  ending: 'last' | 'nearest';
  /** Which calendar year names the fiscal year: that of its first or of its last day (roughly). */
  namedBy: 'start' | 'end';
}

/** National Retail Federation: Sunday to Saturday, ends nearest 31 January, FY2026 begins in February 2026. */
export const NRF: RetailCalendar = {
  pattern: [4, 5, 4],
  endsOn: 6,
  endMonth: 1,
  ending: 'nearest',
  namedBy: 'start',
};

export interface RetailPeriod {
  /** 1 to 12. */
  period: number;
  weeks: number;
  start: Day;
  end: Day;
}

export interface RetailYear {
  fiscalYear: number;
  start: Day;
  end: Day;
  weeks: number;
  periods: RetailPeriod[];
}

/** A fiscal year with its twelve periods. */
export function retailYear(calendar: RetailCalendar, fiscalYear: number): RetailYear {
  const start = yearEnd(calendar, fiscalYear - 1) + 1;
  const end = yearEnd(calendar, fiscalYear);
  const weeks = (end - start + 1) / 7;
  const periods: RetailPeriod[] = [];
  let next = start;
  for (let period = 1; period <= 12; period++) {
    const length = (calendar.pattern[(period - 1) % 3] as number) + (period === 12 ? weeks - 52 : 0);
    periods.push({ period, weeks: length, start: next, end: next + length * 7 - 1 });
    next += length * 7;
  }
  return { fiscalYear, start, end, weeks, periods };
}

export interface RetailWeek {
  fiscalYear: number;
  /** 1 to 4. */
  quarter: number;
  /** 1 to 12. */
  period: number;
  /** 1 to 53. */
  week: number;
  weekOfPeriod: number;
  start: Day;
  end: Day;
}

/** The fiscal week that holds a day. */
export function retailWeekOf(calendar: RetailCalendar, day: Day): RetailWeek {
  const year = retailYear(calendar, fiscalYearOf(calendar, day));
  const period = year.periods.findLast(({ start }) => start <= day) as RetailPeriod;
  const start = onOrBefore(day, ((calendar.endsOn + 1) % 7) as Weekday);
  return {
    fiscalYear: year.fiscalYear,
    quarter: Math.ceil(period.period / 3),
    period: period.period,
    week: (start - year.start) / 7 + 1,
    weekOfPeriod: (start - period.start) / 7 + 1,
    start,
    end: start + 6,
  };
}

/**
 * The week a year before that sales are compared with: the same days of the season, 364 days back. After a
 * 53-week year this restates the year before by one week, as the NRF does.
 */
export function comparableWeek(calendar: RetailCalendar, day: Day): RetailWeek {
  return retailWeekOf(calendar, day - 364);
}

function fiscalYearOf(calendar: RetailCalendar, day: Day): number {
  // Named by its start, a year that ends near 31 December may end in January, two years after its name.
  let candidate = yearOf(day) - 2;
  while (day > yearEnd(calendar, candidate)) candidate++;
  return candidate;
}

/** The last day of a fiscal year. */
function yearEnd(calendar: RetailCalendar, fiscalYear: number): Day {
  const year = fiscalYear + (calendar.namedBy === 'start' ? 1 : 0);
  const monthEnd = dayOf(year, calendar.endMonth + 1, 0);
  return calendar.ending === 'last'
    ? onOrBefore(monthEnd, calendar.endsOn)
    : nearest(monthEnd, calendar.endsOn);
}
