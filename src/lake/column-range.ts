import type { Column } from '../base/data-type.ts';
import type { DataFile } from './data-file.ts';
import { fieldId } from './schema.ts';
import { decodeValue, type SingleValue } from './single-value.ts';

/** What a file's metrics say about a column: where its values lie. */
export type ColumnRange =
  | { kind: 'between'; low: SingleValue; high: SingleValue }
  /** Every row is NULL there. */
  | { kind: 'nulls' }
  | { kind: 'unknown' };

/** Bounds may be wider than the values, never narrower (table spec, "Data File Fields"). */
export function columnRange(file: DataFile, column: Column): ColumnRange {
  const id = fieldId(column);
  const values = file.valueCounts.get(id);
  if (values !== undefined && values > 0 && file.nullCounts.get(id) === values) return { kind: 'nulls' };
  const [low, high] = [file.lowerBounds.get(id), file.upperBounds.get(id)];
  if (low === undefined || high === undefined) return { kind: 'unknown' };
  return { kind: 'between', low: decodeValue(column.type, low), high: decodeValue(column.type, high) };
}
