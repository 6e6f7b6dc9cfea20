import { stat } from 'node:fs/promises';
import { type DuckDBConnection, type DuckDBType, DuckDBTypeId } from '@duckdb/node-api';
import { quoteIdentifier, type Column } from '../base/data-type.ts';
import { MeshError } from '../base/errors.ts';
import { writeArrowFile } from './arrow-file.ts';
import { needsBarrier } from './barrier.ts';
import { copyToFile, copyToTable, readPartitionText } from './copy-statements.ts';
import type { Database, Lock } from './duckdb-database.ts';
import { refuseTelling } from './telling-functions.ts';
import {
  tableKey,
  type EngineResult,
  type EngineTask,
  type FileFormat,
  type ParquetTableOutput,
  type Relation,
  type TableReference,
  type WrittenFile,
} from './engine.ts';
import type { GuardedQuery } from './parse-sql.ts';
import { meshColumns, toJsonValue } from './result-values.ts';

/** What a worker adds to a task: its share of the machine. */
export interface Share {
  threads: number;
  spillFolder: string;
  spillBytes: number;
}

/** What a task needs of the process it runs in. */
export interface TaskWorker {
  share: Share;
  /** A database locked like this. */
  database(lock: Lock): Promise<Database>;
  /** The guard; a task cannot run a text that did not pass it here. */
  parse(sql: string): Promise<GuardedQuery>;
}

/** What will run, and in what database: decided before anything is opened. */
interface Plan {
  sql: string;
  relations: Relation[];
  barrier: boolean;
}

/**
 * Runs one task in a database for it alone: parse and guard, lock, execute.
 * @throws MeshError, or DuckDB's error as it is: the worker makes it public.
 */
export async function runTask(task: EngineTask, worker: TaskWorker): Promise<EngineResult> {
  const started = performance.now();
  const { sql, relations, barrier } = task.trusted
    ? trustedPlan(task)
    : guardedPlan(await worker.parse(task.sql), task);
  const { memoryBytes } = task;
  const { connection } = await worker.database({
    ...worker.share,
    ...reach(task),
    relations,
    barrier,
    memoryBytes,
  });
  const result = await answer(connection, sql, task);
  return { ...result, elapsedMs: performance.now() - started };
}

function trustedPlan(task: EngineTask): Plan {
  return { sql: task.sql, relations: task.relations, barrier: false };
}

/** Only the views the statement names are made; a name without a relation is refused as unknown. */
function guardedPlan(query: GuardedQuery, task: EngineTask): Plan {
  const offered = new Map(task.relations.map((relation) => [tableKey(relation), relation]));
  const unknown = query.tables.filter((table) => !offered.has(tableKey(table)));
  if (unknown.length > 0) throw unknownTables(unknown);
  const relations = query.tables.map((table) => offered.get(tableKey(table))!);
  const hides = relations.some((relation) => relation.filtered !== false);
  if (hides) refuseTelling(query);
  return { sql: query.canonical, relations, barrier: hides && needsBarrier(query.tree, relations) };
}

/** The refusal for names that are not there for this caller; the same whether they exist for others or not. */
export function unknownTables(tables: TableReference[]): MeshError {
  const names = tables.map(({ schema, name }) =>
    schema === '' ? name : `${/^\w+$/.test(schema) ? schema : quoteIdentifier(schema)}.${name}`,
  );
  return new MeshError('query.unknown-table', { facts: { tables: names } });
}

function reach({ files, output }: EngineTask): Pick<Lock, 'paths' | 'folders'> {
  if (output.kind === 'file') return { paths: [...files, output.path], folders: [] };
  if (output.kind === 'rows') return { paths: files, folders: [] };
  // DuckDB looks at the folder itself as a path, and at what is in it as below a folder.
  return { paths: [...files, output.folder], folders: [output.folder] };
}

type Answer = Omit<EngineResult, 'elapsedMs'>;

