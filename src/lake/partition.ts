import type { Column, DataType } from '../base/data-type.ts';
import { MeshError, type Problem } from '../base/errors.ts';
import type { PartitionSpec, PartitionSpecField } from './metadata.ts';
import { murmur3 } from './murmur3.ts';
import { fieldId, schemaNodes } from './schema.ts';
import { encodeBigEndian, encodeValue, type SingleValue } from './single-value.ts';
import { dateDays, parseSingleValue } from './value-text.ts';

/** Iceberg table spec, "Partition Transforms": those we write. */
export type PartitionTransform = 'identity' | 'year' | 'month' | 'day' | { bucket: number };

/** A partition field as a contract asks for it. */
export interface PartitionField {
  /** Name of a top-level column. */
  column: string;
  transform: PartitionTransform;
}

/** One value for each field of the partition spec, after the transform. */
export type PartitionTuple = (SingleValue | null)[];

const NAMED_TRANSFORMS = ['identity', 'year', 'month', 'day'] as const;
const MOST_BUCKETS = 65_536;
const MICROS_PER_DAY = 86_400_000_000n;
/** The reference implementation counts partition field ids from here. */
export const FIRST_PARTITION_ID = 1000;

/** `identity`, `year`, `month`, `day` or `bucket[N]`; null for anything else. */
export function parseTransform(text: string): PartitionTransform | null {
  const named = NAMED_TRANSFORMS.find((name) => name === text);
  if (named) return named;
  const bucket = Number(/^bucket\[([1-9]\d{0,5})\]$/.exec(text)?.[1]);
  return bucket >= 1 && bucket <= MOST_BUCKETS ? { bucket } : null;
}

export function printTransform(transform: PartitionTransform): string {
  return typeof transform === 'string' ? transform : `bucket[${transform.bucket}]`;
}

/**
 * A partition spec over columns that have field ids.
 * @throws MeshError `lake.partition-invalid` with every problem.
 */
export function partitionSpec(
  fields: PartitionField[],
  schema: { columns: Column[]; specId: number; lastPartitionId: number },
): PartitionSpec {
  const problems: Problem[] = [];
  const specFields = fields.flatMap((field, place): PartitionSpecField[] => {
    const column = schema.columns.find((one) => one.name === field.column);
    const problem = column ? transformProblem(field, column.type) : `there is no column ${field.column}`;
    if (problem) problems.push({ message: problem, pointer: `/${place}` });
    if (!column || problem) return [];
    return [
      {
        'source-id': fieldId(column),
        'field-id': schema.lastPartitionId + 1 + place,
        name: partitionName(field, schema.columns),
        transform: printTransform(field.transform),
      },
    ];
  });
  const names = specFields.map((field) => field.name);
  for (const name of names.filter((one, place) => names.indexOf(one) !== place)) {
    problems.push({ message: `the table is partitioned twice by ${name}` });
  }
  if (problems.length > 0) throw new MeshError('lake.partition-invalid', { problems });
  return { 'spec-id': schema.specId, fields: specFields };
}

/** As other writers name them: the column for identity, `<column>_month` and the like for the others. */
function partitionName({ column, transform }: PartitionField, columns: Column[]): string {
  if (transform === 'identity') return column;
  const name = `${column}_${typeof transform === 'string' ? transform : 'bucket'}`;
  // A partition must not have the name of another column of the table (Java refuses such a spec).
  return columns.some((one) => one.name === name) ? `${name}_partition` : name;
}

function transformProblem({ column, transform }: PartitionField, type: DataType): string | null {
  if (transformAccepts(transform, type)) return null;
  return `${printTransform(transform)} cannot be applied to column ${column}, which is ${type.kind}`;
}

function transformAccepts(transform: PartitionTransform, type: DataType): boolean {
  if (['struct', 'list', 'map'].includes(type.kind)) return false;
  if (transform === 'identity') return true;
  if (typeof transform === 'string') return ['date', 'timestamp', 'timestamptz'].includes(type.kind);
  // The specification has buckets of decimals, but no SQL of ours makes the bytes that they hash.
  return !['boolean', 'float', 'double', 'decimal'].includes(type.kind);
}

