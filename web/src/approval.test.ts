import { expect, test } from 'vitest';
import type { Dataset, DatasetColumn } from './api-types.ts';
import { approvalOf, EVERYTHING, pickableColumns } from './approval.ts';

const column = (name: string) => ({ name, type: 'string', classification: null }) as DatasetColumn;
const dataset = (name: string, ...columns: string[]) => ({ name, columns: columns.map(column) }) as Dataset;
const columns = pickableColumns([dataset('sales', 'gtin', 'price'), dataset('returns', 'gtin', 'reason')]);

test('the same column of several datasets is one choice', () => {
  expect(columns.map(({ name, datasets }) => [name, datasets])).toEqual([
    ['gtin', ['sales', 'returns']],
    ['price', ['sales']],
    ['reason', ['returns']],
  ]);
});

test('an approval of everything says nothing, so that it grows with the product', () => {
  expect(approvalOf(EVERYTHING, columns)).toEqual({});
});

test('only what narrows is said, and a column left out takes its mask along', () => {
  const mask = { action: 'replace-with-null' };
  const narrowed = {
    left: new Set(['price']),
    masks: new Map([
      ['price', mask],
      ['reason', mask],
    ]),
    rows: "  gtin LIKE '04%' ",
    until: '2027-01-31',
  };
  expect(approvalOf(narrowed, columns)).toEqual({
    columns: ['gtin', 'reason'],
    masks: { reason: mask },
    rows: "gtin LIKE '04%'",
    until: '2027-01-31',
  });
});
