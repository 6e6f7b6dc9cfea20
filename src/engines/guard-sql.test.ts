import { DuckDBInstance, type DuckDBConnection } from '@duckdb/node-api';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ANALYST_QUERIES } from '../../test/fixtures/queries/analyst.ts';
import { MeshError } from '../base/errors.ts';
import { guardSql } from './guard-sql.ts';
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

const parse = (sql: string) => parseSql(connection, sql);

async function reads(sql: string): Promise<Record<string, string[] | null>> {
  const { columns } = await parse(sql);
  return Object.fromEntries(
    Object.entries(columns).map(([key, names]) => [
      (JSON.parse(key) as string[]).join('.'),
      names && [...names].sort(),
    ]),
  );
}

test.each<[string, Record<string, string[] | null>]>([
  ['SELECT a, t.b FROM s.t WHERE c > 1 ORDER BY d', { 's.t': ['a', 'b', 'c', 'd'] }],
  ['SELECT count(*) FROM s.t', { 's.t': [] }],
  ['SELECT * FROM s.t', { 's.t': null }],
  ['SELECT x.* FROM s.t AS x JOIN s.u AS y ON x.a = y.b', { 's.t': null, 's.u': ['b'] }],
  ['SELECT x FROM s.t AS x', { 's.t': null }],
  ['SELECT s.t.a FROM s.t', { 's.t': ['a'] }],
  ['SELECT a.field FROM s.t', { 's.t': ['a'] }],
  [
    'SELECT x.a FROM s.t x WHERE EXISTS (SELECT 1 FROM s.u y WHERE y.b = x.c)',
    { 's.t': ['a', 'c'], 's.u': ['b'] },
  ],
  ['SELECT x.a FROM s.t x, LATERAL (SELECT x.b) l', { 's.t': ['a', 'b'] }],
  ['WITH c AS (SELECT a FROM s.t) SELECT c.a FROM c', { 's.t': ['a'] }],
  ['WITH t AS (SELECT a FROM s.t) SELECT b FROM t', { 's.t': ['a'] }],
  ['SELECT a FROM s.t JOIN s.u USING (k)', { 's.t': ['a', 'k'], 's.u': ['a', 'k'] }],
  ['SELECT a FROM s.t NATURAL JOIN s.u', { 's.t': null, 's.u': null }],
  ["PIVOT s.t ON x IN ('a') USING sum(y)", { 's.t': null }],
  ['SUMMARIZE s.t', { 's.t': null }],
  ['SELECT sum(a) OVER (PARTITION BY b ORDER BY c) FROM s.t', { 's.t': ['a', 'b', 'c'] }],
  ['SELECT a FROM s.t AS x(a, b)', { 's.t': null }],
  ['SELECT a FROM S.T UNION SELECT b FROM s.t', { 's.t': ['a', 'b'] }],
])('columns read: %s', async (sql, expected) => {
  expect(await reads(sql)).toEqual(expected);
});

test('every reason to refuse is told at once', async () => {
  const error = await parse("SELECT version(), getenv('X') FROM a.b.c").catch((thrown: unknown) => thrown);
  expect((error as MeshError).problems.map(({ message }) => message)).toEqual([
    'a.b.c names a table in three parts',
    'the function version is not available in queries',
    'the function getenv is not available in queries',
  ]);
});

test('the place of a syntax error is that of the text which was sent', async () => {
  const error = await parse("SELECT 'ö',\n  a FRO s.t x y").catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({ code: 'query.syntax', problems: [{ place: '2:9' }] });
});

test('canonical text means the same to the guard when it is parsed again', async () => {
  for (const { sql } of ANALYST_QUERIES) {
    const once = await parse(sql);
    const twice = await parse(once.canonical);
    expect(twice.tables, sql).toEqual(once.tables);
    expect(twice.columns, sql).toEqual(once.columns);
  }
});

/** A DuckDB of tomorrow: the same trees with one field or kind that is not known today. */
test('a node kind, an expression class or a field that is not known is refused', async () => {
  const { tree } = await parse('SELECT a FROM s.t WHERE b = 1');
  const changed = (change: (node: Record<string, any>) => void) => {
    const copy = structuredClone(tree) as { statements: { node: Record<string, any> }[] };
    change(copy.statements[0]!.node);
    return () => guardSql(copy);
  };
  const refusal = expect.objectContaining({ code: 'query.form-refused' }) as unknown;
  expect(guardSql(tree).tables).toHaveLength(1);
  expect(changed((node) => (node['type'] = 'UPDATE_NODE'))).toThrow(refusal as Error);
  expect(changed((node) => (node['returning'] = [{ class: 'CONSTANT' }]))).toThrow(refusal as Error);
  expect(changed((node) => (node['from_table'].type = 'REMOTE_TABLE'))).toThrow(refusal as Error);
  expect(changed((node) => (node['from_table'].branch = 'candidate'))).toThrow(refusal as Error);
  expect(changed((node) => (node['where_clause'].class = 'MAGIC'))).toThrow(refusal as Error);
  expect(changed((node) => (node['where_clause'].class = 'constructor'))).toThrow(refusal as Error);
  expect(changed((node) => (node['select_list'][0].type = 'OPERATOR_CAST'))).toThrow(refusal as Error);
  expect(changed((node) => (node['where_clause'].left = null))).not.toThrow();
  expect(() => guardSql({ statements: [] })).toThrow(
    expect.objectContaining({ code: 'query.not-select' }) as Error,
  );
});
