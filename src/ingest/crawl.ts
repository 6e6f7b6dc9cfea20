import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { SoundTable } from './build-table.ts';
import type { RunSql, CrawlContext } from './crawl-context.ts';
import { crawlCsv } from './crawl-csv.ts';
import { crawlJson } from './crawl-json.ts';
import { crawlParquet } from './crawl-parquet.ts';
import { failure, warning, type Crawl, type CrawledTable } from './crawled-table.ts';
import { findKnown, findKnownFiles, type KnownCrawl, type KnownFiles } from './known-tables.ts';
import type { RawSource } from './raw-source.ts';
import type { SourceDocument } from './source.ts';
import { planTables, type TablePlan } from './table-plan.ts';

export interface CrawlTask {
  document: SourceDocument;
  source: RawSource;
  runSql: RunSql;
  /** Folder below which copies of files in other encodings are made and removed; default: the system's. */
  scratchRoot?: string;
  /** The crawl before, by the same rules: tables whose files are still the same are not read again. */
  known?: KnownCrawl | undefined;
}

/**
 * Looks at every file of a source once: tables, columns with types that all values fit, partitions, exact
 * rows. What is wrong with a file becomes a problem with its place and keeps nobody from seeing the rest.
 * @throws MeshError `source.*` only where the source as a whole cannot be looked at.
 */
export async function crawlSource(task: CrawlTask): Promise<Crawl> {
  const listing = await task.source.list();
  const { plans, ignored } = planTables(task.document, listing.files);
  const scratch = await mkdtemp(join(task.scratchRoot ?? tmpdir(), 'crossdock-crawl-'));
  const context: CrawlContext = {
    source: task.source,
    runSql: task.runSql,
    scratch,
    problems: [...listing.problems],
  };
  try {
    const tables: CrawledTable[] = [];
    for (const plan of plans) tables.push(await knownTable(plan, context, task.known));
    return { tables, problems: context.problems, ignored };
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

async function knownTable(
  plan: TablePlan,
  context: CrawlContext,
  known: KnownCrawl | undefined,
): Promise<CrawledTable> {
  const found = known === undefined ? null : await findKnown(plan, context.source, known);
  if (found === null) {
    const grown = known === undefined ? null : await findKnownFiles(plan, context.source, known);
    return crawlTable(plan, context, grown);
  }
  context.problems.push(...found.problems);
  return found.table;
}

/** Enough to see the pattern; the crawl has them all. */
const SHOWN_DAMAGE = 20;

async function crawlTable(
  plan: TablePlan,
  context: CrawlContext,
  known: KnownFiles | null,
): Promise<CrawledTable> {
  const before = context.problems.length;
  if (plan.files.length === 0)
    context.problems.push(warning(plan.name, 'no file matches the glob of this table'));
  notePartitions(plan, context);
  const table = await crawlFormat(plan, context, known);
  const errors = context.problems.slice(before).filter(({ severity }) => severity === 'error');
  return {
    ...table,
    damage: errors.slice(0, SHOWN_DAMAGE).map(({ message, place }) => ({ message, ...placeAt(place) })),
  };
}

function placeAt(place: string | undefined): { place?: string } {
  return place === undefined ? {} : { place };
}

function crawlFormat(plan: TablePlan, context: CrawlContext, known: KnownFiles | null): Promise<SoundTable> {
  switch (plan.format) {
    case 'csv':
      return crawlCsv(plan, context, known);
    case 'json':
      return crawlJson(plan, context);
    case 'parquet':
      return crawlParquet(plan, context);
  }
}

/** All files of a table lie in the same partition columns; one that does not would be read as another table's. */
function notePartitions(plan: TablePlan, context: CrawlContext): void {
  const shape = (partition: Record<string, unknown>) => Object.keys(partition).join('/') || 'none';
  const first = plan.files[0];
  if (first === undefined) return;
  const wanted = shape(first.partition);
  for (const file of plan.files) {
    const found = shape(file.partition);
    if (found === wanted) continue;
    const message = `the folders give the partition columns ${found}, those of ${first.key} give ${wanted}`;
    context.problems.push(failure(plan.name, message, file.key));
    return;
  }
}
