import { loadTable } from '../src/lake/lake.ts';
import { readRelation } from '../src/lake/relation.ts';
import { snapshotById } from '../src/lake/snapshot.ts';
import type { TestMesh } from '../test/fixtures/mesh.ts';

/** Local files of the newest release of a dataset, for a yardstick that reads the same bytes. */
export async function releasedFiles({ mesh: { parts } }: TestMesh, dataset: string): Promise<string[]> {
  const release = await parts.database.reader
    .selectFrom('releases')
    .innerJoin('datasets', 'datasets.id', 'releases.dataset_id')
    .innerJoin('tables', 'tables.dataset_id', 'datasets.id')
    .select(['tables.id as table', 'releases.snapshot_id as snapshot'])
    .where('datasets.name', '=', dataset)
    .orderBy('releases.number', 'desc')
    .executeTakeFirstOrThrow();
  const table = await loadTable(parts.lake, release.table);
  const snapshot = snapshotById(table, release.snapshot);
  return (await readRelation(parts.lake, table, { snapshot })).files;
}
