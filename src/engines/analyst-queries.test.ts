import { DuckDBInstance, type DuckDBConnection } from '@duckdb/node-api';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ANALYST_QUERIES } from '../../test/fixtures/queries/analyst.ts';
import {
  ITEM,
  makeWorld,
  STORE,
  VISIBLE_SELL_OUT,
  type GovernedWorld,
} from '../../test/fixtures/queries/governed-world.ts';
import { startTestPool } from '../../test/fixtures/queries/test-pool.ts';
import type { DuckdbPool } from './duckdb-pool.ts';
import type { EngineTask } from './engine.ts';
import { meshColumns, toJsonValue } from './result-values.ts';

let world: GovernedWorld;
let pool: DuckdbPool;
let bare: DuckDBConnection;
let instance: DuckDBInstance;

beforeAll(async () => {
  world = await makeWorld('with-secrets');
  pool = startTestPool();
  instance = await DuckDBInstance.create(':memory:', { threads: '2' });
  bare = await instance.connect();
  await bare.run(`SET TimeZone = 'UTC'; CREATE SCHEMA sales; CREATE SCHEMA "sales.pos"; CREATE SCHEMA product; CREATE SCHEMA store;
    CREATE TABLE sales.sell_out AS ${VISIBLE_SELL_OUT}; CREATE VIEW "sales.pos".sell_out AS FROM sales.sell_out;
    CREATE TABLE product.item AS ${ITEM}; CREATE TABLE store.store AS ${STORE}`);
});

afterAll(async () => {
  await pool.close();
  await world.remove();
  bare.closeSync();
  instance.closeSync();
});

const task = (sql: string): EngineTask => ({
  sql,
  relations: world.relations,
  files: world.files,
  output: { kind: 'rows', maxRows: 10_000 },
  timeoutMs: 30_000,
  memoryBytes: 256 * 1024 * 1024,
});

/** Order counts only where the query asks for one; sums of doubles may differ in their last digit. */
function comparable(sql: string, rows: unknown[][]): string[] {
  const lines = rows.map((row) =>
    JSON.stringify(row, (_key, value: unknown) =>
      typeof value === 'number' ? Number(value.toPrecision(12)) : value,
    ),
  );
  return /order by/i.test(sql) ? lines : lines.sort();
}

test.each(ANALYST_QUERIES.map(({ sql, rows }) => [sql, rows] as const))('%s', async (sql, rows) => {
  const governed = await pool.run(task(sql));
  if (rows) expect(governed.rows).toEqual(rows);
  const reader = await bare.runAndReadAll(sql);
  expect(comparable(sql, governed.rows!)).toEqual(
    comparable(sql, reader.convertRows(toJsonValue) as unknown[][]),
  );
  expect(governed.columns.map((column) => column.type)).toEqual(
    meshColumns(reader.columnNames(), reader.columnTypes()).map((column) => column.type),
  );
});
