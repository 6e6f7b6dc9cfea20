import type { Schema } from 'avsc';
import { decodeAvro, encodeAvro } from './avro-file.ts';
import type { DataFile } from './data-file.ts';
import type { PartitionSpec, SnapshotId, TableSchema } from './metadata.ts';
import { decimalBytes, manifestEntrySchema, avroName } from './manifest-schema.ts';
import { bindSpec, type BoundPartitionField } from './partition.ts';
import { columnsOf } from './schema.ts';
import { decodeBigEndian, uuidText, type SingleValue } from './single-value.ts';

export const ENTRY_STATUS = { existing: 0, added: 1, deleted: 2 } as const;
export type EntryStatus = (typeof ENTRY_STATUS)[keyof typeof ENTRY_STATUS];

/** Table spec, "Manifest Entry Fields". Null numbers are inherited from the manifest list. */
export interface ManifestEntry {
  status: EntryStatus;
  snapshotId: SnapshotId | null;
  sequenceNumber: number | null;
  fileSequenceNumber: number | null;
  file: DataFile;
}

/** A manifest with what its files were written by. */
export interface Manifest {
  schema: TableSchema;
  spec: PartitionSpec;
  entries: ManifestEntry[];
}

interface AvroPair<Value> {
  key: number;
  value: Value;
}

interface AvroEntry {
  status: EntryStatus;
  snapshot_id: bigint | null;
  sequence_number: number | null;
  file_sequence_number: number | null;
  data_file: AvroDataFile;
}

interface AvroDataFile {
  content: number;
  file_path: string;
  file_format: string;
  partition: Record<string, unknown>;
  record_count: number;
  file_size_in_bytes: number;
  column_sizes?: AvroPair<number>[] | null;
  value_counts?: AvroPair<number>[] | null;
  null_value_counts?: AvroPair<number>[] | null;
  nan_value_counts?: AvroPair<number>[] | null;
  lower_bounds?: AvroPair<Uint8Array>[] | null;
  upper_bounds?: AvroPair<Uint8Array>[] | null;
  split_offsets?: number[] | null;
  sort_order_id?: number | null;
}

/** A manifest of data files as an Avro file, with the metadata that v2 requires (table spec, "Manifests"). */
export function encodeManifest(manifest: Manifest): Uint8Array {
  const fields = bindSpec(manifest.spec, columnsOf(manifest.schema));
  return encodeAvro(manifestEntrySchema(fields) as Schema, {
    metadata: {
      schema: JSON.stringify(manifest.schema),
      'schema-id': String(manifest.schema['schema-id']),
      'partition-spec': JSON.stringify(manifest.spec.fields),
      'partition-spec-id': String(manifest.spec['spec-id']),
      'format-version': '2',
      content: 'data',
    },
    entries: manifest.entries.map((entry) => entryToAvro(entry, fields)),
  });
}

/** @throws MeshError `lake.metadata-invalid` when the bytes are not a whole manifest. */
export function decodeManifest(bytes: Uint8Array, key: string): Manifest {
  const { metadata, entries } = decodeAvro<AvroEntry>(bytes, key);
  const schema = JSON.parse(metadata['schema']!) as TableSchema;
  schema['schema-id'] = Number(metadata['schema-id'] ?? 0);
  const spec: PartitionSpec = {
    'spec-id': Number(metadata['partition-spec-id'] ?? 0),
    fields: JSON.parse(metadata['partition-spec']!) as PartitionSpec['fields'],
  };
  const fields = bindSpec(spec, columnsOf(schema));
  return { schema, spec, entries: entries.map((entry) => entryFromAvro(entry, { spec, fields })) };
}

function entryToAvro(entry: ManifestEntry, fields: BoundPartitionField[]): AvroEntry {
  const { file } = entry;
  return {
    status: entry.status,
    snapshot_id: entry.snapshotId === null ? null : BigInt(entry.snapshotId),
    sequence_number: entry.sequenceNumber,
    file_sequence_number: entry.fileSequenceNumber,
    data_file: {
      content: 0,
      file_path: file.location,
      file_format: 'PARQUET',
      partition: Object.fromEntries(
        fields.map((field, place) => [
          avroName(field.name),
          valueToAvro(field, file.partition[place] ?? null),
        ]),
      ),
      record_count: file.rows,
      file_size_in_bytes: file.bytes,
      column_sizes: toPairs(file.columnSizes),
      value_counts: toPairs(file.valueCounts),
      null_value_counts: toPairs(file.nullCounts),
      nan_value_counts: toPairs(file.nanCounts),
      lower_bounds: toPairs(file.lowerBounds, Buffer.from),
      upper_bounds: toPairs(file.upperBounds, Buffer.from),
      split_offsets: file.splitOffsets,
      sort_order_id: 0,
    },
  };
}

function entryFromAvro(
  entry: AvroEntry,
  written: { spec: PartitionSpec; fields: BoundPartitionField[] },
): ManifestEntry {
  const file = entry.data_file;
  const tuple = Object.values(file.partition);
  return {
    status: entry.status,
    snapshotId: entry.snapshot_id == null ? null : String(entry.snapshot_id),
    sequenceNumber: entry.sequence_number ?? null,
    fileSequenceNumber: entry.file_sequence_number ?? null,
    file: {
      location: file.file_path,
      specId: written.spec['spec-id'],
      partition: written.fields.map((field, place) => valueFromAvro(field, tuple[place])),
      rows: file.record_count,
      bytes: file.file_size_in_bytes,
      columnSizes: fromPairs(file.column_sizes),
      valueCounts: fromPairs(file.value_counts),
      nullCounts: fromPairs(file.null_value_counts),
      nanCounts: fromPairs(file.nan_value_counts),
      lowerBounds: fromPairs(file.lower_bounds),
      upperBounds: fromPairs(file.upper_bounds),
      splitOffsets: file.split_offsets ?? null,
    },
  };
}

function toPairs<Value, Stored>(
  map: Map<number, Value>,
  convert: (value: Value) => Stored = (value) => value as unknown as Stored,
): AvroPair<Stored>[] {
  return Array.from(map, ([key, value]) => ({ key, value: convert(value) }));
}

function fromPairs<Value>(pairs: AvroPair<Value>[] | null | undefined): Map<number, Value> {
  return new Map((pairs ?? []).map(({ key, value }) => [key, value]));
}

function valueToAvro({ resultType }: BoundPartitionField, value: SingleValue | null): unknown {
  if (value === null) return null;
  if (resultType.kind === 'binary') return Buffer.from(value as Uint8Array);
  if (resultType.kind === 'uuid') return Buffer.from((value as string).replaceAll('-', ''), 'hex');
  if (resultType.kind !== 'decimal') return value;
  const size = decimalBytes(resultType.precision);
  const hex = BigInt.asUintN(size * 8, value as bigint).toString(16);
  return Buffer.from(hex.padStart(size * 2, '0'), 'hex');
}

function valueFromAvro({ resultType }: BoundPartitionField, value: unknown): SingleValue | null {
  if (value === null || value === undefined) return null;
  if (resultType.kind === 'uuid') return uuidText(value as Uint8Array);
  if (resultType.kind === 'decimal') return decodeBigEndian(value as Uint8Array);
  // A column widened since the manifest was written has wider values in its tuple's own type.
  return value as SingleValue;
}
