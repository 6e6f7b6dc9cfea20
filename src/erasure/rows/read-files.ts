import type { Column } from '../../base/data-type.ts';
import type { Parts } from '../../identity/context.ts';
import { filesRelation } from '../../lake/relation.ts';
import type { ScanFile } from '../../lake/scan.ts';
import { runStatement, type Worker } from '../../pipelines/run-statement.ts';

/** Files of one statement: a list of so many paths is still planned in milliseconds. */
const FILES_AT_ONCE = 500;
const FILE = '~file';
const ROWS = { schema: 'erasing', name: 'rows' } as const;
export const ROWS_SQL = `${ROWS.schema}.${ROWS.name}`;

export interface FileReading {
  worker: Worker;
  /** Those that the condition names. */
  columns: Column[];
  condition: string;
}

/** How many rows of each file meet a condition, by the file's location; files without any are left out. */
export async function countByFile(
  parts: Parts,
  files: ScanFile[],
  { worker, columns, condition }: FileReading,
): Promise<Map<string, number>> {
  const counts = new Map<string, number>();
  for (const batch of batches(files)) {
    const relation = await filesRelation(parts.lake, batch, { columns, fileColumn: FILE });
    const locations = new Map(relation.files.map((path, at) => [path, batch[at]!.file.location]));
    const { rows = [] } = await runStatement(parts, worker, {
      sql: `SELECT "${FILE}", count(*) FROM ${ROWS_SQL} WHERE ${condition} GROUP BY 1`,
      output: { kind: 'rows', maxRows: batch.length },
      relations: [{ ...ROWS, sql: relation.sql, filtered: false }],
      files: relation.files,
      trusted: true,
    });
    for (const [path, count] of rows) counts.set(locations.get(String(path)) ?? '', Number(count));
  }
  return counts;
}

/** The different values of an expression over the rows that meet a condition, none of them NULL; at most `limit`. */
export async function distinctValues(
  parts: Parts,
  files: ScanFile[],
  { worker, columns, condition, expression, limit }: FileReading & { expression: string; limit: number },
): Promise<string[]> {
  const values = new Set<string>();
  for (const batch of batches(files)) {
    const relation = await filesRelation(parts.lake, batch, { columns });
    const { rows = [] } = await runStatement(parts, worker, {
      sql: `SELECT DISTINCT ${expression} FROM ${ROWS_SQL} WHERE ${condition} AND ${expression} IS NOT NULL LIMIT ${limit}`,
      output: { kind: 'rows', maxRows: limit },
      relations: [{ ...ROWS, sql: relation.sql, filtered: false }],
      files: relation.files,
      trusted: true,
    });
    for (const [value] of rows) values.add(String(value));
  }
  return [...values];
}

export interface Survivors {
  worker: Worker;
  columns: Column[];
  condition: string;
  folder: string;
  partitions: { column: string; transform: 'identity' | 'year' | 'month' | 'day' | { bucket: number } }[];
}

/** Writes the rows that do not meet a condition as new files of the table. */
export async function writeSurvivors(parts: Parts, files: ScanFile[], survivors: Survivors) {
  const { worker, columns, condition, folder, partitions } = survivors;
  const relation = await filesRelation(parts.lake, files, { columns });
  const { files: written = [] } = await runStatement(parts, worker, {
    sql: `SELECT * FROM ${ROWS_SQL} WHERE ${condition} IS NOT TRUE`,
    output: { kind: 'parquet-table', folder, columns, partitions },
    relations: [{ ...ROWS, sql: relation.sql, filtered: false }],
    files: relation.files,
    trusted: true,
  });
  return written;
}

function batches(files: ScanFile[]): ScanFile[][] {
  const count = Math.ceil(files.length / FILES_AT_ONCE);
  return Array.from({ length: count }, (_, at) => files.slice(at * FILES_AT_ONCE, (at + 1) * FILES_AT_ONCE));
}
