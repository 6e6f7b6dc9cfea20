import { sql } from 'kysely';
import { MeshError } from '../base/errors.ts';
import { newId } from '../base/ids.ts';
import { OPEN_STATES } from '../products/runs/store.ts';
import { json, type Reader, type Transaction } from '../store/database.ts';
import type { ErasureRow, ErasureState } from '../store/rows/erasures.ts';
import type { Read } from '../store/schema.ts';
import { releaseHolds } from './holds/store.ts';
import { EMPTY_REPORT, type ErasureReport } from './erasure-model.ts';

export type Erasure = Omit<Read<ErasureRow>, 'report' | 'progress'> & {
  domain: string;
  requester: string | null;
  report: ErasureReport | null;
  progress: Progress;
  /** Who let the subject in again, by the audit. */
  lifted: Lifted | null;
};

export interface Lifted {
  by: string;
  /** ISO 8601. */
  at: string;
  reason: string;
}

/** How far an erasure is, for whoever waits. */
export interface Progress {
  phase: string;
  done: number;
  total: number;
}

const OPEN = ['waiting', 'planning', 'erasing'] as const;

export interface NewErasure {
  domainId: string;
  target: string;
  datasetIds: string[];
  subject: string;
  subjectHash: string;
  /** Seals the values for the erasure's id. */
  seal(id: string): string;
  reason: string;
  dryRun: boolean;
  requestedBy: string;
  at: Date;
}

export async function insertErasure(transaction: Transaction, erasure: NewErasure): Promise<string> {
  const id = newId('ers');
  await transaction
    .insertInto('erasures')
    .values({
      ...{ id, domain_id: erasure.domainId, target: erasure.target, subject: erasure.subject },
      dataset_ids: json(erasure.datasetIds),
      subject_hash: erasure.subjectHash,
      sealed: erasure.seal(id),
      reason: erasure.reason,
      dry_run: erasure.dryRun,
      state: 'waiting',
      requested_by: erasure.requestedBy,
      requested_at: erasure.at,
      progress: json({ phase: 'waiting', done: 0, total: 0 } satisfies Progress),
      report: null,
      error: null,
    })
    .execute();
  return id;
}

function named(reader: Reader) {
  return reader
    .selectFrom('erasures')
    .innerJoin('domains', 'domains.id', 'erasures.domain_id')
    .leftJoin('principals', 'principals.id', 'erasures.requested_by')
    .selectAll('erasures')
    .select(['domains.name as domain', 'principals.name as requester'])
    .select(
      sql<Lifted | null>`(
        SELECT jsonb_build_object('by', coalesce(lifters.name, changes.actor), 'reason', changes.facts ->> 'reason',
          'at', to_char(changes.at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'))
        FROM changes LEFT JOIN principals AS lifters ON lifters.id = changes.actor
        WHERE changes.object = erasures.id AND changes.action = 'erasure.lift' AND changes.allowed
        ORDER BY changes.id LIMIT 1)`.as('lifted'),
    );
}

export async function findErasure(reader: Reader, id: string): Promise<Erasure | undefined> {
  return (await named(reader).where('erasures.id', '=', id).executeTakeFirst()) as Erasure | undefined;
}

/** @throws MeshError `not-found` */
export async function needErasure(reader: Reader, id: string): Promise<Erasure> {
  const erasure = await findErasure(reader, id);
  if (erasure === undefined) throw new MeshError('not-found', { facts: { what: `erasure ${id}` } });
  return erasure;
}

/** Newest first. */
export async function listErasures(
  reader: Reader,
  { domainIds, dryRun, limit }: { domainIds: string[]; dryRun: boolean | undefined; limit: number },
): Promise<Erasure[]> {
  return (await named(reader)
    .where('erasures.domain_id', 'in', ['', ...domainIds])
    .where((is) => (dryRun === undefined ? is.lit(true) : is('erasures.dry_run', '=', dryRun)))
    .orderBy('erasures.requested_at', 'desc')
    .orderBy('erasures.id', 'desc')
    .limit(limit)
    .execute()) as unknown as Erasure[];
}

/** Erasures that have not ended: each should have a job. */
export async function listOpenErasures(reader: Reader): Promise<string[]> {
  const rows = await reader.selectFrom('erasures').select('id').where('state', 'in', OPEN).execute();
  return rows.map(({ id }) => id);
}

export async function saveProgress(transaction: Transaction, id: string, progress: Progress): Promise<void> {
  await transaction
    .updateTable('erasures')
    .set({ progress: json(progress) })
    .where('id', '=', id)
    .execute();
}

/** False when it has ended, or shall end, or is beyond the state that is left. */
export async function markState(
  transaction: Transaction,
  { id, from, to }: { id: string; from: ErasureState[]; to: ErasureState },
): Promise<boolean> {
  const result = await transaction
    .updateTable('erasures')
    .set({ state: to })
    .where('id', '=', id)
    .where('state', 'in', from)
    .where('cancel_requested', '=', false)
    .executeTakeFirst();
  return result.numUpdatedRows === 1n;
}

/** The point of no return; false when it was cancelled before. */
export async function markCommitted(
  transaction: Transaction,
  { id, sealed, report, at }: { id: string; sealed: string; report: ErasureReport; at: Date },
): Promise<boolean> {
  const result = await transaction
    .updateTable('erasures')
    .set({ state: 'erasing', committed_at: at, sealed, report: json(report) })
    .where('id', '=', id)
    .where('state', '=', 'planning')
    .where('cancel_requested', '=', false)
    .executeTakeFirst();
  return result.numUpdatedRows === 1n;
}

export interface ErasureEnd {
  id: string;
  state: 'planned' | 'done' | 'failed' | 'cancelled';
  report?: ErasureReport;
  error?: Record<string, unknown>;
  at: Date;
}

