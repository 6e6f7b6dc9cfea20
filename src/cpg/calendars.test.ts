import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Day, dayOf, formatDay, nearest, onOrBefore, parseDay, weekdayOf } from './calendar-day.ts';
import { fiscalMonthOf } from './fiscal-calendar.ts';
import { formatIsoWeek, isoWeekOf, isoWeekStart, isoWeeksInYear } from './iso-week.ts';
import { comparableWeek, NRF, type RetailCalendar, retailWeekOf, retailYear } from './retail-calendar.ts';

const standards = process.env['CROSSDOCK_STANDARDS'] ?? '../shared/standards';
const nrfFile = join(standards, 'gs1-cpg/nrf-454-calendar.json');

const at = (text: string): Day => parseDay(text) as Day;
const anyDay = fc.integer({ min: at('1971-01-01'), max: at('2199-12-31') });

test('days are read strictly and written back', () => {
  expect(parseDay('2026-02-30')).toBeNull();
  expect(parseDay('2026-2-3')).toBeNull();
  fc.assert(
    fc.property(anyDay, (day) => {
      expect(parseDay(formatDay(day))).toBe(day);
    }),
  );
});

test('weekdays: 1970-01-01 was a Thursday, also counted backwards', () => {
  expect(weekdayOf(0)).toBe(4);
  expect(weekdayOf(at('2026-02-01'))).toBe(0);
  expect(weekdayOf(-1)).toBe(3);
  expect(formatDay(onOrBefore(at('2026-02-01'), 6))).toBe('2026-01-31');
  expect(formatDay(nearest(at('2026-01-31'), 3))).toBe('2026-01-28');
  expect(formatDay(nearest(at('2026-01-31'), 2))).toBe('2026-02-03');
});

test('ISO weeks at the turns of years', () => {
  const week = (text: string) => formatIsoWeek(isoWeekOf(at(text)));
  expect(week('2021-01-03')).toBe('2020-W53');
  expect(week('2024-12-30')).toBe('2025-W01');
  expect(week('2026-01-01')).toBe('2026-W01');
  expect(week('2027-01-03')).toBe('2026-W53');
  expect([2020, 2024, 2026].map(isoWeeksInYear)).toEqual([53, 52, 53]);
});

test('every day lies in the ISO week it names', () => {
  fc.assert(
    fc.property(anyDay, (day) => {
      const start = isoWeekStart(isoWeekOf(day));
      expect(day - start).toBeGreaterThanOrEqual(0);
      expect(day - start).toBeLessThan(7);
    }),
  );
});

test('NRF fiscal 2026 runs from 2026-02-01 to 2027-01-30; 2012, 2017 and 2023 have 53 weeks', () => {
  const year = retailYear(NRF, 2026);
  expect([formatDay(year.start), formatDay(year.end), year.weeks]).toEqual(['2026-02-01', '2027-01-30', 52]);
  const long = [];
  for (let fiscal = 2010; fiscal <= 2030; fiscal++)
    if (retailYear(NRF, fiscal).weeks === 53) long.push(fiscal);
  expect(long).toEqual([2012, 2017, 2023, 2028]);
});

test.skipIf(!existsSync(nrfFile))('twenty-one NRF years, period by period', () => {
  const { years } = JSON.parse(readFileSync(nrfFile, 'utf8')) as {
    years: { fiscalYear: number; weeks: number; periods: { month?: string }[] }[];
  };
  expect(years).toHaveLength(21);
  for (const expected of years) {
    const year = retailYear(NRF, expected.fiscalYear);
    const ours = {
      ...year,
      start: formatDay(year.start),
      end: formatDay(year.end),
      periods: year.periods.map((period) => ({
        ...period,
        start: formatDay(period.start),
        end: formatDay(period.end),
      })),
    };
    const periods = expected.periods.map(({ month: _, ...period }) => period);
    expect(ours).toEqual({ ...expected, periods });
  }
});

