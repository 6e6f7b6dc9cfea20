import { type Column, quoteIdentifier } from '../base/data-type.ts';
import { isMeshError } from '../base/errors.ts';
import { LIMITS } from '../base/limits.ts';
import type { Check } from '../contracts/check.ts';
import type { Engine, EngineResult, Relation } from '../engines/engine.ts';
import { type CheckedRelation, type CheckSql, compileCheck, type KeyCheckSql } from './check-sql.ts';
import { passes } from './judge-check.ts';

/** What became of one check of the contract. */
export interface CheckResult {
  id: string;
  title: string;
  severity: 'error' | 'warning';
  passed: boolean;
  /** Rows that fail, or what a row count or query measured; null when the check could not be run. */
  measured: string | number | boolean | null;
  /** Failing rows; 0 for checks that count none. */
  failures: number;
  /** Some of the failing rows, for the producer alone. */
  sample: { columns: string[]; rows: unknown[][] } | null;
  /** Why it did not run. */
  error: string | null;
}

export interface CheckTask {
  engine: Engine;
  checks: readonly Check[];
  /** The rows to check, as SQL over `files`. */
  relation: { sql: string; files: string[]; columns: Column[] };
  timeoutMs: number;
  memoryBytes: number;
  caller: string;
  signal?: AbortSignal;
}

const CHECKED = { schema: 'checked', name: 'dataset' };

/**
 * Runs every check of a contract. All checks of single rows are counted in one pass; keys and queries of the
 * contract's author have one each. The author's queries are guarded like a consumer's.
 */
export async function runChecks(task: CheckTask): Promise<CheckResult[]> {
  const { columns } = task.relation;
  const relation: CheckedRelation = { ...CHECKED, columns: columns.map(({ name }) => name) };
  const compiled = task.checks.map((check) => ({ check, sql: compileCheck(check, relation) }));
  const counts = await countRowChecks(
    task,
    compiled.map(({ sql }) => sql),
  );
  const results: CheckResult[] = [];
  for (const [index, { check, sql }] of compiled.entries()) {
    results.push(
      await resultOf(task, { check, sql, rows: counts.rows, failing: counts.failing[index] ?? null }),
    );
  }
  return results;
}

/** One pass over the table: the number of its rows, and of those that fail each row check. */
async function countRowChecks(
  task: CheckTask,
  checks: CheckSql[],
): Promise<{ rows: number; failing: (number | null)[] }> {
  const counted = checks.map((sql) => (sql.kind === 'row' ? `count(*) FILTER (WHERE ${sql.fails})` : 'NULL'));
  const result = await select(task, `SELECT count(*), ${['0', ...counted].join(', ')} FROM ${tableSql()}`);
  const [rows, , ...failing] = result.rows?.[0] ?? [];
  return { rows: Number(rows), failing: failing.map((value) => (value === null ? null : Number(value))) };
}

interface Measured {
  check: Check;
  sql: CheckSql;
  rows: number;
  failing: number | null;
}

async function resultOf(task: CheckTask, { check, sql, rows, failing }: Measured): Promise<CheckResult> {
  const result = (
    value: string | number | boolean | null,
    failures: number,
    sample: CheckResult['sample'] = null,
  ) => {
    const measured = typeof value === 'number' ? String(value) : value;
    const { id, title, severity } = check;
    return {
      id,
      title,
      severity,
      passed: passes(check, { value: measured, rows }),
      measured: value,
      failures,
      sample,
      error: null,
    };
  };
  switch (sql.kind) {
    case 'row': {
      const failures = failing ?? 0;
      return result(failures, failures, failures === 0 ? null : await sampleRows(task, sql.fails));
    }
    case 'key': {
      const failures = await countRepeated(task, sql);
      return result(failures, failures, failures === 0 ? null : await sampleRepeated(task, sql));
    }
    case 'row-count':
      return result(rows, 0);
    case 'query':
      return queryResult(task, sql.query, (value) => result(value, 0));
    case 'not-run': {
      const reason = check.kind === 'not-run' ? check.reason : '';
      return { ...result(null, 0), passed: false, severity: 'warning', error: reason };
    }
  }
}

/** A query that fails is a check that did not pass, said in its author's words of error; a busy engine is not. */
async function queryResult(
  task: CheckTask,
  query: string,
  result: (value: string | number | boolean | null) => CheckResult,
): Promise<CheckResult> {
  try {
    const answer = await select(task, query, { trusted: false });
    return result((answer.rows?.[0]?.[0] ?? null) as string | number | boolean | null);
  } catch (error) {
    if (!isMeshError(error) || error.status >= 500 || error.code === 'query.cancelled') throw error;
    return { ...result(null), passed: false, error: error.message };
  }
}

async function countRepeated(task: CheckTask, { keys, counted }: KeyCheckSql): Promise<number> {
  const inner = `SELECT count(*) AS n FROM ${tableSql()} WHERE ${counted} GROUP BY ${keys.join(', ')} HAVING count(*) > 1`;
  const result = await select(task, `SELECT coalesce(sum(n - 1), 0)::BIGINT FROM (${inner})`);
  return Number(result.rows?.[0]?.[0] ?? 0);
}

async function sampleRows(task: CheckTask, fails: string): Promise<CheckResult['sample']> {
  return sampleOf(
    await select(task, `SELECT * FROM ${tableSql()} WHERE ${fails} LIMIT ${LIMITS.failingRows}`),
  );
}

/** Rows of some repeated keys, beside each other. */
async function sampleRepeated(
  task: CheckTask,
  { keys, counted }: KeyCheckSql,
): Promise<CheckResult['sample']> {
  const list = keys.join(', ');
  const sql = `SELECT * FROM ${tableSql()} WHERE ${counted}
    QUALIFY count(*) OVER (PARTITION BY ${list}) > 1 ORDER BY ${list} LIMIT ${LIMITS.failingRows}`;
  return sampleOf(await select(task, sql));
}

function sampleOf(result: EngineResult): CheckResult['sample'] {
  return { columns: result.columns.map(({ name }) => name), rows: result.rows ?? [] };
}

function tableSql(): string {
  return `${quoteIdentifier(CHECKED.schema)}.${quoteIdentifier(CHECKED.name)}`;
}

async function select(
  task: CheckTask,
  sql: string,
  options: { trusted: boolean } = { trusted: true },
): Promise<EngineResult> {
  const { engine, relation, timeoutMs, memoryBytes, caller, signal } = task;
  const relations: Relation[] = [{ ...CHECKED, sql: relation.sql, filtered: false }];
  const output = { kind: 'rows' as const, maxRows: LIMITS.failingRows };
  const budget = { timeoutMs, memoryBytes, caller };
  return engine.run(
    { sql, relations, files: relation.files, output, ...budget, trusted: options.trusted },
    signal,
  );
}

/** Whether the release may go ahead: every check of severity error passed. */
export function mayRelease(results: CheckResult[]): boolean {
  return results.every(({ passed, severity }) => passed || severity === 'warning');
}
