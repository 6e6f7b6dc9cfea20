import { DuckDBInstance } from '@duckdb/node-api';
import { expect, test } from 'vitest';
import {
  ALLOWED_AGGREGATES,
  ALLOWED_MACROS,
  ALLOWED_OPERATORS,
  ALLOWED_SCALARS,
  ALLOWED_TABLE_FUNCTIONS,
  REFUSED_FUNCTIONS,
  REFUSED_TABLE_FUNCTIONS,
} from './function-lists.ts';

const IN_EXPRESSIONS = ['scalar', 'aggregate', 'macro'];

async function installedFunctions(): Promise<{ kind: string; name: string }[]> {
  const instance = await DuckDBInstance.create(':memory:', { threads: '1' });
  const connection = await instance.connect();
  const reader = await connection.runAndReadAll(
    `SELECT DISTINCT function_type, lower(function_name) FROM duckdb_functions() WHERE function_type <> 'pragma'`,
  );
  const rows = reader.getRowsJson() as [string, string][];
  connection.closeSync();
  instance.closeSync();
  return rows.map(([kind, name]) => ({ kind, name }));
}

const allowed = new Set([...ALLOWED_OPERATORS, ...ALLOWED_SCALARS, ...ALLOWED_MACROS, ...ALLOWED_AGGREGATES]);
const refused = new Set(Object.values(REFUSED_FUNCTIONS).flat());
const allowedTables = new Set(ALLOWED_TABLE_FUNCTIONS);
const refusedTables = new Set(REFUSED_TABLE_FUNCTIONS);

test('every function of the installed DuckDB was looked at: an upgrade shows its new ones here', async () => {
  const unknown = (await installedFunctions()).filter(({ kind, name }) =>
    IN_EXPRESSIONS.includes(kind)
      ? !allowed.has(name) && !refused.has(name)
      : !allowedTables.has(name) && !refusedTables.has(name),
  );
  expect(unknown).toEqual([]);
});

test('nothing is listed that the installed DuckDB no longer has', async () => {
  const installed = new Set((await installedFunctions()).map(({ name }) => name));
  const listed = [...allowed, ...refused, ...allowedTables, ...refusedTables];
  expect(listed.filter((name) => !installed.has(name.toLowerCase()))).toEqual([]);
});

test('no function is both allowed and refused', () => {
  expect([...allowed].filter((name) => refused.has(name))).toEqual([]);
  expect([...allowedTables].filter((name) => refusedTables.has(name))).toEqual([]);
});

test('nothing whose name speaks of files, settings, the catalog or logs is allowed', () => {
  const speaking =
    /^(read_|parquet_|duckdb_|pragma_|pg_|current_setting|getvariable|getenv|glob|sniff|json_execute|json_serialize|query|stats|which_secret|nextval|setseed)/;
  expect([...allowed, ...allowedTables].filter((name) => speaking.test(name))).toEqual([]);
});
