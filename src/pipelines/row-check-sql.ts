import { quoteLiteral } from '../base/data-type.ts';
import type { Bound, Check, ColumnPath, Literal } from '../contracts/check.ts';
import { anyOf, fieldSql } from './field-sql.ts';

/** Checks that look at one value of one row at a time. */
export type RowCheck = Extract<
  Check,
  {
    kind:
      | 'not-null'
      | 'valid-values'
      | 'missing-values'
      | 'valid-pattern'
      | 'text-length'
      | 'value-range'
      | 'multiple-of'
      | 'item-count';
  }
>;

/** True for rows that fail, never NULL. A row fails for a list or map when one of its items does. */
export function rowFailsSql(check: RowCheck): string {
  return failsBelow(check, { below: null, path: check.column, depth: 0 });
}

interface Level {
  /** The item of the list around, null at the top. */
  below: string | null;
  path: ColumnPath;
  depth: number;
}

function failsBelow(check: RowCheck, { below, path, depth }: Level): string {
  const at = path.findIndex((step) => Object.hasOwn(ITEMS, step));
  if (at === -1) return `coalesce(${failsSql(check, below, path)}, false)`;
  const items = ITEMS[path[at] as keyof typeof ITEMS](fieldSql(below, path.slice(0, at)));
  const item = `item_${depth}`;
  const inside = failsBelow(check, { below: item, path: path.slice(at + 1), depth: depth + 1 });
  return `coalesce(len(list_filter(${items}, lambda ${item}: ${inside})) > 0, false)`;
}

const ITEMS = {
  '[]': (list: string) => list,
  '{key}': (map: string) => `map_keys(${map})`,
  '{value}': (map: string) => `map_values(${map})`,
};

/** True for rows that fail; NULL counts as passing where the check says so (the caller coalesces). */
function failsSql(check: RowCheck, below: string | null, path: ColumnPath): string {
  const column = fieldSql(below, path);
  switch (check.kind) {
    case 'not-null':
      return notNullSql(below, path);
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
function notNullSql(below: string | null, path: ColumnPath): string {
  const isNull = `${fieldSql(below, path)} IS NULL`;
  const around = fieldSql(below, path.slice(0, -1));
  return path.length === 0 || around === '' ? isNull : `${around} IS NOT NULL AND ${isNull}`;
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
