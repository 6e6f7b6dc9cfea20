/**
 * The process that runs consumers' SQL: one task at a time, in a database of its own. Started by
 * `worker-process.ts` with a limit on its memory; it may be killed at any moment.
 */
import { readFileSync } from 'node:fs';
import { Recent } from '../base/recent.ts';
import { openDatabase, type Database } from './duckdb-database.ts';
import { runTask, type Share } from './duckdb-task.ts';
import { bindParameters } from './bind-parameters.ts';
import type { Bindings, EngineTask } from './engine.ts';
import { parseSql, type GuardedQuery } from './parse-sql.ts';
import { publicError } from './public-errors.ts';
import { WorkerDatabases } from './worker-databases.ts';
import { packError, type Reply, type Request } from './worker-protocol.ts';

/** An interrupt that falls between two statements is lost, so it is repeated until the run ends. */
const INTERRUPT_EVERY_MS = 50;

/** Their trees take memory; a caller describes and runs within milliseconds. */
const REMEMBERED_QUERIES = 16;
const passed = new Recent<string, GuardedQuery>(REMEMBERED_QUERIES);

const databases = new WorkerDatabases();
const parser: Promise<Database> = openDatabase();
let running: number | undefined;

process.on('message', (request: Request) => void handle(request));
// The pool is gone, perhaps killed: nothing may outlive it. SIGKILL, for DuckDB's threads do not wait to exit.
process.on('disconnect', () => process.kill(process.pid, 'SIGKILL'));

await Promise.all([warmUp(), parse('SELECT 1')]);
send({ kind: 'ready' });

async function handle(request: Request): Promise<void> {
  switch (request.kind) {
    case 'interrupt':
      return interrupt(request.id);
    case 'parse':
      return reply(request.id, { trusted: false, secrets: [], memoryBytes: 0 }, () =>
        describeQuery(request.sql, request.bindings),
      );
    case 'run':
      return run(request.id, request.task, request.share);
  }
}

async function describeQuery(sql: string, bindings: Bindings | undefined) {
  const bound = bindings === undefined ? sql : await bindParameters((await parser).connection, sql, bindings);
  const { tree: _tree, ...query } = await parse(bound);
  return query;
}

/** The guard's answer depends on the text alone, and a query comes twice: to be described, then to be run. */
async function parse(sql: string): Promise<GuardedQuery> {
  const known = passed.get(sql);
  if (known) return known;
  const query = await parseSql((await parser).connection, sql);
  passed.set(sql, query);
  return query;
}

async function run(id: number, task: EngineTask, share: Share): Promise<void> {
  running = id;
  let failed = true;
  const context = {
    trusted: task.trusted ?? false,
    secrets: [...task.files, share.spillFolder, process.cwd()],
    memoryBytes: task.memoryBytes,
  };
  await reply(id, context, async () => {
    const result = await runTask(task, { share, parse, database: (lock) => databases.take(task, lock) });
    failed = false;
    return result;
  });
  running = undefined;
  databases.release({ ...share, memoryBytes: task.memoryBytes }, failed);
}

function interrupt(id: number): void {
  if (running !== id) return;
  databases.interrupt();
  setTimeout(() => interrupt(id), INTERRUPT_EVERY_MS).unref();
}

async function reply<Value>(
  id: number,
  context: Parameters<typeof publicError>[1],
  work: () => Promise<Value>,
): Promise<void> {
  try {
    const value = await work();
    send({ kind: 'done', id, value: value as never, dataBytes: dataBytes() });
  } catch (error) {
    const failed = packError(publicError(error, context));
    send({ kind: 'failed', id, error: failed, dataBytes: dataBytes() });
  }
}

/** The first database of a process loads code pages; the first task should not pay for it. */
async function warmUp(): Promise<void> {
  const { connection } = await databases.spare;
  await connection.runAndReadAll('SELECT sum(i), max(i::VARCHAR) FROM range(10) t(i) GROUP BY i % 3');
}

/** What `ulimit -d` counts: all private writable memory, thread stacks included; elsewhere the resident set. */
function dataBytes(): number {
  if (process.platform !== 'linux') return process.memoryUsage.rss();
  const line = /^VmData:\s+(\d+) kB/m.exec(readFileSync('/proc/self/status', 'utf8'));
  return Number(line?.[1] ?? 0) * 1024;
}

function send(message: Reply): void {
  process.send?.(message);
}
