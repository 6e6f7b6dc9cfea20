import type { Reader, Transaction } from '../../store/database.ts';
import { type Advance, type Bookmark, type BookmarkStep, NO_BOOKMARK, type ReadFile } from './bookmark.ts';

export async function readBookmark(reader: Reader, datasetId: string): Promise<Bookmark> {
  const row = await reader
    .selectFrom('bookmarks')
    .select(['version', 'paused', 'next'])
    .where('dataset_id', '=', datasetId)
    .executeTakeFirst();
  const [step = null] = await listSteps(reader, datasetId, 1);
  return { ...(row ?? NO_BOOKMARK), step };
}

/** The steps of a bookmark, the last first. */
export async function listSteps(reader: Reader, datasetId: string, limit: number): Promise<BookmarkStep[]> {
  return reader
    .selectFrom('bookmark_steps')
    .select(['release', 'run_id as runId', 'reading', 'value', 'ties', 'type'])
    .where('dataset_id', '=', datasetId)
    .orderBy('release', 'desc')
    .limit(limit)
    .execute();
}

/** The bookmark, locked until the transaction ends; made where there is none. */
export async function lockBookmark(transaction: Transaction, datasetId: string, at: Date): Promise<Bookmark> {
  const { version, paused, next } = NO_BOOKMARK;
  await transaction
    .insertInto('bookmarks')
    .values({ dataset_id: datasetId, version, paused, next, updated_at: at })
    .onConflict((conflict) => conflict.column('dataset_id').doNothing())
    .execute();
  await transaction
    .selectFrom('bookmarks')
    .select('version')
    .where('dataset_id', '=', datasetId)
    .forUpdate()
    .execute();
  return readBookmark(transaction, datasetId);
}

export interface BookmarkChange {
  datasetId: string;
  paused?: boolean;
  next?: Bookmark['next'];
  at: Date;
}

/** Changes a bookmark that the transaction has locked: a run under way that read from it is not released. */
export async function changeBookmark(transaction: Transaction, change: BookmarkChange): Promise<void> {
  await transaction
    .updateTable('bookmarks')
    .set((is) => ({
      version: is('version', '+', 1),
      ...(change.paused === undefined ? {} : { paused: change.paused }),
      ...(change.next === undefined ? {} : { next: change.next }),
      updated_at: change.at,
    }))
    .where('dataset_id', '=', change.datasetId)
    .execute();
}

/** Forgets the steps beyond a release, or all of them. */
export async function deleteSteps(transaction: Transaction, datasetId: string, beyond = 0): Promise<void> {
  await transaction
    .deleteFrom('bookmark_steps')
    .where('dataset_id', '=', datasetId)
    .where('release', '>', beyond)
    .execute();
}

export interface NewStep extends Advance {
  datasetId: string;
  release: number;
  runId: string;
}

/** Rows of one statement: PostgreSQL takes 65,535 values. */
const FILES_AT_ONCE = 5_000;

export async function insertStep(transaction: Transaction, step: NewStep): Promise<void> {
  const { datasetId, release, runId, reading, value, ties, type, files } = step;
  await transaction
    .insertInto('bookmark_steps')
    .values({ dataset_id: datasetId, release, run_id: runId, reading, value, ties, type })
    .execute();
  for (let start = 0; start < files.length; start += FILES_AT_ONCE) {
    const rows = files.slice(start, start + FILES_AT_ONCE).map(({ key, bytes, modifiedAt }) => ({
      dataset_id: datasetId,
      release,
      key,
      bytes,
      modified_at: modifiedAt,
    }));
    await transaction.insertInto('bookmark_files').values(rows).execute();
  }
}

/** Every file that the steps have read, as it was when it was read last. */
export async function listReadFiles(reader: Reader, datasetId: string): Promise<Map<string, ReadFile>> {
  const rows = await reader
    .selectFrom('bookmark_files')
    .select(['key', 'bytes', 'modified_at as modifiedAt'])
    .distinctOn('key')
    .where('dataset_id', '=', datasetId)
    .orderBy('key')
    .orderBy('release', 'desc')
    .execute();
  return new Map(rows.map((row) => [row.key, row]));
}

export async function countReadFiles(reader: Reader, datasetId: string): Promise<number> {
  const row = await reader
    .selectFrom('bookmark_files')
    .select((of) => of.fn.count<number>('key').distinct().as('files'))
    .where('dataset_id', '=', datasetId)
    .executeTakeFirst();
  return Number(row?.files ?? 0);
}

/** The snapshot of a release of the dataset. */
export async function findReleaseSnapshot(
  reader: Reader,
  datasetId: string,
  release: number,
): Promise<string | undefined> {
  const row = await reader
    .selectFrom('releases')
    .select('snapshot_id')
    .where('dataset_id', '=', datasetId)
    .where('number', '=', release)
    .executeTakeFirst();
  return row?.snapshot_id;
}
