import { duckdbType, type DataType } from '../../src/base/data-type.ts';
import { microsOf, microsOfDay } from '../../src/policy/row-value.ts';
import type { RowValue } from '../../src/policy/row-value.ts';

/** A value as one text that is equal exactly when the values are; `null` for NULL. */
export function valueText(value: RowValue, type: DataType): string | null {
  if (value === null) return null;
  switch (type.kind) {
    case 'float':
    case 'double':
      return numberText(Number(value));
    case 'time':
      return String(microsOfDay(String(value)));
    case 'timestamp':
    case 'timestamptz':
      return String(microsOf(String(value)));
    case 'binary':
      return Buffer.from(value as Uint8Array)
        .toString('hex')
        .toUpperCase();
    case 'struct':
    case 'list':
    case 'map':
      return nestedText(value as object, type);
    default:
      return String(value);
  }
}

function numberText(value: number): string {
  return Object.is(value, -0) ? '-0' : String(value);
}

/** As DuckDB writes and reads nested values. */
export function nestedText(value: object, type: DataType): string {
  const part = (inner: unknown) => (inner === null ? 'NULL' : String(inner));
  if (type.kind === 'list') return `[${(value as unknown[]).map(part).join(', ')}]`;
  const entries = Object.entries(value);
  if (type.kind === 'map') return `{${entries.map(([key, inner]) => `${key}=${part(inner)}`).join(', ')}}`;
  return `{${entries.map(([key, inner]) => `'${key}': ${part(inner)}`).join(', ')}}`;
}

/** SQL of a text from which `textOfDuckdb` makes the same as `valueText`. */
export function duckdbText(sql: string, type: DataType): string {
  switch (type.kind) {
    case 'binary':
      return `hex(${sql})`;
    case 'time':
      return `CAST(epoch_us(CAST(${sql} AS TIME)) AS VARCHAR)`;
    case 'timestamp':
    case 'timestamptz':
      return `CAST(epoch_us(CAST(${sql} AS ${duckdbType(type)})) AS VARCHAR)`;
    case 'float':
      return `CAST(CAST(CAST(${sql} AS FLOAT) AS DOUBLE) AS VARCHAR)`;
    default:
      return `CAST(CAST(${sql} AS ${duckdbType(type)}) AS VARCHAR)`;
  }
}

export function textOfDuckdb(text: string | null, type: DataType): string | null {
  if (text === null) return null;
  if (type.kind === 'float' || type.kind === 'double')
    return numberText(Number(text.replace('inf', 'Infinity')));
  // Where all digits stand behind the point, none stands before it.
  return type.kind === 'decimal' ? text.replace(/^(-?)\./, '$10.') : text;
}

/** Rows as lines, sorted: a table has no order. */
export function sortedLines(rows: (string | null)[][]): string[] {
  return rows.map((row) => JSON.stringify(row)).sort();
}
