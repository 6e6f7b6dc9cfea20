import { quoteLiteral, type DataType } from '../../base/data-type.ts';
import { MeshError } from '../../base/errors.ts';
import { checkedSalt, checkMask, standardValue, type ColumnMask, type MaskScope } from '../column-mask.ts';
import { trinoConstant, trinoType } from './trino-literal.ts';

/** A Trino expression over `column` (SQL) with the meaning of `evaluateMask`; its type is the column's. */
export function trinoMask(mask: ColumnMask, column: string, scope: MaskScope): string {
  const { type } = scope;
  const problem = checkMask(mask, type);
  if (problem) throw new MeshError('internal', { detail: problem.message });
  switch (mask.action) {
    case 'replace-with-null':
      return `CAST(NULL AS ${trinoType(type)})`;
    case 'mask-to-fixed-value':
      return fixedValueSql(mask.value, type);
    case 'mask-alphanum':
      return maskText(column);
    case 'show-first-4':
      return `(substr(${column}, 1, 4) || ${maskText(`substr(${column}, 5)`)})`;
    case 'show-last-4':
      return showLast4(column);
    case 'truncate-to-year':
      return truncate(column, type, 'year');
    case 'truncate-to-month':
      return truncate(column, type, 'month');
    case 'sha-256-global':
      return hash(column, type, null);
    case 'sha-256-query-local':
      return hash(column, type, checkedSalt(scope.querySalt));
  }
}

/** A mask must have the column's type: a literal of four letters alone would be varchar(4). */
function fixedValueSql(value: string | number | boolean | undefined, type: DataType): string {
  const sql = value === undefined ? standardValueSql(type) : trinoConstant({ value }, type);
  return `CAST(${sql} AS ${trinoType(type)})`;
}

function standardValueSql(type: DataType): string {
  switch (type.kind) {
    case 'list':
      return `CAST(ARRAY[] AS ${trinoType(type)})`;
    case 'map':
      return `CAST(MAP() AS ${trinoType(type)})`;
    case 'struct':
      return `ROW(${type.fields.map((field) => standardValueSql(field.type)).join(', ')})`;
    case 'binary':
      return `to_utf8('')`;
    default:
      return trinoConstant({ value: standardValue(type) as string | number | boolean }, type);
  }
}

function maskText(text: string): string {
  return `regexp_replace(regexp_replace(${text}, '[^0-9(),.@-]', 'x'), '[0-9]', 'n')`;
}

/** To Trino, the last four characters of a shorter text are none. */
function showLast4(column: string): string {
  const masked = maskText(`substr(${column}, 1, length(${column}) - 4)`);
  return `CASE WHEN length(${column}) <= 4 THEN ${column} ELSE ${masked} || substr(${column}, -4) END`;
}

/** An instant is truncated in UTC, whatever zone it was written in. */
function truncate(column: string, type: DataType, part: 'year' | 'month'): string {
  const value = type.kind === 'timestamptz' ? `at_timezone(${column}, 'UTC')` : column;
  return `date_trunc('${part}', ${value})`;
}

function hash(column: string, type: DataType, salt: string | null): string {
  const digest = `sha256(${salted(bytesOf(column, type), salt)})`;
  switch (type.kind) {
    case 'int':
      return `CAST(from_big_endian_32(reverse(substr(${digest}, 1, 4))) AS INTEGER)`;
    case 'long':
      return `from_big_endian_64(reverse(substr(${digest}, 1, 8)))`;
    case 'binary':
      return digest;
    default:
      return `lower(to_hex(${digest}))`;
  }
}

function bytesOf(column: string, type: DataType): string {
  switch (type.kind) {
    case 'int':
      return `reverse(to_big_endian_32(${column}))`;
    case 'long':
      return `reverse(to_big_endian_64(${column}))`;
    case 'binary':
      return column;
    default:
      return `to_utf8(${column})`;
  }
}

function salted(bytes: string, salt: string | null): string {
  return salt === null ? bytes : `to_utf8(${quoteLiteral(salt)}) || ${bytes}`;
}
