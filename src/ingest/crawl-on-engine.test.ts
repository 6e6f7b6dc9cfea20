import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { DuckdbPool } from '../engines/duckdb-pool.ts';
import { runSqlOn, type RunSql } from './crawl-context.ts';
import { profileTable } from './profile-table.ts';
import { filesBelow } from './relation-sql.ts';
import { leftBehind, makeTestFolder, queryTable, type TestFolder } from './test-folder.ts';

let engine: DuckdbPool;
let spillFolder: string;
let folder: TestFolder;
let runSql: RunSql;

beforeAll(() => {
  folder = makeTestFolder();
  spillFolder = mkdtempSync(join(tmpdir(), 'crossdock-spill-'));
  const memoryBytes = 512 * 1024 * 1024;
  engine = new DuckdbPool({
    workers: 1,
    threads: 2,
    memoryBytes,
    spillFolder,
    spillBytes: memoryBytes,
    queueLimit: 10,
  });
  runSql = runSqlOn(engine, { timeoutMs: 60_000, memoryBytes });
});

afterAll(async () => {
  await engine.close();
  folder.remove();
  rmSync(spillFolder, { recursive: true, force: true });
});

test('the locked engine runs every statement of a crawl, and says nothing that the crawl needs', async () => {
  folder.write('sold/month=2026-01/a [1]*.csv', 'id,name\n1,ä\n2,b\n');
  folder.write('sold/month=2026-02/b.csv.gz', gzipSync('id,name\n3,c\n'));
  folder.write('latin.csv', Buffer.from('id,name\n1,é\n', 'latin1'));
  folder.write('torn.csv', `id,name\n${'1,x\n'.repeat(5_000)}2\n`);
  folder.write('lines.ndjson', '{"a":1,"b":[1,2]}\n{"a":2}\n');
  folder.write('bad.ndjson', '{"a":1}\n{"a":\n');
  await engine.run({
    sql: 'SELECT range AS id FROM range(1000)',
    relations: [],
    files: [],
    output: { kind: 'file', path: join(folder.home, 'p.parquet'), format: 'parquet' },
    timeoutMs: 60_000,
    memoryBytes: 256 * 1024 * 1024,
    trusted: true,
  });
  writeFileSync(join(folder.root, 'secret.csv'), 'a\n1\n');
  symlinkSync(join(folder.root, 'secret.csv'), join(folder.home, 'link.csv'));
  const { tables, problems } = await folder.crawl(runSql);
  expect(tables.map(({ name, rows, damage }) => [name, rows, damage.length])).toEqual([
    ['bad', 0, 1],
    ['latin', 1, 0],
    ['lines', 2, 0],
    ['p', 1000, 0],
    ['sold', 3, 0],
    ['torn', 0, 1],
  ]);
  const errors = problems.filter(({ severity }) => severity === 'error').map(({ place }) => place);
  expect(errors.sort()).toEqual(['bad.ndjson:2:6', 'link.csv', 'torn.csv:5002:1']);
  expect(leftBehind(folder)).toEqual([]);
  const sold = tables.find(({ name }) => name === 'sold')!;
  const sql = 'SELECT id, name, month FROM t ORDER BY id';
  expect(await queryTable(folder, sold, { runSql, sql })).toEqual([
    [1, 'ä', '2026-01'],
    [2, 'b', '2026-01'],
    [3, 'c', '2026-02'],
  ]);
  const profile = await profileTable(sold, { runSql, localFile: filesBelow(folder.home) });
  expect(profile).toMatchObject({
    rows: 3,
    columns: [{ name: 'id', nulls: 0 }, { name: 'name' }, { name: 'month' }],
  });
});

test('an engine that is stopped is no reason to blame the files', async () => {
  folder.write('sold/month=2026-03/c.csv', 'id,name\n4,d\n');
  const stopped = new AbortController();
  stopped.abort();
  const budget = { timeoutMs: 60_000, memoryBytes: 256 * 1024 * 1024 };
  await expect(folder.crawl(runSqlOn(engine, budget, stopped.signal))).rejects.toMatchObject({
    code: 'query.cancelled',
  });
  expect(leftBehind(folder)).toEqual([]);
});
