import { toMeshError } from '../base/errors.ts';
import type { Parts } from '../identity/context.ts';
import { crawlSource } from './crawl.ts';
import { runSqlOn } from './crawl-context.ts';
import type { Crawl } from './crawled-table.ts';
import { compareCrawls } from './compare-crawls.ts';
import { openFileSource } from './file-source.ts';
import { insertCrawl, listCrawledTables, markCrawlDone, markCrawlFailed, type NamedSource } from './store.ts';

export interface RecordedCrawl extends Crawl {
  /** What is different from the crawl before, in words. */
  changes: string[];
}

/**
 * Looks at a source and records what it found, all at once: a crawl that fails or is killed leaves the tables
 * of the one before.
 * @throws MeshError `source.*` where the source as a whole cannot be looked at
 */
export async function recordCrawl(
  parts: Parts,
  source: NamedSource,
  signal?: AbortSignal,
): Promise<RecordedCrawl> {
  const { database, clock, settings } = parts;
  const crawlId = await database.transact((transaction) => insertCrawl(transaction, source.id, clock.now()));
  try {
    const crawl = await look(parts, source, signal);
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

  async function look(
    { engine }: Parts,
    { domain, document }: NamedSource,
    stop?: AbortSignal,
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
      runSql: runSqlOn(engine, budget, stop),
      scratchRoot: settings.temporaryFolder,
    });
  }
}
