import { join } from 'node:path';
import type { Column } from '../base/data-type.ts';
import { MeshError } from '../base/errors.ts';
import type { Check } from '../contracts/check.ts';
import { NONE } from '../contracts/describe-quality.ts';
import type { Relation, WrittenFile } from '../engines/engine.ts';
import type { Parts } from '../identity/context.ts';
import type { Table } from '../lake/lake.ts';
import type { Snapshot } from '../lake/metadata.ts';
import { filesRelation } from '../lake/relation.ts';
import { dataFiles, type ScanFile } from '../lake/scan.ts';
import {
  BATCH,
  BATCH_COUNTS,
  batchRelation,
  batchSql,
  comparisonSql,
  FILE,
  mergedSql,
  type MergeShape,
  TABLE,
  UNTOUCHED,
  upsertsSql,
} from './merge-sql.ts';
import { filesWithKeys } from './prune-files.ts';
import { type CheckResult, runChecks } from './run-checks.ts';
import { runStatement, type Worker } from './run-statement.ts';

/** What a statement reads. */
export interface Reach {
  relations: Relation[];
  files: string[];
}

export interface MergeTask extends MergeShape {
  worker: Worker;
  /** The guarded SELECT, and what it reads. */
  sql: string;
  inputs: Reach;
  deleteWhere: string | null;
  table: Table;
  /** Whose rows the batch is merged into; null where the batch takes the place of all rows. */
  base: Snapshot | null;
  /** An empty folder for the batch. */
  folder: string;
  /** Writes the rows of a statement as data files of the table. */
  write(sql: string, reach: Reach): Promise<WrittenFile[]>;
}

export interface Merged {
  kind: 'merged';
  files: WrittenFile[];
  /** Locations of the files whose rows are in `files` now. */
  removed: string[];
  counts: MergeCounts;
}

export interface MergeCounts {
  inserted: number;
  updated: number;
  deleted: number;
  unchanged: number;
}

/** A batch whose keys do not tell its rows apart; nothing was written. */
export interface RefusedBatch {
  kind: 'refused';
  checks: CheckResult[];
}

/**
 * Merges a batch of rows into a table by key: a row takes the place of the table's row of the same key, a row
 * that deletes takes it away, the others are new. Copy on write: only files that hold a row that changes are
 * written anew, and rows are compared in all their columns.
 */
export async function mergeRows(parts: Parts, task: MergeTask): Promise<Merged | RefusedBatch> {
  const batch = await writeBatch(parts, task);
  const checks = await checkKeys(parts, task, batch);
  if (checks.length > 0) return { kind: 'refused', checks };
  const ask = (sql: string, more: Reach = NOTHING) =>
    askRows(parts, task, { sql, reach: together(batch, more) });
  const [[rows, gone] = []] = await ask(BATCH_COUNTS);
  const near = await filesWithKeys(await dataFiles(parts.lake, task.table, task.base), {
    table: task.table,
    key: task.key,
    ask: async (sql) => (await ask(sql))[0]?.[0],
  });
  const found = await compare(parts, task, { near, ask });
  const updated = total(found, (one) => one.updated);
  const unchanged = total(found, (one) => one.unchanged);
  return {
    kind: 'merged',
    files: await writeMerged(parts, task, { found, batch }),
    removed: found.filter(isTouched).map(({ scan }) => scan.file.location),
    counts: {
      inserted: Number(rows) - Number(gone) - updated - unchanged,
      updated,
      deleted: total(found, (one) => one.deleted),
      unchanged,
    },
  };
}

const NOTHING: Reach = { relations: [], files: [] };

async function writeBatch(parts: Parts, task: MergeTask): Promise<Reach> {
  const path = join(task.folder, 'batch.parquet');
  await runStatement(parts, task.worker, {
    ...task.inputs,
    sql: batchSql(task.sql, task.columns, task.deleteWhere),
    output: { kind: 'file', path, format: 'parquet' },
  });
  return { relations: [{ ...BATCH, sql: batchRelation(path), filtered: false }], files: [path] };
}

