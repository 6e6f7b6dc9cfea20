import type { Logger } from 'pino';
import type { Clock } from '../base/clock.ts';
import type { Network } from '../base/public-address.ts';
import type { SecretBox } from '../base/secret-box.ts';
import { defineOperation } from '../base/operation.ts';
import type { Engine } from '../engines/engine.ts';
import type { Lake } from '../lake/lake.ts';
import type { Database } from '../store/database.ts';
import type { Queue } from '../store/queue.ts';
import type { UsageEntry } from '../store/usage.ts';
import type { Caller } from './caller.ts';
import type { CompanySettings } from './company/settings.ts';

/** What the mesh is made of: built once by `mesh.ts`, handed to every operation and job. */
export interface Parts {
  database: Database;
  queue: Queue;
  lake: Lake;
  engine: Engine;
  clock: Clock;
  log: Logger;
  usage: UsageLog;
  /** Seals secrets that are used again; null when the operator gave no key. */
  secrets: SecretBox | null;
  settings: Settings;
}

/** Takes records of use and writes them in batches; see `audit/usage-buffer.ts`. */
export interface UsageLog {
  record(entries: UsageEntry[]): void;
}

/** The settings that operations need; the rest stays in `config.ts`. */
export interface Settings {
  /** Folder whose sub folder `<domain>` a domain's file sources may read. */
  sourcesFolder: string;
  /** The same of the domain that is the mesh's own: its audit lies there as files. */
  chainFolder: string;
  /** Folders of the mesh itself: sources that lie in them are rewritten when a subject is erased. */
  ownFolders: string[];
  /** Folder for files that live as long as one request or job. */
  temporaryFolder: string;
  queryMs: number;
  crawlMs: number;
  pipelineMs: number;
  workerMemoryBytes: number;
  /** Where OpenLineage events are sent on to. */
  openLineage: { url: string; key: string | null } | null;
  /** Where people find the mesh, without a slash at the end; null when nobody said. */
  publicUrl: string | null;
  /** Private networks that endpoints may lie in. */
  webhookNetworks: Network[];
  /** Whether endpoints may do without TLS. */
  webhookHttp: boolean;
  /** The company's OpenID Connect provider, where there is one. */
  company: CompanySettings | null;
  /** The demo's people may sign in without a secret. */
  demo: boolean;
}

export type Door = 'rest' | 'cli' | 'web' | 'job' | 'data-api' | 'start';

/** Who asks and from where; the audit records it beside every decision. */
export interface Request {
  id: string;
  door: Door;
  /** IP address of the caller; null for what the mesh does by itself. */
  address: string | null;
  signal: AbortSignal;
}

/** Everything an operation may use: the parts, the caller, the request. */
export interface Context extends Parts {
  caller: Caller;
  request: Request;
}

export const operation = defineOperation<Context>();
