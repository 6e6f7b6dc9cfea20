import { type Column, type DataType, quoteIdentifier, quoteLiteral, typeName } from '../base/data-type.ts';
import type { Check, ColumnPath, ReferenceCheck } from '../contracts/check.ts';
import { subtractDuration } from '../contracts/duration.ts';
import { andAll, fieldSql, fieldType } from './field-sql.ts';
import { rowFailsSql } from './row-check-sql.ts';

/**
 * Worked out in the common pass over the rows. `fails` is true exactly for rows that fail, and they are
 * counted; `value` is an aggregate that is measured instead of that count.
 */
export interface ScanSql {
  kind: 'scan';
  value: string | null;
  fails: string | null;
}

/** A statement of ours that gives one number, and one that gives failing rows. */
export interface StatementSql {
  kind: 'statement';
  sql: string;
  sample: ((limit: number) => string) | null;
  /** Whether the number counts failing rows. */
  counts: boolean;
}

export type CheckSql =
  | ScanSql
  | StatementSql
  /** The text of the contract's author, which is guarded like a consumer's. */
  | { kind: 'query'; query: string }
  | { kind: 'known'; value: string | null }
  | { kind: 'not-run'; reason: string };

/** Where checks read, and when. */
export interface CheckScope {
  /** The relation with the rows to check, as SQL names it. */
  table: string;
  columns: Column[];
  now: Date;
  /** When the rows were or are released; null for rows that have no release. */
  releasedAt: Date | null;
  /** When the release before was. */
  previousAt: Date | null;
}

/** The table a relationship leads to, as SQL names it, with the columns of its key. */
export interface ReferencedSql {
  table: string;
  columns: Column[];
  keys: ColumnPath[];
}

/** A contract's check as DuckDB SQL. Everything of the contract is quoted; only `sql` rules are its author's text. */
export function compileCheck(check: Exclude<Check, ReferenceCheck>, scope: CheckScope): CheckSql {
  switch (check.kind) {
    case 'unique':
      return repeatedSql(scope, check.columns, check.nulls);
    case 'duplicate-rows': {
      const all = scope.columns.map(({ name }) => [name]);
      return repeatedSql(scope, all, 'equal');
    }
    case 'row-count':
      return { kind: 'scan', value: 'count(*)', fails: null };
    case 'sql':
      return { kind: 'query', query: fillIn(check.query, scope.table, check.column) };
    case 'not-run':
      return { kind: 'not-run', reason: check.reason };
    case 'retention':
      return onTime(check.column, scope, (column) => {
        const cutoff = quoteLiteral(timeText(subtractDuration(scope.now, check.limit)));
        return { kind: 'scan', value: null, fails: `coalesce(${column.sql} < ${cutoff}, false)` };
      });
    case 'freshness':
      return freshnessSql(check, scope);
    case 'frequency':
      return frequencySql(check, scope);
    case 'completeness': {
      const column = fieldSql(null, check.column);
      const value = `CASE WHEN count(*) = 0 THEN 100 ELSE count(${column}) * 100.0 / count(*) END`;
      return { kind: 'scan', value, fails: `${column} IS NULL` };
    }
    default:
      return { kind: 'scan', value: null, fails: rowFailsSql(check) };
  }
}

/** Rows beyond the first of each key: `count(*) - count(distinct key)`, with NULL as a key where NULLs are equal. */
function repeatedSql({ table }: CheckScope, paths: ColumnPath[], nulls: 'ignored' | 'equal'): StatementSql {
  const keys = paths.map((path) => fieldSql('d', path));
  const counted = nulls === 'equal' ? 'true' : andAll(keys.map((key) => `${key} IS NOT NULL`));
  const repeated = `FROM ${table} AS d WHERE ${counted} GROUP BY ${keys.join(', ')} HAVING count(*) > 1`;
  return {
    kind: 'statement',
    sql: `SELECT coalesce(sum(n - 1), 0)::BIGINT FROM (SELECT count(*) AS n ${repeated})`,
    // Some keys first, then their rows: a window over all rows would hold the whole table.
    sample: (limit) => {
      const named = keys.map((key, at) => `${key} AS k${at}`).join(', ');
      const same = andAll(keys.map((key, at) => `${key} IS NOT DISTINCT FROM r.k${at}`));
      return `SELECT d.* FROM ${table} AS d
        WHERE EXISTS (SELECT 1 FROM (SELECT ${named} ${repeated} LIMIT ${limit}) AS r WHERE ${same})
        ORDER BY ${keys.join(', ')} LIMIT ${limit}`;
    },
    counts: true,
  };
}

