import { type Column, quoteIdentifier } from '../base/data-type.ts';
import { isMeshError } from '../base/errors.ts';
import { LIMITS } from '../base/limits.ts';
import type { Check, ColumnPath, ReferenceTarget } from '../contracts/check.ts';
import type { Engine, EngineResult, Relation } from '../engines/engine.ts';
import type { CheckResult } from './check-result.ts';
import {
  type CheckScope,
  type CheckSql,
  compileCheck,
  compileReference,
  type StatementSql,
} from './check-sql.ts';
import { passes } from './judge-check.ts';
import { type Scanned, scanChecks } from './scan-checks.ts';

export type { CheckResult } from './check-result.ts';

/** Rows as SQL over files. */
export interface CheckedRows {
  sql: string;
  files: string[];
  columns: Column[];
  /** Whether the SQL hides rows of the files; the author's queries are then kept from them. */
  filtered?: boolean;
}

/** What a relationship leads to: rows and the key's columns in them, or why they may not be read. */
export type ReferencedRows = (CheckedRows & { keys: ColumnPath[] }) | { refused: string };

export interface CheckTask {
  engine: Engine;
  checks: readonly Check[];
  relation: CheckedRows;
  /** For ages: now, and when these rows and those before were released, where they were. */
  moment: Pick<CheckScope, 'now' | 'releasedAt' | 'previousAt'>;
  /** Finds what relationships lead to. */
  findReferenced(target: ReferenceTarget): Promise<ReferencedRows>;
  timeoutMs: number;
  memoryBytes: number;
  caller: string;
  signal?: AbortSignal;
  /** Told after each check. */
  onProgress?(done: number, total: number): void;
}

const CHECKED = { schema: 'checked', name: 'dataset' };
const REFERENCED = { schema: 'referenced', name: 'dataset' };

/** One check on its way: its SQL, and the rows a relationship leads to. */
interface Work {
  check: Check;
  sql: CheckSql;
  referenced: CheckedRows | null;
}

/**
 * Runs every check of a contract. All checks of single rows and all aggregates are worked out in one pass;
 * keys, relationships and the author's queries, which are guarded like a consumer's, have one each.
 */
export async function runChecks(task: CheckTask): Promise<CheckResult[]> {
  return (await checkRows(task)).checks;
}

/** The same, with the number of rows that were looked at. */
export async function checkRows(task: CheckTask): Promise<{ rows: number; checks: CheckResult[] }> {
  const scope: CheckScope = { table: nameOf(CHECKED), columns: task.relation.columns, ...task.moment };
  const works: Work[] = [];
  for (const check of task.checks) works.push(await compile(task, scope, check));
  const scanned = await scanChecks(
    works.map(({ sql }) => sql),
    { table: scope.table, select: (sql) => select(task, sql) },
  );
  const results: CheckResult[] = [];
  for (const [index, work] of works.entries()) {
    results.push(await resultOf(task, work, { rows: scanned.rows, ...scanned.checks[index]! }));
    task.onProgress?.(index + 1, works.length);
  }
  return { rows: scanned.rows, checks: results };
}

async function compile(task: CheckTask, scope: CheckScope, check: Check): Promise<Work> {
  if (check.kind !== 'reference') return { check, sql: compileCheck(check, scope), referenced: null };
  const found = await task.findReferenced(check.target);
  if ('refused' in found) return { check, sql: { kind: 'not-run', reason: found.refused }, referenced: null };
  const { columns, keys } = found;
  const sql = compileReference(check, scope, { table: nameOf(REFERENCED), columns, keys });
  return { check, sql, referenced: found };
}

type Outcome = Pick<CheckResult, 'measured' | 'failures' | 'sample' | 'error'> & { run: boolean };

async function resultOf(
  task: CheckTask,
  work: Work,
  scanned: Scanned & { rows: number },
): Promise<CheckResult> {
  const { check, sql } = work;
  const started = performance.now();
  const outcome = await measure(task, work, scanned);
  const { run, measured, failures, sample, error } = outcome;
  const value = typeof measured === 'number' ? String(measured) : measured;
  const passed = run && error === null && passes(check, { value, rows: scanned.rows });
  return {
    id: check.id,
    title: check.title,
    // What is not run proves nothing and holds nothing back.
    severity: run ? check.severity : 'warning',
    outcome: !run ? 'not-run' : passed ? 'passed' : 'failed',
    passed,
    measured,
    unit: unitOf(check),
    failures: sql.kind === 'not-run' ? 0 : failures,
    sample: passed && failures === 0 ? null : sample,
    error,
    elapsedMs: Math.round((performance.now() - started + scanned.elapsedMs) * 10) / 10,
  };
}

