import { newId } from '../base/ids.ts';
import { MeshError } from '../base/errors.ts';
import { json, type Reader, type Transaction } from '../store/database.ts';
import type { CrawledTable, CrawlProblem } from './crawled-table.ts';
import type { KnownCrawl } from './known-tables.ts';
import type { SourceDocument } from './source.ts';

export interface NamedSource {
  id: string;
  domainId: string;
  domain: string;
  name: string;
  document: SourceDocument;
}

function sources(reader: Reader) {
  return reader
    .selectFrom('sources')
    .innerJoin('domains', 'domains.id', 'sources.domain_id')
    .select([
      'sources.id',
      'sources.domain_id',
      'sources.name',
      'sources.document',
      'domains.name as domain',
    ]);
}

/** @throws MeshError `not-found` */
export async function readSourceRow(reader: Reader, domain: string, name: string): Promise<NamedSource> {
  const row = await sources(reader)
    .where('domains.name', '=', domain)
    .where('sources.name', '=', name)
    .executeTakeFirst();
  if (row === undefined) throw new MeshError('not-found', { facts: { what: `source ${domain}/${name}` } });
  return named(row);
}

export async function listSourcesById(reader: Reader, ids: string[]): Promise<NamedSource[]> {
  if (ids.length === 0) return [];
  return (await sources(reader).where('sources.id', 'in', ids).execute()).map(named);
}

function named(row: Awaited<ReturnType<ReturnType<typeof sources>['executeTakeFirstOrThrow']>>): NamedSource {
  const document = row.document as unknown as SourceDocument;
  return { id: row.id, domainId: row.domain_id, domain: row.domain, name: row.name, document };
}

export async function listCrawledTables(reader: Reader, sourceId: string): Promise<CrawledTable[]> {
  const rows = await reader
    .selectFrom('source_tables')
    .select('facts')
    .where('source_id', '=', sourceId)
    .orderBy('name')
    .execute();
  return rows.map((row) => row.facts as unknown as CrawledTable);
}

/** @throws MeshError `not-found` */
export async function readCrawledTable(
  reader: Reader,
  source: NamedSource,
  table: string,
): Promise<CrawledTable> {
  const row = await reader
    .selectFrom('source_tables')
    .select('facts')
    .where('source_id', '=', source.id)
    .where('name', '=', table)
    .executeTakeFirst();
  if (row !== undefined) return row.facts as unknown as CrawledTable;
  throw new MeshError('not-found', { facts: { what: `table ${source.domain}/${source.name}/${table}` } });
}

/** The source's last crawl that ended well, with its tables; undefined before the first. */
export async function findKnownCrawl(reader: Reader, sourceId: string): Promise<KnownCrawl | undefined> {
  const row = await reader
    .selectFrom('crawls')
    .select(['started_at', 'summary'])
    .where('source_id', '=', sourceId)
    .where('state', '=', 'done')
    .orderBy('started_at', 'desc')
    .executeTakeFirst();
  const summary = row?.summary as { rules?: string; problems: CrawlProblem[] } | null | undefined;
  if (row === undefined || summary?.rules === undefined) return undefined;
  const { rules, problems } = summary;
  return { startedAt: row.started_at, rules, problems, tables: await listCrawledTables(reader, sourceId) };
}

/** A crawl begins; one that never ends was killed and is no harm: the tables of the last whole one stay. */
export async function insertCrawl(transaction: Transaction, sourceId: string, at: Date): Promise<string> {
  const id = newId('crw');
  await transaction
    .insertInto('crawls')
    .values({ id, source_id: sourceId, state: 'running', started_at: at, summary: null, error: null })
    .execute();
  return id;
}

export interface CrawlResult {
  crawlId: string;
  sourceId: string;
  tables: CrawledTable[];
  problems: CrawlProblem[];
  changes: string[];
  /** `rulesOf` the document it was made by. */
  rules: string;
  at: Date;
}

/**
 * The crawl's tables take the place of those of the one before, all at once. The source's row is locked, for
 * two crawls may end together; the one that looked first does not put back what the other has replaced.
 */
export async function markCrawlDone(transaction: Transaction, result: CrawlResult): Promise<void> {
  const { crawlId, sourceId, tables, problems, changes, rules } = result;
  await transaction.selectFrom('sources').select('id').where('id', '=', sourceId).forUpdate().execute();
  const later = await findLaterCrawl(transaction, result);
  await transaction
    .updateTable('crawls')
    .set({
      state: 'done',
      finished_at: result.at,
      summary: json({ tables: tables.length, problems, changes, rules }),
    })
    .where('id', '=', crawlId)
    .execute();
  if (later) return;
  await transaction.deleteFrom('source_tables').where('source_id', '=', sourceId).execute();
  if (tables.length === 0) return;
  await transaction
    .insertInto('source_tables')
    .values(
      tables.map((table) => ({
        id: newId('stb'),
        source_id: sourceId,
        name: table.name,
        crawl_id: crawlId,
        facts: json(table),
      })),
    )
    .execute();
}

/** Whether a crawl of the same source that began after this one has ended well already. */
async function findLaterCrawl(
  reader: Reader,
  { crawlId, sourceId }: Pick<CrawlResult, 'crawlId' | 'sourceId'>,
): Promise<boolean> {
  const row = await reader
    .selectFrom('crawls as later')
    .innerJoin('crawls as own', 'own.source_id', 'later.source_id')
    .select('later.id')
    .where('own.id', '=', crawlId)
    .where('later.source_id', '=', sourceId)
    .where('later.state', '=', 'done')
    .whereRef('later.started_at', '>', 'own.started_at')
    .executeTakeFirst();
  return row !== undefined;
}

export async function markCrawlFailed(
  transaction: Transaction,
  failure: { crawlId: string; error: Record<string, unknown>; at: Date },
): Promise<void> {
  await transaction
    .updateTable('crawls')
    .set({ state: 'failed', finished_at: failure.at, error: json(failure.error) })
    .where('id', '=', failure.crawlId)
    .execute();
}

/** Datasets whose pipelines read this table (`source.table`) of a source. */
export async function listReaders(reader: Reader, sourceId: string, table: string): Promise<string[]> {
  const rows = await reader
    .selectFrom('dataset_inputs')
    .select('dataset_id')
    .where('kind', '=', 'source')
    .where('source_id', '=', sourceId)
    .where((of) => of(of.fn('lower', ['name']), '=', table.toLowerCase()))
    .execute();
  return rows.map((row) => row.dataset_id);
}
