import type { Column } from '../base/data-type.ts';
import type { Problem } from '../base/errors.ts';

/** What a crawl found; plain JSON values, so that a crawl can be stored and compared with the next one. */
export interface Crawl {
  tables: CrawledTable[];
  problems: CrawlProblem[];
  /** Files that no table takes, each with the reason. */
  ignored: { key: string; reason: string }[];
}

/** An `error` keeps the table from being read; a `warning` wants a look. */
export interface CrawlProblem extends Problem {
  severity: 'error' | 'warning';
  /** The table concerned, where known. */
  table?: string;
}

export type TableFormat = 'csv' | 'json' | 'parquet';
export type Compression = 'none' | 'gzip' | 'zstd';
/** What we tell apart; `utf-8-mark` starts with a byte order mark that its reader does not know. Latin-1 is read as Windows-1252, its superset in text (WHATWG Encoding §4.2). */
export type Encoding = 'utf-8' | 'utf-8-mark' | 'windows-1252' | 'utf-16le' | 'utf-16be';

export interface CrawledTable {
  name: string;
  format: TableFormat;
  /** Columns of the files in order, then the partition columns. */
  columns: Column[];
  partitionColumns: string[];
  /** strptime formats of the date columns that are not ISO 8601. */
  dateFormats: Record<string, string>;
  groups: FileGroup[];
  /** Exact; files that cannot be read count nothing. */
  rows: number;
  bytes: number;
  files: CrawledFile[];
  /** NULLs of each column over all rows, where the crawl had to read the rows (CSV). */
  nullCounts: Record<string, number>;
  /** What keeps a file from being read (the first few); reading is refused with these. */
  damage: Problem[];
}

export interface CrawledFile {
  /** Path below the source's folder, with `/`. */
  key: string;
  bytes: number;
  /** ISO 8601. */
  modifiedAt: string;
  /** SHA-256 of the first 4 KiB (Parquet: the last, where the footer is). */
  fingerprint: string;
  rows: number | null;
  /** Hive-style partition values of the path; null for `__HIVE_DEFAULT_PARTITION__`. */
  partition: Record<string, string | null>;
}

/** Files that one reader call reads: same dialect, same columns in the same order. */
export interface FileGroup {
  reader: Reader;
  /** The columns of these files in their order, under the names of the table. */
  columns: string[];
  keys: string[];
}

export type Reader = CsvReader | JsonReader | ParquetReader;

export interface CsvReader extends CsvDialect {
  format: 'csv';
  compression: Compression;
  encoding: Encoding;
  nullValues: string[];
  /** Where numbers have a decimal comma; absent, they have a point. */
  decimal?: ',';
}

export interface CsvDialect {
  delimiter: string;
  /** Empty where quotes are ordinary text. */
  quote: string;
  /** The character that makes a quote ordinary inside quotes: the quote itself (RFC 4180 §2.7) or `\`. */
  escape: string;
  header: boolean;
}

export interface JsonReader {
  format: 'json';
  compression: Compression;
  encoding: Encoding;
}

export interface ParquetReader {
  format: 'parquet';
}

export function warning(table: string | undefined, message: string, place?: string): CrawlProblem {
  return problem('warning', { table, message, place });
}

export function failure(table: string | undefined, message: string, place?: string): CrawlProblem {
  return problem('error', { table, message, place });
}

function problem(
  severity: CrawlProblem['severity'],
  said: { table: string | undefined; message: string; place: string | undefined },
): CrawlProblem {
  return {
    severity,
    message: said.message,
    ...(said.place === undefined ? {} : { place: said.place }),
    ...(said.table === undefined ? {} : { table: said.table }),
  };
}
