import { DuckDBInstance, type DuckDBConnection } from '@duckdb/node-api';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Column } from '../base/data-type.ts';
import { needsBarrier } from './barrier.ts';
import type { Relation } from './engine.ts';
import { parseSql } from './parse-sql.ts';

let instance: DuckDBInstance;
let connection: DuckDBConnection;

beforeAll(async () => {
  instance = await DuckDBInstance.create(':memory:', { threads: '1' });
  connection = await instance.connect();
});

afterAll(() => {
  connection.closeSync();
  instance.closeSync();
});

const column = (name: string, type: Column['type']): Column => ({ name, type, required: false });
const COLUMNS = [
  column('id', { kind: 'long' }),
  column('code', { kind: 'string' }),
  column('region', { kind: 'string' }),
  column('sold_on', { kind: 'date' }),
  column('sold_at', { kind: 'timestamp' }),
  column('price', { kind: 'decimal', precision: 12, scale: 2 }),
  column('wide', { kind: 'decimal', precision: 38, scale: 10 }),
  column('flag', { kind: 'boolean' }),
  column('size', { kind: 'string' }),
  column('attributes', { kind: 'struct', fields: [column('size', { kind: 'int' })] }),
];
const t: Relation = { schema: 's', name: 't', sql: '', columns: COLUMNS };
const u: Relation = {
  schema: 's',
  name: 'u',
  sql: '',
  columns: [column('id', { kind: 'long' }), column('name', { kind: 'string' })],
};

async function barrier(sql: string, relations = [t, u]): Promise<boolean> {
  return needsBarrier((await parseSql(connection, sql)).tree, relations);
}

test.each([
  'SELECT * FROM s.t',
  'SELECT CAST(code AS INT), id * 2 FROM s.t',
  "SELECT CAST(code AS INT) FROM s.t WHERE region = 'north'",
  "SELECT region, sum(id * 2) FROM s.t WHERE sold_on >= '2025-01-01' AND sold_on < DATE '2025-02-01' GROUP BY region",
  "SELECT count(*) FROM s.t WHERE sold_at BETWEEN '2025-01-01' AND '2025-01-02 10:00:00'",
  'SELECT count(*) FROM s.t WHERE price > 10 AND price <= 12.50 AND id IN (1, 2, NULL)',
  "SELECT count(*) FROM s.t WHERE (code LIKE 'a%' OR lower(code) = 'b') AND NOT (region IS NULL) AND flag",
  'SELECT count(*) FROM s.t WHERE year(sold_on) = 2025 AND month(sold_on) IN (1, 2)',
  'SELECT region, sum(price) AS total FROM s.t GROUP BY region HAVING sum(price) > 100 AND total > 3',
  'SELECT id, row_number() OVER (PARTITION BY region ORDER BY id) AS n FROM s.t QUALIFY n <= 3',
  "SELECT t.region, u.name FROM s.t JOIN s.u ON t.id = u.id WHERE u.name <> 'x'",
  'SELECT count(*) FROM s.t JOIN s.u USING (id)',
  'WITH m AS (SELECT region, sum(price * 2) AS total FROM s.t GROUP BY region) SELECT * FROM m WHERE total > 5',
  'SELECT CAST(c AS INT) FROM (SELECT code AS c FROM s.t)',
])('no barrier: %s', async (sql) => {
  expect(await barrier(sql)).toBe(false);
});

test.each([
  'SELECT * FROM s.t WHERE CAST(code AS INT) > 0',
  'SELECT * FROM s.t WHERE code = 5',
  "SELECT * FROM s.t WHERE id = 'x'",
  "SELECT * FROM s.t WHERE sold_on > 'x'",
  "SELECT * FROM s.t WHERE sold_on > '2025-02-30'",
  "SELECT * FROM s.t WHERE sold_on > DATE 'tomorrow'",
  'SELECT * FROM s.t WHERE wide > 5',
  'SELECT * FROM s.t WHERE code',
  'SELECT * FROM s.t WHERE id + 1 > 5',
  'SELECT * FROM s.t WHERE id = price',
  "SELECT * FROM s.t WHERE CASE WHEN region = 'x' THEN true END",
  "SELECT * FROM s.t WHERE regexp_matches(code, '(a*)*b')",
  "SELECT * FROM s.t WHERE region = 'x' AND length(repeat(code, 1000000)) > 1",
  "SELECT * FROM s.t WHERE attributes.size = 'x'",
  "SELECT * FROM (SELECT attributes.size FROM s.t) WHERE size = 'x'",
  'SELECT CAST(code AS INT) AS c FROM s.t WHERE c > 5',
  "SELECT id AS code FROM s.t WHERE code > 'x'",
  'SELECT * FROM (SELECT CAST(code AS INT) AS c FROM s.t) WHERE c > 5',
  "SELECT * FROM (SELECT CAST(code AS INT), region FROM s.t) WHERE region > 'a'",
  'WITH x AS (SELECT id, CAST(code AS INT) AS c FROM s.t) SELECT * FROM x WHERE id > 5',
  'SELECT CAST(code AS INT) AS c, count(*) FROM s.t GROUP BY c HAVING c > 5',
  'SELECT * FROM s.t JOIN s.u ON CAST(t.code AS INT) = u.id',
  'SELECT * FROM s.t JOIN s.u ON t.code = u.id',
  'SELECT * FROM s.t NATURAL JOIN s.u',
  'SELECT * FROM s.t WHERE id IN (SELECT CAST(code AS BIGINT) FROM s.t)',
  'SELECT (SELECT max(name) FROM s.u WHERE CAST(t.code AS INT) = u.id) FROM s.t',
  'SELECT sum((SELECT count(*) FROM s.u WHERE u.id = t.id / 0)) FROM s.t',
  'SELECT * FROM s.t, LATERAL (SELECT CAST(t.code AS INT) AS c)',
  'SELECT * FROM s.t, unnest([CAST(code AS INT)])',
  'FROM (SELECT CAST(code AS INT) AS c FROM s.t) UNION ALL SELECT 1',
])('barrier: %s', async (sql) => {
  expect(await barrier(sql)).toBe(true);
});

test('views without types are always behind the barrier when something filters them', async () => {
  const untyped: Relation = { schema: 's', name: 't', sql: '' };
  expect(await barrier("SELECT * FROM s.t WHERE region = 'x'", [untyped])).toBe(true);
  expect(await barrier('SELECT CAST(code AS INT) FROM s.t', [untyped])).toBe(false);
});
