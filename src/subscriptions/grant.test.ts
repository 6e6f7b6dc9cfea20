import { expect, test } from 'vitest';
import type { Column } from '../base/data-type.ts';
import { MeshError, type Problem } from '../base/errors.ts';
import { parseRowFilter } from '../policy/row-filter-parse.ts';
import { type Narrowing, NARROWING_SHAPE, readGrant } from './grant.ts';

const columns: Column[] = [
  { name: 'region', type: { kind: 'string' }, required: true },
  { name: 'amount', type: { kind: 'decimal', precision: 9, scale: 2 }, required: false },
];
const orders = { name: 'orders', columns };
const stores = {
  name: 'stores',
  columns: [{ name: 'region', type: { kind: 'string' as const }, required: true }],
};

function problemsOf(narrowing: Narrowing, datasets = [orders]): Problem[] {
  try {
    readGrant(narrowing, datasets);
    return [];
  } catch (error) {
    expect(error).toBeInstanceOf(MeshError);
    return (error as MeshError).problems;
  }
}

test('an approval without conditions gives everything', () => {
  expect(readGrant({}, [orders])).toEqual({ columns: null, rowFilter: null, masks: {} });
});

test('reads the conditions of an approval', () => {
  const masks = { region: { action: 'show-first-4' as const } };
  expect(readGrant({ columns: ['region'], rows: "region = 'north'", masks }, [orders])).toEqual({
    columns: ['region'],
    rowFilter: parseRowFilter("region = 'north'"),
    masks,
  });
});

test('reports everything wrong with an approval at once', () => {
  const masks = {
    amount: { action: 'show-last-4' as const },
    'a/b': { action: 'replace-with-null' as const },
  };
  expect(problemsOf({ columns: ['region', 'amuont'], rows: 'amount = 1.005', masks })).toEqual([
    { pointer: '/columns/1', message: "there is no column 'amuont'; did you mean amount?" },
    { pointer: '/rows', message: expect.stringContaining('amount is a decimal(9,2) and never 1.005') },
    { pointer: '/masks/a~1b', message: expect.stringContaining("there is no column 'a/b'") },
    { pointer: '/masks/amount', message: expect.stringContaining('show-last-4 cannot mask') },
  ]);
  expect(problemsOf({ rows: 'amount =' })).toEqual([
    { pointer: '/rows', message: 'a value is missing at the end (at 1:9)' },
  ]);
});

test('a row filter must fit every dataset of which something is given', () => {
  expect(problemsOf({ rows: 'amount > 1' }, [orders, stores])).toEqual([
    { pointer: '/rows', message: expect.stringMatching(/^stores: there is no column 'amount'/) },
  ]);
  expect(problemsOf({ rows: 'amount > 1', columns: ['amount'] }, [orders, stores])).toEqual([]);
});

test.each([{ columns: [] }, { masks: { region: { action: 'blur' } } }, { rows: 7 }])(
  'refuses the shape of %j',
  (written) => {
    expect(NARROWING_SHAPE.safeParse(written).success).toBe(false);
  },
);
