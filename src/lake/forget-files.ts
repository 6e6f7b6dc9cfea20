import { randomUUID } from 'node:crypto';
import { commitTable, nextTime, type StagedMetadata } from './commit.ts';
import type { DataFile } from './data-file.ts';
import { loadTable, placeOf, readManifest, readManifestList, type Lake, type Table } from './lake.ts';
import { locationOf } from './locations.ts';
import { ENTRY_STATUS, type Manifest, type ManifestEntry } from './manifest.ts';
import { encodeManifestList, type ManifestFile } from './manifest-list.ts';
import { currentSchema, specById, type Snapshot, type SnapshotId, type TableMetadata } from './metadata.ts';
import { dataFiles, type ScanFile } from './scan.ts';
import { newSnapshotId, snapshotOf } from './snapshot.ts';
import { isLive, refuseDeleteFiles, writeManifest } from './write.ts';

export interface Forgetting {
  /** Locations of data files that nothing of the table may lead to any more. */
  forgotten: ReadonlySet<string>;
  /** From `stageFiles`: what takes the place of those that are in the current snapshot. */
  files: DataFile[];
  /** Facts about why; kept in the new snapshot's summary. */
  summary?: Record<string, string>;
}

export interface Forgotten {
  table: Table;
  /** The snapshot that took the place of the current one; null where that one knew nothing of the files. */
  head: Snapshot | null;
  expired: SnapshotId[];
}

/** The live files of every snapshot, each once. */
export async function everyFile(lake: Lake, table: Table): Promise<ScanFile[]> {
  const files = new Map<string, ScanFile>();
  for (const snapshot of table.metadata.snapshots) {
    for (const scan of await dataFiles(lake, table, snapshot)) files.set(scan.file.location, scan);
  }
  return [...files.values()];
}

/**
 * Takes files out of a table's present and past in one commit. The current snapshot is made anew without
 * them, on the branches and tags that it had; every other snapshot that leads to one of them goes, with what
 * points to it. Manifests hold the smallest and largest values of a file, also of one that was deleted: they
 * count as leading to it. Readers have the old table or the new one; the bytes go with `sweepTable`.
 */
export async function forgetFiles(lake: Lake, tableId: string, forgetting: Forgetting): Promise<Forgotten> {
  const draft = await draftOf(lake, await loadTable(lake, tableId), forgetting);
  let before: TableMetadata | undefined;
  let head: Snapshot | null = null;
  const table = await commitTable(lake, tableId, async (base) => {
    before = base.metadata;
    const staged = await forget(lake, base, draft);
    head = staged?.head ?? null;
    return staged;
  });
  const kept = new Set(table.metadata.snapshots.map((one) => one['snapshot-id']));
  const expired = before!.snapshots.map((one) => one['snapshot-id']).filter((id) => !kept.has(id));
  return { table, head, expired };
}

/** What is the same in every attempt. */
interface Draft extends Forgetting {
  snapshotId: SnapshotId;
  added: ManifestFile[];
  rewritten: Map<string, Kept | null>;
}

/** A manifest of the new snapshot, with the bytes of its live files. */
interface Kept {
  manifest: ManifestFile;
  bytes: number;
}

async function draftOf(lake: Lake, table: Table, forgetting: Forgetting): Promise<Draft> {
  const snapshotId = newSnapshotId(table.metadata);
  const added: ManifestFile[] = [];
  for (const [specId, files] of Map.groupBy(forgetting.files, (file) => file.specId)) {
    const entries = files.map((file): ManifestEntry => {
      return { status: ENTRY_STATUS.added, snapshotId, sequenceNumber: null, fileSequenceNumber: null, file };
    });
    const manifest = {
      schema: currentSchema(table.metadata),
      spec: specById(table.metadata, specId),
      entries,
    };
    added.push(await writeManifest(lake, table, { manifest, snapshotId }));
  }
  return { ...forgetting, snapshotId, added, rewritten: new Map() };
}

/** Null where no snapshot leads to any of the files. */
async function forget(
  lake: Lake,
  base: Table,
  draft: Draft,
): Promise<(StagedMetadata & { head: Snapshot | null }) | null> {
  const { metadata } = base;
  const live = new Set((await everyFile(lake, base)).map(({ file }) => file.location));
  const tells = (manifest: Manifest) => manifest.entries.some((entry) => tellsOf(entry, draft, live));
  const telling = new Set<SnapshotId>();
  for (const snapshot of metadata.snapshots) {
    const manifests = await readManifestList(lake, base, snapshot);
    refuseDeleteFiles(base, manifests);
    for (const file of manifests) {
      if (tells(await readManifest(lake, base, file))) telling.add(snapshot['snapshot-id']);
    }
  }
  if (telling.size === 0) return null;
  const current = snapshotOf(base);
  const isCurrent = (id: SnapshotId) => id === current?.['snapshot-id'];
  const made =
    current !== null && telling.has(current['snapshot-id'])
      ? await remake(lake, base, { draft, current, tells })
      : null;
  const kept = metadata.snapshots.filter((one) => !telling.has(one['snapshot-id']));
  const refs = Object.entries(metadata.refs).flatMap(([name, reference]) => {
    const id = reference['snapshot-id'];
    if (!telling.has(id)) return [[name, reference] as const];
    return made !== null && isCurrent(id)
      ? [[name, { ...reference, 'snapshot-id': draft.snapshotId }] as const]
      : [];
  });
  const next: TableMetadata = {
    ...metadata,
    refs: Object.fromEntries(refs),
    snapshots: made === null ? kept : [...kept, made.snapshot],
    'snapshot-log': logOf(metadata, { telling, made: made?.snapshot ?? null }),
    ...(made === null
      ? {}
      : {
          'current-snapshot-id': draft.snapshotId,
          'last-sequence-number': made.snapshot['sequence-number'],
        }),
  };
  return { metadata: next, attemptKeys: made?.attemptKeys ?? [], head: made?.snapshot ?? null };
}

