import { toMeshError } from '../base/errors.ts';
import type { Parts } from '../identity/context.ts';
import { crawlSource } from './crawl.ts';
import { runSqlOn } from './crawl-context.ts';
import type { Crawl } from './crawled-table.ts';
import { compareCrawls } from './compare-crawls.ts';
import { openFileSource } from './file-source.ts';
import { type KnownCrawl, rulesOf } from './known-tables.ts';
import {
  findKnownCrawl,
  insertCrawl,
  listCrawledTables,
  markCrawlDone,
  markCrawlFailed,
  type NamedSource,
} from './store.ts';

export interface RecordedCrawl extends Crawl {
  /** What is different from the crawl before, in words. */
  changes: string[];
}

export interface CrawlOptions {
  signal?: AbortSignal;
  /** Takes over what the crawl before found of tables whose files are the same; default: everything is read. */
  reuse?: boolean;
}

/**
 * Looks at a source and records what it found, all at once: a crawl that fails or is killed leaves the tables
 * of the one before.
 * @throws MeshError `source.*` where the source as a whole cannot be looked at
 */
export async function recordCrawl(
  parts: Parts,
  source: NamedSource,
  { signal, reuse = false }: CrawlOptions = {},
): Promise<RecordedCrawl> {
  const { database, clock } = parts;
  const rules = rulesOf(source.document);
  const last = reuse ? await findKnownCrawl(database.reader, source.id) : undefined;
  const known = last?.rules === rules ? last : undefined;
  const crawlId = await database.transact((transaction) => insertCrawl(transaction, source.id, clock.now()));
  try {
    const crawl = await look(parts, source, { known, signal });
    const before = await listCrawledTables(database.reader, source.id);
    const changes = compareCrawls(before, crawl.tables);
    const { tables, problems } = crawl;
    await database.transact((transaction) =>
      markCrawlDone(transaction, {
        crawlId,
        sourceId: source.id,
        tables,
        problems,
        changes,
        rules,
        at: clock.now(),
      }),
    );
    return { ...crawl, changes };
  } catch (error) {
    const known = toMeshError(error);
    const summary = { code: known.code, message: known.message, fix: known.fix };
    await database.transact((transaction) =>
      markCrawlFailed(transaction, { crawlId, error: summary, at: clock.now() }),
    );
    throw error;
  }
}

interface Look {
  known: KnownCrawl | undefined;
  signal: AbortSignal | undefined;
}

async function look(
  { engine, settings }: Parts,
  { domain, document }: NamedSource,
  { known, signal }: Look,
): Promise<Crawl> {
  const raw = await openFileSource({ root: settings.sourcesFolder, domain, path: document.path });
  const budget = {
    timeoutMs: settings.crawlMs,
    memoryBytes: settings.workerMemoryBytes,
    caller: `domain ${domain}`,
  };
  return crawlSource({
    document,
    source: raw,
    runSql: runSqlOn(engine, budget, signal),
    scratchRoot: settings.temporaryFolder,
    known,
  });
}