/** A field of a spec with what its values are: what manifests and scans need. */
export interface BoundPartitionField {
  id: number;
  name: string;
  sourceId: number;
  sourceType: DataType;
  transform: PartitionTransform;
  resultType: DataType;
}

/**
 * A spec's fields bound to the columns they are made from.
 * @throws MeshError `lake.metadata-invalid` for a transform we do not know or a source column that is gone.
 */
export function bindSpec(spec: PartitionSpec, columns: Column[]): BoundPartitionField[] {
  const nodes = new Map(schemaNodes(columns).map((node) => [node.id, node]));
  return spec.fields.map((field) => {
    const source = nodes.get(field['source-id']);
    const transform = parseTransform(field.transform);
    if (!source || !transform) {
      const reason = `partition field ${field.name} (${field.transform}) is not supported`;
      throw new MeshError('lake.metadata-invalid', { facts: { reason } });
    }
    return {
      id: field['field-id'],
      name: field.name,
      sourceId: field['source-id'],
      sourceType: source.type,
      transform,
      resultType: resultType(transform, source.type),
    };
  });
}

function resultType(transform: PartitionTransform, source: DataType): DataType {
  if (transform === 'identity') return source;
  return { kind: transform === 'day' ? 'date' : 'int' };
}

/** The partition value of a column value; null stays null. */
export function applyTransform(
  field: { transform: PartitionTransform; sourceType: DataType },
  value: SingleValue | null,
): SingleValue | null {
  const { transform, sourceType } = field;
  if (value === null || transform === 'identity') return value;
  if (typeof transform === 'object') return bucketOf(sourceType, value, transform.bucket);
  const day = typeof value === 'bigint' ? Number(floorDivide(value, MICROS_PER_DAY)) : (value as number);
  if (transform === 'day') return day;
  const date = new Date(day * 86_400_000);
  const years = date.getUTCFullYear() - 1970;
  return transform === 'year' ? years : years * 12 + date.getUTCMonth();
}

function bucketOf(type: DataType, value: SingleValue, buckets: number): number {
  return (murmur3(hashedBytes(type, value)) & 0x7fffffff) % buckets;
}

/** Appendix B: int and date hash as long, so that widening a column does not move its rows. */
function hashedBytes(type: DataType, value: SingleValue): Uint8Array {
  if (type.kind === 'int' || type.kind === 'date')
    return encodeValue({ kind: 'long' }, BigInt(value as number));
  if (type.kind === 'decimal') return encodeBigEndian(value as bigint);
  return encodeValue(type, value);
}

function floorDivide(value: bigint, by: bigint): bigint {
  const quotient = value / by;
  return value % by < 0n ? quotient - 1n : quotient;
}

/**
 * The partition value that an engine gave back for a file: identity as text, year, month and bucket as
 * integers, day as an integer or an ISO date. Undefined when it is not a value of the field's type.
 */
export function partitionValue(
  field: BoundPartitionField,
  given: string | number | null,
): SingleValue | null | undefined {
  if (given === null) return null;
  if (field.transform === 'identity') return parseSingleValue(field.resultType, String(given)) ?? undefined;
  const integer = typeof given === 'string' && given.includes('-', 1) ? dateDays(given) : Number(given);
  return Number.isInteger(integer) ? integer : undefined;
}

/** Equal tuples of one spec give equal text. */
export function partitionKey(specId: number, tuple: PartitionTuple): string {
  const parts = tuple.map((value) => {
    if (value === null) return null;
    if (value instanceof Uint8Array) return `x${Buffer.from(value).toString('hex')}`;
    // An int column that became long gives the same partitions, so both kinds of number are one.
    if (typeof value === 'number' || typeof value === 'bigint')
      return `n${Object.is(value, -0) ? '-0' : value}`;
    return `s${value}`;
  });
  return JSON.stringify([specId, ...parts]);
}
