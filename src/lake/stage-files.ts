import { randomUUID } from 'node:crypto';
import { describeColumns, partitionOf, type DataFile } from './data-file.ts';
import { placeOf, type Lake, type Table } from './lake.ts';
import { locationOf } from './locations.ts';
import { readParquetFooter } from './parquet-footer.ts';
import { bindSpec } from './partition.ts';
import { tableColumns, tableSpec } from './table.ts';

/** A local Parquet file that an engine wrote for a table; see `parquetCopyOptions` for how. */
export interface WrittenFile {
  path: string;
  /**
   * One value for each partition field, after the transform: identity as text (dates ISO), the others as
   * integers since 1970 or bucket numbers, null for null. Absent: found from the file's own statistics,
   * which is not possible for buckets.
   */
  partition?: (string | number | null)[];
}

const FOOTERS_AT_ONCE = 8;

/**
 * Takes finished local files over into the table's storage and describes them by their footers. They belong
 * to nothing until a commit lists them; files of a commit that never comes are swept as orphans. Files
 * without rows stay where they are.
 * @throws MeshError `lake.file-invalid` before anything is moved.
 */
export async function stageFiles(lake: Lake, table: Table, written: WrittenFile[]): Promise<DataFile[]> {
  const described = await inBatches(written, (file) => describeFile(table, file));
  const full = described.filter((one) => one.file.rows > 0);
  for (const { file, path, key } of full) {
    await lake.objects.moveIn(key, path);
    file.location = locationOf(placeOf(table), key);
  }
  return full.map((one) => one.file);
}

interface DescribedFile {
  path: string;
  key: string;
  file: DataFile;
}

/** Keys are flat and random: values of the data never become part of a name. */
async function describeFile(table: Table, written: WrittenFile): Promise<DescribedFile> {
  const spec = tableSpec(table);
  const columns = tableColumns(table);
  const footer = await readParquetFooter(written.path);
  const facts = describeColumns(footer, columns);
  const partition = footer.rows === 0 ? [] : partitionOf(facts, bindSpec(spec, columns), written.partition);
  const file: DataFile = {
    location: '',
    specId: spec['spec-id'],
    partition,
    rows: footer.rows,
    bytes: footer.bytes,
    splitOffsets: footer.rowGroupOffsets,
    ...facts.metrics,
  };
  return { path: written.path, key: `${placeOf(table).prefix}/data/${randomUUID()}.parquet`, file };
}

async function inBatches<Item, Result>(
  items: Item[],
  work: (item: Item) => Promise<Result>,
): Promise<Result[]> {
  const results: Result[] = [];
  for (let start = 0; start < items.length; start += FOOTERS_AT_ONCE) {
    results.push(...(await Promise.all(items.slice(start, start + FOOTERS_AT_ONCE).map(work))));
  }
  return results;
}
