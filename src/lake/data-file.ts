import type { Column, DataType } from '../base/data-type.ts';
import { MeshError } from '../base/errors.ts';
import { PARQUET_TYPES, type ParquetChunk, type ParquetFooter, type ParquetLeaf } from './parquet-footer.ts';
import {
  applyTransform,
  type BoundPartitionField,
  partitionValue,
  type PartitionTuple,
} from './partition.ts';
import { schemaNodes, type SchemaNode } from './schema.ts';
import {
  compareValues,
  decodeBigEndian,
  decodeValue,
  lowerBound,
  upperBound,
  type SingleValue,
} from './single-value.ts';

/** A data file as manifests hold it (Iceberg table spec, "Data File Fields"); maps are by field id. */
export interface DataFile extends ColumnMetrics {
  /** Absolute, as in the manifest; `tableKeyOf` gives the key. */
  location: string;
  specId: number;
  partition: PartitionTuple;
  rows: number;
  bytes: number;
  splitOffsets: number[] | null;
}

export interface ColumnMetrics {
  columnSizes: Map<number, number>;
  valueCounts: Map<number, number>;
  nullCounts: Map<number, number>;
  nanCounts: Map<number, number>;
  lowerBounds: Map<number, Uint8Array>;
  upperBounds: Map<number, Uint8Array>;
}

/** What a footer tells about the columns, and the exact range of each for checking partitions. */
export interface FileFacts {
  file: string;
  metrics: ColumnMetrics;
  ranges: Map<number, ValueRange>;
}

interface ValueRange {
  nulls: number | undefined;
  values: number;
  min: SingleValue;
  max: SingleValue;
}

/**
 * Column metrics of a file, after checking that it is a file of this table: known field ids, the physical
 * types readers expect, no null in a required column.
 * @throws MeshError `lake.file-invalid` with every problem.
 */
export function describeColumns(footer: ParquetFooter, columns: Column[]): FileFacts {
  const nodes = new Map(schemaNodes(columns).map((node) => [node.id, node]));
  const problems = footer.leaves.flatMap((leaf) => leafProblem(leaf, nodes.get(leaf.fieldId ?? -1)) ?? []);
  const present = new Set(footer.leaves.map((leaf) => leaf.fieldId));
  for (const node of nodes.values()) {
    if (node.required && !node.repeated && isPrimitive(node.type) && !present.has(node.id)) {
      problems.push(`required column ${node.path} is missing`);
    }
  }
  if (problems.length > 0) throw fileInvalid(footer.file, problems);
  const facts: FileFacts = { file: footer.file, metrics: emptyMetrics(), ranges: new Map() };
  for (const leaf of footer.leaves) addLeaf(facts, { leaf, node: nodes.get(leaf.fieldId!)! });
  return facts;
}

export function emptyMetrics(): ColumnMetrics {
  return {
    columnSizes: new Map(),
    valueCounts: new Map(),
    nullCounts: new Map(),
    nanCounts: new Map(),
    lowerBounds: new Map(),
    upperBounds: new Map(),
  };
}

function leafProblem(leaf: ParquetLeaf, node: SchemaNode | undefined): string | null {
  if (leaf.fieldId === undefined) return `column ${leaf.path} has no field id`;
  if (!node || !isPrimitive(node.type)) return `column ${leaf.path} has the unknown field id ${leaf.fieldId}`;
  if (!physicalTypes(node.type).includes(leaf.physicalType)) {
    return `column ${leaf.path} is not stored as ${node.type.kind}`;
  }
  if (node.required && !node.repeated && sum(leaf.chunks, (chunk) => chunk.nulls ?? 0) > 0) {
    return `required column ${leaf.path} has nulls`;
  }
  return null;
}

function isPrimitive(type: DataType): boolean {
  return type.kind !== 'struct' && type.kind !== 'list' && type.kind !== 'map';
}

/** Table spec, Appendix A, "Parquet". */
function physicalTypes(type: DataType): number[] {
  const types = PARQUET_TYPES;
  switch (type.kind) {
    case 'boolean':
      return [types.boolean];
    case 'int':
    case 'date':
      return [types.int32];
    case 'long':
    case 'time':
    case 'timestamp':
    case 'timestamptz':
      return [types.int64];
    case 'float':
      return [types.float];
    case 'double':
      return [types.double];
    case 'decimal':
      return [types.int32, types.int64, types.fixedLengthByteArray];
    case 'uuid':
      return [types.fixedLengthByteArray];
    default:
      return [types.byteArray];
  }
}

