import { fromKysely, fromPglite, type Job, PgBoss, type Schedule } from 'pg-boss';
import { MeshError } from '../base/errors.ts';
import { afterCommit, type Database, type Transaction } from './database.ts';
import { comeIn, listTakenJobs, type Presence } from './presence.ts';

/** Every kind of job; one file each in `src/jobs/`. */
export interface JobData {
  'run-pipeline': { runId: string };
  /** A run whose job was tried for the last time. */
  'abandon-run': { runId: string };
  'settle-steps': Record<string, never>;
  'erase-subject': { erasureId: string };
  'continue-erasures': Record<string, never>;
  'expire-rows': Record<string, never>;
  'start-scheduled-runs': Record<string, never>;
  'deliver-events': Record<string, never>;
  'send-webhook': { deliveryId: string };
  'expire-subscriptions': Record<string, never>;
  'sunset-products': Record<string, never>;
  'maintain-tables': Record<string, never>;
  'forward-lineage': Record<string, never>;
  'remove-lineage-events': Record<string, never>;
  'watch-deadlines': Record<string, never>;
  'prove-access': Record<string, never>;
  'prove-subscription': { subscriptionId: string };
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
  /** Jobs of one group do not take all the workers of their kind. */
  group?: string;
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

/**
 * A live server reports every half of this for each job it works on; a dead one's jobs are retried after it.
 * Long, for a busy processor is no death; a server that comes alone does not wait for it.
 */
const HEARTBEAT_SECONDS = 30;
/**
 * What this server enqueues starts at commit; the others' jobs, retries and what starts later wait for a look. Each
 * worker looks, so that twice a second would keep the embedded database busy for a fifteenth of its time.
 */
const LOOK_SECONDS = 2;
/** Jobs of one kind at once in one server: the engine's queue shares out the processors. */
const WORKING = { localConcurrency: 2 };
/** Requests to others mostly wait, so more of them run at once; few to one endpoint, which may be slow. */
const WAITING = { localConcurrency: 8, localGroupConcurrency: 2 };
/** Restarts count too, so it takes more of them than a bad day has to give up a run. */
const RETRIES = { retryLimit: 10, retryDelay: 1, retryBackoff: true, retryDelayMax: 30 };

/** `stately`: one waits and one works, never two at once. */
interface Kind {
  kind: JobKind;
  deadLetter?: JobKind;
  policy?: 'stately';
}

/** In this order: a queue's dead letter queue comes before it. */
const KINDS: Kind[] = [
  { kind: 'abandon-run' },
  { kind: 'run-pipeline', deadLetter: 'abandon-run' },
  { kind: 'settle-steps' },
  { kind: 'erase-subject', policy: 'stately' },
  { kind: 'continue-erasures' },
  { kind: 'expire-rows', policy: 'stately' },
  { kind: 'start-scheduled-runs' },
  { kind: 'deliver-events' },
  { kind: 'send-webhook' },
  { kind: 'expire-subscriptions' },
  { kind: 'sunset-products' },
  { kind: 'maintain-tables' },
  { kind: 'forward-lineage', policy: 'stately' },
  { kind: 'remove-lineage-events' },
  { kind: 'watch-deadlines' },
  { kind: 'prove-access', policy: 'stately' },
  { kind: 'prove-subscription' },
];

/**
 * Opens the job queue beside the mesh's tables (schema `<schema>_jobs`) and creates its queues. Where no other
 * server lives, the jobs that a killed one had taken are given back at once.
 */
export async function openQueue(
  database: Database,
  onError: (error: unknown) => void = () => undefined,
): Promise<Queue> {
  const schema = `${database.schema}_jobs`;
  const boss = new PgBoss({
    schema,
    superviseIntervalSeconds: 5,
    monitorIntervalSeconds: 10,
    maintenanceIntervalSeconds: 60,
    cronWorkerIntervalSeconds: 5,
    ...('pglite' in database.origin
      ? { backend: 'pglite' as const, db: fromPglite(database.origin.pglite) }
      : { connectionString: database.origin.url, max: 4 }),
  });
  boss.on('error', onError);
  const presence = await comeIn(database);
  try {
    await boss.start();
    for (const { kind, ...more } of KINDS) {
      await boss.createQueue(kind, {
        policy: 'standard',
        ...RETRIES,
        ...more,
        expireInSeconds: 2 * 3600,
        heartbeatSeconds: HEARTBEAT_SECONDS,
      });
    }
    if (presence.alone) await giveBack(boss, database, schema);
    await presence.settle();
  } catch (error) {
    await presence.leave();
    throw error;
  }
  return new BossQueue(boss, presence);
}

/** Through the queue's own failing, so that it counts: a job that kills every server that takes it must end. */
async function giveBack(boss: PgBoss, { reader }: Database, schema: string): Promise<void> {
  const taken = await listTakenJobs(reader, schema);
  for (const { kind } of KINDS) {
    const ids = taken.get(kind) ?? [];
    if (ids.length > 0) await boss.fail(kind, ids, { message: 'the server was killed' });
  }
}

class BossQueue implements Queue {
  readonly #boss: PgBoss;
  readonly #presence: Presence;
  /** Ids of this server's workers by kind. */
  readonly #workers = new Map<JobKind, string>();
  /** As an earlier start left them: reading all is as quick as writing one. */
  #schedules: Promise<Schedule[]> | undefined;

  constructor(boss: PgBoss, presence: Presence) {
    this.#boss = boss;
    this.#presence = presence;
  }

  async enqueue<Kind extends JobKind>(
    transaction: Transaction,
    job: { kind: Kind; data: JobData[Kind] } & JobOptions,
  ): Promise<void> {
    const { kind, data, group, ...options } = job;
    const id = await this.#boss.send(kind, data, {
      ...options,
      ...(group === undefined ? {} : { group: { id: group } }),
      db: fromKysely(transaction),
    });
    if (id === null && options.singletonKey === undefined) {
      throw new MeshError('internal', { detail: `the queue took no ${kind} job` });
    }
    // Whoever asked waits for it: this server need not wait for its next look.
    const worker = this.#workers.get(kind);
    if (worker !== undefined && options.startAfter === undefined) {
      afterCommit(transaction, () => this.#boss.notifyWorker(worker));
    }
  }

  async work<Kind extends JobKind>(
    kind: Kind,
    handler: (call: JobCall<Kind>) => Promise<void>,
  ): Promise<void> {
    const handle = async (jobs: Job<JobData[Kind]>[]): Promise<void> => {
      for (const job of jobs) await handler({ id: job.id, data: job.data, signal: job.signal });
    };
    const worker = await this.#boss.work(
      kind,
      {
        batchSize: 1,
        pollingIntervalSeconds: LOOK_SECONDS,
        ...(kind === 'send-webhook' ? WAITING : WORKING),
      },
      handle,
    );
    this.#workers.set(kind, worker);
  }

  async schedule(kind: JobKind, cron: string): Promise<void> {
    this.#schedules ??= this.#boss.getSchedules();
    const isKnown = (await this.#schedules).some(
      ({ name, cron: stored, timezone }) => name === kind && stored === cron && timezone === 'UTC',
    );
    if (!isKnown) await this.#boss.schedule(kind, cron, {}, { tz: 'UTC' });
  }

  async close(): Promise<void> {
    await this.#boss.stop({ graceful: true, timeout: 5_000 });
    await this.#presence.leave();
  }
}
