import { randomBytes } from 'node:crypto';
import { realpath, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { type Column, quoteLiteral } from '../../base/data-type.ts';
import { MeshError, type Problem } from '../../base/errors.ts';
import { LIMITS } from '../../base/limits.ts';
import type { Engine } from '../../engines/engine.ts';
import { runSqlOn } from '../../ingest/crawl-context.ts';
import { crawlSource } from '../../ingest/crawl.ts';
import type { CrawledTable } from '../../ingest/crawled-table.ts';
import { openFileSource } from '../../ingest/file-source.ts';
import { prepareFiles } from '../../ingest/prepare-files.ts';
import type { RawSource, SourceFile } from '../../ingest/raw-source.ts';
import { relationSql } from '../../ingest/relation-sql.ts';
import type { SourceDocument } from '../../ingest/source.ts';
import { planTables } from '../../ingest/table-plan.ts';

/** What testing needs of this machine. */
export interface Workbench {
  engine: Engine;
  /** An empty folder; whoever made it removes it. */
  scratch: string;
  memoryBytes: number;
  signal: AbortSignal;
}

/** Rows of files, before a contract says what their types should be. */
export interface LocalTable {
  /** For people. */
  data: string;
  sql: string;
  files: string[];
  columns: Column[];
  /** Columns without a type of their own (CSV, JSON): what their values are is for the contract to say. */
  untyped: ReadonlySet<string>;
}

export interface LocalWish {
  path: string;
  /** Table of the folder, where it holds several. */
  table?: string | undefined;
  /** Names the table is looked for under when none is wished for. */
  names: string[];
  /** Columns that the contract promises as text: their values stay as written. */
  texts: Set<string>;
}

const WHOLE: SourceDocument = { kind: 'files', path: '.' };

/**
 * One table of a file or folder: CSV, JSON, NDJSON, Parquet, packed or not, found and read as sources are.
 * @throws MeshError `test.data` for what is not there or not one table, `source.unreadable` for damage
 */
export async function openLocalTable(bench: Workbench, wish: LocalWish): Promise<LocalTable> {
  const source = await openPath(wish.path);
  const { plans } = planTables(WHOLE, (await source.list()).files);
  const plan = chooseTable(plans, wish);
  const keys = new Set(plan.files.map(({ key }) => key));
  const only: RawSource = { ...source, list: () => listOnly(source, (file) => keys.has(file.key)) };
  const budget = { timeoutMs: LIMITS.pipelineMs, memoryBytes: bench.memoryBytes };
  const crawl = await crawlSource({
    document: WHOLE,
    source: only,
    runSql: runSqlOn(bench.engine, budget, bench.signal),
    scratchRoot: bench.scratch,
  });
  const [table] = crawl.tables;
  if (table === undefined) throw unfit(wish.path, crawl.problems);
  return readTable(bench, { table: verbatim(table, wish.texts), source, data: wish.path });
}

async function openPath(path: string): Promise<RawSource> {
  const real = await realpath(resolve(path)).catch(() => null);
  if (real === null) throw unfit(path, [{ message: 'there is no such file or folder' }]);
  const isFile = (await stat(real)).isFile();
  const folder = isFile ? dirname(real) : real;
  const source = await openFileSource({ root: dirname(folder), domain: basename(folder), path: '.' });
  if (!isFile) return source;
  return { ...source, list: () => listOnly(source, ({ key }) => key === basename(real)) };
}

async function listOnly(source: RawSource, wanted: (file: SourceFile) => boolean) {
  const listing = await source.list();
  return { ...listing, files: listing.files.filter(wanted) };
}

function chooseTable(plans: ReturnType<typeof planTables>['plans'], { path, table, names }: LocalWish) {
  const found = plans.map(({ name }) => name);
  if (plans.length === 0) {
    throw unfit(path, [{ message: 'it holds no CSV, JSON, NDJSON or Parquet file' }]);
  }
  const wanted = table === undefined ? names.map(plainName) : [plainName(table)];
  const named = plans.filter(({ name }) => wanted.includes(plainName(name)));
  const below = plans.filter(({ files }) => files.every(({ key }) => liesBelow(key, wanted)));
  for (const fitting of [named, below]) if (fitting.length === 1) return fitting[0]!;
  if (plans.length === 1 && table === undefined) return plans[0]!;
  const message = `it holds the tables ${found.join(', ')}: name one of them by --table`;
  throw unfit(path, [{ message }]);
}

/** `orders/part-1.csv` is a file of `orders`, whatever the table is called among others. */
function liesBelow(key: string, wanted: string[]): boolean {
  const [file = '', ...folders] = key.split('/').reverse();
  return [file.split('.')[0]!, ...folders].some((name) => wanted.includes(plainName(name)));
}

function plainName(name: string): string {
  return name.toLowerCase().replace(/[^a-z0-9]+/g, '_');
}

function unfit(path: string, problems: Problem[]): MeshError {
  return new MeshError('test.data', { facts: { data: path }, problems });
}

/** A text column keeps its values as they are written: `00123` is no number to a contract that promises text. */
function verbatim(table: CrawledTable, texts: Set<string>): CrawledTable {
  if (table.format === 'parquet') return table;
  const columns = table.columns.map((column): Column => {
    const isDate = Object.hasOwn(table.dateFormats, column.name);
    const asText = texts.has(column.name) || (table.format === 'csv' && !isDate);
    return asText ? { ...column, type: { kind: 'string' } } : column;
  });
  const dateFormats = Object.fromEntries(
    Object.entries(table.dateFormats).filter(([name]) => !texts.has(name)),
  );
  return { ...table, columns, dateFormats };
}

interface Reading {
  table: CrawledTable;
  source: RawSource;
  data: string;
}

/** Parquet is read where it lies; what has to be parsed is parsed once. */
async function readTable(bench: Workbench, { table, source, data }: Reading): Promise<LocalTable> {
  const scratch = join(bench.scratch, randomBytes(6).toString('hex'));
  const { sql, files } = relationSql(table, await prepareFiles(table, source, scratch));
  const { columns } = table;
  if (table.format === 'parquet') return { data, sql, files, columns, untyped: new Set() };
  const path = `${scratch}.parquet`;
  await writeParquet(bench, { sql, files, path });
  return { ...parquetRows(path), data, columns, untyped: new Set(columns.map(({ name }) => name)) };
}

export async function writeParquet(
  bench: Workbench,
  { sql, files, path }: { sql: string; files: string[]; path: string },
): Promise<void> {
  await bench.engine.run(
    {
      ...{ sql, files, relations: [], trusted: true, output: { kind: 'file', path, format: 'parquet' } },
      ...{ timeoutMs: LIMITS.pipelineMs, memoryBytes: bench.memoryBytes },
    },
    bench.signal,
  );
}

export function parquetRows(path: string): { sql: string; files: string[] } {
  return { sql: `SELECT * FROM read_parquet(${quoteLiteral(path)})`, files: [path] };
}