/** What a batch must hold to be merged: each key once, and none of NULL. Failures are shown like those of checks. */
async function checkKeys(parts: Parts, task: MergeTask, batch: Reach): Promise<CheckResult[]> {
  const { key, worker } = task;
  const names = key.map(({ name }) => name);
  const facts = { severity: 'error', pointer: '', dimension: null, ...NONE } as const;
  const checks: Check[] = names.map((name) => ({
    ...facts,
    kind: 'not-null',
    id: `merge-key-${name}`,
    title: `${name} of the rows to merge is filled`,
    column: [name],
  }));
  const title = `each ${names.join(', ')} is once among the rows to merge`;
  checks.push({
    ...facts,
    kind: 'unique',
    id: 'merge-key',
    title,
    columns: names.map((name) => [name]),
    nulls: 'ignored',
  });
  const results = await runChecks({
    engine: parts.engine,
    checks,
    relation: { sql: batch.relations[0]!.sql, files: batch.files, columns: task.columns },
    moment: { now: parts.clock.now(), releasedAt: null, previousAt: null },
    findReferenced: () => {
      throw new MeshError('internal', { detail: 'the checks of a batch lead nowhere' });
    },
    timeoutMs: parts.settings.pipelineMs,
    memoryBytes: parts.settings.workerMemoryBytes,
    caller: `domain ${worker.domain}`,
    signal: worker.signal,
  });
  return results.filter(({ passed }) => !passed);
}

/** A file that holds keys of the batch, with how many of their rows go, change and stay. */
interface FoundFile {
  scan: ScanFile;
  deleted: number;
  updated: number;
  unchanged: number;
}

function isTouched({ deleted, updated }: FoundFile): boolean {
  return deleted + updated > 0;
}

interface Comparison {
  near: ScanFile[];
  ask(sql: string, reach: Reach): Promise<unknown[][]>;
}

async function compare(parts: Parts, task: MergeTask, { near, ask }: Comparison): Promise<FoundFile[]> {
  if (near.length === 0) return [];
  const table = await filesRelation(parts.lake, near, { columns: task.columns, fileColumn: FILE });
  const rows = await ask(comparisonSql(task), {
    relations: [{ ...TABLE, sql: table.sql, filtered: false }],
    files: table.files,
  });
  const byPath = new Map(table.files.map((path, place) => [path, near[place]!]));
  return rows.map(([path, deleted, updated, unchanged]) => ({
    scan: byPath.get(String(path))!,
    deleted: Number(deleted),
    updated: Number(updated),
    unchanged: Number(unchanged),
  }));
}

async function writeMerged(
  parts: Parts,
  task: MergeTask,
  { found, batch }: { found: FoundFile[]; batch: Reach },
): Promise<WrittenFile[]> {
  if (task.base === null) return task.write(upsertsSql(task.columns), batch);
  const [touched, untouched] = [found.filter(isTouched), found.filter((one) => !isTouched(one))];
  const relationOf = async (name: typeof TABLE | typeof UNTOUCHED, files: FoundFile[], columns: Column[]) => {
    const { sql, files: paths } = await filesRelation(
      parts.lake,
      files.map(({ scan }) => scan),
      { columns },
    );
    return { relations: [{ ...name, sql, filtered: false }], files: paths };
  };
  const reach = together(
    await relationOf(TABLE, touched, task.columns),
    await relationOf(UNTOUCHED, untouched, task.key),
  );
  return task.write(mergedSql(task), together(batch, reach));
}

async function askRows(
  parts: Parts,
  { worker }: MergeTask,
  { sql, reach }: { sql: string; reach: Reach },
): Promise<unknown[][]> {
  const { rows } = await runStatement(parts, worker, {
    ...reach,
    sql,
    output: { kind: 'rows', maxRows: MOST_FILES },
    trusted: true,
  });
  return rows ?? [];
}

/** One row for each file of a table that holds keys of the batch; a table of more files is compacted first. */
const MOST_FILES = 1_000_000;

function together(left: Reach, right: Reach): Reach {
  return {
    relations: [...left.relations, ...right.relations],
    files: [...left.files, ...right.files],
  };
}

function total(found: FoundFile[], of: (file: FoundFile) => number): number {
  return found.reduce((sum, file) => sum + of(file), 0);
}
