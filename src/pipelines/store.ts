import { sql } from 'kysely';
import type { Column } from '../base/data-type.ts';
import { newId } from '../base/ids.ts';
import { OPEN_STATES } from '../products/runs/store.ts';
import { addressedName } from '../store/addressed-name.ts';
import { json, type Reader, type Transaction } from '../store/database.ts';
import type { RunState } from '../store/schema.ts';
import type { CheckResult } from './check-result.ts';
import type { DiaryFacts, LogLine, Phase } from './diary-facts.ts';

/** A run with everything its pipeline needs to know. */
export interface PipelineRun {
  id: string;
  state: RunState;
  groupId: string;
  roundId: string;
  attempt: number;
  /** What it waits for, in words. */
  heldBy: string | null;
  datasetId: string;
  dataset: string;
  productId: string;
  product: string;
  domainId: string;
  domain: string;
  /** `DOMAIN.PRODUCT`, with its major where that is not the current one. */
  addressed: string;
  sql: string | null;
  contract: Record<string, unknown>;
  contractVersion: string;
  /** The product's ODPS document. */
  document: Record<string, unknown>;
  productTags: string[];
  domainTags: string[];
  /** Values that were given for its parameters. */
  parameters: Record<string, string | null>;
  /** Of a backfill: the value of its parameter. */
  backfillValue: string | null;
  phases: Phase[];
  log: LogLine[];
}

export async function findRun(reader: Reader, id: string): Promise<PipelineRun | undefined> {
  const row = await reader
    .selectFrom('runs')
    .innerJoin('run_groups', 'run_groups.id', 'runs.group_id')
    .innerJoin('datasets', 'datasets.id', 'runs.dataset_id')
    .innerJoin('products', 'products.id', 'datasets.product_id')
    .innerJoin('domains', 'domains.id', 'products.domain_id')
    .select([
      'runs.id',
      'runs.state',
      'runs.dataset_id as datasetId',
      'runs.parameters',
      'runs.phases',
      'runs.log',
      'runs.group_id as groupId',
      'runs.attempt',
      'runs.backfill_value as backfillValue',
      'runs.held_by as heldBy',
      'run_groups.round_id as roundId',
    ])
    .select(['datasets.name as dataset', 'datasets.sql_text as sql', 'datasets.contract'])
    .select(['datasets.contract_version as contractVersion', 'products.tags as productTags'])
    .select(['domains.tags as domainTags', 'products.document'])
    .select([
      'products.id as productId',
      'products.name as product',
      'domains.id as domainId',
      'domains.name as domain',
    ])
    .select(addressedName.as('addressed'))
    .where('runs.id', '=', id)
    .executeTakeFirst();
  return row && { ...row, phases: row.phases as Phase[], log: row.log as LogLine[] };
}

/** False when it has ended. `takeRun` says whether it may begin. */
export async function markRunning(transaction: Transaction, id: string, at: Date): Promise<boolean> {
  const result = await transaction
    .updateTable('runs')
    .set({ state: 'running', started_at: at, held_by: null })
    .where('id', '=', id)
    .where('state', 'in', ['queued', 'running'])
    .executeTakeFirst();
  return result.numUpdatedRows === 1n;
}

/** Puts a run that failed back into the queue; false when it is not under way any more. */
export async function markTriedAgain(
  transaction: Transaction,
  { id, heldBy, phases, log }: { id: string; heldBy: string } & DiaryFacts,
): Promise<boolean> {
  const again = { state: 'queued' as const, held_by: heldBy, attempt: sql<number>`attempt + 1` };
  const result = await transaction
    .updateTable('runs')
    .set({ ...again, phases: json(phases), log: json(log) })
    .where('id', '=', id)
    .where('state', '=', 'running')
    .where('cancel_requested', '=', false)
    .executeTakeFirst();
  return result.numUpdatedRows === 1n;
}

/** Keeps what a run that is under way has told of itself. */
export async function saveDiary(
  transaction: Transaction,
  { id, phases, log }: { id: string } & DiaryFacts,
): Promise<void> {
  await transaction
    .updateTable('runs')
    .set({ phases: json(phases), log: json(log) })
    .where('id', '=', id)
    .where('state', '=', 'running')
    .execute();
}

/** What a run read and wrote, kept with its end. */
export interface RunFacts {
  inputs: unknown[];
  parameters: Record<string, string | null>;
  /** The way it wrote, and how many rows of the table changed. */
  written: Record<string, string | number>;
}

export interface RunEnd extends Partial<RunFacts>, Partial<DiaryFacts> {
  id: string;
  state: Exclude<RunState, (typeof OPEN_STATES)[number]>;
  at: Date;
  snapshotId?: string;
  rows?: number;
  checks?: CheckResult[];
  error?: { code: string; message: string; fix: string; problems?: unknown[] };
}

