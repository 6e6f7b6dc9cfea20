import { json, type Reader, type Transaction } from '../store/database.ts';
import type { Deviation } from './find-deviations.ts';
import type { ColumnObservation, Observation, PastObservation } from './observation.ts';

export interface NewObservation {
  runId: string;
  datasetId: string;
  /** Null when the candidate was held back. */
  releaseNumber: number | null;
  observed: Observation;
  sinceLastMs: number | null;
  deviations: Deviation[];
  at: Date;
}

export async function insertObservation(transaction: Transaction, row: NewObservation): Promise<void> {
  await transaction
    .insertInto('observations')
    .values({
      run_id: row.runId,
      dataset_id: row.datasetId,
      release_number: row.releaseNumber,
      observed_at: row.at,
      rows: row.observed.rows,
      bytes: row.observed.bytes,
      since_last_ms: row.sinceLastMs,
      columns: json(row.observed.columns),
      deviations: json(row.deviations),
    })
    .execute();
}

/**
 * The last releases of a dataset as they were observed, newest first. A release from before there were
 * observations has its rows and bytes.
 */
export async function listPast(
  reader: Reader,
  datasetId: string,
  limit: number,
): Promise<(PastObservation & { number: number; deviations: Deviation[]; sinceLastMs: number | null })[]> {
  const rows = await reader
    .selectFrom('releases')
    .leftJoin('observations', 'observations.run_id', 'releases.run_id')
    .select(['releases.number', 'releases.released_at', 'releases.rows', 'releases.bytes'])
    .select(['observations.columns', 'observations.deviations', 'observations.since_last_ms'])
    .where('releases.dataset_id', '=', datasetId)
    .orderBy('releases.number', 'desc')
    .limit(limit)
    .execute();
  return rows.map((row) => ({
    number: row.number,
    at: row.released_at,
    rows: Number(row.rows),
    bytes: Number(row.bytes),
    columns: (row.columns ?? []) as ColumnObservation[],
    deviations: (row.deviations ?? []) as Deviation[],
    sinceLastMs: row.since_last_ms === null ? null : Number(row.since_last_ms),
  }));
}

/** The last candidates of a dataset that were held back, newest first. */
export async function listHeldBack(reader: Reader, datasetId: string, limit: number) {
  const rows = await reader
    .selectFrom('observations')
    .select(['run_id as run', 'observed_at as at', 'rows', 'deviations'])
    .where('dataset_id', '=', datasetId)
    .where('release_number', 'is', null)
    .orderBy('observed_at', 'desc')
    .limit(limit)
    .execute();
  return rows.map((row) => ({
    ...row,
    rows: Number(row.rows),
    deviations: row.deviations as Deviation[],
  }));
}
