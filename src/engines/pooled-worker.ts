import { MeshError } from '../base/errors.ts';
import type { Share } from './duckdb-task.ts';
import type { Bindings, EngineResult, EngineTask, ParsedQuery } from './engine.ts';
import { startWorkerProcess, type WorkerProcess } from './worker-process.ts';
import { unpackError, type Reply, type Request } from './worker-protocol.ts';

export interface PooledWorkerOptions {
  /** Most memory the process can have. */
  dataBytes: number;
  /** A worker that keeps more than this after a task is replaced. */
  retireBytes: number;
  onReady(): void;
  /** Once, when the process is gone; `wasReady` tells a crash at work from one at start. */
  onExit(reason: string, wasReady: boolean): void;
}

interface Waiting {
  resolve(value: never): void;
  reject(error: MeshError): void;
}

let made = 0;

/** A worker process with what it is doing: requests become promises that always settle. */
export class PooledWorker {
  readonly name = `worker-${++made}`;
  /** Ended by the pool because it had grown, not by an accident. */
  retired = false;
  ready = false;
  private readonly options: PooledWorkerOptions;
  private readonly process: WorkerProcess;
  private readonly waiting = new Map<number, Waiting>();
  private runId: number | undefined;
  private lastId = 0;

  constructor(options: PooledWorkerOptions) {
    this.options = options;
    this.process = startWorkerProcess({
      dataBytes: options.dataBytes,
      onReply: (reply) => this.onReply(reply),
      onExit: (reason) => this.onExit(reason),
    });
  }

  get idle(): boolean {
    return this.ready && this.runId === undefined;
  }

  parse(sql: string, bindings?: Bindings): Promise<ParsedQuery> {
    const id = ++this.lastId;
    return this.request<ParsedQuery>({
      id,
      kind: 'parse',
      sql,
      ...(bindings === undefined ? {} : { bindings }),
    });
  }

  async run(task: EngineTask, share: Share): Promise<EngineResult> {
    const id = ++this.lastId;
    this.runId = id;
    try {
      return await this.request<EngineResult>({ id, kind: 'run', task, share });
    } finally {
      this.runId = undefined;
    }
  }

  interrupt(): void {
    if (this.runId !== undefined) this.process.send({ id: this.runId, kind: 'interrupt' });
  }

  kill(): void {
    this.ready = false;
    this.process.kill();
  }

  async end(): Promise<void> {
    this.retired = true;
    this.kill();
    await this.process.gone;
  }

  private request<Value>(request: Request): Promise<Value> {
    return new Promise<Value>((resolve, reject) => {
      this.waiting.set(request.id, { resolve: resolve as Waiting['resolve'], reject });
      this.process.send(request);
    });
  }

  private onReply(reply: Reply): void {
    if (reply.kind === 'ready') {
      this.ready = true;
      return this.options.onReady();
    }
    const waiting = this.waiting.get(reply.id);
    this.waiting.delete(reply.id);
    // Memory that DuckDB and V8 keep after a large task would be missing in the next one.
    if (reply.dataBytes > this.options.retireBytes && this.waiting.size === 0) {
      this.retired = true;
      this.kill();
    }
    if (reply.kind === 'done') waiting?.resolve(reply.value as never);
    else waiting?.reject(unpackError(reply.error));
  }

  private onExit(reason: string): void {
    const wasReady = this.ready || this.retired || this.lastId > 0;
    this.ready = false;
    for (const { reject } of this.waiting.values()) reject(new MeshError('query.killed', { detail: reason }));
    this.waiting.clear();
    this.options.onExit(reason, wasReady);
  }
}
