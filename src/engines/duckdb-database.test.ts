import { DuckDBScalarFunction, BOOLEAN, VARCHAR } from '@duckdb/node-api';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { makeWorld, type GovernedWorld } from '../../test/fixtures/queries/governed-world.ts';
import { lockDatabase, openDatabase, type Database } from './duckdb-database.ts';

let world: GovernedWorld;

beforeAll(async () => {
  world = await makeWorld('with-secrets');
});

afterAll(() => world.remove());

/**
 * A locked database with a function that keeps every value it meets: what an expression gets to see. It takes
 * two columns, because DuckDB works out functions of one text column on the column's dictionary, see below.
 */
async function watched(barrier: boolean): Promise<{ database: Database; met: Set<string> }> {
  const database = await openDatabase();
  const met = new Set<string>();
  database.connection.registerScalarFunction(
    DuckDBScalarFunction.create({
      name: 'watch',
      returnType: BOOLEAN,
      parameterTypes: [VARCHAR, VARCHAR],
      mainFunction(_info, input, output) {
        for (let row = 0; row < input.rowCount; row++) {
          met.add(String(input.getColumnVector(0).getItem(row)));
          output.setItem(row, true);
        }
      },
    }),
  );
  await lockDatabase(database, {
    paths: world.files,
    folders: [],
    memoryBytes: 128 * 1024 * 1024,
    threads: 2,
    spillFolder: `${world.folder}/spill`,
    spillBytes: 1024 * 1024,
    relations: world.relations,
    barrier,
  });
  return { database, met };
}

const FILTERS = [
  'SELECT count(*) FROM sales.sell_out WHERE watch(code, gtin)',
  "SELECT count(*) FROM sales.sell_out WHERE region < 'o' AND watch(code, gtin)",
  "SELECT count(*) FROM sales.sell_out WHERE CASE WHEN region = 'canary' THEN watch(code, gtin) ELSE watch(region, gtin) END",
  'SELECT count(*) FROM (SELECT watch(code, gtin) AS w, id FROM sales.sell_out) WHERE w AND id > -1000',
  'WITH x AS (SELECT watch(code, gtin) AS w FROM sales.sell_out) SELECT count(*) FROM x a, x b WHERE a.w AND b.w AND a.w = b.w',
  'SELECT watch(code, gtin) AS w, count(*) FROM sales.sell_out GROUP BY w HAVING w',
  'SELECT count(*) FROM sales.sell_out s JOIN store.store t ON s.store_id = t.store_id AND watch(s.code, s.gtin)',
  'SELECT count(*) FROM store.store t LEFT JOIN sales.sell_out s ON s.store_id = t.store_id AND watch(s.code, s.gtin)',
  'SELECT count(*) FROM store.store t WHERE EXISTS (FROM sales.sell_out s WHERE s.store_id = t.store_id AND watch(s.code, s.gtin))',
  'SELECT count(*) FROM store.store t, LATERAL (SELECT * FROM sales.sell_out s WHERE watch(s.code, s.gtin) AND s.store_id = t.store_id) l',
  'SELECT count(*) FROM (FROM sales.sell_out UNION ALL FROM "sales.pos".sell_out) WHERE watch(code, gtin)',
  'SELECT id FROM sales.sell_out WHERE watch(code, gtin) ORDER BY id LIMIT 1',
  'SELECT id FROM sales.sell_out ORDER BY watch(code, gtin), id LIMIT 1',
  'SELECT id FROM sales.sell_out QUALIFY row_number() OVER (PARTITION BY watch(code, gtin) ORDER BY id) = 1 AND watch(region, gtin)',
  'SELECT DISTINCT watch(code, gtin) FROM sales.sell_out',
];

test.each(FILTERS)('behind the barrier no expression meets a hidden row: %s', async (sql) => {
  const { database, met } = await watched(true);
  await database.connection.run(sql);
  database.close();
  expect(met.size).toBeGreaterThan(1);
  expect([...met].filter((value) => /canary/i.test(value))).toEqual([]);
});

/** EXPLAIN draws the plan from the answer down to the files. */
async function isTestedInScan(barrier: boolean): Promise<boolean> {
  const { database } = await watched(barrier);
  const reader = await database.connection.runAndReadAll(
    'EXPLAIN SELECT count(*) FROM sales.sell_out WHERE quantity = 3',
  );
  const plan = String(reader.value(1, 0));
  database.close();
  expect(plan).toContain('quantity');
  return plan.lastIndexOf('quantity=3') > plan.indexOf('READ_PARQUET');
}

test('the barrier is what keeps filters of the consumer out of the scan', async () => {
  expect(await isTestedInScan(false)).toBe(true);
  expect(await isTestedInScan(true)).toBe(false);
});

test('a locked database reads its files and nothing else, and stays locked', async () => {
  const { database } = await watched(false);
  const attempt = (sql: string) =>
    database.connection.run(sql).then(
      () => 'done',
      (error: Error) =>
        /^(Permission|Invalid Input|Invalid Configuration|Binder|Catalog|IO|Not implemented)/.exec(
          error.message,
        )?.[0] ?? error.message,
    );
  expect(await attempt(`FROM read_parquet('${world.files[0]}')`)).toBe('done');
  expect(await attempt("FROM read_text('/etc/hostname')")).toBe('Permission');
  expect(await attempt(`COPY (SELECT 1) TO '${world.folder}/out.csv'`)).toBe('Permission');
  expect(await attempt("ATTACH '/tmp/x.db'")).toBe('Permission');
  expect(await attempt('INSTALL httpfs')).not.toBe('done');
  expect(await attempt('SET enable_external_access = true')).not.toBe('done');
  expect(await attempt("SET allowed_paths = ['/etc/hostname']")).not.toBe('done');
  expect(await attempt("SET memory_limit = '100GB'")).not.toBe('done');
  expect(await attempt('RESET lock_configuration')).not.toBe('done');
  database.close();
});
