import { isMeshError, type MeshError } from '../base/errors.ts';
import type { EngineResult } from '../engines/engine.ts';
import type { CheckSql, ScanSql } from './check-sql.ts';

/** What the common pass found for one check; nothing for checks that are no part of it. */
export interface Scanned {
  value: string | number | boolean | null;
  failing: number | null;
  /** Why its expression could not be worked out. */
  error: string | null;
  elapsedMs: number;
}

export interface ScanContext {
  table: string;
  select(sql: string): Promise<EngineResult>;
}

/** Aggregates of one statement: beyond, the text and its plan cost more than a second pass. */
const MOST_AGGREGATES = 1_000;

const NOT_SCANNED: Scanned = { value: null, failing: null, error: null, elapsedMs: 0 };

/** One pass over the rows for all checks that can share it, and the number of rows. */
export async function scanChecks(
  checks: readonly CheckSql[],
  context: ScanContext,
): Promise<{ rows: number; checks: Scanned[] }> {
  const found = checks.map(() => NOT_SCANNED);
  const places = checks.flatMap((sql, at) => (sql.kind === 'scan' ? [{ sql, at }] : []));
  let rows = 0;
  for (let from = 0; from === 0 || from < places.length; from += MOST_AGGREGATES / 2) {
    const part = places.slice(from, from + MOST_AGGREGATES / 2);
    const scanned = await scanPart(
      part.map(({ sql }) => sql),
      context,
    );
    rows = scanned.rows;
    part.forEach(({ at }, index) => (found[at] = scanned.checks[index]!));
  }
  return { rows, checks: found };
}

/** An expression that fails (a pattern, a cast) takes the pass with it: then each check has one of its own. */
async function scanPart(
  checks: ScanSql[],
  context: ScanContext,
): Promise<{ rows: number; checks: Scanned[] }> {
  try {
    return await scanTogether(checks, context);
  } catch (error) {
    if (!isAboutCheck(error) || checks.length === 0) throw error;
  }
  const { rows } = await scanTogether([], context);
  const each: Scanned[] = [];
  for (const sql of checks) each.push(await scanAlone(sql, context));
  return { rows, checks: each };
}

async function scanAlone(sql: ScanSql, context: ScanContext): Promise<Scanned> {
  try {
    return (await scanTogether([sql], context)).checks[0]!;
  } catch (error) {
    if (!isAboutCheck(error)) throw error;
    return { ...NOT_SCANNED, error: error.message };
  }
}

function isAboutCheck(error: unknown): error is MeshError {
  return isMeshError(error, 'query.failed') || isMeshError(error, 'query.invalid');
}

async function scanTogether(
  checks: ScanSql[],
  { table, select }: ScanContext,
): Promise<{ rows: number; checks: Scanned[] }> {
  const started = performance.now();
  const aggregates = checks.flatMap(({ value, fails }) => [
    value ?? 'NULL',
    fails === null ? 'NULL' : `count(*) FILTER (WHERE ${fails})`,
  ]);
  const result = await select(`SELECT count(*), ${['0', ...aggregates].join(', ')} FROM ${table}`);
  const [rows, , ...values] = result.rows?.[0] ?? [];
  // The pass is one: its time is shared out evenly.
  const elapsedMs = (performance.now() - started) / Math.max(1, checks.length);
  return {
    rows: Number(rows),
    checks: checks.map((_, index) => ({
      value: (values[index * 2] ?? null) as Scanned['value'],
      failing: values[index * 2 + 1] == null ? null : Number(values[index * 2 + 1]),
      error: null,
      elapsedMs,
    })),
  };
}
