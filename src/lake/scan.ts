import type { DataFile } from './data-file.ts';
import { placeOf, readManifest, readManifestList, type Lake, type Table } from './lake.ts';
import { keyOf } from './locations.ts';
import { ENTRY_STATUS } from './manifest.ts';
import type { Snapshot, TableSchema } from './metadata.ts';
import { refuseDeleteFiles } from './write.ts';

/** A live data file of a snapshot. */
export interface ScanFile {
  key: string;
  /** The schema it was written by: the names inside the file. */
  schema: TableSchema;
  file: DataFile;
}

const MANIFESTS_AT_ONCE = 8;

/**
 * The data files of a snapshot, in the order of its manifests; null (a table without a snapshot) has none.
 * @throws MeshError `lake.unsupported` for row-level deletes of other writers.
 */
export async function dataFiles(lake: Lake, table: Table, snapshot: Snapshot | null): Promise<ScanFile[]> {
  if (!snapshot) return [];
  const manifests = await readManifestList(lake, table, snapshot);
  refuseDeleteFiles(table, manifests);
  const place = placeOf(table);
  const files: ScanFile[] = [];
  for (let start = 0; start < manifests.length; start += MANIFESTS_AT_ONCE) {
    const batch = manifests.slice(start, start + MANIFESTS_AT_ONCE);
    for (const manifest of await Promise.all(batch.map((one) => readManifest(lake, table, one)))) {
      for (const { status, file } of manifest.entries) {
        if (status === ENTRY_STATUS.deleted) continue;
        files.push({ key: keyOf(place, file.location), schema: manifest.schema, file });
      }
    }
  }
  return files;
}
