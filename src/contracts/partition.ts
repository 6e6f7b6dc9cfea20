import { type DataType, typeName } from '../base/data-type.ts';

/** Iceberg's partition transforms (table spec, "Partition Transforms") that contracts may ask for. */
export type PartitionTransform = 'identity' | 'year' | 'month' | 'day' | { bucket: number };

export interface Partition {
  /** Name of a top-level column of the table. */
  column: string;
  transform: PartitionTransform;
}

/** The custom property of a partitioned property that names the transform; without it: identity. */
export const PARTITION_TRANSFORM = 'partitionTransform';

const SIMPLE = ['identity', 'year', 'month', 'day'] as const;
const MAX_BUCKETS = 10_000;

/** `identity`, `year`, `month`, `day` or `bucket[16]`; null for anything else. */
export function parsePartitionTransform(text: unknown): PartitionTransform | null {
  const simple = SIMPLE.find((kind) => kind === text);
  if (simple) return simple;
  const match = /^bucket\[([1-9]\d{0,4})\]$/.exec(String(text));
  const buckets = Number(match?.[1]);
  return match && buckets <= MAX_BUCKETS ? { bucket: buckets } : null;
}

export function printPartitionTransform(transform: PartitionTransform): string {
  return typeof transform === 'string' ? transform : `bucket[${transform.bucket}]`;
}

const DATES = ['date', 'timestamp', 'timestamptz'];
/** Iceberg gives no bucket hash for booleans and floating point, which are no sensible keys either. */
const NO_BUCKETS = ['boolean', 'float', 'double', 'struct', 'list', 'map'];
const NO_IDENTITY = ['struct', 'list', 'map', 'float', 'double'];

/** Why a column of this type cannot be partitioned so, or null. */
export function partitionFault(transform: PartitionTransform, type: DataType): string | null {
  const fits = fitsType(transform, type.kind);
  return fits
    ? null
    : `a column of type ${typeName(type)} cannot be partitioned by ${printPartitionTransform(transform)}`;
}

function fitsType(transform: PartitionTransform, kind: DataType['kind']): boolean {
  if (typeof transform === 'object') return !NO_BUCKETS.includes(kind);
  return transform === 'identity' ? !NO_IDENTITY.includes(kind) : DATES.includes(kind);
}
