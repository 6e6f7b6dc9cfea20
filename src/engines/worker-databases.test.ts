import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Lock } from './duckdb-database.ts';
import type { EngineTask } from './engine.ts';
import { WorkerDatabases } from './worker-databases.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'crossdock-databases-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const room = () => ({ threads: 1, memoryBytes: 1e8, spillFolder: folder, spillBytes: 1e8 });
const lockOf = (some: Partial<Lock> = {}): Lock => ({
  ...{ ...room(), paths: [], folders: [], barrier: false },
  relations: [{ schema: 'sales', name: 'orders', sql: 'SELECT 1 AS id' }],
  ...some,
});
const taskOf = (some: Partial<EngineTask> = {}): EngineTask => ({
  ...{ sql: 'SELECT 1', relations: [], files: [], output: { kind: 'rows', maxRows: 10 } },
  ...{ timeoutMs: 1_000, memoryBytes: 1e8, caller: 'usr_ada' },
  ...some,
});

/** Whether a second task is answered in the database of the first one. */
async function isShared(first: [EngineTask, Lock], second: [EngineTask, Lock], failed = false) {
  const databases = new WorkerDatabases();
  const before = await databases.take(...first);
  databases.release(room(), failed);
  const after = await databases.take(...second);
  const rows = await after.connection.runAndReadAll('SELECT * FROM sales.orders');
  expect(rows.currentRowCount).toBe(1);
  databases.release(room(), true);
  return before === after;
}

test('a caller who asks for the same views again is answered in the same database', async () => {
  expect(await isShared([taskOf(), lockOf()], [taskOf({ sql: 'SELECT 2' }), lockOf()])).toBe(true);
});

test('anybody else, and for anything else, in another one', async () => {
  const other = { schema: 'sales', name: 'orders', sql: 'SELECT 2 AS id' };
  const seconds: [EngineTask, Lock][] = [
    [taskOf({ caller: 'usr_bob' }), lockOf()],
    [taskOf(), lockOf({ relations: [other] })],
    [taskOf(), lockOf({ barrier: true })],
    [taskOf(), lockOf({ paths: [join(folder, 'file')] })],
    [taskOf(), lockOf({ memoryBytes: 2e8 })],
  ];
  for (const second of seconds) expect(await isShared([taskOf(), lockOf()], second)).toBe(false);
});

test('after a failure, and for what is ours or writes a file, in another one', async () => {
  const same = (some: Partial<EngineTask>): [EngineTask, Lock] => [taskOf(some), lockOf()];
  expect(await isShared(same({}), same({}), true)).toBe(false);
  const file = { kind: 'file', path: join(folder, 'answer.csv'), format: 'csv' } as const;
  const { caller: _caller, ...nobody } = taskOf();
  for (const task of [taskOf({ trusted: true }), taskOf({ output: file }), nobody])
    expect(await isShared([task, lockOf()], [task, lockOf()])).toBe(false);
});

test('a database that is kept is as locked as it was', async () => {
  const databases = new WorkerDatabases();
  for (let round = 0; round < 2; round++) {
    const { connection } = await databases.take(taskOf(), lockOf());
    await expect(connection.run('SET threads = 2')).rejects.toThrow('locked');
    await expect(connection.run("SELECT * FROM read_csv('/etc/passwd')")).rejects.toThrow('disabled');
    databases.release(room(), false);
  }
});
