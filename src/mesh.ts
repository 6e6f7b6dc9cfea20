import { chmod, mkdir, rm } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { FastifyInstance } from 'fastify';
import { type Logger, pino } from 'pino';
import { UsageBuffer } from './audit/usage-buffer.ts';
import { type Clock, systemClock } from './base/clock.ts';
import { MeshError } from './base/errors.ts';
import { LIMITS } from './base/limits.ts';
import { SecretBox } from './base/secret-box.ts';
import type { Config } from './config.ts';
import { DuckdbPool } from './engines/duckdb-pool.ts';
import type { Parts } from './identity/context.ts';
import { makeFirstAdministrator } from './identity/first-administrator.ts';
import { openHttp } from './interfaces/http.ts';
import { startJobs } from './jobs/start-jobs.ts';
import { openLake } from './lake/lake.ts';
import { localObjects } from './lake/local-objects.ts';
import { catalogPointer } from './lake/store.ts';
import { OPERATIONS } from './operations.ts';
import { stopTests } from './serving/contract-tests/running-tests.ts';
import { openDatabase } from './store/database.ts';
import { lockFolder } from './store/folder-lock.ts';
import { openQueue } from './store/queue.ts';
import { openFolderSecrets } from './store/secret-key.ts';

/** A running mesh: the only place that names the adapters behind the ports. */
export interface Mesh {
  parts: Parts;
  http: FastifyInstance;
  /** Where it answers, e.g. `http://localhost:8420`. */
  url: string;
  /** The first administrator's token and link, on the very first start; null ever after. */
  firstToken: { secret: string; path: string; linkPath: string } | null;
  close(): Promise<void>;
}

export interface MeshOptions {
  config: Config;
  version: string;
  demo: boolean;
  log?: Logger;
  /** Whether this process works on jobs; default true. */
  works?: boolean;
  /** Default: the system's. */
  clock?: Clock;
}

const WEB_FOLDER = join(dirname(dirname(fileURLToPath(import.meta.url))), 'web', 'dist');

/** Builds the mesh from its parts, outermost last, and starts listening. */
export async function openMesh(options: MeshOptions): Promise<Mesh> {
  const { config } = options;
  const log = options.log ?? openLog(config);
  const opened: (() => Promise<unknown>)[] = [];
  const closeAll = async () => {
    for (const close of opened.splice(0).reverse()) await close();
  };
  try {
    const parts = await openParts(options, log, opened);
    const path = join(config.dataFolder, 'admin-token');
    const first = await makeFirstAdministrator(parts, path);
    const stopping = new AbortController();
    opened.push(async () => stopping.abort());
    if (options.works !== false) await startJobs(parts, stopping.signal);
    const http = await openHttp(parts, {
      operations: OPERATIONS,
      webFolder: WEB_FOLDER,
      version: options.version,
      requestsPerMinute: config.requestsPerMinute,
    });
    opened.push(() => closeHttp(http));
    await listen(http, config);
    const url = config.publicUrl ?? `http://localhost:${(http.server.address() as { port: number }).port}`;
    return { parts, http, url, firstToken: first === null ? null : { ...first, path }, close: closeAll };
  } catch (error) {
    await closeAll();
    throw error;
  }
}

