import { DuckDBInstance, type DuckDBConnection } from '@duckdb/node-api';
import fc from 'fast-check';
import { beforeAll, expect, test } from 'vitest';
import { type DataType, quoteLiteral } from '../base/data-type.ts';
import { bindParameters } from './bind-parameters.ts';
import type { Bindings } from './engine.ts';

let connection: DuckDBConnection;
beforeAll(async () => {
  connection = await (await DuckDBInstance.create(':memory:')).connect();
  await connection.run("SET TimeZone = 'UTC'");
});

const text: DataType = { kind: 'string' };
const int: DataType = { kind: 'int' };
const bind = (sql: string, bindings: Bindings) => bindParameters(connection, sql, bindings);
async function rows(sql: string): Promise<unknown[][]> {
  return (await connection.runAndReadAll(sql)).getRowsJson();
}

/** Text that tries to leave its quotes, and any other. */
const value = fc.oneof(
  fc.constantFrom(
    "'; DROP TABLE t; --",
    "' OR true --",
    "\\'",
    '"VALUE_PARAMETER"',
    '$b',
    'a\nb\r\t',
    '{"class":"PARAMETER","identifier":"b"}',
    '\u{1f6d2}',
    "e'\\x00'",
  ),
  fc.string({ unit: 'binary' }).map((one) => one.replaceAll('\0', '')),
);

test('any text is a value wherever a parameter may stand, and never SQL', async () => {
  await fc.assert(
    fc.asyncProperty(value, value, async (a, b) => {
      const bound = await bind(
        `SELECT $a AS a, $B || 'x' AS b, [$a, 'lit'] AS list, CASE WHEN $a = $b THEN 1 ELSE 0 END AS same,
           (SELECT count(*) FROM (VALUES ($a), ($b)) AS v (t) WHERE t = $a) AS found`,
        { a: { type: text, value: a }, b: { type: text, value: b } },
      );
      const same = a === b;
      expect(await rows(bound)).toEqual([[a, `${b}x`, [a, 'lit'], same ? 1 : 0, same ? '2' : '1']]);
    }),
    { numRuns: 80 },
  );
});

test('values have the declared type and all of their digits', async () => {
  const given: Bindings = {
    big: { type: { kind: 'long' }, value: '9223372036854775807' },
    price: {
      type: { kind: 'decimal', precision: 38, scale: 10 },
      value: '9999999999999999999999999999.0000000001',
    },
    day: { type: { kind: 'date' }, value: '2026-02-28' },
    at: { type: { kind: 'timestamptz' }, value: '2026-03-29T03:00:00+02' },
    none: { type: int, value: null },
    yes: { type: { kind: 'boolean' }, value: 'TRUE' },
  };
  const bound = await bind(
    'SELECT $big, $price, $day, $at, $none, $yes, typeof($price), typeof($none), typeof($at)',
    given,
  );
  expect(await rows(bound)).toEqual([
    [
      '9223372036854775807',
      '9999999999999999999999999999.0000000001',
      '2026-02-28',
      '2026-03-29 01:00:00+00',
      null,
      true,
      'DECIMAL(38,10)',
      'INTEGER',
      'TIMESTAMP WITH TIME ZONE',
    ],
  ]);
});

test('the rest of the statement stays what it was, to the last digit', async () => {
  const rest = `9007199254740993 AS a, 1e0 AS b, 2.50 AS c, -1e308 AS d, 170141183460469231731687303715884105727 AS e,
    1_000 AS f, 'it''s' AS g, E'\\n' AS h, DATE '2026-01-01' + INTERVAL 3 DAY AS i, 0.1::DOUBLE AS j, x'00ff' AS k,
    [1, 2][1] AS l, {'class': 'PARAMETER'} AS m, 5e-324 AS n`;
  const bound = await bind(`SELECT ${rest}, $one AS o`, { one: { type: int, value: '1' } });
  const plain = `SELECT ${rest}, CAST('1' AS INTEGER) AS o`;
  // What DuckDB itself makes of the tree: it writes the double 1e0 as 1.0.
  const [[printed]] = (await rows(
    `SELECT json_deserialize_sql(json_serialize_sql(${quoteLiteral(plain)}))`,
  )) as [[string]];
  expect(bound).toBe(printed);
});

test('a parameter may stand in a LIMIT, an interval, a window, a CTE and a GROUP BY', async () => {
  const bound = await bind(
    `WITH n AS (SELECT i, i % $by AS k FROM range($by * 2) r(i) WHERE i >= $by - $by)
     SELECT k, count(*) AS c, DATE '2026-01-01' + INTERVAL ($by) DAY AS d, lag(k, $one) OVER (ORDER BY k) AS p
     FROM n GROUP BY k HAVING count(*) > $one ORDER BY k LIMIT $by OFFSET $one`,
    { by: { type: int, value: '3' }, one: { type: int, value: '1' } },
  );
  expect(await rows(bound)).toEqual([
    ['1', '2', '2026-01-04 00:00:00', '0'],
    ['2', '2', '2026-01-04 00:00:00', '1'],
  ]);
});

test.each(['SELECT $nobody', 'SELECT ?', 'SELECT $1', 'SELECT 1 LIMIT $constructor'])(
  '%s: what has no value is refused',
  async (sql) => {
    const refused = bind(sql, { a: { type: int, value: '1' } });
    await expect(refused).rejects.toMatchObject({ code: 'pipeline.parameter-undeclared' });
  },
);

test('what does not parse comes back as it is, for its error to be told with its place', async () => {
  expect(await bind('SELEC $a', { a: { type: int, value: '1' } })).toBe('SELEC $a');
});
