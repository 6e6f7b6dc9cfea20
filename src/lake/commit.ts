import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { MeshError } from '../base/errors.ts';
import { loadTable, placeOf, type Lake, type Table } from './lake.ts';
import { keyOf, locationOf, prefixOf } from './locations.ts';
import { printMetadata, type TableMetadata } from './metadata.ts';

/**
 * A change of a table as a function from its newest metadata to the next. It runs again on fresh metadata
 * when another writer was first, so what does not depend on the metadata (data files, new manifests) is
 * written before, once.
 */
export type TableChange = (table: Table) => Promise<StagedMetadata | null>;

export interface StagedMetadata {
  metadata: TableMetadata;
  /** Objects written for this attempt only, removed when it loses. */
  attemptKeys?: string[];
}

/** Losing this often in a row takes about two seconds; beyond that the table is not being changed but fought over. */
const MOST_ATTEMPTS = 20;
const FIRST_PAUSE_MS = 5;
const LONGEST_PAUSE_MS = 200;
/** Metadata files kept behind the current one, unless the table says otherwise. */
const PREVIOUS_VERSIONS = 100;
const PREVIOUS_VERSIONS_PROPERTY = 'write.metadata.previous-versions-max';

/**
 * Commits a change: the only place that swaps a table's pointer. Order: the change's objects, the metadata
 * file, then the swap; a crash before the swap leaves the old table and some orphans, after it the new one.
 * A change that answers null changes nothing.
 * @throws MeshError `lake.commit-lost` after too many lost races, and whatever the change throws.
 */
export async function commitTable(lake: Lake, tableId: string, change: TableChange): Promise<Table> {
  for (let attempt = 0; attempt < MOST_ATTEMPTS; attempt++) {
    const base = await loadTable(lake, tableId);
    const staged = await change(base);
    if (staged === null) return base;
    const next = await writeMetadata(lake, base, staged.metadata);
    // A throw here means that nobody knows whether the swap happened: then nothing may be removed.
    if (await lake.pointer.swap(tableId, { from: base.metadataKey, to: next.metadataKey })) {
      await removeOldMetadata(lake, base, next);
      return next;
    }
    await removeQuietly(lake, [next.metadataKey, ...(staged.attemptKeys ?? [])]);
    await sleep(Math.random() * Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** attempt));
  }
  throw new MeshError('lake.commit-lost', { facts: { table: tableId } });
}

/**
 * Points a new table to its first metadata.
 * @throws MeshError `lake.table-exists` when it has some.
 */
export async function commitFirst(
  lake: Lake,
  tableId: string,
  first: { metadata: TableMetadata; prefix: string },
): Promise<Table> {
  const metadataKey = newMetadataKey(first.prefix, 0);
  await lake.objects.write(metadataKey, printMetadata(first.metadata), { onlyIfAbsent: true });
  if (await lake.pointer.swap(tableId, { from: null, to: metadataKey })) {
    return { id: tableId, metadataKey, metadata: first.metadata };
  }
  await removeQuietly(lake, [metadataKey]);
  throw new MeshError('lake.table-exists', { facts: { table: tableId } });
}

async function writeMetadata(lake: Lake, base: Table, staged: TableMetadata): Promise<Table> {
  // The change may have moved the table's location.
  const place = { prefix: prefixOf(base.metadataKey), location: staged.location };
  const metadata: TableMetadata = {
    ...staged,
    'last-updated-ms': nextTime(lake, base.metadata),
    'metadata-log': [
      ...staged['metadata-log'],
      {
        'timestamp-ms': base.metadata['last-updated-ms'],
        'metadata-file': locationOf(place, base.metadataKey),
      },
    ].slice(-previousVersions(staged)),
  };
  const metadataKey = newMetadataKey(prefixOf(base.metadataKey), versionOf(base.metadataKey) + 1);
  await lake.objects.write(metadataKey, printMetadata(metadata), { onlyIfAbsent: true });
  return { id: base.id, metadataKey, metadata };
}

/** The time of a change: now, but never before the change it is based on. */
export function nextTime(lake: Lake, metadata: TableMetadata): number {
  return Math.max(lake.clock.now().getTime(), metadata['last-updated-ms']);
}

function previousVersions(metadata: TableMetadata): number {
  const stated = Number(metadata.properties[PREVIOUS_VERSIONS_PROPERTY]);
  return Number.isInteger(stated) && stated >= 1 ? stated : PREVIOUS_VERSIONS;
}

/** `<V>-<random-uuid>.metadata.json` (table spec, "Metastore Tables"). */
function newMetadataKey(prefix: string, version: number): string {
  return `${prefix}/metadata/${String(version).padStart(5, '0')}-${randomUUID()}.metadata.json`;
}

function versionOf(metadataKey: string): number {
  return Number.parseInt(metadataKey.split('/').at(-1)!, 10) || 0;
}

/** Files that fell off the log are read by nobody. */
async function removeOldMetadata(lake: Lake, base: Table, next: Table): Promise<void> {
  const kept = new Set(metadataLogKeys(next));
  await removeQuietly(
    lake,
    metadataLogKeys(base).filter((key) => !kept.has(key)),
  );
}

/** Keys of the table's earlier metadata files, oldest first. */
export function metadataLogKeys(table: Table): string[] {
  return table.metadata['metadata-log'].map((entry) => keyOf(placeOf(table), entry['metadata-file']));
}

/** What stays behind is an orphan and will be swept; a commit does not fail for it. */
async function removeQuietly(lake: Lake, keys: string[]): Promise<void> {
  if (keys.length > 0) await lake.objects.remove(keys).catch(() => undefined);
}
