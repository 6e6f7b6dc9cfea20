import { fromKysely, fromPglite, type Job, PgBoss } from 'pg-boss';
import { MeshError } from '../base/errors.ts';
import type { Database, Transaction } from './database.ts';

/** Every kind of job; one file each in `src/jobs/`. */
export interface JobData {
  'run-pipeline': { runId: string };
  'expire-subscriptions': Record<string, never>;
  'maintain-tables': Record<string, never>;
}

export type JobKind = keyof JobData;

/** What a handler gets: the data, and a signal that fires when the server stops or the job's time is over. */
export interface JobCall<Kind extends JobKind> {
  id: string;
  data: JobData[Kind];
  signal: AbortSignal;
}

export interface JobOptions {
  /** A second job with this key is not queued while the first waits. */
  singletonKey?: string;
  startAfter?: Date;
}

export interface Queue {
  /** Enqueues inside the caller's transaction: the job exists exactly if the change does. */
  enqueue<Kind extends JobKind>(
    transaction: Transaction,
    job: { kind: Kind; data: JobData[Kind] } & JobOptions,
  ): Promise<void>;
  /** Starts working on one kind of job. Handlers are idempotent: a killed server's jobs run again. */
  work<Kind extends JobKind>(kind: Kind, handler: (call: JobCall<Kind>) => Promise<void>): Promise<void>;
  /** Runs a kind by a cron expression (UTC), on one server of the mesh at a time. */
  schedule(kind: JobKind, cron: string): Promise<void>;
  close(): Promise<void>;
}

/** A live worker reports every half of this; a dead one's jobs are retried after it. */
const HEARTBEAT_SECONDS = 10;
/** Jobs of one kind at once in one server: the engine's queue shares out the processors. */
const CONCURRENCY = 2;
const KINDS: JobKind[] = ['run-pipeline', 'expire-subscriptions', 'maintain-tables'];

/** Opens the job queue beside the mesh's tables (schema `<schema>_jobs`) and creates its queues. */
export async function openQueue(
  database: Database,
  onError: (error: unknown) => void = () => undefined,
): Promise<Queue> {
  const boss = new PgBoss({
    schema: `${database.schema}_jobs`,
    superviseIntervalSeconds: 5,
    maintenanceIntervalSeconds: 60,
    cronWorkerIntervalSeconds: 5,
    ...('pglite' in database.origin
      ? { backend: 'pglite' as const, db: fromPglite(database.origin.pglite) }
      : { connectionString: database.origin.url, max: 4 }),
  });
  boss.on('error', onError);
  await boss.start();
  for (const kind of KINDS) {
    await boss.createQueue(kind, {
      retryLimit: 3,
      retryDelay: 2,
      retryBackoff: true,
      expireInSeconds: 2 * 3600,
      heartbeatSeconds: HEARTBEAT_SECONDS,
      policy: 'standard',
    });
  }
  return new BossQueue(boss);
}

class BossQueue implements Queue {
  readonly #boss: PgBoss;

  constructor(boss: PgBoss) {
    this.#boss = boss;
  }

  async enqueue<Kind extends JobKind>(
    transaction: Transaction,
    job: { kind: Kind; data: JobData[Kind] } & JobOptions,
  ): Promise<void> {
    const { kind, data, ...options } = job;
    const id = await this.#boss.send(kind, data, { ...options, db: fromKysely(transaction) });
    if (id === null && options.singletonKey === undefined) {
      throw new MeshError('internal', { detail: `the queue took no ${kind} job` });
    }
  }

  async work<Kind extends JobKind>(
    kind: Kind,
    handler: (call: JobCall<Kind>) => Promise<void>,
  ): Promise<void> {
    const handle = async (jobs: Job<JobData[Kind]>[]): Promise<void> => {
      for (const job of jobs) await handler({ id: job.id, data: job.data, signal: job.signal });
    };
    await this.#boss.work(
      kind,
      { batchSize: 1, pollingIntervalSeconds: 0.5, localConcurrency: CONCURRENCY },
      handle,
    );
  }

  async schedule(kind: JobKind, cron: string): Promise<void> {
    await this.#boss.schedule(kind, cron, {}, { tz: 'UTC' });
  }

  async close(): Promise<void> {
    await this.#boss.stop({ graceful: true, timeout: 5_000 });
  }
}
