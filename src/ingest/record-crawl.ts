import { MESH_DOMAIN, writeChainFiles } from '../audit/chain-files/write-chain-files.ts';
import { toMeshError } from '../base/errors.ts';
import type { Parts } from '../identity/context.ts';
import { SOURCE_DRIFT_SUMMARY } from '../incidents/describe-incident.ts';
import type { Transaction } from '../store/database.ts';
import { openIncident } from '../store/incidents.ts';
import { crawlSource } from './crawl.ts';
import { runSqlOn } from './crawl-context.ts';
import type { Crawl } from './crawled-table.ts';
import { compareCrawls, type CrawlChange, describeChanges, findChanges, isDrift } from './compare-crawls.ts';
import { type KnownCrawl, rulesOf } from './known-tables.ts';
import { openSource } from './open-source.ts';
import {
  findKnownCrawl,
  insertCrawl,
  listCrawledTables,
  listReaders,
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
    const at = clock.now();
    await database.transact(async (transaction) => {
      const result = { crawlId, sourceId: source.id, tables, problems, changes, rules, at };
      await markCrawlDone(transaction, result);
      await raiseDrift(parts, transaction, {
        source,
        drift: findChanges(before, tables).filter(isDrift),
        at,
      });
    });
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

/** Whoever reads a table whose columns changed is told before its next release. */
async function raiseDrift(
  parts: Parts,
  transaction: Transaction,
  { source, drift, at }: { source: NamedSource; drift: CrawlChange[]; at: Date },
): Promise<void> {
  const byDataset = new Map<string, string[]>();
  for (const [table, changes] of Map.groupBy(drift, (change) => change.table)) {
    const words = changes.map((change) => describeChanges(change, 1));
    for (const datasetId of await listReaders(transaction, source.id, `${source.name}.${table}`)) {
      byDataset.set(datasetId, [...(byDataset.get(datasetId) ?? []), ...words]);
    }
  }
  for (const [datasetId, changes] of byDataset) {
    await openIncident(parts, transaction, {
      datasetId,
      kind: 'source-drift',
      severity: 'warning',
      summary: SOURCE_DRIFT_SUMMARY,
      detail: { source: source.name, changes },
      at,
    });
  }
}

interface Look {
  known: KnownCrawl | undefined;
  signal: AbortSignal | undefined;
}

async function look(
  parts: Parts,
  { domain, document }: NamedSource,
  { known, signal }: Look,
): Promise<Crawl> {
  const { engine, settings } = parts;
  if (domain === MESH_DOMAIN) await writeChainFiles(parts, signal);
  const raw = await openSource(settings, { domain, document });
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
