import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { makeWorld, type GovernedWorld } from '../../test/fixtures/queries/governed-world.ts';
import { startTestPool } from '../../test/fixtures/queries/test-pool.ts';
import { MeshError } from '../base/errors.ts';
import type { DuckdbPool } from './duckdb-pool.ts';
import type { EngineTask, ParquetTableOutput } from './engine.ts';

let world: GovernedWorld;
let pool: DuckdbPool;
let folder: string;

beforeAll(async () => {
  world = await makeWorld('with-secrets');
  pool = startTestPool();
  folder = mkdtempSync(join(tmpdir(), 'crossdock-pool-'));
});

afterAll(async () => {
  await pool.close();
  await world.remove();
  rmSync(folder, { recursive: true });
});

const ENDLESS = 'SELECT count(*) FROM range(100000000000000)';

function task(sql: string, changes: Partial<EngineTask> = {}): EngineTask {
  return {
    sql,
    relations: world.relations,
    files: world.files,
    output: { kind: 'rows', maxRows: 100 },
    timeoutMs: 20_000,
    memoryBytes: 256 * 1024 * 1024,
    ...changes,
  };
}

const sameNames = (expected: string[]) => (names: string[]) => [...names].sort().join() === expected.join();

async function refusal(work: Promise<unknown>): Promise<MeshError> {
  const error = await work.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof MeshError)) throw new Error(`expected a refusal, got ${String(error)}`);
  return error;
}

/** Reads a file back by a trusted task. */
async function readBack(sql: string, files: string[]): Promise<unknown[][]> {
  const { rows } = await pool.run(task(sql, { trusted: true, files, relations: [] }));
  return rows!;
}

test('an answer says when there was more than asked for', async () => {
  const first = await pool.run(
    task('SELECT id FROM sales.sell_out ORDER BY id', { output: { kind: 'rows', maxRows: 2 } }),
  );
  expect(first).toMatchObject({ rows: [[0], [1]], rowCount: 2, truncated: true, bytes: 9 });
  const whole = await pool.run(task('SELECT 1 AS one, 2 AS one'));
  expect(whole).toMatchObject({ rows: [[1, 2]], truncated: false });
  expect(new Set(whole.columns.map(({ name }) => name)).size).toBe(2);
});

test('parse tells tables and columns without running anything', async () => {
  const parsed = await pool.parse(
    'SELECT s.id, name FROM nowhere.here s JOIN "a.b".c USING (k) WHERE s.x > 1',
  );
  expect(parsed.tables).toEqual([
    { schema: 'nowhere', name: 'here' },
    { schema: 'a.b', name: 'c' },
  ]);
  expect(parsed.columns).toEqual({
    '["nowhere","here"]': expect.toSatisfy(sameNames(['id', 'k', 'name', 'x'])),
    '["a.b","c"]': expect.toSatisfy(sameNames(['k', 'name'])),
  });
});

test.each([
  ['csv', (path: string) => `SELECT count(*), sum(quantity), count(note) FROM read_csv('${path}')`],
  ['json', (path: string) => `SELECT count(*), sum(quantity), count(note) FROM read_json('${path}')`],
  ['ndjson', (path: string) => `SELECT count(*), sum(quantity), count(note) FROM read_ndjson('${path}')`],
  ['parquet', (path: string) => `SELECT count(*), sum(quantity), count(note) FROM read_parquet('${path}')`],
] as const)('a %s file holds what was asked for and is read by others', async (format, back) => {
  const path = join(folder, `answer.${format}`);
  const sql = 'SELECT id, quantity, note, revenue FROM sales.sell_out';
  const result = await pool.run(task(sql, { output: { kind: 'file', path, format } }));
  expect(result.rowCount).toBe(600);
  expect(result.bytes).toBe(readFileSync(path).length);
  const [expected] = (await pool.run(task('SELECT count(*), sum(quantity), count(note) FROM sales.sell_out')))
    .rows!;
  expect(await readBack(back(path), [path])).toEqual([expected]);
});

