import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { MeshError } from '../base/errors.ts';
import { Recent } from '../base/recent.ts';
import type { Share } from './duckdb-task.ts';
import type { Bindings, Engine, EngineResult, EngineTask, ParsedQuery } from './engine.ts';
import { FairQueue } from './fair-queue.ts';
import { PooledWorker } from './pooled-worker.ts';

export interface DuckdbPoolOptions {
  /** Tasks at the same time; each has a process of its own. */
  workers: number;
  /** Threads of one task. */
  threads: number;
  /** Most that one task may ask for as `memoryBytes`. */
  memoryBytes: number;
  /** Folder for spilling; the pool owns it and empties it. */
  spillFolder: string;
  /** Most that one task may spill. */
  spillBytes: number;
  /** Tasks that may wait. */
  queueLimit: number;
  /** What an operator should know: workers that died, limits that could not be set. Private text. */
  log?(message: string): void;
}

/** Node and an idle DuckDB have about 0.75 GB of data segment (thread stacks are most of it). */
const IDLE_BYTES = 768 * 1024 ** 2;

/** What scalar functions, the parser and the answer's rows may take beyond DuckDB's memory_limit. */
const BEYOND_LIMIT_BYTES = 768 * 1024 ** 2;

/** An interrupt is usually heard within milliseconds; some functions never hear it. */
const KILL_AFTER_MS = 2_000;

/** The parser needs milliseconds; a worker that needs seconds is stuck. */
const PARSE_MS = 10_000;

/** Answers of the guard that are kept, and the longest text of which one is. */
const KEPT_QUERIES = 500;
const KEPT_LENGTH = 20_000;

/** Workers that die this often before they are ready will not start at all. */
const START_ATTEMPTS = 3;

interface Job {
  task: EngineTask;
  resolve(result: EngineResult): void;
  reject(error: MeshError): void;
  worker?: PooledWorker;
  /** Set when somebody stopped it: the error its caller gets. */
  stopped?: MeshError;
  timers: NodeJS.Timeout[];
}

interface Parse {
  sql: string;
  bindings: Bindings | undefined;
  resolve(query: ParsedQuery): void;
  reject(error: MeshError): void;
}

/** The engine on DuckDB: a pool of killable processes, see `duckdb-worker.ts`. */
export class DuckdbPool implements Engine {
  private readonly options: DuckdbPoolOptions;
  private readonly queue = new FairQueue<Job>();
  private readonly parses: Parse[] = [];
  /** The guard's answer depends on the text alone, and dashboards ask the same again and again. */
  private readonly parsed = new Recent<string, ParsedQuery>(KEPT_QUERIES);
  private readonly jobs = new Set<Job>();
  private workers: PooledWorker[] = [];
  private failedStarts = 0;
  private closed = false;
  private readonly prepared: Promise<void>;

  constructor(options: DuckdbPoolOptions) {
    this.options = options;
    this.prepared = this.start();
    // Its failure belongs to the tasks that wait for it.
    this.prepared.catch(() => undefined);
  }

  async parse(sql: string, bindings?: Bindings): Promise<ParsedQuery> {
    await this.prepared;
    const isKept = bindings === undefined && sql.length <= KEPT_LENGTH;
    const known = isKept && !this.closed ? this.parsed.get(sql) : undefined;
    if (known !== undefined) return known;
    const query = await new Promise<ParsedQuery>((resolve, reject) => {
      if (this.closed) return reject(new MeshError('query.cancelled'));
      this.parses.push({ sql, bindings, resolve, reject });
      this.dispatch();
    });
    if (isKept) this.parsed.set(sql, query);
    return query;
  }

  async run(task: EngineTask, signal?: AbortSignal): Promise<EngineResult> {
    await this.prepared;
    return await new Promise<EngineResult>((resolve, reject) => {
      if (this.closed || signal?.aborted) return reject(new MeshError('query.cancelled'));
      if (this.queue.size >= this.options.queueLimit) return reject(new MeshError('query.queue-full'));
      const memoryBytes = Math.min(task.memoryBytes, this.options.memoryBytes);
      const job: Job = { task: { ...task, memoryBytes }, resolve, reject, timers: [] };
      const abort = () => this.stop(job, new MeshError('query.cancelled'));
      signal?.addEventListener('abort', abort, { once: true });
      const settled = () => signal?.removeEventListener('abort', abort);
      job.resolve = (result) => (settled(), resolve(result));
      job.reject = (error) => (settled(), reject(error));
      this.jobs.add(job);
      this.queue.push(task.caller ?? '', job);
      this.dispatch();
    });
  }

  async close(): Promise<void> {
    this.closed = true;
    await this.prepared.catch(() => undefined);
    for (const job of this.jobs) this.settle(job, (one) => one.reject(new MeshError('query.cancelled')));
    for (const parse of this.parses.splice(0)) parse.reject(new MeshError('query.cancelled'));
    await Promise.all(this.workers.map((worker) => worker.end()));
    await rm(this.options.spillFolder, { recursive: true, force: true });
  }

