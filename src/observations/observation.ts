import type { DataType } from '../base/data-type.ts';

/** What was measured of one column of a snapshot. */
export interface ColumnObservation {
  /** Iceberg field id: a renamed column keeps its history. */
  id: number;
  name: string;
  /** Null where the files do not say. */
  nulls: number | null;
  /** Approximate (HyperLogLog); null where it was not counted. */
  distinct: number | null;
  /** Smallest and largest value of numbers, dates and times, as text; null for other types. */
  minimum: string | null;
  maximum: string | null;
}

/** What was measured of one snapshot beside its checks. */
export interface Observation {
  rows: number;
  bytes: number;
  columns: ColumnObservation[];
}

/** A snapshot of the past with the time of its release. */
export interface PastObservation extends Observation {
  at: Date;
}

/** Types whose smallest and largest value is a fact about the data and not somebody's name. */
export function hasRange(type: DataType): boolean {
  return RANGED.has(type.kind);
}

const RANGED = new Set(['int', 'long', 'float', 'double', 'decimal', 'date', 'timestamp', 'timestamptz']);

/** Types with distinct values that are worth counting. */
export function hasDistinct(type: DataType): boolean {
  return !['struct', 'list', 'map', 'binary', 'boolean'].includes(type.kind);
}