async function openParts(
  options: MeshOptions,
  log: Logger,
  opened: (() => Promise<unknown>)[],
): Promise<Parts> {
  const { config, clock = systemClock } = options;
  const temporaryFolder = join(config.dataFolder, 'temporary');
  const lock = await lockFolder(config.dataFolder);
  opened.push(() => lock.release());
  // Only now: the folder is locked, so nobody else's files are in here.
  await prepareFolders(config, temporaryFolder);
  // Before the database: a process that has grown takes long to start another, and workers warm up meanwhile.
  const engine = openEngine(config, temporaryFolder, log);
  opened.push(() => engine.close());
  const database = await openDatabase(config.database);
  opened.push(() => database.close());
  const queue = await openQueue(database, (error) => log.error({ err: error }, 'job queue'));
  opened.push(() => queue.close());
  const objects = await localObjects(config.storageFolder);
  const lake = openLake({ objects, pointer: catalogPointer(database, clock), clock });
  opened.push(() => stopTests(database));
  const usage = new UsageBuffer(database, (error) => log.error({ err: error }, 'usage records'));
  opened.push(() => usage.flush());
  const settings = {
    sourcesFolder: config.sourcesFolder,
    chainFolder: join(config.dataFolder, 'chain'),
    ownFolders: [config.dataFolder, config.storageFolder],
    temporaryFolder,
    queryMs: config.queryMs,
    crawlMs: LIMITS.pipelineMs,
    pipelineMs: LIMITS.pipelineMs,
    workerMemoryBytes: config.workerMemoryBytes,
    openLineage: config.openLineage,
    demo: options.demo,
    publicUrl: config.publicUrl?.replace(/\/+$/, '') ?? null,
    webhookNetworks: config.webhookNetworks,
    webhookHttp: config.webhookHttp,
    company: config.company,
  };
  const secrets = await openSecrets(config);
  return { database, queue, lake, engine, clock, log, usage, secrets, settings };
}

/** On PostgreSQL the key is the operator's to give: several servers need the same one. */
async function openSecrets({ secretKeys, database }: Config): Promise<SecretBox | null> {
  if (secretKeys !== null) return new SecretBox(secretKeys);
  return 'folder' in database ? openFolderSecrets(database.folder) : null;
}

/** Answers under way get this long; a client that reads no further does not keep the server from stopping. */
const CLOSE_GRACE_MS = 5_000;

async function closeHttp(http: FastifyInstance): Promise<void> {
  const timer = setTimeout(() => http.server.closeAllConnections(), CLOSE_GRACE_MS);
  await http.close();
  clearTimeout(timer);
}

async function listen(http: FastifyInstance, { host, port }: Config): Promise<void> {
  try {
    await http.listen({ host, port });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'EADDRINUSE' && code !== 'EACCES' && code !== 'EADDRNOTAVAIL') throw error;
    throw new MeshError('server.port', { facts: { address: `${host}:${port}`, code }, cause: error });
  }
}

/** What a killed server left in its temporary folder belongs to nobody. */
async function prepareFolders(config: Config, temporaryFolder: string): Promise<void> {
  await mkdir(config.dataFolder, { recursive: true, mode: 0o700 });
  await chmod(config.dataFolder, 0o700);
  await mkdir(config.storageFolder, { recursive: true, mode: 0o700 });
  await mkdir(config.sourcesFolder, { recursive: true });
  await rm(temporaryFolder, { recursive: true, force: true });
  await mkdir(temporaryFolder, { recursive: true, mode: 0o700 });
}

function openEngine(config: Config, temporaryFolder: string, log: Logger): DuckdbPool {
  return new DuckdbPool({
    workers: config.workers,
    threads: Math.max(1, Math.ceil(availableParallelism() / 2)),
    memoryBytes: config.workerMemoryBytes,
    spillFolder: join(temporaryFolder, 'spill'),
    spillBytes: 16 * 1024 ** 3,
    queueLimit: 1_000,
    log: (message) => log.warn(message),
  });
}

/** DuckDB for a command that needs no server: one worker with the whole machine's threads. */
export function openLocalEngine(folder: string, memoryBytes: number): DuckdbPool {
  return new DuckdbPool({
    workers: 1,
    threads: availableParallelism(),
    memoryBytes,
    spillFolder: join(folder, 'spill'),
    spillBytes: 16 * 1024 ** 3,
    queueLimit: 10,
  });
}

function openLog(config: Config): Logger {
  return pino({
    level: config.logLevel,
    // Times in UTC, levels by name; nothing of a request's headers or body is ever logged.
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label) => ({ level: label }) },
    redact: ['headers', 'req', '*.token', '*.secret', '*.authorization'],
  });
}
