import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { isoTime } from '../base/clock.ts';
import { isMeshError, MeshError, toMeshError } from '../base/errors.ts';
import type { Parts } from '../identity/context.ts';
import { checksFailedSummary, RUN_FAILED_SUMMARY } from '../incidents/describe-incident.ts';
import { recordRunEvent } from '../lineage/openlineage/record-run-event.ts';
import { discardCandidate } from '../lake/release.ts';
import { announceRun } from './announce-run.ts';
import type { WrittenSnapshot } from '../lake/write.ts';
import { closeIncidents, openIncident } from '../store/incidents.ts';
import { observeSnapshot } from '../observations/observe-snapshot.ts';
import { type Compared, compareWithPast, recordObservation } from '../observations/record-observation.ts';
import { auditCandidate } from './audit-candidate.ts';
import { prepareInputs } from './input-relations.ts';
import { bindValues, valuesOf } from './parameter-values.ts';
import { lockDownstream } from '../products/runs/store.ts';
import type { Transaction } from '../store/database.ts';
import { recordPipelineUse } from './record-use.ts';
import { planReading } from './plan-reading.ts';
import type { RefusedBatch } from './merge-rows.ts';
import { releaseCandidate, type ReleaseTask } from './release-candidate.ts';
import { readPipelineSettings } from './pipeline-settings.ts';
import { resolveInputs } from './resolve-inputs.ts';
import { type CheckResult, mayRelease } from './run-checks.ts';
import { settleSteps } from './rounds/settle-steps.ts';
import {
  findRun,
  isCancelRequested,
  markEnded,
  markTriedAgain,
  type PipelineRun,
  type RunEnd,
  type RunFacts,
} from './store.ts';
import { takeRun } from './take-run.ts';
import { retryDelayMs } from './worth-retrying.ts';
import { type Written, writeCandidate } from './write-candidate.ts';

/** How often a running pipeline looks whether somebody wants it cancelled. */
const CANCEL_LOOK_MS = 1_000;

/**
 * Runs a pipeline: write, audit, publish. Idempotent: a run whose server was killed starts over, a run that
 * has ended does nothing.
 * @returns null; where it may not begin yet, how many runs come before it: try again later
 */
export async function runPipeline(
  parts: Parts,
  runId: string,
  stopping: AbortSignal,
): Promise<{ after: number } | null> {
  const run = await findRun(parts.database.reader, runId);
  if (run === undefined || (run.state !== 'queued' && run.state !== 'running')) return null;
  const taking = await parts.database.transact((transaction) => takeRun(parts, transaction, run));
  if (!taking.taken) return taking.after === null ? null : { after: taking.after };
  const cancel = new AbortController();
  const watch = setInterval(() => void cancelIfAsked(parts, runId, cancel), CANCEL_LOOK_MS);
  await mkdir(parts.settings.temporaryFolder, { recursive: true });
  const folder = await mkdtemp(join(parts.settings.temporaryFolder, 'run-'));
  try {
    await produce(parts, { run, folder, signal: AbortSignal.any([stopping, cancel.signal]) });
  } catch (error) {
    // A stopping server gives the run back: it starts over elsewhere.
    if (stopping.aborted) throw error;
    await endFailed(parts, run, { error, cancelled: cancel.signal.aborted });
  } finally {
    clearInterval(watch);
    await rm(folder, { recursive: true, force: true });
  }
  return null;
}

async function cancelIfAsked(parts: Parts, runId: string, cancel: AbortController): Promise<void> {
  // A database that does not answer now is asked again in a second.
  if (await isCancelRequested(parts.database.reader, runId).catch(() => false)) cancel.abort();
}

interface Production {
  run: PipelineRun;
  folder: string;
  signal: AbortSignal;
}

async function produce(parts: Parts, { run, folder, signal }: Production): Promise<void> {
  if (run.sql === null) throw new MeshError('pipeline.no-sql', { facts: { dataset: run.dataset } });
  const { settings } = readPipelineSettings(run.sql);
  const bindings = bindValues(settings.parameters, run.parameters);
  const { canonical, tables, columns } = await parts.engine.parse(run.sql, bindings);
  const reading = await planReading(parts, run, settings);
  const { domainId, domain, productId } = run;
  const scope = { domainId, domain, productId, purpose: settings.purpose };
  const resolved = await resolveInputs(parts, scope, tables);
  recordPipelineUse(parts, { run, inputs: resolved, columns });
  const inputs = await prepareInputs(parts, resolved, {
    domain,
    increment: reading.increment,
    scratch: join(folder, 'copies'),
    signal,
  });
  const output = join(folder, 'rows');
  await mkdir(output);
  const plan = { ...settings, ...reading };
  const task = { run, sql: canonical, inputs, plan, folder: output, signal };
  const written = await writeCandidate(parts, task);
  await inputs.verify();
  const facts: RunFacts = {
    inputs: inputs.record,
    parameters: valuesOf(bindings),
    written: { mode: reading.rebuild ? 'overwrite' : settings.write },
  };
  await publish(parts, { run, written, facts, reading: { plan: reading, advance: inputs.advance }, signal });
}

interface Publication {
  run: PipelineRun;
  written: Written | RefusedBatch;
  facts: RunFacts;
  reading: ReleaseTask['reading'];
  signal: AbortSignal;
}

