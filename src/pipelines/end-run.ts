import { isoTime } from '../base/clock.ts';
import { isMeshError, MeshError, toMeshError } from '../base/errors.ts';
import type { Parts } from '../identity/context.ts';
import { RUN_FAILED_SUMMARY } from '../incidents/describe-incident.ts';
import { recordRunEvent } from '../lineage/openlineage/record-run-event.ts';
import { lockDownstream } from '../products/runs/store.ts';
import type { Transaction } from '../store/database.ts';
import { openIncident } from '../store/incidents.ts';
import { announceRun } from './announce-run.ts';
import { readPipelineSettings } from './pipeline-settings.ts';
import { settleSteps } from './rounds/settle-steps.ts';
import { RunDiary } from './run-diary.ts';
import { findRun, markEnded, markTriedAgain, type PipelineRun, type RunEnd } from './store.ts';
import { retryDelayMs } from './worth-retrying.ts';

/** The steps after it are settled with it: a server that dies after this leaves nobody waiting for it. */
export async function endRun(
  parts: Parts,
  transaction: Transaction,
  end: RunEnd & { datasetId: string },
): Promise<boolean> {
  await lockDownstream(transaction, [end.datasetId]);
  const ended = await markEnded(transaction, end);
  if (ended) await settleSteps(parts, transaction, [end.id]);
  return ended;
}

export interface Failure {
  error: unknown;
  cancelled: boolean;
  diary: RunDiary;
}

/** A run came to no end of its own: it is tried again, or has failed, or was cancelled. */
export async function endFailed(
  parts: Parts,
  run: PipelineRun,
  { error, cancelled, diary }: Failure,
): Promise<void> {
  if (isMeshError(error, 'pipeline.ended')) return;
  const known = toMeshError(error);
  if (known.status >= 500)
    parts.log.error({ run: run.id, err: error, detail: known.detail }, 'pipeline failed');
  const state = cancelled ? 'cancelled' : 'failed';
  const at = parts.clock.now();
  await parts.database.transact(async (transaction) => {
    if (!cancelled && (await tryAgain(parts, transaction, { run, error: known, diary }))) return;
    const ended = await endRun(parts, transaction, {
      id: run.id,
      datasetId: run.datasetId,
      state,
      at,
      error: publicError(known),
      ...diary.ended(cancelled ? 'cancelled' : `failed: ${known.message}`),
    });
    if (!ended) return;
    const type = cancelled ? 'ABORT' : 'FAIL';
    await recordRunEvent(parts, transaction, { runId: run.id, type, at, sql: run.sql });
    if (cancelled) return;
    await openIncident(parts, transaction, {
      datasetId: run.datasetId,
      kind: 'run-failed',
      severity: 'error',
      summary: RUN_FAILED_SUMMARY,
      detail: { run: run.id, code: known.code, message: known.message },
      at,
    });
    await announceRun(parts, transaction, { run, state: 'failed', at, error: known });
  });
}

/** True when the run is queued again for later, as its settings say and its failure makes sensible. */
async function tryAgain(
  parts: Parts,
  transaction: Transaction,
  { run, error, diary }: { run: PipelineRun; error: MeshError; diary: RunDiary },
): Promise<boolean> {
  const { id, attempt } = run;
  const { retries } = readPipelineSettings(run.sql ?? '').settings;
  const delayMs = retryDelayMs(error, { attempt, retries });
  if (delayMs === null) return false;
  const startAfter = new Date(parts.clock.now().getTime() + delayMs);
  const heldBy = `${isoTime(startAfter)}, to be tried again: ${error.message}`;
  const facts = diary.ended(
    `attempt ${attempt} failed, the next one is due ${isoTime(startAfter)}: ${error.message}`,
  );
  if (!(await markTriedAgain(transaction, { id, heldBy, ...facts }))) return false;
  await parts.queue.enqueue(transaction, { kind: 'run-pipeline', data: { runId: id }, startAfter });
  return true;
}

/** The queue has given a run up: its job was tried so often, and each time its server died or failed. */
export async function abandonRun(parts: Parts, runId: string): Promise<void> {
  const run = await findRun(parts.database.reader, runId);
  if (run === undefined) return;
  const error = new MeshError('pipeline.abandoned', { facts: { dataset: run.dataset } });
  await endFailed(parts, run, { error, cancelled: false, diary: new RunDiary(parts, run) });
}

export function publicError({ code, message, fix, problems }: MeshError) {
  return { code, message, fix, problems };
}
