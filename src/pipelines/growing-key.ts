import {
  type Column,
  type DataType,
  duckdbType,
  quoteIdentifier,
  quoteLiteral,
  sameType,
  typeName,
} from '../base/data-type.ts';
import { MeshError } from '../base/errors.ts';
import { parsePhysicalType } from '../contracts/physical-type.ts';
import type { BookmarkStep } from './bookmarks/bookmark.ts';

/** Types whose values have an order that a bookmark can follow. */
const ORDERED = ['int', 'long', 'decimal', 'date', 'timestamp', 'timestamptz', 'string'];

/**
 * The column that a bookmark follows.
 * @throws MeshError `pipeline.bookmark-column` when there is none such, or its values have no order
 */
export function growingColumn(name: string, input: string, columns: Column[]): Column {
  const column = columns.find((one) => one.name.toLowerCase() === name.toLowerCase());
  if (column === undefined) {
    const names = columns.map((one) => one.name);
    throw unfit(name, input, `there is no such column; it has ${names.join(', ')}`);
  }
  if (!ORDERED.includes(column.type.kind))
    throw unfit(name, input, `it is ${typeName(column.type)}, whose values do not grow`);
  return column;
}

/**
 * Values of another type may come in another order ('10' before '9'): what the bookmark takes for read could
 * be new. Only what keeps every order is followed on.
 * @throws MeshError `pipeline.bookmark-column`
 */
export function needOrder({ name, type }: Column, step: BookmarkStep | null, input: string): void {
  const before = step?.type == null ? null : parsePhysicalType(step.type);
  if (before === null || keepsOrder(before, type)) return;
  const reason = `it is ${typeName(type)} now and was ${typeName(before)} when it was read up to ${step?.value}`;
  throw unfit(name, input, `${reason}: reset the bookmark`);
}

function keepsOrder(before: DataType, now: DataType): boolean {
  const isWhole = before.kind === 'int' || before.kind === 'long';
  if (sameType(before, now)) return true;
  if (now.kind === 'decimal') return isWhole || (before.kind === 'decimal' && before.scale <= now.scale);
  if (now.kind === 'int' || now.kind === 'long') return isWhole;
  return before.kind === 'date' && now.kind === 'timestamp';
}

export function unfit(column: string, input: string, reason: string): MeshError {
  return new MeshError('pipeline.bookmark-column', { facts: { column, input, reason } });
}

/** What is in the input now, seen from the step before. */
export interface GrowingFacts {
  /** The greatest value; null in an empty input. */
  upper: string | null;
  nulls: number;
  /** Rows with the greatest value, with that of the step before, and above it. */
  ties: number;
  lowerTies: number;
  above: number;
}

/** One row with the columns of {@link GrowingFacts}. */
export function growingFactsSql(relation: string, column: Column, step: BookmarkStep | null): string {
  const key = `r.${quoteIdentifier(column.name)}`;
  const lower = boundSql(column, step?.value ?? null);
  return `WITH r AS MATERIALIZED (SELECT ${quoteIdentifier(column.name)} FROM (${relation})),
      b AS (SELECT max(${key}) AS upper FROM r)
    SELECT CAST(max(b.upper) AS VARCHAR), count(*) FILTER (WHERE ${key} IS NULL),
      count(*) FILTER (WHERE ${key} = b.upper), count(*) FILTER (WHERE ${key} = ${lower}),
      count(*) FILTER (WHERE ${lower} IS NULL OR ${key} > ${lower})
    FROM r CROSS JOIN b`;
}

export function readGrowingFacts([upper, ...counts]: unknown[]): GrowingFacts {
  const [nulls = 0, ties = 0, lowerTies = 0, above = 0] = counts.map(Number);
  return {
    upper: upper === null || upper === undefined ? null : String(upper),
    nulls,
    ties,
    lowerTies,
    above,
  };
}

/** The rows that a run reads: above the value of the step before, up to the greatest there was at its start. */
export interface GrowingRange {
  lower: string | null;
  /** Rows of the last value came later: those of it are read again, where that does no harm. */
  isLowerRead: boolean;
  upper: string | null;
  ties: number;
  rows: number;
}

/**
 * Decides what to read. A row that came late under the last value would be skipped for ever: it is read
 * with the others of that value where reading twice changes nothing, and refused where it would repeat rows.
 * @throws MeshError `pipeline.late-rows`, `pipeline.bookmark-column`
 */
export function growingRange(
  facts: GrowingFacts,
  {
    step,
    column,
    input,
    repeats,
  }: { step: BookmarkStep | null; column: string; input: string; repeats: boolean },
): GrowingRange {
  if (facts.nulls > 0)
    throw unfit(column, input, `it is NULL in ${facts.nulls} rows, which no run would ever read`);
  const lower = step?.value ?? null;
  const late = lower === null ? 0 : Math.max(0, facts.lowerTies - step!.ties);
  if (late > 0 && repeats)
    throw new MeshError('pipeline.late-rows', { facts: { rows: late, column, input, value: lower } });
  const isLowerRead = late > 0;
  const rows = facts.above + (isLowerRead ? facts.lowerTies : 0);
  // Nothing above it: the bookmark stays where it is, also when the input has shrunk.
  if (lower !== null && facts.above === 0)
    return { lower, isLowerRead, upper: lower, ties: Math.max(facts.lowerTies, step!.ties), rows };
  return { lower, isLowerRead, upper: facts.upper, ties: facts.ties, rows };
}

/** The relation's rows in the range. */
export function rangeSql(relation: string, column: Column, range: GrowingRange): string {
  const key = quoteIdentifier(column.name);
  const { lower, upper, isLowerRead } = range;
  const conditions = [
    ...(upper === null ? ['false'] : [`${key} <= ${boundSql(column, upper)}`]),
    ...(lower === null ? [] : [`${key} ${isLowerRead ? '>=' : '>'} ${boundSql(column, lower)}`]),
  ];
  return `SELECT * FROM (${relation}) WHERE ${conditions.join(' AND ')}`;
}

function boundSql({ type }: Column, value: string | null): string {
  return value === null
    ? `CAST(NULL AS ${duckdbType(type)})`
    : `CAST(${quoteLiteral(value)} AS ${duckdbType(type)})`;
}
