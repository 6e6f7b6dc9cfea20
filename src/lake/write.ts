import { randomUUID } from 'node:crypto';
import { MeshError } from '../base/errors.ts';
import { commitTable, nextTime, type StagedMetadata } from './commit.ts';
import type { DataFile } from './data-file.ts';
import { loadTable, placeOf, readManifest, readManifestList, type Lake, type Table } from './lake.ts';
import { locationOf } from './locations.ts';
import { encodeManifest, ENTRY_STATUS, type Manifest, type ManifestEntry } from './manifest.ts';
import { encodeManifestList, summarizeManifest, type ManifestFile } from './manifest-list.ts';
import { currentSchema, specById, type Snapshot, type SnapshotId, type SnapshotSummary } from './metadata.ts';
import { partitionKey } from './partition.ts';
import { MAIN_BRANCH, newSnapshotId, snapshotById, snapshotOf, withReference } from './snapshot.ts';

export interface SnapshotWrite {
  /**
   * `append` adds files; `overwrite` puts them in the place of all rows; `replace-partitions` in the place of
   * the rows of the partitions they belong to; `replace-files` in the place of the files that `removed` names.
   */
  kind: 'append' | 'overwrite' | 'replace-partitions' | 'replace-files';
  /** From `stageFiles`. */
  files: DataFile[];
  /** Locations of live files that `replace-files` takes out: their rows were read, and written anew. */
  removed?: string[];
  /** The snapshot whose rows are built on, for going back to it; default: the head of `main`. */
  rowsOf?: SnapshotId;
  /**
   * `main`, the default, is what readers see. Another branch is set to the new snapshot, which is always made
   * from the head of `main`: what was on the branch before is given up.
   */
  branch?: string;
  /** Facts about the writer, such as a run's id; kept in the snapshot's summary. */
  summary?: Record<string, string>;
}

/** A snapshot that a branch of the table points to, and the table right after. */
export interface WrittenSnapshot {
  table: Table;
  snapshot: Snapshot;
}

/**
 * Commits files as a new snapshot. Another writer's commit in between is no conflict: an append adds to it, an
 * overwrite or replacement takes its rows away too, as if it had come after (table spec, "Commit Conflict
 * Resolution and Retry"). Only files to be taken out that are there no more are one: what was written from
 * their rows is out of date.
 * @throws MeshError `lake.commit-lost`, `lake.release-stale`, `lake.unsupported`.
 */
export async function writeSnapshot(
  lake: Lake,
  tableId: string,
  write: SnapshotWrite,
): Promise<WrittenSnapshot> {
  const branch = write.branch ?? MAIN_BRANCH;
  const first = await loadTable(lake, tableId);
  const draft = await draftSnapshot(lake, first, write);
  let snapshot: Snapshot | undefined;
  const table = await commitTable(lake, tableId, async (base): Promise<StagedMetadata> => {
    const made = await applyDraft(lake, base, draft);
    snapshot = made.snapshot;
    const reference = {
      ...base.metadata.refs[branch],
      'snapshot-id': draft.snapshotId,
      type: 'branch' as const,
    };
    const grown = {
      ...base.metadata,
      'last-sequence-number': snapshot['sequence-number'],
      snapshots: [...base.metadata.snapshots, snapshot],
    };
    const metadata = withReference(grown, branch, { reference, timeMs: snapshot['timestamp-ms'] });
    return { metadata, attemptKeys: made.attemptKeys };
  });
  return { table, snapshot: snapshot! };
}

/** What is the same in every attempt: the id, the added files' manifest, and manifests already rewritten. */
interface SnapshotDraft {
  write: SnapshotWrite;
  /** Of the table, under which the draft's manifests name their files. */
  location: string;
  snapshotId: SnapshotId;
  added: ManifestFile[];
  /** Keys of the partitions whose files go. */
  replaced: Set<string>;
  /** Locations of the files that go. */
  removed: Set<string>;
  rewritten: Map<string, Promise<Rewrite>>;
}

interface Rewrite {
  /** Null when the manifest has no live file left and none that this snapshot removed. */
  manifest: ManifestFile | null;
  removed: DataFile[];
}

