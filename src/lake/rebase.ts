import { randomUUID } from 'node:crypto';
import { commitTable } from './commit.ts';
import { placeOf, readManifest, readManifestList, type Lake, type Table } from './lake.ts';
import { keyOf, locationOf, type TablePlace } from './locations.ts';
import { encodeManifest } from './manifest.ts';
import { encodeManifestList, type ManifestFile } from './manifest-list.ts';
import type { Snapshot } from './metadata.ts';

/**
 * Rewrites the absolute locations in a table's metadata after its files were moved or restored to another
 * place, for readers that take them as they are. Data files stay untouched, ids and sequence numbers stay as
 * they were; a table that is where its metadata says is left alone. No other writer may be at work.
 */
export async function rebaseTable(lake: Lake, tableId: string): Promise<Table> {
  return commitTable(lake, tableId, async (table) => {
    const from = placeOf(table);
    const to: TablePlace = { prefix: from.prefix, location: lake.objects.uri(from.prefix) };
    if (to.location === from.location) return null;
    const move = (location: string) => locationOf(to, keyOf(from, location));
    const moved = new Map<string, ManifestFile>();
    const snapshots: Snapshot[] = [];
    for (const snapshot of table.metadata.snapshots) {
      snapshots.push(await moveSnapshot(lake, { table, snapshot, moved, move, to }));
    }
    const log = table.metadata['metadata-log'].map((entry) => ({
      ...entry,
      'metadata-file': move(entry['metadata-file']),
    }));
    return { metadata: { ...table.metadata, location: to.location, snapshots, 'metadata-log': log } };
  });
}

interface Move {
  table: Table;
  snapshot: Snapshot;
  /** Manifests already moved, by their old location: snapshots share them. */
  moved: Map<string, ManifestFile>;
  move(location: string): string;
  to: TablePlace;
}

async function moveSnapshot(lake: Lake, one: Move): Promise<Snapshot> {
  const { table, snapshot, moved, to } = one;
  const manifests: ManifestFile[] = [];
  for (const file of await readManifestList(lake, table, snapshot)) {
    const next = moved.get(file.location) ?? (await moveManifest(lake, one, file));
    moved.set(file.location, next);
    manifests.push(next);
  }
  const bytes = encodeManifestList(manifests, {
    snapshotId: snapshot['snapshot-id'],
    parentId: snapshot['parent-snapshot-id'],
    sequenceNumber: snapshot['sequence-number'],
  });
  const key = `${to.prefix}/metadata/snap-${snapshot['snapshot-id']}-${randomUUID()}.avro`;
  await lake.objects.write(key, bytes, { onlyIfAbsent: true });
  return { ...snapshot, 'manifest-list': locationOf(to, key) };
}

async function moveManifest(
  lake: Lake,
  { table, move, to }: Move,
  file: ManifestFile,
): Promise<ManifestFile> {
  const manifest = await readManifest(lake, table, file);
  const entries = manifest.entries.map((entry) => ({
    ...entry,
    file: { ...entry.file, location: move(entry.file.location) },
  }));
  const bytes = encodeManifest({ ...manifest, entries });
  const key = `${to.prefix}/metadata/${randomUUID()}-m0.avro`;
  await lake.objects.write(key, bytes, { onlyIfAbsent: true });
  return { ...file, location: locationOf(to, key), bytes: bytes.length };
}
