import { DuckDBInstance, type DuckDBConnection } from '@duckdb/node-api';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { duckdbType, quoteIdentifier, type Column, type DataType } from '../../base/data-type.ts';
import { evaluateMask, masksFor, type ColumnMask } from '../column-mask.ts';
import { fitRowFilter, typesOf } from '../row-filter-fit.ts';
import { evaluateRowFilter } from '../row-filter-evaluate.ts';
import type { Constant, RowFilter } from '../row-filter-model.ts';
import { comparableOf, compareValues, type Row, type RowValue } from '../row-value.ts';
import { duckdbMask } from './duckdb-mask.ts';

const SALT = "it's a salt of 20+ characters";

let instance: DuckDBInstance;
let connection: DuckDBConnection;

beforeAll(async () => {
  instance = await DuckDBInstance.create(':memory:');
  connection = await instance.connect();
  // Not UTC: an instant must mean the same in every session.
  await connection.run("SET TimeZone = 'Asia/Tokyo'");
});

afterAll(() => {
  connection.closeSync();
  instance.closeSync();
});

/** Values of each type that sit on its edges, as row values; text in the form DuckDB reads. */
const POOLS: { type: DataType; values: RowValue[] }[] = [
  { type: { kind: 'boolean' }, values: [true, false] },
  { type: { kind: 'int' }, values: [0, 1, -1, 7, 2147483647, -2147483648] },
  {
    type: { kind: 'long' },
    values: ['0', '-1', '9007199254740993', '9007199254740992', '9223372036854775807'],
  },
  { type: { kind: 'float' }, values: [0, -0, Math.fround(0.1), -1.5, 16777216, NaN] },
  { type: { kind: 'double' }, values: [0, -0, 0.1, 0.30000000000000004, -2.5, 1e15, NaN] },
  {
    type: { kind: 'decimal', precision: 18, scale: 2 },
    values: ['0.00', '10.50', '10.51', '-0.01', '9999999999999999.99', '-9999999999999999.99'],
  },
  {
    type: { kind: 'decimal', precision: 38, scale: 0 },
    values: ['0', '99999999999999999999999999999999999999'],
  },
  { type: { kind: 'date' }, values: ['1969-12-31', '1970-01-01', '2024-02-29', '0001-01-01', '9999-12-31'] },
  { type: { kind: 'time' }, values: ['00:00:00', '12:30:00', '12:30:00.000001', '23:59:59.999999'] },
  {
    type: { kind: 'timestamp' },
    values: [
      '1969-12-31 23:59:59.999999',
      '1970-01-01 00:00:00',
      '2024-02-29 12:30:00.5',
      '2024-12-31 23:59:59',
    ],
  },
  {
    type: { kind: 'timestamptz' },
    values: [
      '1969-12-31 23:59:59.999999Z',
      '2023-12-31 20:00:00Z',
      '2024-01-01 00:00:00Z',
      '2024-02-29 22:30:00Z',
    ],
  },
  {
    type: { kind: 'string' },
    values: [
      '',
      'a',
      'ab',
      'abcd',
      'abcde',
      "O'Brien",
      'SKU_1',
      'SKU%',
      'a\\b',
      'Ünïcode 12',
      '\u{ffff}',
      '😀🤦🏼x',
      'nul\0x',
      '1-(2),3.4@5\n',
    ],
  },
  {
    type: { kind: 'uuid' },
    values: [
      '00000000-0000-0000-0000-000000000000',
      'f79c3e09-677c-4bbd-a479-3f349cb785e7',
      '7fffffff-ffff-ffff-ffff-ffffffffffff',
    ],
  },
  {
    type: { kind: 'binary' },
    values: [new Uint8Array([]), new Uint8Array([0, 255, 16]), new Uint8Array([104, 105])],
  },
];

const COLUMNS: Column[] = POOLS.map(({ type }, index) => ({
  name: `c${index} "${type.kind}"`,
  type,
  required: false,
}));