function addLeaf(
  { metrics, ranges }: FileFacts,
  { leaf, node }: { leaf: ParquetLeaf; node: SchemaNode },
): void {
  const values = sum(leaf.chunks, (chunk) => chunk.values);
  metrics.columnSizes.set(
    node.id,
    sum(leaf.chunks, (chunk) => chunk.bytes),
  );
  metrics.valueCounts.set(node.id, values);
  const nulls = leaf.chunks.every((chunk) => chunk.nulls !== undefined)
    ? sum(leaf.chunks, (chunk) => chunk.nulls!)
    : undefined;
  // A level below a list counts an empty list as a null, which is not what the metric means.
  if (nulls !== undefined && !node.repeated) metrics.nullCounts.set(node.id, nulls);
  const range = node.repeated ? null : rangeOf(leaf, node.type);
  if (!range) return;
  ranges.set(node.id, { ...range, nulls, values });
  // DuckDB gives no range to a chunk with NaN, so where there is one, there is none.
  if (isFloat(node.type)) metrics.nanCounts.set(node.id, 0);
  addBounds(metrics, { node, ...range });
}

function addBounds(
  metrics: ColumnMetrics,
  range: { node: SchemaNode; min: SingleValue; max: SingleValue },
): void {
  const { id, type } = range.node;
  // Readers disagree on the order of UUIDs (Java compared signed halves), so a bound could hide rows.
  if (type.kind === 'uuid') return;
  metrics.lowerBounds.set(id, lowerBound(type, range.min));
  const upper = upperBound(type, range.max);
  if (upper) metrics.upperBounds.set(id, upper);
}

/** The range over all row groups; null when one that holds values does not say. */
function rangeOf(leaf: ParquetLeaf, type: DataType): { min: SingleValue; max: SingleValue } | null {
  const withValues = leaf.chunks.filter((chunk) => chunk.nulls !== chunk.values);
  if (withValues.length === 0 || withValues.some((chunk) => !chunk.min || !chunk.max)) return null;
  const read = (bytes: Uint8Array) => statisticValue(type, { bytes, physicalType: leaf.physicalType });
  const all = withValues.map((chunk: ParquetChunk) => ({ min: read(chunk.min!), max: read(chunk.max!) }));
  const range = {
    min: all.map((one) => one.min).reduce((left, right) => (compareValues(left, right) <= 0 ? left : right)),
    max: all.map((one) => one.max).reduce((left, right) => (compareValues(left, right) >= 0 ? left : right)),
  };
  return Number.isNaN(range.min) || Number.isNaN(range.max) ? null : range;
}

/** Parquet's plain encoding of statistics is Iceberg's but for decimals in integers, which are little endian. */
function statisticValue(type: DataType, stored: { bytes: Uint8Array; physicalType: number }): SingleValue {
  if (type.kind !== 'decimal') return decodeValue(type, stored.bytes);
  const isInteger = stored.physicalType !== PARQUET_TYPES.fixedLengthByteArray;
  return decodeBigEndian(isInteger ? stored.bytes.slice().reverse() : stored.bytes);
}

function isFloat(type: DataType): boolean {
  return type.kind === 'float' || type.kind === 'double';
}

/**
 * The partition tuple of a file: what the writer says, checked against the file's own range, or else found
 * from that range.
 * @throws MeshError `lake.file-invalid` when the file's rows belong to more than one partition or to another.
 */
export function partitionOf(
  facts: FileFacts,
  fields: BoundPartitionField[],
  given: (string | number | null)[] | undefined,
): PartitionTuple {
  const problems: string[] = [];
  const tuple = fields.map((field, place): SingleValue | null => {
    const found = partitionFromRange(facts, field);
    const stated = given ? partitionValue(field, given[place] ?? null) : found;
    const differs = stated !== undefined && found !== undefined && !sameValue(stated, found);
    if (stated === undefined || differs) problems.push(`it is not one partition by ${field.name}`);
    return stated ?? null;
  });
  if (problems.length > 0) throw fileInvalid(facts.file, problems);
  return tuple;
}

/** undefined = the range alone does not say. */
function partitionFromRange(facts: FileFacts, field: BoundPartitionField): SingleValue | null | undefined {
  const range = facts.ranges.get(field.sourceId);
  const values = facts.metrics.valueCounts.get(field.sourceId);
  if (!range)
    return values !== undefined && facts.metrics.nullCounts.get(field.sourceId) === values ? null : undefined;
  if (range.nulls !== 0 && range.nulls !== undefined) return NaN;
  const [low, high] = [applyTransform(field, range.min), applyTransform(field, range.max)];
  if (sameValue(low, high) && (typeof field.transform === 'string' || sameValue(range.min, range.max)))
    return low;
  return typeof field.transform === 'string' ? NaN : undefined;
}

function sameValue(left: SingleValue | null, right: SingleValue | null): boolean {
  if (left === null || right === null) return left === right;
  return !Number.isNaN(left) && !Number.isNaN(right) && compareValues(left, right) === 0;
}

function fileInvalid(file: string, problems: string[]): MeshError {
  return new MeshError('lake.file-invalid', {
    facts: { file, reason: problems.join('; ') },
    problems: problems.map((message) => ({ message })),
  });
}

function sum<Item>(items: Item[], of: (item: Item) => number): number {
  return items.reduce((total, item) => total + of(item), 0);
}
