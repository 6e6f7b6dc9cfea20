import { randomBytes } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type LocalTable, parquetRows, type Workbench, writeParquet } from './local-table.ts';
import { copiedRows, copyTable, type PostgresPlace, type PostgresTable } from './store.ts';

/** A table of PostgreSQL as it is now, copied: the engine that reads files checks it as well. */
export async function openPostgresTable(
  bench: Workbench,
  place: PostgresPlace,
  table: PostgresTable,
): Promise<LocalTable> {
  const base = join(bench.scratch, randomBytes(6).toString('hex'));
  const copy = `${base}.csv`;
  const columns = await copyTable(place, table, { path: copy, signal: bench.signal });
  await writeParquet(bench, { sql: copiedRows(copy, columns), files: [copy], path: `${base}.parquet` });
  await rm(copy);
  return {
    ...parquetRows(`${base}.parquet`),
    data: `${place.host}/${place.database} ${table.schema}.${table.name}`,
    columns: columns.map(({ name, type, required }) => ({ name, type, required })),
    untyped: new Set(columns.filter(({ untyped }) => untyped).map(({ name }) => name)),
  };
}
