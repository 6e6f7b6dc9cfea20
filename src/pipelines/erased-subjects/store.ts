import type { Reader, Transaction } from '../../store/database.ts';

export interface ErasedSubject {
  subject: string;
  hash: string;
}

/** Subjects that were erased from a domain's datasets. */
export function listErased(reader: Reader, domainId: string): Promise<ErasedSubject[]> {
  return reader
    .selectFrom('erased_subjects')
    .select(['subject', 'hash'])
    .where('domain_id', '=', domainId)
    .orderBy('hash')
    .execute();
}

export interface SourcePlace {
  column: string;
  subject: string;
  role: 'key' | 'identifier';
}

/** Columns of a source's table by which erased subjects are found in it. */
export function listPlaces(reader: Reader, sourceId: string, table: string): Promise<SourcePlace[]> {
  return reader
    .selectFrom('subject_places')
    .select(['column_name as column', 'subject', 'role'])
    .where('source_id', '=', sourceId)
    .where('table_name', '=', table)
    .orderBy('column_name')
    .execute();
}

export async function findSealedKey(reader: Reader): Promise<string | undefined> {
  return (await reader.selectFrom('erasure_key').select('sealed').executeTakeFirst())?.sealed;
}

/** The key that is there, where another one was first. */
export async function saveSealedKey(transaction: Transaction, sealed: string): Promise<string> {
  await transaction
    .insertInto('erasure_key')
    .values({ sealed })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
  return (await findSealedKey(transaction)) ?? sealed;
}

export async function replaceSealedKey(
  transaction: Transaction,
  change: { from: string; to: string },
): Promise<void> {
  await transaction
    .updateTable('erasure_key')
    .set({ sealed: change.to })
    .where('sealed', '=', change.from)
    .execute();
}

/** Who has a dataset to itself: an erasure's id, or `retention`. */
export async function findHold(reader: Reader, datasetId: string): Promise<string | undefined> {
  const row = await reader
    .selectFrom('dataset_holds')
    .select('held_by')
    .where('dataset_id', '=', datasetId)
    .executeTakeFirst();
  return row?.held_by;
}