/** What the measured number counts, for people; null where it counts rows. */
function unitOf(check: Check): string | null {
  if (check.kind === 'freshness' || check.kind === 'frequency') return check.unit;
  return check.kind === 'completeness' ? 'percent' : null;
}

const NOTHING: Outcome = { run: true, measured: null, failures: 0, sample: null, error: null };

async function measure(
  task: CheckTask,
  { sql, referenced }: Work,
  { value, failing, error }: Scanned,
): Promise<Outcome> {
  switch (sql.kind) {
    case 'scan': {
      if (error !== null) return { ...NOTHING, error };
      const failures = failing ?? 0;
      const sample = failures > 0 && sql.fails !== null ? await sampleRows(task, sql.fails) : null;
      return { ...NOTHING, measured: sql.value === null ? failures : value, failures, sample };
    }
    case 'statement':
      return orError(() => measureStatement(task, sql, referenced));
    case 'query':
      return orError(() => measureQuery(task, sql.query));
    case 'known':
      return { ...NOTHING, measured: sql.value };
    case 'not-run':
      return { ...NOTHING, run: false, error: sql.reason };
  }
}

async function measureStatement(
  task: CheckTask,
  { sql, sample, counts }: StatementSql,
  referenced: CheckedRows | null,
): Promise<Outcome> {
  const measured = Number((await select(task, sql, { referenced })).rows?.[0]?.[0] ?? 0);
  const failures = counts ? measured : 0;
  const rows =
    failures > 0 && sample !== null
      ? sampleOf(await select(task, sample(LIMITS.failingRows), { referenced }))
      : null;
  return { ...NOTHING, measured, failures, sample: rows };
}

/** ODCS "SQL": the query gives one value. More would be a query that its author misunderstands. */
async function measureQuery(task: CheckTask, query: string): Promise<Outcome> {
  const { columns, rows = [] } = await select(task, query, { guarded: true });
  if (columns.length !== 1 || rows.length > 1) {
    const error = `the query must give one value and gives ${columns.length} columns in ${rows.length > 1 ? 'several rows' : 'one row'}`;
    return { ...NOTHING, error };
  }
  return { ...NOTHING, measured: (rows[0]?.[0] ?? null) as CheckResult['measured'] };
}

/** A check that cannot be worked out did not pass, said in words; a busy or broken engine is not the check's. */
async function orError(work: () => Promise<Outcome>): Promise<Outcome> {
  try {
    return await work();
  } catch (error) {
    if (!isMeshError(error) || error.status >= 500 || error.code === 'query.cancelled') throw error;
    return { ...NOTHING, error: error.message };
  }
}

async function sampleRows(task: CheckTask, fails: string): Promise<CheckResult['sample']> {
  return sampleOf(
    await select(task, `SELECT * FROM ${nameOf(CHECKED)} WHERE ${fails} LIMIT ${LIMITS.failingRows}`),
  );
}

function sampleOf(result: EngineResult): CheckResult['sample'] {
  return { columns: result.columns.map(({ name }) => name), rows: result.rows ?? [] };
}

function nameOf({ schema, name }: typeof CHECKED): string {
  return `${quoteIdentifier(schema)}.${quoteIdentifier(name)}`;
}

async function select(
  task: CheckTask,
  sql: string,
  options: { guarded?: boolean; referenced?: CheckedRows | null } = {},
): Promise<EngineResult> {
  const { engine, relation, timeoutMs, memoryBytes, caller, signal } = task;
  const other = options.referenced ?? null;
  const relations: Relation[] = [
    { ...CHECKED, sql: relation.sql, filtered: relation.filtered ?? false, columns: relation.columns },
    ...(other === null ? [] : [{ ...REFERENCED, sql: other.sql, filtered: false }]),
  ];
  const output = { kind: 'rows' as const, maxRows: LIMITS.failingRows };
  const files = [...new Set([...relation.files, ...(other?.files ?? [])])];
  const budget = { timeoutMs, memoryBytes, caller, trusted: options.guarded !== true };
  return engine.run({ sql, relations, files, output, ...budget }, signal);
}

/** Whether the release may go ahead: every check of severity error passed. */
export function mayRelease(results: CheckResult[]): boolean {
  return results.every(({ passed, severity }) => passed || severity === 'warning');
}
