import fc from 'fast-check';
import { expect, test } from 'vitest';
import { query } from '../../../test/fixtures/lake-tables.ts';
import type { DataType } from '../../base/data-type.ts';
import { backfillValues, MOST_VALUES } from './backfill-values.ts';

const DATE: DataType = { kind: 'date' };
const TIMESTAMP: DataType = { kind: 'timestamp' };
const LONG: DataType = { kind: 'long' };

test('both ends are among the values; months keep to the day they began with', () => {
  const days = backfillValues(DATE, { from: '2024-02-27', to: '2024-03-01' });
  expect(days).toEqual(['2024-02-27', '2024-02-28', '2024-02-29', '2024-03-01']);
  expect(backfillValues(DATE, { from: '2023-12-31', to: '2024-04-30', step: 'month' })).toEqual([
    '2023-12-31',
    '2024-01-31',
    '2024-02-29',
    '2024-03-31',
    '2024-04-30',
  ]);
  expect(
    backfillValues(TIMESTAMP, { from: '2024-03-31 00:30', to: '2024-03-31T02:30:00', step: 'hour' }),
  ).toEqual(['2024-03-31 00:30:00', '2024-03-31 01:30:00', '2024-03-31 02:30:00']);
  expect(backfillValues(LONG, { from: '9007199254740992', to: '9007199254740996', step: '2' })).toEqual([
    '9007199254740992',
    '9007199254740994',
    '9007199254740996',
  ]);
});

const step = fc.constantFrom('day', 'week', 'month', 'quarter', 'year');
const day = fc.date({ min: new Date('0001-01-01'), max: new Date('9000-12-31'), noInvalidDate: true });

test('the values are those of generate_series, for any two days', async () => {
  await fc.assert(
    fc.asyncProperty(day, fc.nat(900), step, async (start, length, unit) => {
      const from = start.toISOString().slice(0, 10);
      const to = new Date(start.getTime() + length * 86_400_000).toISOString().slice(0, 10);
      const count = `SELECT DATE '${from}' + i * INTERVAL 1 ${unit} AS day FROM range(1000) r(i)`;
      const wanted = await query(
        `SELECT CAST(CAST(day AS DATE) AS VARCHAR) AS day FROM (${count}) WHERE day <= DATE '${to}' ORDER BY day`,
      );
      expect(backfillValues(DATE, { from, to, step: unit })).toEqual(wanted.map((row) => row['day']));
    }),
    { numRuns: 40 },
  );
});

test.each([
  [DATE, { from: '2024-01-02', to: '2024-01-01', step: 'day' }, /2024-01-01 is before 2024-01-02/],
  [DATE, { from: '2024-02-30', to: '2024-03-01', step: 'day' }, /is no date/],
  [DATE, { from: '2024-01-01', to: '2024-03-01', step: 'hour' }, /step of a date is day, week, month/],
  [DATE, { from: '2000-01-01', to: '2026-01-01', step: 'day' }, new RegExp(`more than ${MOST_VALUES}`)],
  [LONG, { from: '1', to: '2', step: '0' }, /a number such as 1, not 0/],
  [LONG, { from: '0', to: '9223372036854775807', step: '1' }, /more than/],
  [{ kind: 'string' }, { from: 'a', to: 'b', step: '1' }, /name the values/],
] as [DataType, { from: string; to: string; step: string }, RegExp][])(
  '%j %j: %s',
  (type, range, message) => {
    expect(backfillValues(type, range)).toMatch(message);
  },
);