const anyCalendar: fc.Arbitrary<RetailCalendar> = fc.record({
  pattern: fc.constantFrom([4, 4, 5], [4, 5, 4], [5, 4, 4]) as fc.Arbitrary<RetailCalendar['pattern']>,
  endsOn: fc.constantFrom(0, 1, 2, 3, 4, 5, 6),
  endMonth: fc.integer({ min: 1, max: 12 }),
  ending: fc.constantFrom('last', 'nearest'),
  namedBy: fc.constantFrom('start', 'end'),
});

test('in every 52/53-week calendar the periods cover the year without gaps', () => {
  fc.assert(
    fc.property(anyCalendar, fc.integer({ min: 1990, max: 2090 }), (calendar, fiscalYear) => {
      const year = retailYear(calendar, fiscalYear);
      expect([52, 53]).toContain(year.weeks);
      expect(weekdayOf(year.end)).toBe(calendar.endsOn);
      expect(year.end + 1).toBe(retailYear(calendar, fiscalYear + 1).start);
      let next = year.start;
      for (const period of year.periods) {
        expect(period.start).toBe(next);
        next = period.end + 1;
      }
      expect(next).toBe(year.end + 1);
    }),
  );
});

test('a day lies in its week, its week in its period, its period in its year', () => {
  fc.assert(
    fc.property(anyCalendar, anyDay, (calendar, day) => {
      const week = retailWeekOf(calendar, day);
      const year = retailYear(calendar, week.fiscalYear);
      const period = year.periods[week.period - 1];
      expect(week.start <= day && day <= week.end).toBe(true);
      expect(year.start + (week.week - 1) * 7).toBe(week.start);
      expect(period && period.start + (week.weekOfPeriod - 1) * 7).toBe(week.start);
      expect(week.weekOfPeriod).toBeLessThanOrEqual(period?.weeks ?? 0);
      expect(week.quarter).toBe(Math.ceil(week.period / 3));
    }),
  );
});

test('the first days of January may belong to a year that is named two years before', () => {
  const calendar: RetailCalendar = {
    pattern: [4, 4, 5],
    endsOn: 0,
    endMonth: 12,
    ending: 'nearest',
    namedBy: 'start',
  };
  // 31 December 1970 is a Thursday: the nearest Sunday is 3 January 1971.
  expect(retailWeekOf(calendar, dayOf(1971, 1, 1))).toMatchObject({ fiscalYear: 1969, period: 12 });
  expect(retailWeekOf(calendar, dayOf(1971, 1, 4))).toMatchObject({ fiscalYear: 1970, period: 1, week: 1 });
});

test('after a 53-week year sales are compared with the week one later by number', () => {
  expect(retailWeekOf(NRF, at('2024-02-05'))).toMatchObject({ fiscalYear: 2024, week: 1 });
  expect(comparableWeek(NRF, at('2024-02-05'))).toMatchObject({ fiscalYear: 2023, week: 2 });
  expect(comparableWeek(NRF, at('2026-02-05'))).toMatchObject({ fiscalYear: 2025, week: 1 });
});

test('fiscal years of whole months', () => {
  const april = { startMonth: 4, namedBy: 'start' } as const;
  expect(fiscalMonthOf(april, at('2026-03-31'))).toMatchObject({ fiscalYear: 2025, quarter: 4, period: 12 });
  expect(fiscalMonthOf(april, at('2026-04-01'))).toMatchObject({ fiscalYear: 2026, quarter: 1, period: 1 });
  const july = { startMonth: 7, namedBy: 'end' } as const;
  expect(fiscalMonthOf(july, at('2026-07-01'))).toMatchObject({ fiscalYear: 2027, period: 1 });
  const calendarYear = { startMonth: 1, namedBy: 'end' } as const;
  expect(fiscalMonthOf(calendarYear, at('2026-12-31'))).toMatchObject({ fiscalYear: 2026, period: 12 });
  const month = fiscalMonthOf(april, at('2028-02-10'));
  expect([formatDay(month.start), formatDay(month.end)]).toEqual(['2028-02-01', '2028-02-29']);
});