/**
 * Ends an erasure: its values are forgotten with it. False when it has ended before, or is beyond the point of
 * no return and may only be done.
 */
export async function markErasureEnded(transaction: Transaction, end: ErasureEnd): Promise<boolean> {
  const result = await transaction
    .updateTable('erasures')
    .set({
      state: end.state,
      finished_at: end.at,
      sealed: null,
      ...(end.report === undefined ? {} : { report: json(end.report) }),
      error: end.error === undefined ? null : json(end.error),
    })
    .where('id', '=', end.id)
    .where('state', 'in', end.state === 'done' ? ['erasing'] : ['waiting', 'planning'])
    .executeTakeFirst();
  if (result.numUpdatedRows !== 1n) return false;
  await releaseHolds(transaction, end.id);
  return true;
}

export async function noteError(
  transaction: Transaction,
  id: string,
  error: Record<string, unknown>,
): Promise<void> {
  await transaction
    .updateTable('erasures')
    .set({ error: json(error) })
    .where('id', '=', id)
    .execute();
}

/** False when it is beyond the point of no return, or has ended. */
export async function requestErasureCancel(transaction: Transaction, id: string): Promise<boolean> {
  const result = await transaction
    .updateTable('erasures')
    .set({ cancel_requested: true })
    .where('id', '=', id)
    .where('state', 'in', ['waiting', 'planning'])
    .executeTakeFirst();
  return result.numUpdatedRows === 1n;
}

export async function isErasureCancelled(reader: Reader, id: string): Promise<boolean> {
  const row = await reader
    .selectFrom('erasures')
    .select('cancel_requested')
    .where('id', '=', id)
    .executeTakeFirst();
  return row?.cancel_requested === true;
}

/** Changes the report of an erasure under its row's lock. */
export async function updateReport(
  transaction: Transaction,
  id: string,
  change: (report: ErasureReport) => ErasureReport,
): Promise<void> {
  const row = await transaction
    .selectFrom('erasures')
    .select('report')
    .where('id', '=', id)
    .forUpdate()
    .executeTakeFirstOrThrow();
  const report = change((row.report as ErasureReport | null) ?? EMPTY_REPORT);
  await transaction
    .updateTable('erasures')
    .set({ report: json(report) })
    .where('id', '=', id)
    .execute();
}

export interface Tombstone {
  domainId: string;
  subject: string;
  hashes: string[];
  erasureId: string;
  at: Date;
}

/** From now on rows of the subject do not come in again. */
export async function insertTombstones(transaction: Transaction, tombstone: Tombstone): Promise<void> {
  const { domainId, subject, erasureId, at } = tombstone;
  for (const hash of tombstone.hashes) {
    await transaction
      .insertInto('erased_subjects')
      .values({ domain_id: domainId, subject, hash, erasure_id: erasureId, at })
      .onConflict((conflict) => conflict.columns(['domain_id', 'subject', 'hash']).doNothing())
      .execute();
  }
}

/** Lets the subjects of an erasure come in again; how many hashes were forgotten. */
export async function deleteTombstones(transaction: Transaction, erasureId: string): Promise<number> {
  const result = await transaction
    .deleteFrom('erased_subjects')
    .where('erasure_id', '=', erasureId)
    .executeTakeFirst();
  return Number(result.numDeletedRows);
}

export interface NewPlace {
  sourceId: string;
  table: string;
  column: string;
  role: 'key' | 'identifier';
}

export async function savePlaces(
  transaction: Transaction,
  subject: string,
  places: NewPlace[],
): Promise<void> {
  for (const { sourceId, table, column, role } of places) {
    await transaction
      .insertInto('subject_places')
      .values({ source_id: sourceId, table_name: table, column_name: column, subject, role })
      .onConflict((conflict) =>
        conflict.columns(['source_id', 'table_name', 'column_name', 'subject']).doUpdateSet({ role }),
      )
      .execute();
  }
}

export interface NewHead {
  datasetId: string;
  was: string;
  snapshotId: string;
  metadataKey: string;
  rows: number;
  bytes: number;
}

/** The same release with a new snapshot; its run tells of the same one. */
export async function moveRelease(transaction: Transaction, head: NewHead): Promise<void> {
  const moved = await transaction
    .updateTable('releases')
    .set({
      snapshot_id: head.snapshotId,
      metadata_key: head.metadataKey,
      rows: head.rows,
      bytes: head.bytes,
    })
    .where('dataset_id', '=', head.datasetId)
    .where('snapshot_id', '=', head.was)
    .returning('run_id')
    .execute();
  await transaction
    .updateTable('runs')
    .set({ snapshot_id: head.snapshotId, rows: head.rows })
    .where('id', 'in', moved.map(({ run_id }) => run_id).concat(''))
    .execute();
}

/** States of runs by id. */
export async function listRunStates(reader: Reader, ids: string[]): Promise<Map<string, string>> {
  const rows = await reader
    .selectFrom('runs')
    .select(['id', 'state'])
    .where('id', 'in', ['', ...ids])
    .execute();
  return new Map(rows.map(({ id, state }) => [id, state]));
}

export function isOpenState(state: string | undefined): boolean {
  return OPEN_STATES.some((open) => open === state);
}

/** Changes the facts of files that were read on, so that they count as read: what was left in them is not new. */
export async function updateReadFile(
  transaction: Transaction,
  file: { datasetIds: string[]; key: string; bytes: number; modifiedAt: string },
): Promise<void> {
  await transaction
    .updateTable('bookmark_files')
    .set({ bytes: file.bytes, modified_at: file.modifiedAt })
    .where('dataset_id', 'in', ['', ...file.datasetIds])
    .where('key', '=', file.key)
    .execute();
}
