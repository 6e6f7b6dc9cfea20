import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTestPool } from '../../test/fixtures/queries/test-pool.ts';
import { isMeshError } from '../base/errors.ts';
import type { DuckdbPool } from './duckdb-pool.ts';
import { ALLOWED_SCALARS } from './function-lists.ts';

/** A benign value, which rows that are seen have, and extreme ones, which hidden rows have. */
const COLUMNS: Record<string, [seen: string, ...hidden: string[]]> = {
  d: ["DATE '2020-01-01'", "DATE '5881580-07-10'", "'infinity'::DATE", "DATE '9999-12-31'"],
  ts: ["TIMESTAMP '2020-01-01'", "'infinity'::TIMESTAMP", "TIMESTAMP '290000-01-01'"],
  tz: ["TIMESTAMPTZ '2020-01-01 00:00:00+00'", "'infinity'::TIMESTAMPTZ"],
  i: ['1::INTEGER', '(-2147483648)::INTEGER', '2147483647::INTEGER'],
  n: ['1::BIGINT', '(-9223372036854775808)::BIGINT', '9223372036854775807::BIGINT'],
  f: ['0.5::DOUBLE', "'inf'::DOUBLE", "'nan'::DOUBLE", '1e308::DOUBLE', '-5::DOUBLE'],
  s: ["'5'", "'secret-hidden'", "''", "'{broken'"],
};
const CASTS = [
  'INTEGER',
  'BIGINT',
  'DOUBLE',
  'DATE',
  'TIMESTAMP',
  'TIMESTAMP_NS',
  'TIMESTAMPTZ',
  'TIMETZ',
  'TIME',
  'VARCHAR',
];
const names = Object.keys(COLUMNS);
const path = join(mkdtempSync(join(tmpdir(), 'crossdock-telling-')), 't.parquet');
const view = `SELECT region, ${names.join(', ')} FROM read_parquet(['${path}']) AS raw WHERE raw.region = 'x'`;
let pool: DuckdbPool;
let bare: DuckDBConnection;

beforeAll(async () => {
  const columns = Object.entries(COLUMNS).map(([name, [seen, ...hidden]]) => {
    const cases = hidden.map((value, index) => `WHEN ${index} THEN ${value}`).join(' ');
    return `CASE WHEN i % 7 <> 0 THEN ${seen} ELSE CASE (i // 7) % ${hidden.length} ${cases} END END AS ${name}`;
  });
  bare = await (await DuckDBInstance.create(':memory:', { threads: '1' })).connect();
  await bare.run(
    `COPY (SELECT CASE WHEN i % 7 = 0 THEN 'hidden' ELSE 'x' END AS region, ${columns.join(', ')} FROM range(2000) AS r(i))
     TO '${path}' (FORMAT parquet)`,
  );
  pool = startTestPool();
});
afterAll(() => pool.close());

const run = (sql: string, relations: { schema: string; name: string; sql: string; filtered: boolean }[]) =>
  pool.run({
    sql,
    relations,
    files: relations.length === 0 ? [] : [path],
    output: { kind: 'rows', maxRows: 1 },
    timeoutMs: 20_000,
    memoryBytes: 2 ** 28,
  });

const codeOf = (failing: Promise<unknown>) =>
  failing.then(
    () => null,
    (error: unknown) => (isMeshError(error) ? error.code : 'unknown'),
  );

/** Every expression that works on the seen value alone, as one column of a table without hidden rows. */
async function tellsOfHiddenRows(expression: string, column: string): Promise<boolean> {
  const benign = `SELECT ${expression} FROM (SELECT ${COLUMNS[column]![0]} AS ${column})`;
  const works = await bare.run(benign).then(
    () => true,
    () => false,
  );
  if (!works) return false;
  const relations = [{ schema: 's', name: 'v', sql: view, filtered: true }];
  const code = await codeOf(run(`SELECT count(*) FROM s.v WHERE (${expression}) IS NOT NULL`, relations));
  return code !== null && code !== 'query.function-tells';
}

test('no allowed function or cast of a column fails because of a row that is hidden', async () => {
  const scalars = [...ALLOWED_SCALARS].filter((name) => /^[a-z_0-9]+$/.test(name) && name !== 'repeat');
  const expressions = names.flatMap((column) => [
    ...scalars.map((name) => [`${name}(${column})`, column] as const),
    ...CASTS.map((type) => [`CAST(${column} AS ${type})`, column] as const),
  ]);
  const telling: string[] = [];
  const waiting = [...expressions];
  const work = async () => {
    for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
      if (await tellsOfHiddenRows(...next)) telling.push(next[0]);
    }
  };
  await Promise.all([work(), work(), work(), work()]);
  expect(telling.sort()).toEqual([]);
}, 240_000);

test('such a function is refused only where rows are hidden', async () => {
  const hidden = [{ schema: 's', name: 'v', sql: view, filtered: true }];
  const whole = [
    {
      schema: 's',
      name: 'v',
      sql: `SELECT DATE '2020-01-01' AS d FROM read_parquet(['${path}'])`,
      filtered: false,
    },
  ];
  expect(await codeOf(run('SELECT last_day(d) FROM s.v', hidden))).toBe('query.function-tells');
  expect(await codeOf(run('SELECT last_day(d) FROM s.v', whole))).toBeNull();
  expect(await codeOf(run('SELECT CAST(ts AS TIMETZ) FROM s.v', hidden))).toBe('query.function-tells');
});