test('sums of integers keep all digits in Parquet', async () => {
  const path = join(folder, 'wide.parquet');
  const sql = 'SELECT sum(9007199254740993 + i) AS total, 1 AS one FROM range(3) t(i)';
  await pool.run(task(sql, { output: { kind: 'file', path, format: 'parquet' } }));
  expect(await readBack(`SELECT total, typeof(total), one FROM read_parquet('${path}')`, [path])).toEqual([
    ['27021597764222982', 'DECIMAL(38,0)', 1],
  ]);
});

test('even our own SQL reads nothing but the files of its task', async () => {
  const path = join(folder, 'answer.csv');
  const error = await refusal(readBack(`FROM read_csv('${path}')`, []));
  expect(error.code).toBe('internal');
  expect(error.message).not.toContain(folder);
});

const table = (name: string, partitions: ParquetTableOutput['partitions']): ParquetTableOutput => {
  const output = join(folder, name);
  mkdirSync(output);
  return {
    kind: 'parquet-table',
    folder: output,
    partitions,
    columns: [
      { id: 1, name: 'id', type: { kind: 'long' }, required: true },
      { id: 2, name: 'region', type: { kind: 'string' }, required: false },
      { id: 3, name: 'sold_on', type: { kind: 'date' }, required: false },
      {
        id: 4,
        name: 'tags',
        type: { kind: 'list', element: { kind: 'string' }, elementRequired: false, elementId: 5 },
        required: false,
      },
    ],
  };
};

const ROWS = `SELECT tags, id, CASE WHEN id % 3 = 0 THEN NULL WHEN id % 3 = 1 THEN '' ELSE 'x/=' || region END AS region, sold_on FROM sales.sell_out`;

test('a table is written in partitions with the values of each file', async () => {
  const output = table('partitioned', [
    { column: 'region', transform: 'identity' },
    { column: 'sold_on', transform: 'month' },
    { column: 'id', transform: { bucket: 2 } },
  ]);
  const result = await pool.run(task(ROWS, { output }));
  expect(result.rowCount).toBe(600);
  expect(new Set(result.files!.map((file) => file.partition[0]))).toEqual(
    new Set([null, '', 'x/=north', 'x/=south']),
  );
  expect(new Set(result.files!.map((file) => file.partition[1]))).toEqual(new Set([660, 661, 662, 663]));
  expect(new Set(result.files!.map((file) => file.partition[2]))).toEqual(new Set([0, 1]));
  for (const file of result.files!.slice(0, 6)) {
    const read = `SELECT count(*), min(region), max(region), min(month(sold_on)) + 659 FROM read_parquet('${file.path}', hive_partitioning = false)`;
    const [region, month] = file.partition;
    expect(await readBack(read, [file.path])).toEqual([[file.rows, region, region, month]]);
  }
});

test('an unpartitioned table carries the field ids, those of nested types too', async () => {
  const result = await pool.run(task(ROWS, { output: table('whole', []) }));
  expect(result.files).toHaveLength(1);
  const path = result.files![0]!.path;
  const ids = await readBack(
    `SELECT name, field_id FROM parquet_schema('${path}') WHERE field_id IS NOT NULL`,
    [path],
  );
  expect(ids).toEqual([
    ['id', 1],
    ['region', 2],
    ['sold_on', 3],
    ['tags', 4],
    ['element', 5],
  ]);
});

test('a table of no rows writes no file', async () => {
  const result = await pool.run(task(`${ROWS} WHERE false`, { output: table('none', []) }));
  expect(result).toMatchObject({ rowCount: 0, files: [] });
});

