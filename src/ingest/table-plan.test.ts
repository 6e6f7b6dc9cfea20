import { expect, test } from 'vitest';
import { partitionOf, planTables, tableName } from './table-plan.ts';

const file = (key: string) => ({ key, bytes: 1, modifiedAt: '2026-01-01T00:00:00.000Z' });
const plan = (keys: string[]) => planTables({ kind: 'files', path: '.' }, keys.map(file));

test.each([
  ['sales_2012-01.parquet', 'sales'],
  ['lookup_premise_2023-05-14.csv.gz', 'lookup_premise'],
  ['raw_export_2019_10k.csv', 'raw_export_2019_10k'],
  ['orders/year=2026/month=01/lines.csv', 'orders'],
  ['month=2026-01/sales.csv', 'sales'],
  ['orders/2026/01/part-0001.csv.zst', 'orders'],
  ['orders.csv/part-00000-1f3c9f0e-7f53-4f0f-8f0e-0123456789ab-c000.csv', 'orders'],
  ['emea/Store Master (final).csv', 'emea_store_master_final'],
  ['2026-01.csv', 'data'],
  ['1000_items.csv', 't_1000_items'],
  ['Käufe.csv', 'ka_ufe'],
])('%s belongs to the table %s', (key, name) => {
  expect(tableName(key)).toBe(name);
});

test('files of several formats under one name keep their own names', () => {
  const { plans } = plan(['products_2016.csv.gz', 'products_2024.tsv.gz', 'products_2026.parquet']);
  expect(plans.map(({ name, format }) => [name, format])).toEqual([
    ['products_2016', 'csv'],
    ['products_2024', 'csv'],
    ['products_2026', 'parquet'],
  ]);
});

test('no two tables are called alike', () => {
  const keys = [
    'a b.csv',
    'a-b.json',
    'a_b.parquet',
    'A.B.ndjson',
    'x/a_1.csv',
    'x/a_2.csv',
    'x/a_1.json',
    'x/a_2.json',
  ];
  const names = plan(keys).plans.map(({ name }) => name);
  expect(new Set(names).size).toBe(names.length);
  for (const name of names) expect(name).toMatch(/^[a-z][a-z0-9_-]{0,62}$/);
});

test('globs of the source give each file to its table', () => {
  const tables = {
    sold: { files: 'sold/**/*.csv{,.gz}' },
    odd: { files: 'odd.dat', format: 'csv' as const },
  };
  const keys = ['sold/a.csv', 'sold/2026/b.csv.gz', 'odd.dat', 'other.csv'];
  const { plans, ignored } = planTables({ kind: 'files', path: '.', tables }, keys.map(file));
  expect(plans.map(({ name, files }) => [name, files.map(({ key }) => key)])).toEqual([
    ['sold', ['sold/a.csv', 'sold/2026/b.csv.gz']],
    ['odd', ['odd.dat']],
  ]);
  expect(ignored.map(({ key }) => key)).toEqual(['other.csv']);
});

test('partition values are decoded, and the default one is no value', () => {
  expect(partitionOf('t/day=2026-01-01/shop=a%2Fb/x=__HIVE_DEFAULT_PARTITION__/y=%zz/f.csv')).toEqual({
    day: '2026-01-01',
    shop: 'a/b',
    x: null,
    y: '%zz',
  });
});