/** Ends a run that is under way or waits; false when it has ended already. */
export async function markEnded(transaction: Transaction, end: RunEnd): Promise<boolean> {
  const result = await transaction
    .updateTable('runs')
    .set({
      state: end.state,
      finished_at: end.at,
      ...(end.snapshotId === undefined ? {} : { snapshot_id: end.snapshotId }),
      ...(end.rows === undefined ? {} : { rows: end.rows }),
      ...(end.inputs === undefined ? {} : { inputs: json(end.inputs) }),
      ...(end.checks === undefined ? {} : { checks: json(end.checks) }),
      ...(end.error === undefined ? {} : { error: json(end.error) }),
      ...(end.parameters === undefined ? {} : { parameters: json(end.parameters) }),
      ...(end.written === undefined ? {} : { written: json(end.written) }),
      ...(end.phases === undefined ? {} : { phases: json(end.phases) }),
      ...(end.log === undefined ? {} : { log: json(end.log) }),
    })
    .where('id', '=', end.id)
    .where('state', 'in', OPEN_STATES)
    .executeTakeFirst();
  return result.numUpdatedRows === 1n;
}

export interface NewRelease {
  datasetId: string;
  number: number;
  snapshotId: string;
  metadataKey: string;
  runId: string;
  contractVersion: string;
  rows: number;
  bytes: number;
  columns: Column[];
  columnTags: Record<string, Record<string, string>>;
  partTags: Record<string, Record<string, string>[]>;
  checks: CheckResult[];
  at: Date;
}

export async function insertRelease(transaction: Transaction, release: NewRelease): Promise<string> {
  const id = newId('rel');
  await transaction
    .insertInto('releases')
    .values({
      id,
      dataset_id: release.datasetId,
      number: release.number,
      snapshot_id: release.snapshotId,
      metadata_key: release.metadataKey,
      run_id: release.runId,
      contract_version: release.contractVersion,
      rows: release.rows,
      bytes: release.bytes,
      columns: json(release.columns),
      column_tags: json(release.columnTags),
      part_tags: json(release.partTags),
      checks: json(release.checks.map(({ sample: _sample, ...check }) => check)),
      released_at: release.at,
    })
    .execute();
  return id;
}

export async function lastReleaseNumber(reader: Reader, datasetId: string): Promise<number> {
  const row = await reader
    .selectFrom('releases')
    .select((of) => of.fn.max('number').as('number'))
    .where('dataset_id', '=', datasetId)
    .executeTakeFirst();
  return row?.number ?? 0;
}

/** When the last release was, or null before the first; with a number, of the release before that one. */
export async function lastReleasedAt(
  reader: Reader,
  datasetId: string,
  before?: number,
): Promise<Date | null> {
  let query = reader.selectFrom('releases').select('released_at').where('dataset_id', '=', datasetId);
  if (before !== undefined) query = query.where('number', '<', before);
  const row = await query.orderBy('number', 'desc').limit(1).executeTakeFirst();
  return row?.released_at ?? null;
}

/** One run with its dataset, and the release it made. */
export function readRunRow(reader: Reader, id: string) {
  return reader
    .selectFrom('runs')
    .innerJoin('datasets', 'datasets.id', 'runs.dataset_id')
    .leftJoin('releases', 'releases.run_id', 'runs.id')
    .selectAll('runs')
    .select(['datasets.name as dataset', 'releases.number as release'])
    .where('runs.id', '=', id)
    .executeTakeFirstOrThrow();
}

/** The last runs of a product's datasets, newest first. */
export function listRuns(reader: Reader, productId: string, limit: number) {
  return (
    reader
      .selectFrom('runs')
      .innerJoin('datasets', 'datasets.id', 'runs.dataset_id')
      .selectAll('runs')
      .select('datasets.name as dataset')
      .where('datasets.product_id', '=', productId)
      // What a backfill has not come to yet would hide everything else.
      .where((is) => is.or([is('runs.state', '<>', 'waiting'), is('runs.backfill_value', 'is', null)]))
      .orderBy('runs.queued_at', 'desc')
      .orderBy('runs.id', 'desc')
      .limit(limit)
      .execute()
  );
}

export async function markCancelRequested(transaction: Transaction, id: string): Promise<void> {
  await transaction.updateTable('runs').set({ cancel_requested: true }).where('id', '=', id).execute();
}

export async function isCancelRequested(reader: Reader, id: string): Promise<boolean> {
  const row = await reader
    .selectFrom('runs')
    .select('cancel_requested')
    .where('id', '=', id)
    .executeTakeFirst();
  return row?.cancel_requested === true;
}

/** Runs that wait or are under way. */
export async function countOpenRuns(reader: Reader): Promise<number> {
  const row = await reader
    .selectFrom('runs')
    .select((of) => of.fn.countAll<number>().as('runs'))
    .where('state', 'in', OPEN_STATES)
    .executeTakeFirstOrThrow();
  return Number(row.runs);
}