async function publish(parts: Parts, { run, written, facts, reading, signal }: Publication): Promise<void> {
  if (written.kind === 'refused')
    return block(parts, { run, candidate: null, checks: written.checks, facts, compared: null });
  const { candidate, counts } = written;
  Object.assign(facts.written, counts);
  const checks = await auditCandidate(parts, { run, candidate, signal });
  const observed = await observeSnapshot(parts, { ...candidate, caller: `domain ${run.domain}`, signal });
  const compared = await compareWithPast(parts, run, observed);
  if (!mayRelease(checks)) return block(parts, { run, candidate, checks, facts, compared });
  await releaseCandidate(parts, { run, candidate, checks, facts, reading, compared });
}

interface Blocking {
  run: PipelineRun;
  /** Null where the rows to merge were refused before they were written. */
  candidate: WrittenSnapshot | null;
  checks: CheckResult[];
  facts: RunFacts;
  /** Null where there is no candidate to measure. */
  compared: Compared | null;
}

/** Consumers keep the last release; the producer sees which checks failed, with rows. */
async function block(parts: Parts, blocking: Blocking): Promise<void> {
  const { run, candidate, checks, facts, compared } = blocking;
  const failed = checks.filter(({ passed, severity }) => !passed && severity === 'error');
  const error = new MeshError('pipeline.checks-failed', {
    facts: { dataset: run.dataset, checks: failed.map(({ title }) => title) },
  });
  const at = parts.clock.now();
  await parts.database.transact(async (transaction) => {
    const ended = await endRun(parts, transaction, {
      id: run.id,
      datasetId: run.datasetId,
      state: 'blocked',
      at,
      ...(candidate === null ? {} : snapshotFacts(candidate)),
      ...facts,
      checks,
      error: publicError(error),
    });
    if (!ended) return;
    if (compared !== null)
      await recordObservation(parts, transaction, { run, compared, releaseNumber: null, at });
    await raiseBlocked(parts, transaction, { run, failed, at });
    await announceRun(parts, transaction, { run, state: 'blocked', at, error });
    await recordRunEvent(parts, transaction, { runId: run.id, type: 'FAIL', at, sql: run.sql });
  });
  if (candidate !== null)
    await discardCandidate(parts.lake, candidate.table.id, candidate.snapshot['snapshot-id']);
}

function snapshotFacts({ snapshot }: WrittenSnapshot): { snapshotId: string; rows: number } {
  return { snapshotId: snapshot['snapshot-id'], rows: Number(snapshot.summary['total-records'] ?? 0) };
}

/** It ran, so it did not fail; what it made is not good enough. */
async function raiseBlocked(
  parts: Parts,
  transaction: Transaction,
  { run, failed, at }: { run: PipelineRun; failed: CheckResult[]; at: Date },
): Promise<void> {
  const { datasetId } = run;
  const titles = failed.map(({ title }) => title);
  await openIncident(parts, transaction, {
    datasetId,
    kind: 'checks-failed',
    severity: 'error',
    summary: checksFailedSummary(titles),
    detail: { run: run.id, checks: titles },
    at,
  });
  const reason = 'the pipeline runs again';
  await closeIncidents(parts, transaction, { datasetId, kinds: ['run-failed'], at, reason });
}

async function endFailed(
  parts: Parts,
  run: PipelineRun,
  failure: { error: unknown; cancelled: boolean },
): Promise<void> {
  const { error, cancelled } = failure;
  if (isMeshError(error, 'pipeline.ended')) return;
  const known = toMeshError(error);
  if (known.status >= 500)
    parts.log.error({ run: run.id, err: error, detail: known.detail }, 'pipeline failed');
  const state = cancelled ? 'cancelled' : 'failed';
  const at = parts.clock.now();
  await parts.database.transact(async (transaction) => {
    if (!cancelled && (await tryAgain(parts, transaction, { run, error: known, at }))) return;
    const end = { id: run.id, datasetId: run.datasetId, state, at, error: publicError(known) } as const;
    const ended = await endRun(parts, transaction, end);
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
  { run, error, at }: { run: PipelineRun; error: MeshError; at: Date },
): Promise<boolean> {
  const { retries } = readPipelineSettings(run.sql ?? '').settings;
  const delayMs = retryDelayMs(error, { attempt: run.attempt, retries });
  if (delayMs === null) return false;
  const startAfter = new Date(at.getTime() + delayMs);
  const heldBy = `${isoTime(startAfter)}, to be tried again: ${error.message}`;
  if (!(await markTriedAgain(transaction, { id: run.id, heldBy }))) return false;
  await parts.queue.enqueue(transaction, { kind: 'run-pipeline', data: { runId: run.id }, startAfter });
  return true;
}

/** The queue has given a run up: its job was tried so often, and each time its server died or failed. */
export async function abandonRun(parts: Parts, runId: string): Promise<void> {
  const run = await findRun(parts.database.reader, runId);
  if (run === undefined) return;
  const error = new MeshError('pipeline.abandoned', { facts: { dataset: run.dataset } });
  await endFailed(parts, run, { error, cancelled: false });
}

/** The steps after it are settled with it: a server that dies after this leaves nobody waiting for it. */
async function endRun(
  parts: Parts,
  transaction: Transaction,
  end: RunEnd & { datasetId: string },
): Promise<boolean> {
  await lockDownstream(transaction, [end.datasetId]);
  const ended = await markEnded(transaction, end);
  if (ended) await settleSteps(parts, transaction, [end.id]);
  return ended;
}

function publicError({ code, message, fix, problems }: MeshError) {
  return { code, message, fix, problems };
}