/** Strings of any characters beside the pool; every other type stays on its edges, where faults live. */
function valueOf(index: number): fc.Arbitrary<RowValue> {
  const { type, values } = POOLS[index]!;
  const pool = fc.constantFrom(...values);
  return type.kind === 'string' ? fc.oneof(pool, fc.string({ unit: 'binary', maxLength: 9 })) : pool;
}

const row: fc.Arbitrary<Row> = fc
  .tuple(...COLUMNS.map((_, index) => fc.option(valueOf(index), { freq: 4 })))
  .map((values) => Object.fromEntries(COLUMNS.map((column, index) => [column.name, values[index]!])));

function constantFor(index: number): fc.Arbitrary<Constant> {
  const { type } = POOLS[index]!;
  return valueOf(index)
    .filter((value) => !Number.isNaN(value))
    .map((value): Constant => {
      if (type.kind === 'float' || type.kind === 'double')
        return { value: plain(value as number), literal: 'decimal' };
      if (type.kind === 'decimal') return { value: String(value), literal: 'decimal' };
      return { value: value as string | number | boolean };
    });
}

function plain(value: number): string {
  return Object.is(value, -0)
    ? '0'
    : value.toLocaleString('en-US', { useGrouping: false, maximumFractionDigits: 17 });
}

const COMPARABLE = COLUMNS.map((_, index) => index).filter((index) => POOLS[index]!.type.kind !== 'binary');

const test3: fc.Arbitrary<RowFilter> = fc
  .constantFrom(...COMPARABLE)
  .chain((index): fc.Arbitrary<RowFilter> => {
    const column = fc.constant(COLUMNS[index]!.name);
    const value = constantFor(index);
    const ordered = POOLS[index]!.type.kind !== 'boolean';
    const operator = ordered ? fc.constantFrom('=', '<>', '<', '<=', '>', '>=') : fc.constantFrom('=', '<>');
    return fc.oneof(
      fc.record({ op: fc.constant('compare'), column, operator, value }),
      fc.record({ op: fc.constant('in'), column, values: fc.array(value, { minLength: 1, maxLength: 3 }) }),
      fc.record({ op: fc.constant('is-null'), column: fc.constantFrom(...COLUMNS.map(({ name }) => name)) }),
      ...(ordered ? [fc.record({ op: fc.constant('between'), column, low: value, high: value })] : []),
      ...(POOLS[index]!.type.kind === 'string'
        ? [fc.record({ op: fc.constant('like'), column, prefix: prefix() })]
        : []),
    ) as fc.Arbitrary<RowFilter>;
  });

function prefix(): fc.Arbitrary<string> {
  return fc.oneof(
    fc.constantFrom('', 'a', 'SKU_', 'SKU%', '😀', 'nul\0'),
    fc.string({ unit: 'binary', maxLength: 3 }),
  );
}

const filter: fc.Arbitrary<RowFilter> = fc.letrec<{ filter: RowFilter }>((tie) => ({
  filter: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    test3,
    fc.constantFrom<RowFilter>({ op: 'true' }, { op: 'false' }),
    fc.record({
      op: fc.constantFrom('and', 'or'),
      terms: fc.array(tie('filter'), { minLength: 1, maxLength: 3 }),
    }) as fc.Arbitrary<RowFilter>,
    fc.record({ op: fc.constant('not'), term: tie('filter') }) as fc.Arbitrary<RowFilter>,
  ),
})).filter;

/** Loads rows by parameters, so that the literals under test have no part in it. */
async function load(rows: Row[]): Promise<void> {
  const types = COLUMNS.map(({ name, type }) => `${quoteIdentifier(name)} ${duckdbType(type)}`);
  await connection.run(`CREATE OR REPLACE TABLE t (rid INTEGER, ${types.join(', ')})`);
  const marks = COLUMNS.map(({ type }, index) => `CAST($${index + 1} AS ${duckdbType(type)})`);
  const insert = await connection.prepare(
    `INSERT INTO t VALUES ($${COLUMNS.length + 1}, ${marks.join(', ')})`,
  );
  for (const [rid, one] of rows.entries()) {
    COLUMNS.forEach(({ name }, index) => bindText(index + 1, one[name]!));
    insert.bindInteger(COLUMNS.length + 1, rid);
    await insert.run();
  }
  function bindText(index: number, value: RowValue): void {
    if (value === null) insert.bindNull(index);
    else if (value instanceof Uint8Array) insert.bindBlob(index, value);
    else insert.bindVarchar(index, Object.is(value, -0) ? '-0' : String(value));
  }
}

