import { MeshError } from '../base/errors.ts';

/**
 * Iceberg table metadata as its JSON has it (table spec v2, "Table Metadata Fields" and Appendix C), so
 * that fields we do not know survive. One difference: snapshot ids are 63-bit numbers, which JavaScript
 * cannot hold, so here they are decimal text.
 */
export interface TableMetadata {
  'format-version': 2;
  'table-uuid': string;
  location: string;
  'last-sequence-number': number;
  'last-updated-ms': number;
  'last-column-id': number;
  'current-schema-id': number;
  schemas: TableSchema[];
  'default-spec-id': number;
  'partition-specs': PartitionSpec[];
  'last-partition-id': number;
  'default-sort-order-id': number;
  'sort-orders': SortOrder[];
  properties: Record<string, string>;
  'current-snapshot-id'?: SnapshotId;
  snapshots: Snapshot[];
  'snapshot-log': SnapshotLogEntry[];
  'metadata-log': MetadataLogEntry[];
  refs: Record<string, SnapshotReference>;
}

/** A snapshot's id as decimal text: a name, never arithmetic. */
export type SnapshotId = string;

export interface TableSchema {
  type: 'struct';
  'schema-id': number;
  'identifier-field-ids'?: number[];
  fields: SchemaField[];
}

export interface SchemaField {
  id: number;
  name: string;
  required: boolean;
  type: SchemaType;
  doc?: string;
}

/** Appendix C, "Schemas": primitives are text such as `decimal(9,2)`, nested types are objects. */
export type SchemaType =
  | string
  | { type: 'struct'; fields: SchemaField[] }
  | { type: 'list'; 'element-id': number; element: SchemaType; 'element-required': boolean }
  | {
      type: 'map';
      'key-id': number;
      key: SchemaType;
      'value-id': number;
      value: SchemaType;
      'value-required': boolean;
    };

export interface PartitionSpec {
  'spec-id': number;
  fields: PartitionSpecField[];
}

export interface PartitionSpecField {
  'source-id': number;
  'field-id': number;
  name: string;
  /** `identity`, `year`, `month`, `day`, `bucket[16]`; others may come from other writers. */
  transform: string;
}

export interface SortOrder {
  'order-id': number;
  fields: unknown[];
}

export interface Snapshot {
  'snapshot-id': SnapshotId;
  'parent-snapshot-id'?: SnapshotId;
  'sequence-number': number;
  'timestamp-ms': number;
  'manifest-list': string;
  summary: SnapshotSummary;
  'schema-id'?: number;
}

export interface SnapshotSummary {
  operation: 'append' | 'replace' | 'overwrite' | 'delete';
  [metric: string]: string;
}

export interface SnapshotReference {
  'snapshot-id': SnapshotId;
  type: 'branch' | 'tag';
  'min-snapshots-to-keep'?: number;
  'max-snapshot-age-ms'?: number;
  'max-ref-age-ms'?: number;
}

export interface SnapshotLogEntry {
  'timestamp-ms': number;
  'snapshot-id': SnapshotId;
}

export interface MetadataLogEntry {
  'timestamp-ms': number;
  'metadata-file': string;
}

const SNAPSHOT_IDS = new Set(['snapshot-id', 'parent-snapshot-id', 'current-snapshot-id']);

type SourceReviver = (this: unknown, key: string, value: unknown, context: { source?: string }) => unknown;
const parseWithSource = JSON.parse as (text: string, reviver: SourceReviver) => unknown;
const { rawJSON } = JSON as typeof JSON & { rawJSON(text: string): unknown };

/**
 * Reads a metadata file.
 * @throws MeshError `lake.metadata-invalid` for another format version or broken JSON.
 */
export function parseMetadata(bytes: Uint8Array, key: string): TableMetadata {
  const metadata = parseJson(new TextDecoder().decode(bytes), key);
  if (metadata['format-version'] !== 2) {
    const reason = `format version ${String(metadata['format-version'])} is not supported`;
    throw new MeshError('lake.metadata-invalid', { facts: { reason }, detail: key });
  }
  const read = metadata as unknown as TableMetadata;
  // Optional in v2 (spec, "Table Metadata Fields"); Java writes -1 for "no current snapshot" (Appendix F).
  read.properties ??= {};
  read.snapshots ??= [];
  read['snapshot-log'] ??= [];
  read['metadata-log'] ??= [];
  if (read['current-snapshot-id'] === '-1' || read['current-snapshot-id'] === null) {
    delete read['current-snapshot-id'];
  }
  read.refs ??= mainReference(read['current-snapshot-id']);
  return read;
}

function parseJson(text: string, key: string): Record<string, unknown> {
  try {
    return parseWithSource(text, (name, value, { source }) =>
      typeof value === 'number' && SNAPSHOT_IDS.has(name) ? source : value,
    ) as Record<string, unknown>;
  } catch (cause) {
    throw new MeshError('lake.metadata-invalid', { facts: { reason: 'it is not JSON' }, detail: key, cause });
  }
}

function mainReference(current: SnapshotId | undefined): Record<string, SnapshotReference> {
  return current === undefined ? {} : { main: { 'snapshot-id': current, type: 'branch' } };
}

/** Metadata as the JSON text of a metadata file. */
export function printMetadata(metadata: TableMetadata): Uint8Array {
  const inProperties = new Set<unknown>([
    metadata.properties,
    ...metadata.snapshots.map((one) => one.summary),
  ]);
  const text = JSON.stringify(metadata, function (this: unknown, name: string, value: unknown) {
    const isId = typeof value === 'string' && SNAPSHOT_IDS.has(name) && !inProperties.has(this);
    return isId ? rawJSON(value) : value;
  });
  return new TextEncoder().encode(text);
}

/** The table's current schema. */
export function currentSchema(metadata: TableMetadata): TableSchema {
  return schemaById(metadata, metadata['current-schema-id']);
}

/** @throws MeshError `lake.metadata-invalid` when the table has no such schema. */
export function schemaById(metadata: TableMetadata, schemaId: number): TableSchema {
  const schema = metadata.schemas.find((one) => one['schema-id'] === schemaId);
  if (schema) return schema;
  throw new MeshError('lake.metadata-invalid', { facts: { reason: `it has no schema ${schemaId}` } });
}

/** The spec by which new files are partitioned. */
export function defaultSpec(metadata: TableMetadata): PartitionSpec {
  return specById(metadata, metadata['default-spec-id']);
}

/** @throws MeshError `lake.metadata-invalid` when the table has no such partition spec. */
export function specById(metadata: TableMetadata, specId: number): PartitionSpec {
  const spec = metadata['partition-specs'].find((one) => one['spec-id'] === specId);
  if (spec) return spec;
  throw new MeshError('lake.metadata-invalid', { facts: { reason: `it has no partition spec ${specId}` } });
}
