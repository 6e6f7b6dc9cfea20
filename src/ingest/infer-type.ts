import type { DataType } from '../base/data-type.ts';
import { quoteLiteral } from '../base/data-type.ts';
import { isCommaNumberSql, pointNumber, pointNumberSql } from './decimal-comma.ts';

/**
 * Types of text columns. The rule of all of them: a type fits only if the text comes back from the value
 * unchanged in meaning. So `007` is no number (a GTIN would lose its zeros) and `2.0` is no whole number.
 */

export const STRING: DataType = { kind: 'string' };
const LONG: DataType = { kind: 'long' };
const DOUBLE: DataType = { kind: 'double' };

/** Digits after the point, in steps, so that the next file seldom changes the type. */
const SCALES = [2, 4, 6];
const DECIMAL_PRECISION = 18;

/** Eighteen digits are always a long; more are a key that nobody adds up. */
const WHOLE = /^(0|-?[1-9]\d{0,17})$/;
const POINT = /^-?(0|[1-9]\d*)?\.\d+$/;
const SCIENTIFIC = /^-?(0|[1-9]\d*)(\.\d+)?e[+-]?\d+$/i;
/** `4.68E+11` is what a spreadsheet leaves of a GTIN: no number anybody measured. */
const LOST_DIGITS = /e\+?\d{2,}$/i;
const ISO_DATE = /^\d{4}-\d{2}-\d{2}$/;
const ISO_TIMESTAMP = /^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(:\d{2}(\.\d{1,6})?)?$/;
const ISO_TIMESTAMP_ZONE = /^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(:\d{2}(\.\d{1,6})?)?(Z|[+-]\d{2}(:?\d{2})?)$/;
const BOOLEAN = /^(true|false)$/i;

/** The narrowest type of some values of one file; null where there are none. */
export function typeOfValues(values: readonly string[]): DataType | null {
  return fileTypeOf(values)?.type ?? null;
}

function typeOfValue(value: string): DataType {
  if (WHOLE.test(value)) return LONG;
  if (POINT.test(value)) return decimalOf(value);
  if (SCIENTIFIC.test(value)) return LOST_DIGITS.test(value) ? STRING : DOUBLE;
  if (ISO_DATE.test(value)) return { kind: 'date' };
  if (ISO_TIMESTAMP.test(value)) return { kind: 'timestamp' };
  if (ISO_TIMESTAMP_ZONE.test(value)) return { kind: 'timestamptz' };
  if (BOOLEAN.test(value)) return { kind: 'boolean' };
  return STRING;
}

function decimalOf(value: string): DataType {
  const [whole = '', fraction = ''] = value.replace('-', '').split('.');
  const scale = SCALES.find((step) => fraction.length <= step);
  if (scale === undefined || whole.length + scale > DECIMAL_PRECISION) return DOUBLE;
  return { kind: 'decimal', precision: DECIMAL_PRECISION, scale };
}

/** The type that holds the values of both without loss; string where there is no other. */
export function joinTypes(left: DataType | null, right: DataType | null): DataType | null {
  if (left === null || right === null) return left ?? right;
  const kinds = [left.kind, right.kind].sort().join(' ');
  switch (kinds) {
    case 'decimal long':
      return left.kind === 'decimal' ? left : right;
    case 'decimal decimal':
      return scaleOf(left) >= scaleOf(right) ? left : right;
    case 'decimal double':
    case 'double long':
      return DOUBLE;
    case 'date timestamp':
      return { kind: 'timestamp' };
    default:
      return left.kind === right.kind ? left : STRING;
  }
}

function scaleOf(type: DataType): number {
  return type.kind === 'decimal' ? type.scale : 0;
}

export interface FileType {
  type: DataType;
  /** The value that made it this type. */
  example: string;
  /** Every value ends with `.0`. */
  allPointZero: boolean;
}

/** The narrowest type of some values of one file; null where there are none. */
export function fileTypeOf(values: readonly string[], decimal?: ','): FileType | null {
  let type: DataType | null = null;
  let example = '';
  const plain = (value: string) => (decimal === ',' ? pointNumber(value) : value);
  const allPointZero = values.every((value) => POINT_ZERO.test(plain(value)));
  for (const value of values) {
    const before: DataType | null = type;
    type = joinTypes(before, typeOfValue(plain(value)))!;
    if (before === null || !sameKind(type, before)) example = value;
    if (type.kind === 'string') break;
  }
  return type && { type, example, allPointZero };
}

const POINT_ZERO = /^-?\d+\.0+$/;

/**
 * Joins the types of two files. Whole numbers in one file and `2.0` in the other is no pair of numbers but
 * one code, damaged by a spreadsheet: that becomes string, so that nobody joins on the wrong form.
 */
