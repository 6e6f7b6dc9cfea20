import type { Column } from '../base/data-type.ts';
import { LIMITS } from '../base/limits.ts';
import { isMeshError } from '../base/errors.ts';
import type { Engine } from '../engines/engine.ts';
import type { CrawlProblem } from './crawled-table.ts';
import type { RawSource } from './raw-source.ts';

/** Runs one trusted statement over local files; values of the rows are safe for JSON. */
export type RunSql = (sql: string, files: string[]) => Promise<{ columns: Column[]; rows: unknown[][] }>;

/** What the steps of one crawl share. */
export interface CrawlContext {
  source: RawSource;
  runSql: RunSql;
  /** An empty folder for copies in UTF-8; whoever made it removes it. */
  scratch: string;
  /** Grows during the crawl. */
  problems: CrawlProblem[];
}

export interface EngineBudget {
  timeoutMs: number;
  memoryBytes: number;
  /** Whose turn it is in the engine's queue. */
  caller?: string;
}

/** The crawl's SQL as trusted tasks of an engine. */
export function runSqlOn(engine: Engine, budget: EngineBudget, signal?: AbortSignal): RunSql {
  return async (sql, files) => {
    const output = { kind: 'rows', maxRows: LIMITS.answerRows } as const;
    const result = await engine.run({ sql, relations: [], files, output, ...budget, trusted: true }, signal);
    return { columns: result.columns, rows: result.rows ?? [] };
  };
}

/** Refusals of the engine that say something about its load or its limits, and nothing about a file. */
const NOT_THE_FILE = new Set([
  'query.cancelled',
  'query.killed',
  'query.out-of-disk',
  'query.out-of-memory',
  'query.queue-full',
  'query.timeout',
  'server.busy',
]);

/** Whether a failed statement may be blamed on one of the files it read. */
export function isAboutFiles(error: unknown): boolean {
  return !(isMeshError(error) && NOT_THE_FILE.has(error.code));
}