/** Rows whose key is complete and not among the referenced ones. */
export function compileReference(
  check: ReferenceCheck,
  { table, columns }: CheckScope,
  referenced: ReferencedSql,
): CheckSql {
  const pairs = check.columns.map((path, at) => {
    const own = { sql: fieldSql('d', path), type: fieldType(columns, path) };
    const key = referenced.keys[at]!;
    const other = { sql: fieldSql('t', key), type: fieldType(referenced.columns, key) };
    if (comparable(own.type, other.type)) return { own: own.sql, other: other.sql };
    return { own: `CAST(${own.sql} AS VARCHAR)`, other: `CAST(${other.sql} AS VARCHAR)` };
  });
  const complete = andAll(pairs.map(({ own }) => `${own} IS NOT NULL`));
  const same = andAll(pairs.map(({ own, other }) => `${other} = ${own}`));
  const orphans = `FROM ${table} AS d WHERE ${complete} AND NOT EXISTS (SELECT 1 FROM ${referenced.table} AS t WHERE ${same})`;
  return {
    kind: 'statement',
    sql: `SELECT count(*) ${orphans}`,
    sample: (limit) => `SELECT d.* ${orphans} LIMIT ${limit}`,
    counts: true,
  };
}

const NUMBERS: DataType['kind'][] = ['int', 'long', 'float', 'double', 'decimal'];

/** A number is not a text with the same digits to SQL; as texts they are compared where the types differ. */
function comparable(left: DataType | null, right: DataType | null): boolean {
  if (left === null || right === null) return false;
  if (NUMBERS.includes(left.kind) && NUMBERS.includes(right.kind)) return true;
  return typeName(left) === typeName(right);
}

const DAY_SECONDS = 86_400;

function freshnessSql(check: Extract<Check, { kind: 'freshness' }>, scope: CheckScope): CheckSql {
  const unit = unitSeconds(check, scope.now);
  const now = scope.now.getTime() / 1000;
  if (check.column === null) {
    if (scope.releasedAt === null) return noRelease();
    return { kind: 'known', value: String((now - scope.releasedAt.getTime() / 1000) / unit) };
  }
  return onTime(check.column, scope, ({ sql, type }) => {
    const end = type.kind === 'date' ? DAY_SECONDS : 0;
    // A value ahead of the clock is new, not of a negative age.
    const newest = `epoch(max(${sql})) + ${end}`;
    const value = `CASE WHEN ${newest} > ${now} THEN 0 ELSE (${now} - (${newest})) / ${unit} END`;
    return { kind: 'scan', value, fails: null };
  });
}

function frequencySql(check: Extract<Check, { kind: 'frequency' }>, scope: CheckScope): CheckSql {
  const unit = unitSeconds(check, scope.now);
  const { table, releasedAt, previousAt } = scope;
  if (check.column === null) {
    if (releasedAt === null) return noRelease();
    const seconds = previousAt === null ? 0 : (releasedAt.getTime() - previousAt.getTime()) / 1000;
    return { kind: 'known', value: String(seconds / unit) };
  }
  return onTime(check.column, scope, ({ sql }) => ({
    kind: 'statement',
    sql: `SELECT coalesce(max(gap), 0) / ${unit} FROM (
      SELECT epoch(moment) - lag(epoch(moment)) OVER (ORDER BY moment) AS gap
      FROM (SELECT DISTINCT ${sql} AS moment FROM ${table} WHERE ${sql} IS NOT NULL))`,
    sample: null,
    counts: false,
  }));
}

/**
 * Seconds of one unit of a limit that ends now: of `3 months`, a third of the days since this day three months
 * ago. So a distance in units is above the threshold exactly when it is longer than the limit.
 */
function unitSeconds(
  { limit, threshold }: Extract<Check, { kind: 'freshness' | 'frequency' }>,
  now: Date,
): number {
  const seconds = (now.getTime() - subtractDuration(now, limit).getTime()) / 1000;
  return 'value' in threshold && threshold.value.kind === 'number'
    ? seconds / Number(threshold.value.value)
    : 1;
}

function timeText(time: Date): string {
  return time.toISOString().replace('T', ' ').replace('Z', '');
}

function noRelease(): CheckSql {
  return {
    kind: 'not-run',
    reason: 'these rows have no release: an `element` would name a column with a time',
  };
}

const TIMES: DataType['kind'][] = ['date', 'timestamp', 'timestamptz'];

function onTime(
  path: ColumnPath,
  { columns }: CheckScope,
  compile: (column: { sql: string; type: DataType }) => CheckSql,
): CheckSql {
  const type = fieldType(columns, path);
  if (type !== null && TIMES.includes(type.kind)) return compile({ sql: fieldSql(null, path), type });
  const name = path.join('.');
  const is = type === null ? 'is not there' : `is ${typeName(type)}`;
  return { kind: 'not-run', reason: `${name} ${is}: it is measured on a date or timestamp` };
}

/** ODCS data quality, "SQL": `{object}` and `{property}`, with or without a dollar sign. */
function fillIn(query: string, table: string, column: ColumnPath | null): string {
  return query
    .replace(/\$?\{(object|table|model)\}/gi, () => table)
    .replace(/\$?\{(property|column|field)\}/gi, () => (column === null ? '*' : fieldSql(null, column)));
}
