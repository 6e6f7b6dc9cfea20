import { contentHash } from '../base/canonical.ts';
import type { CrawledFile, CrawledTable, CrawlProblem } from './crawled-table.ts';
import { eachLimit } from './each-limit.ts';
import { fingerprintOf } from './file-head.ts';
import type { RawSource } from './raw-source.ts';
import type { SourceDocument } from './source.ts';
import type { PlannedFile, TablePlan } from './table-plan.ts';

/** The last crawl of a source that ended well, as it is remembered. */
export interface KnownCrawl {
  startedAt: Date;
  /** `rulesOf` the document it was made by. */
  rules: string;
  tables: CrawledTable[];
  problems: CrawlProblem[];
}

/** Raise it when the crawl would find something else in the same bytes: what older ones found is then not used. */
const CRAWL_VERSION = 1;

/** A file written this shortly before a look may have been written once more without its date showing it. */
const SETTLED_MS = 2_000;

/** What decides, beside the files, what a crawl finds. */
export function rulesOf(document: SourceDocument): string {
  return contentHash({ version: CRAWL_VERSION, document });
}

export interface KnownTable {
  table: CrawledTable;
  problems: CrawlProblem[];
}

/**
 * What the last crawl found of a table, where its files are the same by name, size, date and fingerprint and
 * had been at rest when it looked; null where it must be looked at again.
 */
export async function findKnown(
  plan: TablePlan,
  source: RawSource,
  known: KnownCrawl,
): Promise<KnownTable | null> {
  const table = known.tables.find(({ name }) => name === plan.name);
  if (table === undefined || table.format !== plan.format || table.files.length !== plan.files.length)
    return null;
  const before = new Map(table.files.map((file) => [file.key, file]));
  const latest = known.startedAt.getTime() - SETTLED_MS;
  if (!plan.files.every((file) => isSame(file, before.get(file.key), latest))) return null;
  const same = await eachLimit(table.files, 16, async ({ key, bytes, fingerprint }) => {
    const path = await source.localFile(key);
    return fingerprint === (await fingerprintOf(path, { bytes, fromEnd: plan.format === 'parquet' }));
  });
  if (same.includes(false)) return null;
  return { table, problems: known.problems.filter((problem) => problem.table === plan.name) };
}

/** What the last crawl found of a table to which files have come. */
export interface KnownFiles {
  table: CrawledTable;
  /** The files it found, all of them as they were. */
  keys: ReadonlySet<string>;
}

/**
 * The table as the last crawl knew it, where all of its files are still there and the same, none was damaged, and
 * others have come; null where the rows of the old files have to be read again.
 */
export async function findKnownFiles(
  plan: TablePlan,
  source: RawSource,
  known: KnownCrawl,
): Promise<KnownFiles | null> {
  const table = known.tables.find(({ name }) => name === plan.name);
  if (table === undefined || table.files.length === 0 || table.files.length >= plan.files.length) return null;
  const isBroken = ({ table: name, severity }: CrawlProblem) => name === plan.name && severity === 'error';
  if (table.damage.length > 0 || known.problems.some(isBroken)) return null;
  const keys = new Set(table.files.map(({ key }) => key));
  const files = plan.files.filter(({ key }) => keys.has(key));
  const found = await findKnown({ ...plan, files }, source, known);
  return found === null ? null : { table, keys };
}

function isSame(file: PlannedFile, before: CrawledFile | undefined, latest: number): boolean {
  return (
    before !== undefined &&
    // Damaged files have none: they are looked at each time.
    before.fingerprint !== '' &&
    before.bytes === file.bytes &&
    before.modifiedAt === file.modifiedAt &&
    Date.parse(file.modifiedAt) < latest
  );
}