async function read(sql: string): Promise<unknown[][]> {
  return (await connection.runAndReadAll(sql)).getRowsJS() as unknown[][];
}

test('fitting a filter to its columns changes no answer', () => {
  fc.assert(
    fc.property(filter, row, (one, each) => {
      const fitted = fitRowFilter(one, typesOf(COLUMNS));
      expect(fitted).not.toBeNull();
      expect(evaluateRowFilter(fitted!, each, COLUMNS)).toBe(evaluateRowFilter(one, each, COLUMNS));
      expect(fitRowFilter(fitted!, typesOf(COLUMNS))).toEqual(fitted);
    }),
  );
});

const MASKS: { index: number; mask: ColumnMask }[] = COLUMNS.flatMap(({ type }, index) => {
  const masks: ColumnMask[] = masksFor(type).map((action) => ({ action }));
  if (type.kind !== 'binary') masks.push({ action: 'mask-to-fixed-value', value: fixedFor(index) });
  return masks.map((mask) => ({ index, mask }));
});

function fixedFor(index: number): string | number | boolean {
  return POOLS[index]!.values.filter((value) => !Number.isNaN(value)).at(-1) as string | number | boolean;
}

test('DuckDB agrees with the reference on every mask of every type, NULL stays NULL, the type stays', async () => {
  const selected = MASKS.map(({ index, mask }) => {
    const sql = duckdbMask(mask, `t.${quoteIdentifier(COLUMNS[index]!.name)}`, {
      type: COLUMNS[index]!.type,
      querySalt: SALT,
    });
    return { index, mask, sql };
  });
  const texts = selected.map(({ sql, index }) => exactText(sql, COLUMNS[index]!.type));
  const types = selected.map(({ sql }) => `typeof(${sql})`);
  await fc.assert(
    fc.asyncProperty(fc.array(row, { minLength: 10, maxLength: 10 }), async (rows) => {
      await load(rows);
      const answers = await read(`SELECT ${texts.join(', ')} FROM t ORDER BY rid`);
      answers.forEach((answer, rid) =>
        selected.forEach(({ index, mask }, place) => {
          const { name, type } = COLUMNS[index]!;
          const expected = evaluateMask(mask, rows[rid]![name]!, { type, querySalt: SALT });
          expect(
            sameValue(type, answer[place] as string | null, expected),
            `${mask.action} of ${name}: ${String(rows[rid]![name])} gives ${String(answer[place])}, not ${String(expected)}`,
          ).toBe(true);
        }),
      );
    }),
    { numRuns: 20 },
  );
  const [kept] = await read(`SELECT ${types.join(', ')} FROM t LIMIT 1`);
  expect(kept).toEqual(selected.map(({ index }) => duckdbType(COLUMNS[index]!.type)));
});

function exactText(sql: string, type: DataType): string {
  if (type.kind === 'binary') return `hex(${sql})`;
  if (type.kind === 'timestamptz') return `CAST(make_timestamp(epoch_us(${sql})) AS VARCHAR)`;
  return `CAST(${sql} AS VARCHAR)`;
}

function sameValue(type: DataType, answer: string | null, expected: RowValue): boolean {
  if (answer === null || expected === null) return answer === expected;
  if (expected instanceof Uint8Array) return answer === Buffer.from(expected).toString('hex').toUpperCase();
  const found =
    type.kind === 'boolean'
      ? answer === 'true'
      : type.kind === 'float' || type.kind === 'double'
        ? Number(answer)
        : answer;
  return compareValues(comparableOf(type, found)!, comparableOf(type, expected)!) === 0;
}
