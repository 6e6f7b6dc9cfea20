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
  if (type.kind === 'list')
    return `[${(value as unknown[]).map((one) => partText(one, type.element)).join(', ')}]`;
  if (type.kind === 'map') {
    return `{${Object.entries(value)
      .map(([key, one]) => `${key}=${partText(one, type.value)}`)
      .join(', ')}}`;
  }
  const fields = type.kind === 'struct' ? type.fields : [];
  const values = value as Record<string, unknown>;
  return `{${fields.map((field) => `'${field.name}': ${partText(values[field.name], field.type)}`).join(', ')}}`;
}

function partText(value: unknown, type: DataType): string {
  if (value === null) return 'NULL';
  return typeof value === 'object' ? nestedText(value as object, type) : String(value);
}

/** SQL of a text from which `textOfDuckdb` makes the same as `valueText`; casts only, which no guard refuses. */
export function duckdbText(sql: string, type: DataType): string {
  const value = `CAST(${sql} AS ${duckdbType(type)})`;
  return `CAST(${type.kind === 'float' ? `CAST(${value} AS DOUBLE)` : value} AS VARCHAR)`;
}

export function textOfDuckdb(text: string | null, type: DataType): string | null {
  if (text === null) return null;
  switch (type.kind) {
    case 'float':
    case 'double':
      return numberText(Number(text.replace('inf', 'Infinity')));
    case 'decimal':
      // Where all digits stand behind the point, none stands before it.
      return text.replace(/^(-?)\./, '$10.');
    case 'time':
      return String(microsOfDay(text));
    case 'timestamp':
    case 'timestamptz':
      return String(microsOf(text));
    case 'binary':
      return text.replace(/\\x(..)|[^]/g, (one, digits?: string) => digits ?? byteText(one));
    default:
      return text;
  }
}

function byteText(letter: string): string {
  return letter.charCodeAt(0).toString(16).toUpperCase();
}

/** Rows as lines, sorted: a table has no order. */
export function sortedLines(rows: (string | null)[][]): string[] {
  return rows.map((row) => JSON.stringify(row)).sort();
}