test('a caller that gives up ends its query, waiting or running', async () => {
  const running = new AbortController();
  const waiting = new AbortController();
  const small = startTestPool({ workers: 1 });
  const first = small.run(task(ENDLESS), running.signal);
  const second = small.run(task('SELECT 1'), waiting.signal);
  await small.parse('SELECT 1');
  waiting.abort();
  expect((await refusal(second)).code).toBe('query.cancelled');
  running.abort();
  expect((await refusal(first)).code).toBe('query.cancelled');
  expect((await small.run(task('SELECT 1'))).rows).toEqual([[1]]);
  expect((await refusal(small.run(task('SELECT 1'), running.signal))).code).toBe('query.cancelled');
  await small.close();
});

test('a query that takes too long ends, and says after how many seconds', async () => {
  const error = await refusal(pool.run(task(ENDLESS, { timeoutMs: 200 })));
  expect(error).toMatchObject({ code: 'query.timeout', facts: { seconds: 0.2 } });
});

test('a parse does not wait for the queries of others', async () => {
  const busy = startTestPool({ workers: 1 });
  const stop = new AbortController();
  const endless = refusal(busy.run(task(ENDLESS), stop.signal));
  expect((await busy.parse('SELECT 1')).canonical).toBe('SELECT 1');
  stop.abort();
  expect((await endless).code).toBe('query.cancelled');
  await busy.close();
});

test('a full queue refuses, and callers take turns', async () => {
  const small = startTestPool({ workers: 1, queueLimit: 3 });
  const order: string[] = [];
  const run = (caller: string) => small.run(task('SELECT 1', { caller })).then(() => order.push(caller));
  const free = new AbortController();
  const blocker = refusal(small.run(task(ENDLESS), free.signal));
  await small.parse('SELECT 1');
  const queued = ['loud', 'loud', 'quiet'].map(run);
  expect((await refusal(small.run(task('SELECT 1')))).code).toBe('query.queue-full');
  free.abort();
  await Promise.all([blocker, ...queued]);
  expect(order).toEqual(['loud', 'quiet', 'loud']);
  await small.close();
});

test('a closed pool fails what it was doing and takes nothing more', async () => {
  const small = startTestPool({ workers: 1 });
  const running = refusal(small.run(task(ENDLESS)));
  await small.parse('SELECT 1');
  await small.close();
  expect((await running).code).toBe('query.cancelled');
  expect((await refusal(small.parse('SELECT 1'))).code).toBe('query.cancelled');
});

/** Workers are children of a process of their own here, for that process is to be killed. */
const PARENT = `
  import { DuckdbPool } from ${JSON.stringify(join(import.meta.dirname, 'duckdb-pool.ts'))};
  import { execSync } from 'node:child_process';
  const pool = new DuckdbPool({ workers: 1, threads: 1, memoryBytes: 1e8, spillFolder: process.argv[1], spillBytes: 1e8, queueLimit: 9 });
  await pool.parse('SELECT 1');
  void pool.run({ sql: ${JSON.stringify(ENDLESS)}, relations: [], files: [], output: { kind: 'rows', maxRows: 1 }, timeoutMs: 1e6, memoryBytes: 1e8 }).catch(() => 0);
  const workers = execSync('cat /proc/' + process.pid + '/task/*/children').toString().trim().split(/\\s+/);
  await pool.parse('SELECT 2');
  console.log(workers[0]);
`;

test.skipIf(process.platform !== 'linux')('workers end when the server is killed', async () => {
  const parent = spawn(
    process.execPath,
    ['--input-type=module', '-e', PARENT, '--', join(folder, 'orphan-spill')],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  );
  const worker = await new Promise<string>((resolve) =>
    parent.stdout.once('data', (data) => resolve(String(data).trim())),
  );
  expect(existsSync(`/proc/${worker}/status`)).toBe(true);
  parent.kill('SIGKILL');
  await expect.poll(() => isRunning(worker), { timeout: 10_000 }).toBe(false);
});

function isRunning(pid: string): boolean {
  const path = `/proc/${pid}/status`;
  return existsSync(path) && !/^State:\s+[ZX]/m.test(readFileSync(path, 'utf8'));
}
