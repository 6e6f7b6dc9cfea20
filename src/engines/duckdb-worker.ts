/**
 * The process that runs consumers' SQL: one task at a time, each in a database of its own that is closed
 * afterwards. Started by `worker-process.ts` with a limit on its memory; it may be killed at any moment.
 */
import { readFileSync } from 'node:fs';
import { openDatabase, type Database } from './duckdb-database.ts';
import { runTask, type Share } from './duckdb-task.ts';
import { bindParameters } from './bind-parameters.ts';
import type { Bindings, EngineTask } from './engine.ts';
import { parseSql, type GuardedQuery } from './parse-sql.ts';
import { publicError } from './public-errors.ts';
import { packError, type Reply, type Request } from './worker-protocol.ts';

/** An interrupt that falls between two statements is lost, so it is repeated until the run ends. */
const INTERRUPT_EVERY_MS = 50;

/** Their trees take memory; a caller describes and runs within milliseconds. */
const REMEMBERED_QUERIES = 16;
const passed = new Map<string, GuardedQuery>();

let next: Promise<Database> = openDatabase();
const parser: Promise<Database> = openDatabase();
let running: { id: number; database: Database } | undefined;

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
  if (passed.size >= REMEMBERED_QUERIES) passed.delete(passed.keys().next().value!);
  passed.set(sql, query);
  return query;
}

async function run(id: number, task: EngineTask, share: Share): Promise<void> {
  const database = await next;
  running = { id, database };
  const context = {
    trusted: task.trusted ?? false,
    secrets: [...task.files, share.spillFolder, process.cwd()],
    memoryBytes: task.memoryBytes,
  };
  await reply(id, context, () => runTask(database, task, { share, parse }));
  running = undefined;
  // Only now: making one takes longer than most queries, and would take the processor from them.
  next = openDatabase({ ...share, memoryBytes: task.memoryBytes });
  database.close();
}

function interrupt(id: number): void {
  if (running?.id !== id) return;
  running.database.connection.interrupt();
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
  const { connection } = await next;
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
