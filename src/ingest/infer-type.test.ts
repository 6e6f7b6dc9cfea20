import fc from 'fast-check';
import { beforeAll, expect, test } from 'vitest';
import { duckdbType, quoteLiteral, typeName, type DataType } from '../base/data-type.ts';
import { openBareDuckdb, type BareDuckdb } from './bare-duckdb.ts';
import {
  fileTypeOf,
  joinFileTypes,
  misfitSql,
  parseTypeName,
  typeOfValues,
  widerType,
} from './infer-type.ts';

let duckdb: BareDuckdb;

beforeAll(async () => {
  duckdb = await openBareDuckdb();
  return () => duckdb.close();
});

test.each([
  [['1', '-20', '0'], 'long'],
  [['007', '8'], 'string'],
  [['0001234567890'], 'string'],
  [['12345678901234567890'], 'string'],
  [['1', '2.5'], 'decimal(18,2)'],
  [['0.1234', '3'], 'decimal(18,4)'],
  [['0.123456789'], 'double'],
  [['1.5e-7', '2'], 'double'],
  [['4.68E+11', '3'], 'string'],
  [['2026-01-31', '2026-02-28'], 'date'],
  [['2026-01-31', '2026-01-31 10:00:00'], 'timestamp'],
  [['2026-01-31T10:00:00Z'], 'timestamptz'],
  [['2026-01-31T10:00:00Z', '2026-01-31T10:00:00'], 'string'],
  [['true', 'FALSE'], 'boolean'],
  [['31/01/2026'], 'string'],
  [['$3.20'], 'string'],
  [['1,5'], 'string'],
  [['+49 30 1234'], 'string'],
  [['1', 'n/a'], 'string'],
])('%j is %s', (values, expected) => {
  expect(typeName(typeOfValues(values)!)).toBe(expected);
});

test('a code that one file writes as 2 and another as 2.0 is a string', () => {
  const joined = joinFileTypes(fileTypeOf(['2', '3']), fileTypeOf(['2.0', '-1.0']));
  expect(joined?.type).toEqual({ kind: 'string' });
});

test('whole prices in one file and prices with cents in another are decimals', () => {
  const joined = joinFileTypes(fileTypeOf(['20', '13']), fileTypeOf(['20.00', '13.50']));
  expect(joined?.type).toEqual({ kind: 'decimal', precision: 18, scale: 2 });
});

test('widening ends: every type becomes another or string', () => {
  fc.assert(
    fc.property(
      fc.string(),
      fc.constantFrom('long', 'date', 'boolean', 'double', 'timestamp'),
      (example, kind) => {
        let type = { kind } as DataType;
        for (let steps = 0; type.kind !== 'string'; steps++) {
          expect(steps).toBeLessThan(5);
          type = widerType(type, example);
        }
      },
    ),
  );
});

const text = fc.oneof(
  fc.integer().map(String),
  fc.double({ noNaN: true }).map(String),
  fc.bigInt({ min: -(10n ** 20n), max: 10n ** 20n }).map(String),
  fc.integer({ min: 0, max: 999_999 }).map((value) => `${value}.${String(value).slice(0, 3)}`),
  fc
    .date({ min: new Date('1900-01-01'), max: new Date('2100-01-01'), noInvalidDate: true })
    .map((date) => date.toISOString().slice(0, 10)),
  fc
    .date({ min: new Date('1900-01-01'), max: new Date('2100-01-01'), noInvalidDate: true })
    .map((date) => date.toISOString()),
  fc.string({
    unit: fc.constantFrom('0', '1', '9', '.', '-', 'e', 'E', '+', ' ', ':', 'T', 'Z'),
    minLength: 1,
    maxLength: 12,
  }),
);

test('a type that the first rows suggest is confirmed by the pass over all rows', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(text, { minLength: 30, maxLength: 30 }), async (values) => {
      const rows = values.map((value) => ({ value, type: typeOfValues([value])! }));
      const checks = rows.map(({ value, type }) => misfitSql(`${quoteLiteral(value)}::VARCHAR`, type));
      const answer = await duckdb.runSql(`SELECT ${checks.join(', ')}`, []);
      const wrong = rows.filter((_, at) => answer.rows[0]![at] === true);
      // Days such as 2026-02-30 have the shape of a date; the pass is there to see them.
      expect(wrong.filter(({ type }) => !type.kind.startsWith('timestamp') && type.kind !== 'date')).toEqual(
        [],
      );
    }),
    { numRuns: 60 },
  );
});

test('what fits a number type comes back from it unchanged in value', async () => {
  const types: DataType[] = [{ kind: 'long' }, { kind: 'decimal', precision: 18, scale: 2 }];
  await fc.assert(
    fc.asyncProperty(fc.array(text, { minLength: 20, maxLength: 20 }), async (values) => {
      for (const type of types) {
        const literals = values.map((value) => `(${quoteLiteral(value)})`).join(', ');
        const cast = `TRY_CAST(v AS ${duckdbType(type)})`;
        const sql = `SELECT v, ${cast}::VARCHAR FROM (VALUES ${literals}) t(v) WHERE NOT ${misfitSql('v', type)}`;
        for (const [before, after] of (await duckdb.runSql(sql, [])).rows) {
          // Minus zero is zero: `===`, not Object.is.
          expect(Number(after) === Number(before), `${String(before)} became ${String(after)}`).toBe(true);
          expect(String(before)).not.toMatch(/^-?0\d/);
        }
      }
    }),
    { numRuns: 100 },
  );
});

test('names of types', () => {
  expect(parseTypeName('decimal(12,2)')).toEqual({ kind: 'decimal', precision: 12, scale: 2 });
  expect(parseTypeName('decimal(39,2)')).toBeNull();
  expect(parseTypeName('decimal(2,3)')).toBeNull();
  expect(parseTypeName('varchar')).toBeNull();
});

test('a text fits a decimal when the cast keeps every digit of it, and its form is that of a number', async () => {
  const type = fc
    .tuple(fc.integer({ min: 1, max: 38 }), fc.integer({ min: 0, max: 38 }))
    .filter(([precision, scale]) => scale <= precision)
    .map(([precision, scale]): DataType & { kind: 'decimal' } => ({ kind: 'decimal', precision, scale }));
  const texts = fc.array(fc.string({ unit: fc.constantFrom(...'001234.-+e _'), maxLength: 7 }), {
    minLength: 40,
    maxLength: 40,
  });
  const near = fc.array(fc.stringMatching(/^-?[0-9]{0,4}(\.[0-9]{0,4})?$/), { minLength: 40, maxLength: 40 });
  await fc.assert(
    fc.asyncProperty(type, texts, near, async (decimal, wild, likely) => {
      const rows = [...wild, ...likely].map((text) => `(${quoteLiteral(text)})`).join(', ');
      const cast = `TRY_CAST(v AS ${duckdbType(decimal)})`;
      const kept = `strpos(v, '.') = 0 OR length(v) - strpos(v, '.') <= ${decimal.scale}`;
      const digits = `ltrim(v, '-')`;
      const code = `starts_with(${digits}, '0') AND length(${digits}) > 1 AND NOT starts_with(${digits}, '0.')`;
      const fits = `${cast} IS NOT NULL AND (${kept}) AND NOT (${code}) AND translate(v, '0123456789.-', '') = ''`;
      const { rows: wrong } = await duckdb.runSql(
        `SELECT v FROM (VALUES ${rows}) t(v) WHERE (${fits}) = ${misfitSql('v', decimal)}`,
        [],
      );
      expect([typeName(decimal), wrong]).toEqual([typeName(decimal), []]);
    }),
    { numRuns: 60 },
  );
});
