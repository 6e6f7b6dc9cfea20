import { DuckDBInstance, type DuckDBConnection } from '@duckdb/node-api';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { duckdbType, quoteIdentifier, type Column } from '../../base/data-type.ts';
import type { AccessPlan } from '../access-plan-model.ts';
import type { ColumnMask } from '../column-mask.ts';
import { fitRowFilter, typesOf } from '../row-filter-fit.ts';
import type { RowFilter } from '../row-filter-model.ts';
import { compileDuckdbView } from './duckdb.ts';

const SALT = "it's a salt of 20+ characters";
const INT = 'units "sold"';
const TEXT = 'customer';
const DAY = 'day';
const ID = 'id';
const COLUMNS: Column[] = [
  { name: INT, type: { kind: 'int' }, required: false },
  { name: TEXT, type: { kind: 'string' }, required: false },
  { name: DAY, type: { kind: 'date' }, required: false },
  { name: ID, type: { kind: 'uuid' }, required: false },
];

let instance: DuckDBInstance;
let connection: DuckDBConnection;

beforeAll(async () => {
  instance = await DuckDBInstance.create(':memory:');
  connection = await instance.connect();
});

afterAll(() => {
  connection.closeSync();
  instance.closeSync();
});

/** One row for each customer, numbered from 0; parameters, so that our literals have no part in it. */
async function load(customers: string[]): Promise<void> {
  const types = COLUMNS.map(({ name, type }) => `${quoteIdentifier(name)} ${duckdbType(type)}`);
  await connection.run(`CREATE OR REPLACE TABLE t (${types.join(', ')})`);
  for (const [index, customer] of customers.entries()) {
    await connection.run('INSERT INTO t VALUES ($1, $2, NULL, NULL)', [index, customer]);
  }
}

async function read(sql: string): Promise<unknown[][]> {
  return (await connection.runAndReadAll(sql)).getRowsJS() as unknown[][];
}

function planOf(columns: AccessPlan['columns'], rowFilter: RowFilter): AccessPlan {
  return {
    datasetId: 'dts_1',
    dataset: 'sales.sell-out.sales',
    via: { kind: 'own-domain', domain: 'sales' },
    columns,
    hidden: [],
    rowFilter,
    filterColumns: COLUMNS,
    purpose: null,
    until: null,
    hash: '',
    reasons: [],
  };
}

const shown = (name: string, mask: ColumnMask | null) => {
  const column = COLUMNS.find((one) => one.name === name)!;
  return { name, id: undefined, type: column.type, mask, reasons: [] };
};

test('the filter reads unmasked values, also of columns that are masked or not shown', async () => {
  await load(['', 'abcd', "O'Brien", 'Ünïcode 12']);
  const rowFilter = fitRowFilter(
    {
      op: 'and',
      terms: [
        { op: 'compare', column: TEXT, operator: '=', value: { value: "O'Brien" } },
        { op: 'compare', column: INT, operator: '<', value: { value: 100 } },
      ],
    },
    typesOf(COLUMNS),
  )!;
  const sql = compileDuckdbView(planOf([shown(TEXT, { action: 'show-first-4' })], rowFilter), {
    relation: 't',
    querySalt: SALT,
  });
  await connection.run(`CREATE OR REPLACE VIEW v AS ${sql}`);
  expect(await read('SELECT * FROM v')).toEqual([["O'Brxxx"]]);
});

test('no value of a filter or mask can leave its literal', async () => {
  const hostile = ["'; DROP TABLE t; --", "' OR TRUE --", '\\', "a'\0' OR 1=1 --", '"', "''", '$$', '/*'];
  await load(hostile);
  for (const value of hostile) {
    const rowFilter: RowFilter = { op: 'in', column: TEXT, values: [{ value }] };
    const columns = [shown(TEXT, null), shown(INT, null), shown(ID, null)];
    const sql = compileDuckdbView(planOf(columns, rowFilter), { relation: 't', querySalt: SALT });
    expect(await read(sql)).toEqual([[value, hostile.indexOf(value), null]]);
    const fixed = planOf([shown(TEXT, { action: 'mask-to-fixed-value', value })], {
      op: 'like',
      column: TEXT,
      prefix: value,
    });
    expect(await read(compileDuckdbView(fixed, { relation: 't', querySalt: SALT }))).toEqual([[value]]);
  }
  expect(await read('SELECT count(*) FROM t')).toEqual([[BigInt(hostile.length)]]);
});

test.each([
  [{ op: 'compare', column: INT, operator: '=', value: { value: '1 OR 1=1' } }],
  [
    {
      op: 'compare',
      column: DAY,
      operator: '=',
      value: { value: "2024-01-01' OR '1'='1", literal: 'date' },
    },
  ],
  [{ op: 'compare', column: 'not there', operator: '=', value: { value: 1 } }],
  [{ op: 'in', column: TEXT, values: { attribute: 'regions' } }],
] as [RowFilter][])(
  'a filter that was not checked, bound and fitted is refused, never compiled: %j',
  (rowFilter) => {
    expect(() =>
      compileDuckdbView(planOf([shown(INT, null)], rowFilter), { relation: 't', querySalt: SALT }),
    ).toThrow('something went wrong on our side');
  },
);

test('a view with no column, or with names that DuckDB would mix up, is refused', () => {
  expect(() => compileDuckdbView(planOf([], { op: 'true' }), { relation: 't', querySalt: SALT })).toThrow(
    'every column of sales.sell-out.sales is hidden',
  );
  const plan = {
    ...planOf([shown(INT, null)], { op: 'true' }),
    hidden: [{ name: INT.toUpperCase(), reasons: [] }],
  };
  expect(() => compileDuckdbView(plan, { relation: 't', querySalt: SALT })).toThrow(
    'something went wrong on our side',
  );
});

test('a hash local to the query needs a salt that cannot be guessed', () => {
  const plan = planOf([shown(TEXT, { action: 'sha-256-query-local' })], { op: 'true' });
  expect(() => compileDuckdbView(plan, { relation: 't', querySalt: 'short' })).toThrow();
  expect(compileDuckdbView(plan, { relation: 't', querySalt: SALT })).toContain('sha256');
});
