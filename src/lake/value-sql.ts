import { duckdbType, quoteLiteral, type DataType } from '../base/data-type.ts';
import type { SingleValue } from './single-value.ts';

/**
 * A value of a bound or partition as a DuckDB literal of its type, exactly; null where SQL has no such form
 * (bytes, text that holds NUL).
 */
export function valueSql(type: DataType, value: SingleValue): string | null {
  switch (type.kind) {
    case 'boolean':
      return String(value);
    case 'int':
    case 'long':
    case 'float':
    case 'double':
      return cast(numberText(value as number | bigint), type);
    case 'decimal':
      return cast(decimalText(value as bigint, type.scale), type);
    case 'date':
      return `(DATE '1970-01-01' + (${value as number})::INTEGER)`;
    case 'timestamp':
      return `make_timestamp((${value as bigint})::BIGINT)`;
    case 'timestamptz':
      return `(make_timestamp((${value as bigint})::BIGINT) AT TIME ZONE 'UTC')`;
    case 'string':
      return (value as string).includes('\0') ? null : quoteLiteral(value as string);
    default:
      return null;
  }
}

function cast(text: string, type: DataType): string {
  return `CAST(${quoteLiteral(text)} AS ${duckdbType(type)})`;
}

/** `String` forgets the sign of zero. */
function numberText(value: number | bigint): string {
  return Object.is(value, -0) ? '-0.0' : String(value);
}

function decimalText(unscaled: bigint, scale: number): string {
  const digits = String(unscaled < 0n ? -unscaled : unscaled).padStart(scale + 1, '0');
  const whole = digits.slice(0, digits.length - scale);
  const fraction = scale === 0 ? '' : `.${digits.slice(digits.length - scale)}`;
  return `${unscaled < 0n ? '-' : ''}${whole}${fraction}`;
}
