import { expect, test } from 'vitest';
import { approvalOf, EVERYTHING, pickableColumns, selectedByTags, tellingTags } from './approval.ts';

const of = (dataset: string, ...names: string[]) =>
  names.map((name) => ({ dataset, name, type: 'string', classification: null, personal: false, tags: [{}] }));
const all = [...of('sales', 'gtin', 'price'), ...of('returns', 'gtin', 'reason')];
const columns = pickableColumns(all);

test('the same column of several datasets is one choice', () => {
  expect(columns.map(({ name, datasets }) => [name, datasets])).toEqual([
    ['gtin', ['sales', 'returns']],
    ['price', ['sales']],
    ['reason', ['returns']],
  ]);
});

test('what was not asked for, or was left out before, is no choice any more', () => {
  expect(pickableColumns(all, ['price']).map(({ name }) => name)).toEqual(['price']);
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
    tags: '',
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

test('tags select by what a column and all of its parts are tagged with, dataset by dataset', () => {
  const tagged = pickableColumns([
    { ...all[0]!, tags: [{ layer: 'core', zone: 'eu' }] },
    {
      ...all[1]!,
      tags: [
        { layer: 'core', zone: 'eu' },
        { layer: 'raw', zone: 'eu' },
      ],
    },
    { ...all[2]!, tags: [{ layer: 'raw', zone: 'eu' }] },
  ]);
  expect(selectedByTags(tagged, { layer: ['core'] })).toEqual([{ name: 'gtin', datasets: ['sales'] }]);
  expect(selectedByTags(tagged, { layer: ['core', 'raw'] }).map(({ name }) => name)).toEqual([
    'gtin',
    'price',
  ]);
  expect(tellingTags(tagged)).toEqual([['layer', ['core', 'raw']]]);
  expect(approvalOf({ ...EVERYTHING, tags: 'layer:core|raw' }, tagged)).toEqual({
    tags: { layer: ['core', 'raw'] },
  });
});
