import { createHash } from 'node:crypto';
import type { Parts } from '../../identity/context.ts';
import { findMesh } from '../../identity/store.ts';
import type { Transaction } from '../../store/database.ts';
import { describeLineage } from '../describe-lineage.ts';
import { namespaceOf, uuidOf } from './facet.ts';
import { type CheckFacts, type ReadInput, runEvent, type RunEventType } from './run-event.ts';
import { columnsOf, insertEvent, readRunFacts } from './store.ts';

export interface RunStep {
  runId: string;
  type: RunEventType;
  at: Date;
  /** The SQL the run has read; undefined where it has read none. */
  sql?: string | null;
}

/**
 * Keeps the OpenLineage event of a run's step in the transaction of the step, and lets a job send it on where
 * the mesh forwards. Telling a step twice keeps one event.
 */
export async function recordRunEvent(
  { queue, settings }: Pick<Parts, 'queue' | 'settings'>,
  transaction: Transaction,
  { runId, type, at, sql }: RunStep,
): Promise<void> {
  const run = await readRunFacts(transaction, runId);
  if (run === undefined) return;
  const mesh = await findMesh(transaction);
  const described = (await describeLineage(transaction, run.dataset_id)) ?? null;
  // The SQL may have changed since the run began; then its ways are not those of this run.
  const lineage = sql !== undefined && sql !== run.sql ? null : described;
  const event = runEvent({
    ...{ type, at, runId, lineage },
    namespace: namespaceOf(mesh?.name ?? 'mesh'),
    job: `${run.domain}.${run.product}.${run.dataset}`,
    // A run of before there were groups is a group of its own, of the same number: it stands alone.
    parent:
      uuidOf(run.group_id) === uuidOf(runId)
        ? null
        : { runId: run.group_id, job: `${run.domain}.${run.product}` },
    sql: sql === undefined ? run.sql : sql,
    columns: columnsOf(run),
    inputs: (run.inputs as object[]).map(readInput),
    written:
      run.snapshot_id === null
        ? null
        : { snapshotId: run.snapshot_id, rows: run.rows ?? 0, bytes: run.bytes ?? null },
    checks: run.checks as CheckFacts[],
    error: run.error as { code: string; message: string } | null,
  });
  const forward = settings.openLineage !== null;
  await insertEvent(transaction, {
    domainId: run.domain_id,
    productId: run.product_id,
    ...{ runId, type, at, forward },
    receivedAt: at,
    hash: createHash('sha256').update(`${runId} ${type}`).digest('base64url'),
    event,
  });
  // The empty key is the group that the schedule's jobs are in: one waits and one works at the most.
  if (forward) await queue.enqueue(transaction, { kind: 'forward-lineage', data: {}, singletonKey: '' });
}

/** A run's record of what it has read: `pipelines/input-relations.ts` writes it. */
function readInput(record: object): ReadInput {
  const { dataset, source, table, snapshot, rows } = record as Record<string, string | number | undefined>;
  const { masked = [] } = record as { masked?: string[] };
  return {
    name: dataset === undefined ? `${source}/${table}` : String(dataset),
    version: snapshot === undefined ? null : String(snapshot),
    rows: typeof rows === 'number' ? rows : null,
    masked,
  };
}