async function draftSnapshot(lake: Lake, table: Table, write: SnapshotWrite): Promise<SnapshotDraft> {
  const snapshotId = newSnapshotId(table.metadata);
  const added: ManifestFile[] = [];
  for (const [specId, files] of Map.groupBy(write.files, (file) => file.specId)) {
    const entries = files.map((file): ManifestEntry => {
      return { status: ENTRY_STATUS.added, snapshotId, sequenceNumber: null, fileSequenceNumber: null, file };
    });
    const schema = currentSchema(table.metadata);
    const manifest = { schema, spec: specById(table.metadata, specId), entries };
    added.push(await writeManifest(lake, table, { manifest, snapshotId }));
  }
  const replaced = new Set(write.files.map((file) => partitionKey(file.specId, file.partition)));
  const { location } = table.metadata;
  const removed = new Set(write.removed);
  return { write, location, snapshotId, added, replaced, removed, rewritten: new Map() };
}

/** Writes a manifest and tells what a manifest list says of it. */
export async function writeManifest(
  lake: Lake,
  table: Table,
  { manifest, snapshotId }: { manifest: Manifest; snapshotId: SnapshotId },
): Promise<ManifestFile> {
  const place = placeOf(table);
  const key = `${place.prefix}/metadata/${randomUUID()}-m0.avro`;
  const bytes = encodeManifest(manifest);
  await lake.objects.write(key, bytes, { onlyIfAbsent: true });
  return summarizeManifest(manifest, { location: locationOf(place, key), bytes: bytes.length, snapshotId });
}

/** Builds the snapshot on the newest metadata: only the manifest list is written anew for each attempt. */
async function applyDraft(
  lake: Lake,
  table: Table,
  draft: SnapshotDraft,
): Promise<{ snapshot: Snapshot; attemptKeys: string[] }> {
  if (table.metadata.location !== draft.location)
    throw new MeshError('conflict', { facts: { what: `the location of table ${table.id}` } });
  const parent = snapshotOf(table);
  const { rowsOf } = draft.write;
  const base = rowsOf === undefined ? parent : snapshotById(table, rowsOf);
  const before = base ? await readManifestList(lake, table, base) : [];
  refuseDeleteFiles(table, before);
  const kept =
    draft.write.kind === 'append' ? keepLive(before) : await rewriteAll(lake, { table, draft, before });
  refuseMissing(table, draft, kept.removed);
  const manifests = [...draft.added, ...kept.manifests];
  const sequenceNumber = table.metadata['last-sequence-number'] + 1;
  const parentId = parent?.['snapshot-id'];
  const key = `${placeOf(table).prefix}/metadata/snap-${draft.snapshotId}-${randomUUID()}.avro`;
  const list = encodeManifestList(manifests, { snapshotId: draft.snapshotId, parentId, sequenceNumber });
  await lake.objects.write(key, list, { onlyIfAbsent: true });
  const snapshot: Snapshot = {
    'snapshot-id': draft.snapshotId,
    ...(parentId === undefined ? {} : { 'parent-snapshot-id': parentId }),
    'sequence-number': sequenceNumber,
    'timestamp-ms': nextTime(lake, table.metadata),
    'manifest-list': locationOf(placeOf(table), key),
    summary: summaryOf(draft.write, { manifests, removed: kept.removed, base, parent }),
    'schema-id': table.metadata['current-schema-id'],
  };
  return { snapshot, attemptKeys: [key] };
}

/** We write no row-level deletes and would lose those of others: the table must be rewritten first. */
export function refuseDeleteFiles(table: Table, manifests: ManifestFile[]): void {
  if (!manifests.some((manifest) => manifest.content === 'deletes' && isLive(manifest))) return;
  throw new MeshError('lake.unsupported', { facts: { table: table.id, feature: 'row-level deletes' } });
}

/** Files that another writer has taken out already: the rows written in their place were read too early. */
function refuseMissing(table: Table, { write, removed, snapshotId }: SnapshotDraft, found: DataFile[]): void {
  if (write.kind !== 'replace-files' || found.length === removed.size) return;
  throw new MeshError('lake.release-stale', { facts: { table: table.id, snapshot: snapshotId } });
}

/** A manifest of deleted entries only tells of the snapshot before and is not carried on. */
export function isLive(manifest: ManifestFile): boolean {
  return manifest.added.files + manifest.existing.files > 0;
}

function keepLive(before: ManifestFile[]): { manifests: ManifestFile[]; removed: DataFile[] } {
  return { manifests: before.filter(isLive), removed: [] };
}

