import type { Column } from '../base/data-type.ts';
import { columnRange } from '../lake/column-range.ts';
import type { Table } from '../lake/lake.ts';
import { parseTransform } from '../lake/partition.ts';
import type { ScanFile } from '../lake/scan.ts';
import { batchPartitionsSql, hitsSql, isBounded } from './merge-sql.ts';

/** Answers a statement over the batch with its one value, a list. */
export type AskBatch = (sql: string) => Promise<unknown>;

/**
 * The files that may hold a key of the batch, by their bounds and partitions: the others are neither read
 * nor written. Too many is slow, too few would be wrong: what nothing is known of stays.
 */
export async function filesWithKeys(
  files: ScanFile[],
  { table, key, ask }: { table: Table; key: Column[]; ask: AskBatch },
): Promise<ScanFile[]> {
  let left = files;
  for (const column of key) left = await withinBounds(left, column, ask);
  return withinBuckets(left, { table, key, ask });
}

async function withinBounds(files: ScanFile[], column: Column, ask: AskBatch): Promise<ScanFile[]> {
  const known = files.map(({ file }) => file);
  const sql = hitsSql(known, column);
  const hits = new Set(sql === null ? [] : numbersOf(await ask(sql)));
  return files.filter(({ file }, place) =>
    isBounded(file, column) ? hits.has(place) : columnRange(file, column).kind !== 'nulls',
  );
}

/** Bounds do not follow a hash, but the partition of a file says which of its buckets it holds. */
async function withinBuckets(
  files: ScanFile[],
  { table, key, ask }: { table: Table; key: Column[]; ask: AskBatch },
): Promise<ScanFile[]> {
  let left = files;
  for (const spec of table.metadata['partition-specs']) {
    for (const [place, field] of spec.fields.entries()) {
      const column = key.find(({ id }) => id === field['source-id']);
      const transform = parseTransform(field.transform);
      if (column === undefined || transform === null || typeof transform === 'string') continue;
      const hits = new Set(numbersOf(await ask(batchPartitionsSql(column, transform))));
      left = left.filter(
        ({ file }) => file.specId !== spec['spec-id'] || hits.has(file.partition[place] as number),
      );
    }
  }
  return left;
}

function numbersOf(value: unknown): number[] {
  return Array.isArray(value) ? value.map(Number) : [];
}
