import { randomBytes } from 'node:crypto';
import type { Column } from '../base/data-type.ts';
import { MeshError } from '../base/errors.ts';
import type { Relation } from '../engines/engine.ts';
import type { Parts } from '../identity/context.ts';
import type { CrawledTable, CrawlProblem } from '../ingest/crawled-table.ts';
import { openSource } from '../ingest/open-source.ts';
import { checkUnchanged, prepareFiles } from '../ingest/prepare-files.ts';
import type { RawSource } from '../ingest/raw-source.ts';
import { recordCrawl, type RecordedCrawl } from '../ingest/record-crawl.ts';
import { relationSql } from '../ingest/relation-sql.ts';
import type { NamedSource } from '../ingest/store.ts';
import { readMetadata, type Table } from '../lake/lake.ts';
import { readRelation } from '../lake/relation.ts';
import { snapshotById } from '../lake/snapshot.ts';
import { compileDuckdbView } from '../policy/compile/duckdb.ts';
import type { PlannedDataset } from '../subscriptions/plan-access.ts';
import type { Advance } from './bookmarks/bookmark.ts';
import { unfit } from './growing-key.ts';
import { withoutErased } from './erased-subjects/leave-out.ts';
import type { Increment } from './plan-reading.ts';
import { isRead, newFiles, newRows, noRowsSql } from './read-increment.ts';
import type { PipelineInput, SourceInput } from './resolve-inputs.ts';

/** What a pipeline's statement reads, as views and the files below them, and the record of it. */
export interface InputRelations {
  relations: Relation[];
  files: string[];
  /** For the run's page: which files or which release were read, and what of them. */
  record: object[];
  /** How far the bookmark will be; null for a pipeline that reads everything each time. */
  advance: Advance | null;
  /**
   * Makes sure that the files read on were still the same after the reading.
   * @throws MeshError `source.changed`
   */
  verify(): Promise<void>;
}

export interface PrepareOptions {
  /** The domain whose pipeline it is. */
  domain: string;
  /** Of which input only what is new is read. */
  increment: Increment | null;
  /** Folder for copies of files in other encodings; removed by the caller. */
  scratch: string;
  signal: AbortSignal;
}

/** Crawls the sources as they are now and plans the releases as they are now. */
export async function prepareInputs(
  parts: Parts,
  inputs: PipelineInput[],
  options: PrepareOptions,
): Promise<InputRelations> {
  const { increment } = options;
  const read: SourceFiles[] = [];
  const prepared: InputRelations = {
    relations: [],
    files: [],
    record: [],
    advance: null,
    verify: async () => {
      for (const { table, raw } of read) await checkUnchanged(table, raw);
    },
  };
  const crawls = new Map<string, Promise<RecordedCrawl>>();
  for (const input of inputs) {
    const found: Found =
      input.kind === 'dataset'
        ? await datasetRelation(parts, input.planned)
        : await sourceRelation(parts, input, { options, crawls });
    const one = isRead(increment, input.reference)
      ? await readOn(parts, { input, found, increment, options })
      : found;
    if (one.advance != null) prepared.advance = one.advance;
    if (one !== found && found.source !== undefined) read.push(found.source);
    prepared.relations.push({ ...input.reference, ...relationOf(one) });
    prepared.files.push(...one.files);
    prepared.record.push(one.record);
  }
  if (increment !== null && prepared.advance === null) {
    const problems = [
      { message: `the SELECT does not read what \`incremental: ${increment.reading}\` names` },
    ];
    throw new MeshError('pipeline.unknown-input', { problems });
  }
  return prepared;
}

interface Found {
  sql: string;
  files: string[];
  filtered: boolean;
  columns?: Column[];
  record: object;
  advance?: Advance;
  /** Where the rows are a source's: its files as they were crawled. */
  source?: SourceFiles;
}

/** A source's table as it was crawled; of it what is read. */
interface SourceFiles {
  table: CrawledTable;
  raw: RawSource;
}

function relationOf({ sql, filtered, columns }: Found): Omit<Relation, 'schema' | 'name'> {
  return { sql, filtered, ...(columns === undefined ? {} : { columns }) };
}

interface SourceReading {
  options: PrepareOptions;
  /** Of this run, one a source. */
  crawls: Map<string, Promise<RecordedCrawl>>;
}

