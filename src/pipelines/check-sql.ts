import { quoteIdentifier, quoteLiteral } from '../base/data-type.ts';
import type { Bound, Check, ColumnPath, Literal } from '../contracts/check.ts';

/** A check that looks at one row: `fails` is true exactly for rows that fail. */
export interface RowCheckSql {
  kind: 'row';
  fails: string;
}

/** A check that counts rows beyond the first of a key; rows where `counted` is not true are left out. */
export interface KeyCheckSql {
  kind: 'key';
  keys: string[];
  counted: string;
}

/** A check that compares the number of rows, or the answer of a query of the contract's author. */
export type CheckSql =
  RowCheckSql | KeyCheckSql | { kind: 'row-count' } | { kind: 'query'; query: string } | { kind: 'not-run' };

/** Where checks read: the schema and name of the relation that holds the rows to be checked. */
export interface CheckedRelation {
  schema: string;
  name: string;
  /** All its columns, for rows compared as a whole. */
  columns: string[];
}

/** A contract's check as DuckDB SQL. Everything of the contract is quoted; only `sql` rules are its author's text. */
export function compileCheck(check: Check, relation: CheckedRelation): CheckSql {
  switch (check.kind) {
    case 'unique':
      return uniqueSql(check.columns, check.nulls);
    case 'duplicate-rows':
      return { kind: 'key', keys: relation.columns.map(quoteIdentifier), counted: 'true' };
    case 'row-count':
      return { kind: 'row-count' };
    case 'sql':
      return { kind: 'query', query: fillIn(check.query, relation, check.column) };
    case 'not-run':
      return { kind: 'not-run' };
    default:
      return { kind: 'row', fails: `coalesce(${failsSql(check)}, false)` };
  }
}

type RowCheck = Exclude<Check, { kind: 'unique' | 'duplicate-rows' | 'row-count' | 'sql' | 'not-run' }>;

/** True for rows that fail; NULL counts as passing where the check says so (the caller coalesces). */
function failsSql(check: RowCheck): string {
  const column = columnSql(check.column);
  switch (check.kind) {
    case 'not-null':
      return notNullSql(check.column);
    case 'valid-values':
      return `${column} IS NOT NULL AND NOT (${isOneOf(column, check.values)})`;
    case 'missing-values':
      return isOneOf(column, check.values);
    case 'valid-pattern':
      return `NOT regexp_matches(CAST(${column} AS VARCHAR), ${quoteLiteral(check.pattern)})`;
    case 'text-length':
      return anyOf([
        check.minimum === null ? null : `length(${column}) < ${check.minimum}`,
        check.maximum === null ? null : `length(${column}) > ${check.maximum}`,
      ]);
    case 'value-range':
      return anyOf([
        check.minimum === null
          ? null
          : `${column} ${check.minimum.exclusive ? '<=' : '<'} ${boundSql(check.minimum)}`,
        check.maximum === null
          ? null
          : `${column} ${check.maximum.exclusive ? '>=' : '>'} ${boundSql(check.maximum)}`,
      ]);
    case 'multiple-of':
      return `${column} % ${numberSql(check.factor)} <> 0`;
    case 'item-count':
      return anyOf([
        check.minimum === null ? null : `len(${column}) < ${check.minimum}`,
        check.maximum === null ? null : `len(${column}) > ${check.maximum}`,
        check.uniqueItems ? `len(list_distinct(${column})) < len(${column})` : null,
      ]);
  }
}

/** For a field of a struct, only rows whose struct is not NULL fail. */
function notNullSql(path: ColumnPath): string {
  const column = `${columnSql(path)} IS NULL`;
  return path.length === 1 ? column : `${columnSql(path.slice(0, -1))} IS NOT NULL AND ${column}`;
}

function uniqueSql(columns: ColumnPath[], nulls: 'ignored' | 'equal'): KeyCheckSql {
  const keys = columns.map(columnSql);
  const counted = nulls === 'equal' ? 'true' : keys.map((key) => `${key} IS NOT NULL`).join(' AND ');
  return { kind: 'key', keys, counted };
}

function isOneOf(column: string, values: Literal[]): string {
  const wantsNull = values.some(({ kind }) => kind === 'null');
  const others = values.filter(({ kind }) => kind !== 'null');
  return anyOf([
    wantsNull ? `${column} IS NULL` : null,
    // As text on both sides: a list of numbers on a text column (`'01'`) must not fail the cast.
    others.length === 0
      ? null
      : `CAST(${column} AS VARCHAR) IN (${others.map(textSql).join(', ')}) OR ${sameNumber(column, others)}`,
  ]);
}

/** `1.50` in the contract means the decimal 1.5 of the column: equal as numbers is equal. */
function sameNumber(column: string, values: Literal[]): string {
  const numbers = values.filter((value) => value.kind === 'number');
  if (numbers.length === 0) return 'false';
  return `TRY_CAST(${column} AS DECIMAL(38, 9)) IN (${numbers.map((value) => numberSql(value.value)).join(', ')})`;
}

function textSql(value: Literal): string {
  return quoteLiteral(value.kind === 'null' ? '' : String(value.value));
}

function boundSql({ value }: Bound): string {
  switch (value.kind) {
    case 'number':
      return numberSql(value.value);
    case 'boolean':
      return String(value.value);
    case 'null':
      return 'NULL';
    case 'text':
      return quoteLiteral(value.value);
  }
}

const NUMBER = /^-?\d+(\.\d+)?$/;

/** A number as SQL; what is not one in decimal notation (`1e6`) goes through a cast of its text. */
function numberSql(text: string): string {
  return NUMBER.test(text) ? text : `CAST(${quoteLiteral(text)} AS DOUBLE)`;
}

function anyOf(conditions: (string | null)[]): string {
  const given = conditions.filter((condition) => condition !== null);
  return given.length === 0 ? 'false' : given.map((condition) => `(${condition})`).join(' OR ');
}

/** `['address', 'city']` -> `"address"."city"`. */
export function columnSql(path: ColumnPath): string {
  return path.map(quoteIdentifier).join('.');
}

/** ODCS data quality, "SQL": `{object}` and `{property}`, with or without a dollar sign. */
function fillIn(query: string, relation: CheckedRelation, column: ColumnPath | null): string {
  const object = `${quoteIdentifier(relation.schema)}.${quoteIdentifier(relation.name)}`;
  return query
    .replace(/\$?\{(object|table|model)\}/gi, () => object)
    .replace(/\$?\{(property|column|field)\}/gi, () => (column === null ? '*' : columnSql(column)));
}