/** A file that is gone already can be looked into no more: what is written of it counts as well. */
function tellsOf({ status, file }: ManifestEntry, draft: Draft, live: ReadonlySet<string>): boolean {
  if (draft.forgotten.has(file.location)) return true;
  return status === ENTRY_STATUS.deleted && !live.has(file.location);
}

/** "All entries before a snapshot that has expired should be removed." */
function logOf(
  metadata: TableMetadata,
  { telling, made }: { telling: ReadonlySet<SnapshotId>; made: Snapshot | null },
) {
  const log = metadata['snapshot-log'];
  const left = log.slice(log.findLastIndex((entry) => telling.has(entry['snapshot-id'])) + 1);
  if (made === null) return left;
  return [...left, { 'timestamp-ms': made['timestamp-ms'], 'snapshot-id': made['snapshot-id'] }];
}

interface Remaking {
  draft: Draft;
  current: Snapshot;
  tells(manifest: Manifest): boolean;
}

/** The current snapshot's rows without those of the files: what tells of them is written anew. */
async function remake(
  lake: Lake,
  base: Table,
  { draft, current, tells }: Remaking,
): Promise<{ snapshot: Snapshot; attemptKeys: string[] }> {
  const kept: Kept[] = [];
  for (const file of (await readManifestList(lake, base, current)).filter(isLive)) {
    const manifest = await readManifest(lake, base, file);
    const next = tells(manifest)
      ? await withoutForgotten(lake, base, { draft, file, manifest })
      : { manifest: file, bytes: bytesOf(manifest.entries) };
    if (next !== null) kept.push(next);
  }
  const manifests = [...draft.added, ...kept.map(({ manifest }) => manifest)];
  const sequenceNumber = base.metadata['last-sequence-number'] + 1;
  const { snapshotId } = draft;
  const parentId = current['snapshot-id'];
  const key = `${placeOf(base).prefix}/metadata/snap-${snapshotId}-${randomUUID()}.avro`;
  await lake.objects.write(key, encodeManifestList(manifests, { snapshotId, parentId, sequenceNumber }), {
    onlyIfAbsent: true,
  });
  const snapshot: Snapshot = {
    'snapshot-id': snapshotId,
    'parent-snapshot-id': parentId,
    'sequence-number': sequenceNumber,
    'timestamp-ms': nextTime(lake, base.metadata),
    'manifest-list': locationOf(placeOf(base), key),
    summary: { ...draft.summary, ...totalsOf(manifests, { draft, kept }), operation: 'overwrite' },
    'schema-id': base.metadata['current-schema-id'],
  };
  return { snapshot, attemptKeys: [key] };
}

/** Without an entry for what was deleted: it would keep the values that are to be forgotten. */
async function withoutForgotten(
  lake: Lake,
  table: Table,
  { draft, file, manifest }: { draft: Draft; file: ManifestFile; manifest: Manifest },
): Promise<Kept | null> {
  const known = draft.rewritten.get(file.location);
  if (known !== undefined) return known;
  const entries = manifest.entries
    .filter((entry) => entry.status !== ENTRY_STATUS.deleted && !draft.forgotten.has(entry.file.location))
    .map((entry): ManifestEntry => ({ ...entry, status: ENTRY_STATUS.existing }));
  const { snapshotId } = draft;
  const written =
    entries.length === 0
      ? null
      : {
          manifest: await writeManifest(lake, table, { manifest: { ...manifest, entries }, snapshotId }),
          bytes: bytesOf(entries),
        };
  draft.rewritten.set(file.location, written);
  return written;
}

function bytesOf(entries: ManifestEntry[]): number {
  const live = entries.filter(({ status }) => status !== ENTRY_STATUS.deleted);
  return live.reduce((sum, { file }) => sum + file.bytes, 0);
}

/** Table spec, Appendix F: totals alone, for a difference to what is forgotten would tell of it. */
function totalsOf(manifests: ManifestFile[], { draft, kept }: { draft: Draft; kept: Kept[] }) {
  const total = (of: (tally: ManifestFile['added']) => number) =>
    String(manifests.reduce((sum, one) => sum + of(one.added) + of(one.existing), 0));
  const added = draft.files.reduce((sum, { bytes }) => sum + bytes, 0);
  return {
    'total-data-files': total(({ files }) => files),
    'total-records': total(({ rows }) => rows),
    'total-files-size': String(kept.reduce((sum, { bytes }) => sum + bytes, added)),
  };
}