async function sourceRelation(
  parts: Parts,
  { source, table, reference }: SourceInput,
  { options, crawls }: SourceReading,
): Promise<Found> {
  const { signal, increment, scratch } = options;
  const crawling = crawls.get(source.id) ?? recordCrawl(parts, source, { signal, reuse: true });
  crawls.set(source.id, crawling);
  const { tables, problems } = await crawling;
  const crawled = tables.find(({ name }) => name.toLowerCase() === table.toLowerCase());
  if (crawled === undefined) {
    const names = tables.map(({ name }) => name);
    throw unknownTable(source, table, names);
  }
  refuseDamaged(source, crawled, problems);
  const raw = await openSource(parts.settings, source);
  const fresh =
    isRead(increment, reference) && increment.incremental.kind === 'files'
      ? newFiles(crawled, increment)
      : null;
  const wanted = fresh?.table ?? crawled;
  const relation =
    fresh !== null && wanted.groups.length === 0
      ? { sql: noRowsSql(crawled.columns), files: [] }
      : relationSql(wanted, await prepareFiles(wanted, raw, `${scratch}/${source.id}`));
  const record = {
    source: `${source.domain}/${source.name}`,
    table: crawled.name,
    files: crawled.files.length,
    rows: crawled.rows,
    ...(fresh === null ? {} : { increment: fresh.record }),
  };
  const sql = await withoutErased(parts, { source, table: crawled.name, sql: relation.sql });
  return {
    ...relation,
    ...(sql === null ? { filtered: false } : { sql, filtered: true }),
    record,
    ...(fresh === null ? {} : { advance: fresh.advance }),
    source: { table: wanted, raw },
  };
}

function refuseDamaged(source: NamedSource, { name }: CrawledTable, problems: CrawlProblem[]): void {
  const broken = problems.filter((problem) => problem.severity === 'error' && problem.table === name);
  if (broken.length === 0) return;
  const facts = { table: `${source.name}.${name}` };
  throw new MeshError('pipeline.source-damaged', { facts, problems: broken });
}

interface Continuation {
  input: PipelineInput;
  found: Found;
  increment: Increment;
  options: PrepareOptions;
}

/** The part of an input that is new; of files it has been found with the files. */
async function readOn(parts: Parts, { input, found, increment, options }: Continuation): Promise<Found> {
  const { incremental } = increment;
  if (incremental.kind === 'files') {
    if (input.kind === 'source') return { ...found };
    const problems = [{ message: 'a dataset has no files to read on: write `growing COLUMN of` it' }];
    throw new MeshError('pipeline.unknown-input', { problems });
  }
  if (input.kind === 'dataset') refuseMasked(input.planned, incremental.column);
  const columns = found.columns ?? found.source?.table.columns ?? [];
  const { domain, signal } = options;
  const fresh = await newRows(parts, { domain, signal }, { input: { ...found, columns }, increment });
  return {
    ...found,
    sql: fresh.sql,
    advance: fresh.advance,
    record: { ...found.record, increment: fresh.record },
  };
}

/** A masked value says nothing of the order of the rows. */
function refuseMasked({ plan }: PlannedDataset, name: string): void {
  const column = plan.columns.find((one) => one.name.toLowerCase() === name.toLowerCase());
  if (column === undefined || column.mask === null) return;
  throw unfit(name, plan.dataset, `it is masked: ${column.reasons.join(', ')}`);
}

function unknownTable(source: NamedSource, table: string, tables: string[]): MeshError {
  return new MeshError('pipeline.unknown-input', {
    problems: [
      { message: `source ${source.name} has no table ${table}; it has ${tables.join(', ') || 'none'}` },
    ],
  });
}

/** A released dataset as the plan lets its reader see it. */
export async function datasetRelation(parts: Parts, planned: PlannedDataset) {
  const { plan, release, table } = planned;
  // The facts name the metadata already: asking the catalog again could only give another moment's.
  const loaded: Table = { ...table, metadata: await readMetadata(parts.lake, table.metadataKey) };
  const snapshot = snapshotById(loaded, release.snapshotId);
  const relation = await readRelation(parts.lake, loaded, { snapshot, columns: release.columns });
  const sql = compileDuckdbView(plan, {
    relation: `(${relation.sql})`,
    querySalt: randomBytes(24).toString('base64url'),
  });
  return {
    sql,
    files: relation.files,
    filtered: plan.rowFilter.op !== 'true',
    columns: plan.columns.map(({ name, type }): Column => ({ name, type, required: false })),
    record: {
      dataset: plan.dataset,
      release: release.number,
      snapshot: release.snapshotId,
      rows: release.rows,
      masked: plan.columns.filter(({ mask }) => mask !== null).map(({ name }) => name),
    },
  };
}
