import type { Schema } from 'avsc';
import { decodeAvro, encodeAvro } from './avro-file.ts';
import { ENTRY_STATUS, type EntryStatus, type Manifest, type ManifestEntry } from './manifest.ts';
import { MANIFEST_FILE_SCHEMA } from './manifest-schema.ts';
import type { SnapshotId } from './metadata.ts';
import { bindSpec, type BoundPartitionField } from './partition.ts';
import { columnsOf } from './schema.ts';
import { compareValues, encodeValue, type SingleValue } from './single-value.ts';

/** One manifest as a manifest list tells of it (table spec, "Manifest Lists"). */
export interface ManifestFile {
  location: string;
  bytes: number;
  specId: number;
  content: 'data' | 'deletes';
  /** Null in a manifest that no snapshot has listed yet: it takes the number of the one that will. */
  sequenceNumber: number | null;
  minSequenceNumber: number | null;
  addedSnapshotId: SnapshotId;
  added: Tally;
  existing: Tally;
  deleted: Tally;
  partitions: FieldSummary[];
}

export interface Tally {
  files: number;
  rows: number;
}

export interface FieldSummary {
  containsNull: boolean;
  containsNan: boolean | null;
  lower: Uint8Array | null;
  upper: Uint8Array | null;
}

interface AvroManifestFile {
  manifest_path: string;
  manifest_length: number;
  partition_spec_id: number;
  content?: number;
  sequence_number?: number;
  min_sequence_number?: number;
  added_snapshot_id: bigint;
  added_files_count: number;
  existing_files_count: number;
  deleted_files_count: number;
  added_rows_count: number;
  existing_rows_count: number;
  deleted_rows_count: number;
  partitions?:
    | {
        contains_null: boolean;
        contains_nan?: boolean | null;
        lower_bound?: Uint8Array | null;
        upper_bound?: Uint8Array | null;
      }[]
    | null;
}

export interface ManifestListFacts {
  snapshotId: SnapshotId;
  parentId: SnapshotId | undefined;
  sequenceNumber: number;
}

/** A manifest list; manifests without a sequence number get the snapshot's. */
export function encodeManifestList(manifests: ManifestFile[], facts: ManifestListFacts): Uint8Array {
  return encodeAvro(MANIFEST_FILE_SCHEMA as Schema, {
    metadata: {
      'snapshot-id': facts.snapshotId,
      'parent-snapshot-id': facts.parentId ?? 'null',
      'sequence-number': String(facts.sequenceNumber),
      'format-version': '2',
    },
    entries: manifests.map((manifest) => toAvro(manifest, facts.sequenceNumber)),
  });
}

/** @throws MeshError `lake.metadata-invalid` when the bytes are not a whole manifest list. */
export function decodeManifestList(bytes: Uint8Array, key: string): ManifestFile[] {
  return decodeAvro<AvroManifestFile>(bytes, key).entries.map(fromAvro);
}

function toAvro(manifest: ManifestFile, sequenceNumber: number): AvroManifestFile {
  return {
    manifest_path: manifest.location,
    manifest_length: manifest.bytes,
    partition_spec_id: manifest.specId,
    content: manifest.content === 'data' ? 0 : 1,
    sequence_number: manifest.sequenceNumber ?? sequenceNumber,
    min_sequence_number: manifest.minSequenceNumber ?? sequenceNumber,
    added_snapshot_id: BigInt(manifest.addedSnapshotId),
    added_files_count: manifest.added.files,
    existing_files_count: manifest.existing.files,
    deleted_files_count: manifest.deleted.files,
    added_rows_count: manifest.added.rows,
    existing_rows_count: manifest.existing.rows,
    deleted_rows_count: manifest.deleted.rows,
    partitions: manifest.partitions.map((summary) => ({
      contains_null: summary.containsNull,
      contains_nan: summary.containsNan,
      lower_bound: summary.lower && Buffer.from(summary.lower),
      upper_bound: summary.upper && Buffer.from(summary.upper),
    })),
  };
}

function fromAvro(stored: AvroManifestFile): ManifestFile {
  return {
    location: stored.manifest_path,
    bytes: stored.manifest_length,
    specId: stored.partition_spec_id,
    content: stored.content === 1 ? 'deletes' : 'data',
    sequenceNumber: stored.sequence_number ?? 0,
    minSequenceNumber: stored.min_sequence_number ?? 0,
    addedSnapshotId: String(stored.added_snapshot_id),
    added: { files: stored.added_files_count, rows: stored.added_rows_count },
    existing: { files: stored.existing_files_count, rows: stored.existing_rows_count },
    deleted: { files: stored.deleted_files_count, rows: stored.deleted_rows_count },
    partitions: (stored.partitions ?? []).map((summary) => ({
      containsNull: summary.contains_null,
      containsNan: summary.contains_nan ?? null,
      lower: summary.lower_bound ?? null,
      upper: summary.upper_bound ?? null,
    })),
  };
}

/** What a manifest list tells of a manifest just written. */
export function summarizeManifest(
  manifest: Manifest,
  written: { location: string; bytes: number; snapshotId: SnapshotId },
): ManifestFile {
  const fields = bindSpec(manifest.spec, columnsOf(manifest.schema));
  const live = manifest.entries.filter((entry) => entry.status !== ENTRY_STATUS.deleted);
  return {
    location: written.location,
    bytes: written.bytes,
    specId: manifest.spec['spec-id'],
    content: 'data',
    sequenceNumber: null,
    minSequenceNumber: leastSequenceNumber(live),
    addedSnapshotId: written.snapshotId,
    added: tally(manifest.entries, ENTRY_STATUS.added),
    existing: tally(manifest.entries, ENTRY_STATUS.existing),
    deleted: tally(manifest.entries, ENTRY_STATUS.deleted),
    partitions: fields.map((field, place) =>
      summarizeField(
        field,
        manifest.entries.map((entry) => entry.file.partition[place] ?? null),
      ),
    ),
  };
}

/** The least data sequence number of the live files; null when all of them wait for theirs. */
function leastSequenceNumber(live: ManifestEntry[]): number | null {
  const known = live.flatMap((entry) => (entry.sequenceNumber === null ? [] : [entry.sequenceNumber]));
  return known.length === 0 ? null : Math.min(...known);
}

function tally(entries: ManifestEntry[], status: EntryStatus): Tally {
  const matching = entries.filter((entry) => entry.status === status);
  return { files: matching.length, rows: matching.reduce((rows, entry) => rows + entry.file.rows, 0) };
}

function summarizeField({ resultType }: BoundPartitionField, values: (SingleValue | null)[]): FieldSummary {
  const numbers = values.filter((value) => value !== null && !Number.isNaN(value)) as SingleValue[];
  const sorted = numbers.sort(compareValues);
  const [least, greatest] = [sorted[0], sorted.at(-1)];
  // No bounds for UUIDs, whose order readers disagree on; see data-file.ts.
  const bounded = least !== undefined && greatest !== undefined && resultType.kind !== 'uuid';
  return {
    containsNull: values.includes(null),
    containsNan: values.some((value) => Number.isNaN(value)),
    lower: bounded ? encodeValue(resultType, least) : null,
    upper: bounded ? encodeValue(resultType, greatest) : null,
  };
}
