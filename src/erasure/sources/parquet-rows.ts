import { join } from 'node:path';
import { randomUUID } from 'node:crypto';
import { copyFile, mkdtemp, rm } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { quoteLiteral } from '../../base/data-type.ts';
import type { Parts } from '../../identity/context.ts';
import { runStatement, type Worker } from '../../pipelines/run-statement.ts';
import { type BeforeReplacing, putInPlace } from './kept-content.ts';

export interface ParquetRows {
  path: string;
  condition: string;
  worker: Worker;
}

function relationOf(path: string): string {
  return `read_parquet([${quoteLiteral(path)}], hive_partitioning => false)`;
}

/** How many rows of a file are the subject's. */
export async function countParquetRows(
  parts: Parts,
  { path, condition, worker }: ParquetRows,
): Promise<number> {
  const { rows } = await runStatement(parts, worker, {
    sql: `SELECT count(*) FROM ${relationOf(path)} WHERE ${condition}`,
    output: { kind: 'rows', maxRows: 1 },
    relations: [],
    files: [path],
    trusted: true,
  });
  return Number(rows?.[0]?.[0] ?? 0);
}

/** Writes a file anew without the subject's rows; columns and types stay, its row groups may be others. */
export async function eraseParquetRows(
  parts: Parts,
  rows: ParquetRows,
  before: BeforeReplacing,
): Promise<void> {
  const { path, condition, worker } = rows;
  const folder = await mkdtemp(join(parts.settings.temporaryFolder, 'erasing-'));
  const temporary = join(dirname(path), `.${basename(path).slice(0, 100)}.${randomUUID()}.part`);
  try {
    const output = join(folder, 'kept.parquet');
    await runStatement(parts, worker, {
      sql: `SELECT * FROM ${relationOf(path)} WHERE ${condition} IS NOT TRUE`,
      output: { kind: 'file', path: output, format: 'parquet' },
      relations: [],
      files: [path],
      trusted: true,
    });
    await copyFile(output, temporary);
    await putInPlace(temporary, path, before);
  } finally {
    await rm(temporary, { force: true });
    await rm(folder, { recursive: true, force: true });
  }
}
