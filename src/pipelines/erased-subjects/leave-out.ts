import { join } from 'node:path';
import { mkdtemp } from 'node:fs/promises';
import { quoteLiteral } from '../../base/data-type.ts';
import { type SubjectColumn, subjectColumns } from '../../contracts/data-subjects.ts';
import type { Contract } from '../../contracts/odcs.ts';
import type { Parts } from '../../identity/context.ts';
import type { Reach } from '../merge-rows.ts';
import { runStatement } from '../run-statement.ts';
import type { PipelineRun } from '../store.ts';
import { openSubjectHash } from './erasure-key.ts';
import { listErased, listPlaces } from './store.ts';

/** A condition that is true for rows of subjects that were erased; null where there can be none. */
async function erasedRowsSql(
  parts: Parts,
  domainId: string,
  columns: SubjectColumn[],
): Promise<string | null> {
  if (columns.length === 0) return null;
  const erased = Map.groupBy(await listErased(parts.database.reader, domainId), ({ subject }) => subject);
  const marked = Map.groupBy(columns, ({ subject }) => subject);
  const conditions: string[] = [];
  for (const [subject, own] of marked) {
    const hashes = (erased.get(subject) ?? []).map(({ hash }) => hash);
    if (hashes.length > 0) conditions.push((await openSubjectHash(parts)).matchSql(own, hashes));
  }
  return conditions.length === 0 ? null : conditions.join(' OR ');
}

export interface SourceRows {
  source: { id: string; domainId: string };
  table: string;
  sql: string;
}

/** The rows of a source's table without those of erased subjects; null where none can be of one. */
export async function withoutErased(parts: Parts, rows: SourceRows): Promise<string | null> {
  const places = await listPlaces(parts.database.reader, rows.source.id, rows.table);
  const condition = await erasedRowsSql(parts, rows.source.domainId, places);
  return condition === null ? null : `SELECT * FROM (${rows.sql}) WHERE NOT (${condition})`;
}

export interface MadeRows {
  run: PipelineRun;
  /** The guarded SELECT, and what it reads. */
  sql: string;
  inputs: Reach;
  /** A folder of the run, beside which others may be made. */
  folder: string;
  signal: AbortSignal;
}

const MADE = { schema: 'made', name: 'rows' };

/**
 * A pipeline's rows without those of erased subjects, whatever they were made from. They are written once
 * as the guarded SELECT gives them: its own expressions stay behind the barrier of its inputs.
 */
export async function leaveOutErased<Task extends MadeRows>(parts: Parts, task: Task): Promise<Task> {
  const { run, signal } = task;
  const columns = subjectColumns(run.contract as unknown as Contract);
  const condition = await erasedRowsSql(parts, run.domainId, columns);
  if (condition === null) return task;
  const path = join(await mkdtemp(join(task.folder, '../made-')), 'rows.parquet');
  await runStatement(
    parts,
    { domain: run.domain, signal },
    { ...task.inputs, sql: task.sql, output: { kind: 'file', path, format: 'parquet' } },
  );
  const rows = `SELECT * FROM read_parquet([${quoteLiteral(path)}], hive_partitioning => false) WHERE NOT (${condition})`;
  return {
    ...task,
    sql: `SELECT * FROM ${MADE.schema}.${MADE.name}`,
    inputs: { relations: [{ ...MADE, sql: rows, filtered: false }], files: [path] },
  };
}
