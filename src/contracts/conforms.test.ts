import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import type { Column } from '../base/data-type.ts';
import { conformTable } from './conforms.ts';
import { contractTable } from './contract-table.ts';
import { readDatasetContract } from './read-contract.ts';

const file = 'test/fixtures/contracts/sell-out.odcs.yaml';
const document = readDatasetContract({ file, content: readFileSync(file) });
const table = contractTable(document.value);

function problems(actual: Column[], nullability: 'declared' | 'checked' = 'declared'): string[] {
  return conformTable(table, actual, { nullability, document }).map(
    ({ place, message }) => `${place?.split(':').slice(1).join(':')} ${message}`,
  );
}

function changed(name: string, change: (column: Column) => Column | null): Column[] {
  return structuredClone(table.columns).flatMap((column) => {
    const next = column.name === name ? change(column) : column;
    return next ? [next] : [];
  });
}

test('a table as promised conforms, in whatever order its columns stand', () => {
  expect(problems(table.columns)).toEqual([]);
  expect(problems([...table.columns].reverse())).toEqual([]);
});

test('missing and extra columns', () => {
  expect(problems(changed('currency', () => null))).toEqual([
    '78:9 `currency` string is promised and missing in the table',
  ]);
  expect(problems([...table.columns, { name: 'margin', type: { kind: 'double' }, required: false }])).toEqual(
    ['20:7 `margin` double is in the table and not in the contract: add it there or leave it out'],
  );
});

test('a name that nearly fits is said to', () => {
  expect(problems(changed('units', (column) => ({ ...column, name: 'Units' })))).toEqual([
    '57:9 `units` is written Units in the table: names are exact',
  ]);
  expect(problems(changed('store_gln', (column) => ({ ...column, name: 'store_gnl' })))[0]).toBe(
    '35:9 `store_gln` string is promised and missing in the table (it has store_gnl: rename one of them)',
  );
});

test('no difference of types passes, neither narrower nor wider', () => {
  for (const type of [
    { kind: 'int' },
    { kind: 'decimal', precision: 20, scale: 0 },
    { kind: 'string' },
  ] as const) {
    expect(problems(changed('units', (column) => ({ ...column, type })))).toHaveLength(1);
  }
  const narrow = changed('net_amount', (column) => ({
    ...column,
    type: { kind: 'decimal', precision: 18, scale: 4 },
  }));
  expect(problems(narrow)).toEqual([
    '65:9 `net_amount` is decimal(18,4) in the table and decimal(18,2) in the contract: cast it to DECIMAL(18,2) or change the contract',
  ]);
});

test('required is compared where the table can say it', () => {
  const optional = table.columns.map((column) => ({ ...column, required: false }));
  expect(problems(optional, 'declared')).toHaveLength(5);
  expect(problems(optional, 'declared')[3]).toMatch(/`units` is required by the contract and may be null/);
  expect(problems(optional, 'checked')).toEqual([]);
  const stricter = table.columns.map((column) => ({ ...column, required: true }));
  expect(problems(stricter, 'declared')).toEqual([]);
});

test('differences inside structs and lists name the field', () => {
  const actual = changed('store_address', (column) => ({
    ...column,
    type: {
      kind: 'struct',
      fields: [
        { name: 'city', type: { kind: 'string' }, required: false },
        { name: 'position', type: { kind: 'struct', fields: [] }, required: false },
        { name: 'street', type: { kind: 'string' }, required: false },
      ],
    },
  }));
  expect(problems(actual).map((problem) => problem.replace(/^\S+ /, ''))).toEqual([
    '`store_address.city` is required by the contract and may be null in the table',
    '`store_address.position.latitude` double is promised and missing in the table',
    '`store_address.street` string is in the table and not in the contract: add it there or leave it out',
  ]);
  const lists = changed('lines', (column) => ({
    ...column,
    type: { kind: 'list', element: { kind: 'string' }, elementRequired: false },
  }));
  expect(problems(lists)[0]).toMatch(
    /`lines.element` is string in the table and struct<receipt: string, units: int>/,
  );
});

test('all problems come at once', () => {
  expect(problems([{ name: 'x', type: { kind: 'int' }, required: false }])).toHaveLength(10);
});
