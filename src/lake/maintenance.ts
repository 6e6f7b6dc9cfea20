import { commitTable, metadataLogKeys } from './commit.ts';
import { loadTable, placeOf, readManifest, readManifestList, type Lake, type Table } from './lake.ts';
import { keyOf } from './locations.ts';
import { ENTRY_STATUS } from './manifest.ts';
import type { Snapshot, SnapshotId, SnapshotReference, TableMetadata } from './metadata.ts';
import type { StoredObject } from './objects.ts';
import { ancestry, findSnapshot, MAIN_BRANCH } from './snapshot.ts';

/** What to keep; a reference's own numbers (table spec, "Snapshot Retention Policy") go before these. */
export interface Retention {
  /** Snapshots younger than this stay, whether or not something points to them. */
  maxSnapshotAgeMs: number;
  /** Snapshots of each branch that stay whatever their age. */
  minSnapshotsToKeep: number;
  /** Branches and tags but `main` whose snapshot is older go; absent = they stay. */
  maxRefAgeMs?: number;
}

export interface Expiry {
  expired: SnapshotId[];
  /** Keys removed: files that only expired snapshots used. */
  removed: string[];
}

/**
 * Forgets old snapshots and removes what only they used. The table is committed without them first, so that
 * nothing readable ever misses a file; a crash in between leaves orphans.
 */
export async function expireSnapshots(lake: Lake, tableId: string, retention: Retention): Promise<Expiry> {
  let before: Table | undefined;
  const after = await commitTable(lake, tableId, async (table) => {
    before = table;
    const metadata = withoutExpired(table.metadata, { retention, now: lake.clock.now().getTime() });
    return metadata && { metadata };
  });
  const kept = new Set(after.metadata.snapshots.map((one) => one['snapshot-id']));
  const gone = before!.metadata.snapshots.filter((one) => !kept.has(one['snapshot-id']));
  if (gone.length === 0) return { expired: [], removed: [] };
  const reachable = await snapshotKeys(lake, after, after.metadata.snapshots);
  const removed = Array.from(await snapshotKeys(lake, before!, gone)).filter((key) => !reachable.has(key));
  await lake.objects.remove(removed);
  return { expired: gone.map((one) => one['snapshot-id']), removed };
}

/** Null when nothing expires. */
function withoutExpired(
  metadata: TableMetadata,
  policy: { retention: Retention; now: number },
): TableMetadata | null {
  const refs = Object.fromEntries(
    Object.entries(metadata.refs).filter(([name, reference]) =>
      isKeptReference(metadata, { name, reference, ...policy }),
    ),
  );
  const retained = retainedSnapshots({ ...metadata, refs }, policy);
  const snapshots = metadata.snapshots.filter((one) => retained.has(one['snapshot-id']));
  const nothing = snapshots.length === metadata.snapshots.length;
  if (nothing && Object.keys(refs).length === Object.keys(metadata.refs).length) return null;
  // "All entries before a snapshot that has expired should be removed."
  const log = metadata['snapshot-log'];
  const lastGone = log.findLastIndex((entry) => !retained.has(entry['snapshot-id']));
  return { ...metadata, refs, snapshots, 'snapshot-log': log.slice(lastGone + 1) };
}

function isKeptReference(
  metadata: TableMetadata,
  one: { name: string; reference: SnapshotReference; retention: Retention; now: number },
): boolean {
  if (one.name === MAIN_BRANCH) return true;
  const maxAge = one.reference['max-ref-age-ms'] ?? one.retention.maxRefAgeMs ?? Infinity;
  const snapshot = findSnapshot(metadata, one.reference['snapshot-id']);
  return snapshot !== undefined && one.now - snapshot['timestamp-ms'] <= maxAge;
}

function retainedSnapshots(
  metadata: TableMetadata,
  { retention, now }: { retention: Retention; now: number },
): Set<SnapshotId> {
  const young = metadata.snapshots.filter((one) => now - one['timestamp-ms'] <= retention.maxSnapshotAgeMs);
  const retained = new Set(young.map((one) => one['snapshot-id']));
  for (const reference of Object.values(metadata.refs)) {
    retained.add(reference['snapshot-id']);
    if (reference.type !== 'branch') continue;
    const least = reference['min-snapshots-to-keep'] ?? retention.minSnapshotsToKeep;
    const maxAge = reference['max-snapshot-age-ms'] ?? retention.maxSnapshotAgeMs;
    const line = ancestry(metadata, reference['snapshot-id']);
    const firstGone = line.findIndex((one, place) => place >= least && now - one['timestamp-ms'] > maxAge);
    for (const one of firstGone === -1 ? line : line.slice(0, firstGone)) retained.add(one['snapshot-id']);
  }
  return retained;
}

/** Keys of everything a reader of these snapshots opens: manifest lists, manifests, live data files. */
async function snapshotKeys(lake: Lake, table: Table, snapshots: Snapshot[]): Promise<Set<string>> {
  const keys = new Set<string>();
  const place = placeOf(table);
  for (const snapshot of snapshots) {
    keys.add(keyOf(place, snapshot['manifest-list']));
    for (const file of await readManifestList(lake, table, snapshot)) {
      const key = keyOf(place, file.location);
      if (keys.has(key)) continue;
      keys.add(key);
      const { entries } = await readManifest(lake, table, file);
      for (const entry of entries) {
        if (entry.status !== ENTRY_STATUS.deleted) keys.add(keyOf(place, entry.file.location));
      }
    }
  }
  return keys;
}

/**
 * Removes files under the table's prefix that nothing uses: left behind by crashes, lost races and writers
 * that gave up. Files younger than the grace period stay, because a commit under way may be about to name
 * them: it must be longer than any write of the table takes.
 */
export async function removeOrphans(
  lake: Lake,
  tableId: string,
  { graceMs }: { graceMs: number },
): Promise<{ removed: string[] }> {
  const oldest = lake.clock.now().getTime() - graceMs;
  return removeUnreached(lake, tableId, ({ modifiedAt }) => modifiedAt.getTime() < oldest);
}

/** Removes everything under the table's prefix that it does not hold, however young: only where nobody writes. */
export function sweepTable(lake: Lake, tableId: string): Promise<{ removed: string[] }> {
  return removeUnreached(lake, tableId, () => true);
}

async function removeUnreached(
  lake: Lake,
  tableId: string,
  isRemovable: (object: StoredObject) => boolean,
): Promise<{ removed: string[] }> {
  const candidates: string[] = [];
  // Listed before the table is read: what is committed in between was listed, or is not a candidate.
  const { prefix } = placeOf(await loadTable(lake, tableId));
  for await (const object of lake.objects.list(prefix)) {
    if (isRemovable(object)) candidates.push(object.key);
  }
  const reachable = await reachableKeys(lake, await loadTable(lake, tableId));
  const removed = candidates.filter((key) => !reachable.has(key));
  await lake.objects.remove(removed);
  return { removed };
}

/** Keys of everything the table holds: its metadata and the earlier ones in its log, and all its snapshots. */
export async function reachableKeys(lake: Lake, table: Table): Promise<Set<string>> {
  const keys = await snapshotKeys(lake, table, table.metadata.snapshots);
  for (const key of [table.metadataKey, ...metadataLogKeys(table)]) keys.add(key);
  return keys;
}
