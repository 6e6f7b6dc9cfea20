import type { Reader } from '../../store/database.ts';
import { type DerivedColumn, derivedFrom } from './derived-columns.ts';
import { listWays, readTables } from './store.ts';

/** What of stored datasets is made of personal data of others, as those are tagged now; by dataset id. */
export async function readDerived(
  reader: Reader,
  datasetIds: readonly string[],
): Promise<Map<string, DerivedColumn[]>> {
  const ways = (await listWays(reader, datasetIds)).flatMap(({ from, ...way }) =>
    from === null ? [] : [{ ...way, from }],
  );
  const tables = await readTables(
    reader,
    ways.map(({ from }) => from),
  );
  const of = (id: string) =>
    derivedFrom(
      ways.filter(({ writer }) => writer === id),
      tables,
    );
  return new Map(datasetIds.map((id) => [id, of(id)]));
}
