import type { Clock } from '../base/clock.ts';
import { BoundedCache } from './bounded-cache.ts';
import { keyOf, prefixOf, type TablePlace } from './locations.ts';
import { decodeManifest, type Manifest } from './manifest.ts';
import { decodeManifestList, type ManifestFile } from './manifest-list.ts';
import { parseMetadata, type Snapshot, type TableMetadata } from './metadata.ts';
import type { Objects } from './objects.ts';
import type { TablePointer } from './pointer.ts';

/** What every operation on tables needs. */
export interface Lake {
  objects: Objects;
  pointer: TablePointer;
  clock: Clock;
  caches: LakeCaches;
}

/** Decoded objects; they never change, so they are only forgotten for room. */
export interface LakeCaches {
  metadata: BoundedCache<TableMetadata>;
  manifestLists: BoundedCache<ManifestFile[]>;
  manifests: BoundedCache<Manifest>;
}

/** Encoded bytes a cache may stand for; decoded manifests take about ten times as much memory. */
const METADATA_BYTES = 16 * 1024 * 1024;
const MANIFEST_BYTES = 24 * 1024 * 1024;

export function openLake(parts: { objects: Objects; pointer: TablePointer; clock: Clock }): Lake {
  const caches: LakeCaches = {
    metadata: new BoundedCache(METADATA_BYTES),
    manifestLists: new BoundedCache(MANIFEST_BYTES / 4),
    manifests: new BoundedCache(MANIFEST_BYTES),
  };
  return { ...parts, caches };
}

/** A table at one moment: the metadata file that its pointer named. */
export interface Table {
  id: string;
  metadataKey: string;
  metadata: TableMetadata;
}

export function placeOf(table: Table): TablePlace {
  return { prefix: prefixOf(table.metadataKey), location: table.metadata.location };
}

/**
 * The table as it is now.
 * @throws MeshError `lake.table-missing`, `lake.metadata-invalid`, `lake.object-missing`.
 */
export async function loadTable(lake: Lake, tableId: string): Promise<Table> {
  const metadataKey = await lake.pointer.read(tableId);
  return { id: tableId, metadataKey, metadata: await readMetadata(lake, metadataKey) };
}

/** Frozen in meaning: callers make new metadata, they never change this. */
export async function readMetadata(lake: Lake, key: string): Promise<TableMetadata> {
  return lake.caches.metadata.get(key, async () => {
    const bytes = await lake.objects.read(key);
    return { value: parseMetadata(bytes, key), weight: bytes.length };
  });
}

/** The manifests of a snapshot. */
export async function readManifestList(
  lake: Lake,
  table: Table,
  snapshot: Snapshot,
): Promise<ManifestFile[]> {
  const key = keyOf(placeOf(table), snapshot['manifest-list']);
  return lake.caches.manifestLists.get(key, async () => {
    const bytes = await lake.objects.read(key);
    return { value: decodeManifestList(bytes, key), weight: bytes.length };
  });
}

/** A manifest with its entries' inherited snapshot ids and sequence numbers filled in (spec, "Sequence Number Inheritance"). */
export async function readManifest(lake: Lake, table: Table, file: ManifestFile): Promise<Manifest> {
  const key = keyOf(placeOf(table), file.location);
  return lake.caches.manifests.get(key, async () => {
    const bytes = await lake.objects.read(key);
    return { value: inherit(decodeManifest(bytes, key), file), weight: bytes.length };
  });
}

function inherit(manifest: Manifest, file: ManifestFile): Manifest {
  const entries = manifest.entries.map((entry) => ({
    ...entry,
    snapshotId: entry.snapshotId ?? file.addedSnapshotId,
    sequenceNumber: entry.sequenceNumber ?? file.sequenceNumber,
    fileSequenceNumber: entry.fileSequenceNumber ?? file.sequenceNumber,
  }));
  return { ...manifest, entries };
}