export function joinFileTypes(left: FileType | null, right: FileType | null): FileType | null {
  if (left === null || right === null) return left ?? right;
  const damagedCode =
    (left.type.kind === 'long' && right.allPointZero) || (right.type.kind === 'long' && left.allPointZero);
  return {
    type: damagedCode ? STRING : joinTypes(left.type, right.type)!,
    example: right.example,
    allPointZero: left.allPointZero && right.allPointZero,
  };
}

/** The next type to try when a column holds a value that its type does not fit. */
export function widerType(type: DataType, example: string): DataType {
  if (type.kind === 'long' && POINT_ZERO.test(example)) return STRING;
  const joined = joinTypes(type, typeOfValue(example));
  // The same type again would try the same values for ever.
  return joined === null || sameKind(joined, type) ? STRING : joined;
}

function sameKind(left: DataType, right: DataType): boolean {
  return left.kind === right.kind && scaleOf(left) === scaleOf(right);
}

const NUMBERS: ReadonlySet<DataType['kind']> = new Set(['long', 'int', 'decimal', 'double', 'float']);

export function isNumber(type: DataType): boolean {
  return NUMBERS.has(type.kind);
}

/**
 * SQL that is true for a text that the type does not fit, never for NULL. `format`: strptime format of dates;
 * `decimal`: where numbers have a decimal comma. These run over every value of a source: one cheap look at each.
 */
export function misfitSql(
  text: string,
  type: DataType,
  { format, decimal }: { format?: string | undefined; decimal?: ',' | undefined } = {},
): string {
  if (decimal === ',' && isNumber(type)) {
    return `(NOT ${isCommaNumberSql(text)} OR ${misfitSql(pointNumberSql(text), type)})`;
  }
  switch (type.kind) {
    case 'long':
    case 'int':
      return `(TRY_CAST(${text} AS ${type.kind === 'int' ? 'INTEGER' : 'BIGINT'})::VARCHAR IS DISTINCT FROM ${text})`;
    case 'decimal':
      return `(NOT regexp_full_match(${text}, '${decimalPattern(type)}'))`;
    case 'double':
    case 'float':
      return `(TRY_CAST(${text} AS DOUBLE) IS NULL OR regexp_matches(${text}, '[^0-9.eE+-]'))`;
    case 'boolean':
      return `(lower(${text}) NOT IN ('true', 'false'))`;
    case 'string':
      return 'false';
    default:
      return temporalMisfitSql(text, type, format);
  }
}

/** One match, in an eighth of the time of a cast and looks at its text. No leading zeros: `007` is a code. */
function decimalPattern({ precision, scale }: { precision: number; scale: number }): string {
  const digits = precision - scale;
  const whole = digits === 0 ? '0' : `(0|[1-9][0-9]{0,${digits - 1}})`;
  const alone = scale === 0 ? '' : `|\\.[0-9]{1,${scale}}`;
  return `-?(${whole}(\\.[0-9]{0,${scale}})?${alone})`;
}

function temporalMisfitSql(text: string, type: DataType, format: string | undefined): string {
  if (format !== undefined) return `(try_strptime(${text}, ${quoteLiteral(format)}) IS NULL)`;
  const zone = `(ends_with(${text}, 'Z') OR contains(substr(${text}, 12), '+') OR contains(substr(${text}, 12), '-'))`;
  switch (type.kind) {
    case 'date':
      return `(length(${text}) <> 10 OR TRY_CAST(${text} AS DATE) IS NULL)`;
    case 'timestamp':
      return `(TRY_CAST(${text} AS TIMESTAMP) IS NULL OR length(${text}) > 26 OR ${zone})`;
    case 'timestamptz':
      return `(TRY_CAST(${text} AS TIMESTAMPTZ) IS NULL OR NOT ${zone})`;
    default:
      return `(TRY_CAST(${text} AS ${type.kind === 'time' ? 'TIME' : 'VARCHAR'}) IS NULL)`;
  }
}

const NAMES = [
  'boolean',
  'int',
  'long',
  'float',
  'double',
  'date',
  'time',
  'timestamp',
  'timestamptz',
  'string',
] as const;

/** `decimal(12,2)` or the name of a type of the mesh; null for anything else. */
export function parseTypeName(text: string): DataType | null {
  const name = NAMES.find((known) => known === text);
  if (name) return { kind: name };
  const [, precision, scale] = /^decimal\(\s*(\d{1,2})\s*,\s*(\d{1,2})\s*\)$/.exec(text) ?? [];
  const type = { kind: 'decimal' as const, precision: Number(precision), scale: Number(scale) };
  return type.precision >= 1 && type.precision <= 38 && type.scale <= type.precision ? type : null;
}