  private async start(): Promise<void> {
    await rm(this.options.spillFolder, { recursive: true, force: true });
    await mkdir(this.options.spillFolder, { recursive: true });
    for (let slot = 0; slot < this.options.workers; slot++) this.addWorker();
  }

  private addWorker(): void {
    const worker: PooledWorker = new PooledWorker({
      dataBytes: IDLE_BYTES + this.options.memoryBytes + BEYOND_LIMIT_BYTES,
      retireBytes: IDLE_BYTES + BEYOND_LIMIT_BYTES / 2,
      onReady: () => {
        this.failedStarts = 0;
        this.dispatch();
      },
      onExit: (reason, wasReady) => void this.replace(worker, reason, wasReady),
    });
    this.workers.push(worker);
  }

  /** Waiting parses first: they are short and any worker can take them, even a busy one. */
  private dispatch(): void {
    while (this.parses.length > 0) {
      const worker = this.workers.find((one) => one.idle) ?? this.workers.find((one) => one.ready);
      if (!worker) break;
      void this.runParse(worker, this.parses.shift()!);
    }
    for (const worker of this.workers.filter((one) => one.idle)) {
      const job = this.queue.shift();
      if (!job) return;
      this.rest(worker);
      void this.runJob(worker, job);
    }
  }

  /** To the end of the row: a worker that has just closed a database is the last to get the next task. */
  private rest(worker: PooledWorker): void {
    this.workers = [...this.workers.filter((one) => one !== worker), worker];
  }

  private async runJob(worker: PooledWorker, job: Job): Promise<void> {
    job.worker = worker;
    const { timeoutMs } = job.task;
    const timeout = () =>
      this.stop(job, new MeshError('query.timeout', { facts: { seconds: timeoutMs / 1000 } }));
    job.timers.push(setTimeout(timeout, timeoutMs));
    try {
      const result = await worker.run(job.task, this.share(worker));
      this.settle(job, (one) => one.resolve(result));
    } catch (error) {
      this.settle(job, (one) => one.reject(one.stopped ?? (error as MeshError)));
    }
    this.dispatch();
  }

  private share(worker: PooledWorker): Share {
    const { threads, spillBytes, spillFolder } = this.options;
    return { threads, spillBytes, spillFolder: join(spillFolder, worker.name) };
  }

  /** Queued: out of the queue. Running: interrupted, and killed when that is not heard. */
  private stop(job: Job, error: MeshError): void {
    job.stopped ??= error;
    if (this.queue.remove(job)) return this.settle(job, (one) => one.reject(error));
    const worker = job.worker;
    if (!worker) return;
    worker.interrupt();
    job.timers.push(setTimeout(() => worker.kill(), KILL_AFTER_MS));
  }

  private settle(job: Job, how: (job: Job) => void): void {
    if (!this.jobs.delete(job)) return;
    for (const timer of job.timers) clearTimeout(timer);
    this.queue.remove(job);
    how(job);
  }

  /** A worker that dies under a parse was perhaps killed for another's query: the parse gets a second try. */
  private async runParse(worker: PooledWorker, parse: Parse, again = true): Promise<void> {
    const timer = setTimeout(() => worker.kill(), PARSE_MS);
    try {
      parse.resolve(await worker.parse(parse.sql, parse.bindings));
    } catch (error) {
      const retry = again && (error as MeshError).code === 'query.killed' && !this.closed;
      const other = retry ? this.workers.find((one) => one.ready) : undefined;
      if (other) await this.runParse(other, parse, false);
      else parse.reject(error as MeshError);
    } finally {
      clearTimeout(timer);
    }
  }

  private async replace(worker: PooledWorker, reason: string, wasReady: boolean): Promise<void> {
    this.workers = this.workers.filter((one) => one !== worker);
    if (this.closed) return;
    if (!worker.retired) this.options.log?.(`a query worker ended: ${reason}`);
    await rm(join(this.options.spillFolder, worker.name), { recursive: true, force: true });
    this.failedStarts = wasReady ? 0 : this.failedStarts + 1;
    if (this.failedStarts >= START_ATTEMPTS) this.failWaiting(reason);
    if (!this.closed) this.addWorker();
  }

  /** Without this a pool whose workers cannot start would keep its callers waiting for ever. */
  private failWaiting(reason: string): void {
    this.failedStarts = 0;
    const error = new MeshError('internal', { detail: `query workers do not start: ${reason}` });
    for (const parse of this.parses.splice(0)) parse.reject(error);
    for (let job = this.queue.shift(); job; job = this.queue.shift())
      this.settle(job, (one) => one.reject(error));
  }
}
