import type { Clock } from '../base/clock.ts';
import { MeshError } from '../base/errors.ts';
import type { Database, Reader, Transaction } from '../store/database.ts';
import type { TablePointer } from './pointer.ts';

/** A dataset has one table, for as long as it lives; a dataset made anew under an old name has another. */
export function tableIdOf(datasetId: string): string {
  return datasetId.replace(/^dts_/, 'tbl_');
}

/** The pointers in the catalog's rows. */
export function catalogPointer(database: Database, clock: Clock): TablePointer {
  return {
    read: (tableId) => readPointer(database.reader, tableId),
    swap: (tableId, change) =>
      database.transact((transaction) => swapPointer(transaction, tableId, { ...change, at: clock.now() })),
  };
}

async function readPointer(reader: Reader, tableId: string): Promise<string> {
  const row = await reader
    .selectFrom('tables')
    .select('metadata_key')
    .where('id', '=', tableId)
    .executeTakeFirst();
  if (row === undefined) throw new MeshError('lake.table-missing', { facts: { table: tableId } });
  return row.metadata_key;
}

export interface PointerSwap {
  from: string | null;
  to: string;
  at: Date;
}

/** Compare-and-swap of one row; false when somebody else was first. */
export async function swapPointer(
  transaction: Transaction,
  tableId: string,
  swap: PointerSwap,
): Promise<boolean> {
  if (swap.from === null) {
    const inserted = await transaction
      .insertInto('tables')
      .values({
        id: tableId,
        dataset_id: tableId.replace(/^tbl_/, 'dts_'),
        location: swap.to.slice(0, swap.to.indexOf('/metadata/')),
        metadata_key: swap.to,
        updated_at: swap.at,
      })
      .onConflict((conflict) => conflict.doNothing())
      .executeTakeFirst();
    return inserted.numInsertedOrUpdatedRows === 1n;
  }
  const updated = await transaction
    .updateTable('tables')
    .set({ metadata_key: swap.to, updated_at: swap.at })
    .where('id', '=', tableId)
    .where('metadata_key', '=', swap.from)
    .executeTakeFirst();
  return updated.numUpdatedRows === 1n;
}

export async function hasTable(reader: Reader, tableId: string): Promise<boolean> {
  const row = await reader.selectFrom('tables').select('id').where('id', '=', tableId).executeTakeFirst();
  return row !== undefined;
}

/** Every table with its storage prefix and its dataset's documents, for maintenance. */
export function listTables(reader: Reader) {
  return reader
    .selectFrom('tables')
    .leftJoin('datasets', 'datasets.id', 'tables.dataset_id')
    .leftJoin('products', 'products.id', 'datasets.product_id')
    .select(['tables.id', 'tables.location', 'datasets.id as dataset_id'])
    .select(['datasets.contract', 'products.document'])
    .orderBy('tables.id')
    .execute();
}

export async function deleteTable(transaction: Transaction, tableId: string): Promise<void> {
  await transaction.deleteFrom('tables').where('id', '=', tableId).execute();
}
