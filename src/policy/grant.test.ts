import { expect, test } from 'vitest';
import type { Column } from '../base/data-type.ts';
import { readGrant, writtenGrantSchema } from './grant.ts';
import { parseRowFilter } from './row-filter-parse.ts';

const columns: Column[] = [
  { name: 'region', type: { kind: 'string' }, required: true },
  { name: 'amount', type: { kind: 'decimal', precision: 9, scale: 2 }, required: false },
];

test('an approval without conditions gives everything, without end', () => {
  expect(readGrant({}, 'forecast', columns)).toEqual({
    grant: { columns: null, rowFilter: null, masks: {}, purpose: 'forecast', until: null },
    problems: [],
  });
});

test('reads the conditions of an approval', () => {
  const written = writtenGrantSchema.parse({
    columns: ['region'],
    rows: "region = 'north'",
    masks: { region: { action: 'show-first-4' } },
    until: '2027-01-31',
  });
  expect(readGrant(written, 'forecast', columns)).toEqual({
    grant: {
      columns: ['region'],
      rowFilter: parseRowFilter("region = 'north'"),
      masks: { region: { action: 'show-first-4' } },
      purpose: 'forecast',
      until: '2027-01-31',
    },
    problems: [],
  });
});

test('reports everything wrong with an approval at once', () => {
  const { problems } = readGrant(
    {
      columns: ['region', 'amuont'],
      rows: 'amount = 1.005',
      masks: { amount: { action: 'show-last-4' }, 'a/b': { action: 'replace-with-null' } },
    },
    'forecast',
    columns,
  );
  expect(problems).toEqual([
    { pointer: '/columns/1', message: "there is no column 'amuont'; did you mean amount?" },
    { pointer: '/rows', message: expect.stringContaining('amount is a decimal(9,2) and never 1.005') },
    { pointer: '/masks/amount', message: expect.stringContaining('show-last-4 cannot mask') },
    { pointer: '/masks/a~1b', message: expect.stringContaining("there is no column 'a/b'") },
  ]);
  expect(readGrant({ rows: 'amount =' }, 'x', columns).problems).toEqual([
    { pointer: '/rows', message: 'a value is missing at the end (at 1:9)' },
  ]);
});

test.each([
  { until: 'tomorrow' },
  { until: '2027-02-30' },
  { columns: [] },
  { masks: { region: { action: 'blur' } } },
  { row: 'x' },
])('refuses the shape of %j', (written) => {
  expect(writtenGrantSchema.safeParse(written).success).toBe(false);
});