function answer(connection: DuckDBConnection, sql: string, { output }: EngineTask): Promise<Answer> {
  switch (output.kind) {
    case 'rows':
      return answerRows(connection, sql, output.maxRows);
    case 'file':
      return answerFile(connection, sql, output);
    case 'parquet-table':
      return answerTable(connection, sql, output);
  }
}

/** One row more than asked for tells whether there are more. Column names are made unique by the subquery. */
async function answerRows(connection: DuckDBConnection, sql: string, maxRows: number): Promise<Answer> {
  const reader = await connection.runAndReadAll(`SELECT * FROM (${sql}) LIMIT ${maxRows + 1}`);
  const rows = reader.convertRows(toJsonValue);
  const truncated = rows.length > maxRows;
  if (truncated) rows.length = maxRows;
  return {
    columns: meshColumns(reader.columnNames(), reader.columnTypes()),
    rows,
    rowCount: rows.length,
    truncated,
    bytes: Buffer.byteLength(JSON.stringify(rows)),
  };
}

async function answerFile(
  connection: DuckDBConnection,
  sql: string,
  { path, format }: { path: string; format: FileFormat },
): Promise<Answer> {
  if (format === 'arrow') {
    const written = await writeArrowFile(connection, sql, path);
    return { ...written, bytes: (await stat(path)).size };
  }
  const { columns, types } = await describe(connection, sql);
  const exact = format === 'parquet' ? keepWideIntegers(sql, columns, types) : sql;
  const copied = await connection.run(copyToFile(exact, path, format));
  return { columns, rowCount: copied.rowsChanged, bytes: (await stat(path)).size };
}

async function describe(
  connection: DuckDBConnection,
  sql: string,
): Promise<{ columns: Column[]; types: DuckDBType[] }> {
  const prepared = await connection.prepare(`SELECT * FROM (${sql})`);
  try {
    const places = Array.from({ length: prepared.columnCount }, (_, at) => at);
    const types = places.map((at) => prepared.columnType(at));
    return {
      types,
      columns: meshColumns(
        places.map((at) => prepared.columnName(at)),
        types,
      ),
    };
  } finally {
    prepared.destroySync();
  }
}

/** DuckDB writes 128-bit integers (every `sum` of integers) to Parquet as DOUBLE; decimals keep all digits. */
function keepWideIntegers(sql: string, columns: Column[], types: DuckDBType[]): string {
  const wide = columns.filter((_, at) =>
    [DuckDBTypeId.HUGEINT, DuckDBTypeId.UHUGEINT].includes(types[at]!.typeId),
  );
  if (wide.length === 0) return sql;
  const casts = wide.map(
    ({ name }) => `CAST(${quoteIdentifier(name)} AS DECIMAL(38,0)) AS ${quoteIdentifier(name)}`,
  );
  return `SELECT * REPLACE (${casts.join(', ')}) FROM (${sql})`;
}

async function answerTable(
  connection: DuckDBConnection,
  sql: string,
  output: ParquetTableOutput,
): Promise<Answer> {
  const copied = await connection.runAndReadAll(copyToTable(sql, output));
  const files = copied.getRowObjects().map((row) => writtenFile(row, output));
  // An empty answer still makes one file; a table of no rows needs none.
  const filled = files.filter((file) => file.rows > 0);
  return {
    columns: output.columns,
    rowCount: filled.reduce((sum, file) => sum + file.rows, 0),
    bytes: filled.reduce((sum, file) => sum + file.bytes, 0),
    files: filled,
  };
}

/** A row of COPY ... RETURN_STATS. */
function writtenFile(row: Record<string, unknown>, output: ParquetTableOutput): WrittenFile {
  const keys = (row['partition_keys'] as { entries?: { value: unknown }[] } | null)?.entries ?? [];
  return {
    path: String(row['filename']),
    rows: Number(row['count']),
    bytes: Number(row['file_size_bytes']),
    partition: output.partitions.map((field, at) => readPartitionText(String(keys[at]?.value), field)),
  };
}
