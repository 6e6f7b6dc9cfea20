import { type Day, dayOf, monthOf, yearOf } from './calendar-day.ts';

/** A fiscal year of whole calendar months. */
export interface FiscalCalendar {
  /** 1 to 12. */
  startMonth: number;
  /** Which calendar year names the fiscal year: that of its first or of its last month. */
  namedBy: 'start' | 'end';
}

export interface FiscalMonth {
  fiscalYear: number;
  /** 1 to 4. */
  quarter: number;
  /** 1 to 12, counted from the start month. */
  period: number;
  start: Day;
  end: Day;
}

/** The fiscal month that holds a day. */
export function fiscalMonthOf(calendar: FiscalCalendar, day: Day): FiscalMonth {
  const year = yearOf(day);
  const month = monthOf(day);
  const startYear = month >= calendar.startMonth ? year : year - 1;
  const period = ((month - calendar.startMonth + 12) % 12) + 1;
  // A year that begins in January begins and ends in the same one.
  const nameLater = calendar.namedBy === 'end' && calendar.startMonth > 1;
  return {
    fiscalYear: startYear + (nameLater ? 1 : 0),
    quarter: Math.ceil(period / 3),
    period,
    start: dayOf(year, month, 1),
    end: dayOf(year, month + 1, 0),
  };
}
