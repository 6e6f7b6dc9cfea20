import type { Column, DataType } from '../base/data-type.ts';
import type { PartitionField } from '../lake/partition.ts';

/**
 * The port of the engines: SQL text and what it may see go in, rows or files come out.
 * An engine trusts nobody: every task that is not `trusted` passes the guard again where it runs.
 */
export interface Engine {
  /**
   * Parses and guards one consumer statement without running it. With bindings, its `$name` are literals in
   * the canonical text; without, they are refused.
   * @throws MeshError `query.*` with what to do.
   */
  parse(sql: string, bindings?: Bindings): Promise<ParsedQuery>;
  /**
   * Runs one task in its own locked database and worker process.
   * @throws MeshError `query.*`; never with a path, a view's text or a value of a row.
   */
  run(task: EngineTask, signal?: AbortSignal): Promise<EngineResult>;
  /** Ends all workers; queued and running tasks fail with `query.cancelled`. */
  close(): Promise<void>;
}

/** Values of named parameters as text in the form of their type; null is SQL's NULL. */
export type Bindings = Record<string, { type: DataType; value: string | null }>;

/** What a guarded statement reads, for naming relations, for decisions and for usage records. */
export interface ParsedQuery {
  /** The canonical text that DuckDB writes back from its own syntax tree; this is what runs. */
  canonical: string;
  /** Tables the statement names (CTEs resolved), each once, in order of appearance. */
  tables: TableReference[];
  /** Columns read of each table, by the key of {@link tableKey}; `null` = all of them. */
  columns: Record<string, string[] | null>;
  /** Functions called, lower case, each once. */
  functions: string[];
}

/** A table as the consumer wrote it: `"sales.orders".line` has schema `sales.orders` and name `line`. */
export interface TableReference {
  /** Empty when the consumer wrote the table's name alone. */
  schema: string;
  name: string;
}

/** SQL names are equal when their lower-case forms are (DuckDB keeps but does not compare case). */
export function tableKey(table: { schema: string; name: string }): string {
  return JSON.stringify([table.schema.toLowerCase(), table.name.toLowerCase()]);
}

/** A view to create in the task's database: trusted SQL text made by us. */
export interface Relation {
  schema: string;
  name: string;
  sql: string;
  /**
   * Whether the view hides rows. When it does, expressions of the consumer that could fail or take long
   * are kept from the hidden rows by a barrier. Absent = true: the safe side.
   */
  filtered?: boolean;
  /**
   * The view's columns with their types. With them, filters that cannot fail (`sold_on >= '2025-01-01'`) may
   * skip parts of the files; without them every filter on a view that hides rows waits behind the barrier.
   */
  columns?: Column[];
}

export interface EngineTask {
  sql: string;
  relations: Relation[];
  /** Absolute local paths the instance may read, and nothing else. */
  files: string[];
  output: EngineOutput;
  timeoutMs: number;
  memoryBytes: number;
  /** Who waits in the queue: turns are shared between callers, not between tasks. */
  caller?: string;
  /** SQL of ours (crawl, sniff, checks): not guarded, still locked to `files`. */
  trusted?: boolean;
}

export type EngineOutput =
  { kind: 'rows'; maxRows: number } | { kind: 'file'; path: string; format: FileFormat } | ParquetTableOutput;

export const FILE_FORMATS = ['csv', 'json', 'ndjson', 'parquet', 'arrow'] as const;
export type FileFormat = (typeof FILE_FORMATS)[number];

export const CONTENT_TYPES: Record<FileFormat, string> = {
  csv: 'text/csv; charset=utf-8; header=present',
  json: 'application/json',
  ndjson: 'application/x-ndjson',
  parquet: 'application/vnd.apache.parquet',
  arrow: 'application/vnd.apache.arrow.stream',
};

/** A data set written as Parquet files into an empty folder, ready to be committed to a table. */
export interface ParquetTableOutput {
  kind: 'parquet-table';
  folder: string;
  /** The table's columns in order, with field ids; the statement must give columns of these names and types. */
  columns: Column[];
  partitions: PartitionField[];
  /** Files are cut near this size; default 128 MiB. */
  fileBytes?: number;
}

export interface EngineResult {
  columns: Column[];
  /** Output `rows`: values safe for JSON, see `result-values.ts`. */
  rows?: unknown[][];
  /** Rows in the answer; with output `rows` at most `maxRows`, then `truncated` says there was more. */
  rowCount: number;
  truncated?: boolean;
  /** Size of the answer: of the files written, or of the rows as JSON. */
  bytes: number;
  files?: WrittenFile[];
  elapsedMs: number;
}

export interface WrittenFile {
  path: string;
  rows: number;
  bytes: number;
  /**
   * One value for each partition field, in order, after the transform, as `lake/partition.ts` reads them:
   * identity as text (dates ISO), day as ISO date, year and month as integers since 1970, bucket as its number.
   */
  partition: (string | number | null)[];
}