async function rewriteAll(
  lake: Lake,
  { table, draft, before }: { table: Table; draft: SnapshotDraft; before: ManifestFile[] },
): Promise<{ manifests: ManifestFile[]; removed: DataFile[] }> {
  const manifests: ManifestFile[] = [];
  const removed: DataFile[] = [];
  for (const file of before.filter(isLive)) {
    // A manifest is rewritten once: what is removed from it does not depend on the attempt.
    const known = draft.rewritten.get(file.location) ?? rewriteManifest(lake, { table, draft, file });
    draft.rewritten.set(file.location, known);
    const rewrite = await known;
    if (rewrite.manifest) manifests.push(rewrite.manifest);
    removed.push(...rewrite.removed);
  }
  return { manifests, removed };
}

async function rewriteManifest(
  lake: Lake,
  { table, draft, file }: { table: Table; draft: SnapshotDraft; file: ManifestFile },
): Promise<Rewrite> {
  refuseOlderSpec(table, { draft, file });
  const manifest = await readManifest(lake, table, file);
  const live = manifest.entries.filter((entry) => entry.status !== ENTRY_STATUS.deleted);
  const removed = live.filter((entry) => isReplaced(draft, entry.file));
  if (removed.length === 0) return { manifest: file, removed: [] };
  const entries = live.map((entry): ManifestEntry => {
    return isReplaced(draft, entry.file)
      ? { ...entry, status: ENTRY_STATUS.deleted, snapshotId: draft.snapshotId }
      : { ...entry, status: ENTRY_STATUS.existing };
  });
  // The schema stays the one the files were written by, so that reads know the names inside them.
  const { snapshotId } = draft;
  const written = await writeManifest(lake, table, { manifest: { ...manifest, entries }, snapshotId });
  return { manifest: written, removed: removed.map((entry) => entry.file) };
}

/** Rows that a replacement means may lie in files partitioned in another way: keeping those would double them. */
function refuseOlderSpec(table: Table, { draft, file }: { draft: SnapshotDraft; file: ManifestFile }): void {
  if (draft.write.kind !== 'replace-partitions') return;
  if (draft.write.files.every((one) => one.specId === file.specId)) return;
  const feature = 'files from before it was partitioned anew';
  throw new MeshError('lake.unsupported', { facts: { table: table.id, feature } });
}

function isReplaced(draft: SnapshotDraft, file: DataFile): boolean {
  switch (draft.write.kind) {
    case 'append':
      return false;
    case 'overwrite':
      return true;
    case 'replace-partitions':
      return draft.replaced.has(partitionKey(file.specId, file.partition));
    case 'replace-files':
      return draft.removed.has(file.location);
  }
}

interface Outcome {
  manifests: ManifestFile[];
  removed: DataFile[];
  /** Whose rows it builds on, and which it follows. */
  base: Snapshot | null;
  parent: Snapshot | null;
}

/** Table spec, Appendix F, "Optional Snapshot Summary Fields". */
function summaryOf(write: SnapshotWrite, { manifests, removed, base, parent }: Outcome): SnapshotSummary {
  const before = Number(base?.summary['total-files-size'] ?? 0);
  const totals = {
    'added-data-files': write.files.length,
    'added-records': total(write.files, (file) => file.rows),
    'added-files-size': total(write.files, (file) => file.bytes),
    'deleted-data-files': removed.length,
    'deleted-records': total(removed, (file) => file.rows),
    'removed-files-size': total(removed, (file) => file.bytes),
    'changed-partition-count': new Set(
      [...write.files, ...removed].map((f) => partitionKey(f.specId, f.partition)),
    ).size,
    'total-data-files': total(manifests, (one) => one.added.files + one.existing.files),
    'total-records': total(manifests, (one) => one.added.rows + one.existing.rows),
    'total-files-size':
      before + total(write.files, (file) => file.bytes) - total(removed, (file) => file.bytes),
    'total-delete-files': 0,
    'total-position-deletes': 0,
    'total-equality-deletes': 0,
  };
  const metrics = Object.fromEntries(Object.entries(totals).map(([name, value]) => [name, String(value)]));
  const operation = base === parent ? operationOf(write, removed) : 'overwrite';
  return { ...write.summary, ...metrics, operation };
}

function operationOf(write: SnapshotWrite, removed: DataFile[]): SnapshotSummary['operation'] {
  if (removed.length === 0) return 'append';
  return write.files.length === 0 ? 'delete' : 'overwrite';
}

function total<Item>(items: Item[], of: (item: Item) => number): number {
  return items.reduce((sum, item) => sum + of(item), 0);
}
