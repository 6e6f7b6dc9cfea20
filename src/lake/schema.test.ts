import { expect, test } from 'vitest';
import type { Column, DataType } from '../base/data-type.ts';
import { isMeshError } from '../base/errors.ts';
import { evolveSchema } from './evolve.ts';
import {
  assignFieldIds,
  columnsOf,
  fieldIdsClause,
  schemaNodes,
  schemaOf,
  withoutFieldIds,
} from './schema.ts';

const column = (name: string, type: DataType, required = false): Column => ({ name, type, required });
const int: DataType = { kind: 'int' };
const text: DataType = { kind: 'string' };
const struct = (...fields: Column[]): DataType => ({ kind: 'struct', fields });
const list = (element: DataType): DataType => ({ kind: 'list', element, elementRequired: false });
const map = (key: DataType, value: DataType): DataType => ({ kind: 'map', key, value, valueRequired: false });

const NESTED = [
  column('id', int, true),
  column(
    'items',
    list(struct(column('ean', text), column('price', { kind: 'decimal', precision: 9, scale: 2 }))),
  ),
  column('names', map(text, struct(column('x', int)))),
];

test('field ids go to a level before they go below it', () => {
  const { columns, lastColumnId } = assignFieldIds(NESTED, 0);
  expect(schemaNodes(columns).map((node) => [node.path, node.id])).toEqual([
    ['id', 1],
    ['items', 2],
    ['items.element', 4],
    ['items.element.ean', 5],
    ['items.element.price', 6],
    ['names', 3],
    ['names.key', 7],
    ['names.value', 8],
    ['names.value.x', 9],
  ]);
  expect(lastColumnId).toBe(9);
  expect(columnsOf(schemaOf(columns, 0))).toEqual(columns);
  expect(withoutFieldIds(columns)).toEqual(NESTED);
});

test('DuckDB is told every field id', () => {
  const { columns } = assignFieldIds([column(`it's "x"`, int), ...NESTED.slice(1)], 0);
  expect(fieldIdsClause(columns)).toBe(
    `{'it''s "x"': 1, 'items': {__duckdb_field_id: 2, element: {__duckdb_field_id: 4, 'ean': 5, 'price': 6}}, ` +
      `'names': {__duckdb_field_id: 3, key: 7, value: {__duckdb_field_id: 8, 'x': 9}}}`,
  );
});

const current = assignFieldIds(NESTED, 0).columns;
const evolve = (wanted: Column[], renames?: Record<string, string>) =>
  evolveSchema(current, wanted, { lastColumnId: 9, partitionSources: [1], ...(renames ? { renames } : {}) });

test('the same schema has no changes, whatever ids it carries', () => {
  expect(evolve(NESTED)).toEqual({ columns: current, lastColumnId: 9, changes: [] });
  expect(evolve(assignFieldIds(NESTED, 50).columns)).toEqual({
    columns: current,
    lastColumnId: 9,
    changes: [],
  });
});

test('every step is told, inside lists, maps and structs too', () => {
  const wanted = [
    column('names', map(text, struct(column('y', text), column('x', { kind: 'long' })))),
    column('nr', int),
    column(
      'items',
      list(struct(column('gtin', text), column('price', { kind: 'decimal', precision: 12, scale: 2 }))),
    ),
  ];
  const evolution = evolve(wanted, { id: 'nr', 'items.element.ean': 'gtin' });
  expect(evolution.changes).toEqual([
    { kind: 'add', path: 'names.value.y', to: 'string' },
    { kind: 'widen', path: 'names.value.x', from: 'int', to: 'long' },
    { kind: 'rename', path: 'nr', from: 'id', to: 'nr' },
    { kind: 'relax', path: 'nr' },
    { kind: 'rename', path: 'items.element.gtin', from: 'ean', to: 'gtin' },
    { kind: 'widen', path: 'items.element.price', from: 'decimal(9,2)', to: 'decimal(12,2)' },
    { kind: 'reorder', path: '' },
  ]);
  const ids = Object.fromEntries(schemaNodes(evolution.columns).map((node) => [node.path, node.id]));
  expect(ids).toMatchObject({ nr: 1, 'items.element.gtin': 5, 'names.value.x': 9, 'names.value.y': 10 });
});

test('two columns may swap their names, and an old rename may be told again', () => {
  const two = assignFieldIds([column('a', text), column('b', text)], 0).columns;
  const wanted = [column('a', text), column('b', text)];
  const swapped = evolveSchema(two, wanted, { lastColumnId: 2, renames: { a: 'b', b: 'a' } });
  expect(swapped.columns.map(({ id, name }) => [id, name])).toEqual([
    [2, 'a'],
    [1, 'b'],
  ]);
  expect(evolveSchema(two, wanted, { lastColumnId: 2, renames: { old: 'a' } }).changes).toEqual([]);
});

test('what old files could not follow is refused, all of it at once', () => {
  const wanted = [
    column(
      'items',
      list(struct(column('ean', int), column('price', { kind: 'decimal', precision: 9, scale: 3 }, true))),
    ),
    column('names', map(int, struct(column('x', int)))),
    column('new', int, true),
  ];
  try {
    evolve(wanted, { nothing: 'else' });
    expect.unreachable();
  } catch (error) {
    if (!isMeshError(error, 'lake.schema-incompatible')) throw error;
    expect(error.problems.map((problem) => problem.message)).toEqual([
      'items.element.ean cannot change from string to int',
      'items.element.price cannot become required: rows written before may have no value for it',
      'items.element.price cannot change from decimal(9,2) to decimal(9,3)',
      'names.key cannot change from string to int',
      'new is new and required, but rows written before have no value for it; make it optional',
      'id cannot be dropped: the table is partitioned by it',
      'nothing cannot be renamed to else: the table has no such column, or the new schema has no else',
    ]);
  }
});

test.each<[DataType, DataType]>([
  [{ kind: 'long' }, int],
  [{ kind: 'double' }, { kind: 'float' }],
  [int, { kind: 'double' }],
  [{ kind: 'date' }, { kind: 'timestamp' }],
  [text, list(text)],
  [struct(column('x', int)), int],
])('%o is not widened to %o', (from, to) => {
  const old = assignFieldIds([column('c', from)], 0).columns;
  expect(() => evolveSchema(old, [column('c', to)], { lastColumnId: 9 })).toThrow(
    expect.objectContaining({ code: 'lake.schema-incompatible' }),
  );
});
