import { duckdbType, quoteIdentifier, quoteLiteral, type DataType } from '../../base/data-type.ts';
import { MeshError } from '../../base/errors.ts';
import { checkedSalt, checkMask, standardValue, type ColumnMask, type MaskScope } from '../column-mask.ts';
import { duckdbConstant } from './duckdb-literal.ts';

/** A DuckDB expression over `column` (SQL) with the meaning of `evaluateMask`; its type is the column's. */
export function duckdbMask(mask: ColumnMask, column: string, scope: MaskScope): string {
  const { type } = scope;
  const problem = checkMask(mask, type);
  if (problem) throw new MeshError('internal', { detail: problem.message });
  switch (mask.action) {
    case 'replace-with-null':
      return `CAST(NULL AS ${duckdbType(type)})`;
    case 'mask-to-fixed-value':
      return mask.value === undefined ? standardValueSql(type) : duckdbConstant({ value: mask.value }, type);
    case 'mask-alphanum':
      return maskText(column);
    case 'show-first-4':
      return `(left(${column}, 4) || ${maskText(`substr(${column}, 5)`)})`;
    case 'show-last-4':
      return `(${maskText(`left(${column}, -4)`)} || right(${column}, 4))`;
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

function standardValueSql(type: DataType): string {
  switch (type.kind) {
    case 'list':
      return `CAST([] AS ${duckdbType(type)})`;
    case 'map':
      return `CAST(MAP {} AS ${duckdbType(type)})`;
    case 'struct': {
      const fields = type.fields.map(
        (field) => `${quoteIdentifier(field.name)} := ${standardValueSql(field.type)}`,
      );
      return `struct_pack(${fields.join(', ')})`;
    }
    case 'binary':
      return `CAST('' AS BLOB)`;
    default:
      return duckdbConstant({ value: standardValue(type) as string | number | boolean }, type);
  }
}

function maskText(text: string): string {
  return `regexp_replace(regexp_replace(${text}, '[^0-9(),.@-]', 'x', 'g'), '[0-9]', 'n', 'g')`;
}

/** An instant is truncated in UTC, whatever time zone the session has. */
function truncate(column: string, type: DataType, part: 'year' | 'month'): string {
  if (type.kind === 'timestamptz') {
    return `make_timestamptz(epoch_us(date_trunc('${part}', make_timestamp(epoch_us(${column})))))`;
  }
  return `CAST(date_trunc('${part}', ${column}) AS ${duckdbType(type)})`;
}

function hash(column: string, type: DataType, salt: string | null): string {
  if (type.kind === 'string') return `sha256(${salted(column, salt, quoteLiteral)})`;
  const bytes = type.kind === 'binary' ? column : wholeBytes(column, type);
  const digest = `sha256(${salted(bytes, salt, (text) => `encode(${quoteLiteral(text)})`)})`;
  if (type.kind === 'binary') return `unhex(${digest})`;
  const leading = reversedHex(digest, byteLength(type));
  return `CAST(CAST(unhex(${leading}) AS BIT) AS ${duckdbType(type)})`;
}

function salted(value: string, salt: string | null, literal: (text: string) => string): string {
  return salt === null ? value : `${literal(salt)} || ${value}`;
}

/** The little-endian bytes of a whole number; DuckDB's BIT holds them in big-endian order. */
function wholeBytes(column: string, type: DataType): string {
  return `unhex(${reversedHex(`hex(CAST(CAST(${column} AS BIT) AS BLOB))`, byteLength(type))})`;
}

function byteLength(type: DataType): number {
  return type.kind === 'int' ? 4 : 8;
}

/** The first bytes of a hex text in the opposite order. */
function reversedHex(hex: string, bytes: number): string {
  const pairs = Array.from({ length: bytes }, (_, index) => `substr(${hex}, ${2 * (bytes - index) - 1}, 2)`);
  return pairs.join(' || ');
}
