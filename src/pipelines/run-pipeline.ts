import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { MeshError } from '../base/errors.ts';
import type { Parts } from '../identity/context.ts';
import { checksFailedSummary } from '../incidents/describe-incident.ts';
import { recordRunEvent } from '../lineage/openlineage/record-run-event.ts';
import { discardCandidate } from '../lake/release.ts';
import { announceRun } from './announce-run.ts';
import type { WrittenSnapshot } from '../lake/write.ts';
import { closeIncidents, openIncident } from '../store/incidents.ts';
import { observeSnapshot } from '../observations/observe-snapshot.ts';
import { type Compared, compareWithPast, recordObservation } from '../observations/record-observation.ts';
import { endFailed, endRun, publicError } from './end-run.ts';
import { auditCandidate } from './audit-candidate.ts';
import { prepareInputs } from './input-relations.ts';
import { bindValues, valuesOf } from './parameter-values.ts';
import type { Transaction } from '../store/database.ts';
import { recordPipelineUse } from './record-use.ts';
import { planReading } from './plan-reading.ts';
import type { RefusedBatch } from './merge-rows.ts';
import { releaseCandidate, type ReleaseTask } from './release-candidate.ts';
import { readPipelineSettings } from './pipeline-settings.ts';
import { resolveInputs } from './resolve-inputs.ts';
import { type CheckResult, mayRelease } from './run-checks.ts';
import { countOf, inputText, RunDiary } from './run-diary.ts';
import { findRun, isCancelRequested, type PipelineRun, type RunFacts } from './store.ts';
import { takeRun } from './take-run.ts';
import { type Written, writeCandidate } from './write-candidate.ts';

/** Inputs that the log names; the run's page has them all. */
const MOST_NAMED = 50;

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
  const diary = new RunDiary(parts, run);
  if (run.state === 'running') diary.note('starts over: its server ended before it did');
  try {
    await produce(parts, { run, folder, diary, signal: AbortSignal.any([stopping, cancel.signal]) });
  } catch (error) {
    // A stopping server gives the run back: it starts over elsewhere.
    if (stopping.aborted) throw error;
    await endFailed(parts, run, { error, cancelled: cancel.signal.aborted, diary });
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
  diary: RunDiary;
  /** Of this run alone; removed after it. */
  folder: string;
  signal: AbortSignal;
}

async function produce(parts: Parts, production: Production): Promise<void> {
  const { run, folder, diary, signal } = production;
  const { settings, canonical, inputs, plan, parameters } = await diary.during('read', () =>
    prepare(parts, production),
  );
  for (const record of inputs.record.slice(0, MOST_NAMED)) diary.note(inputText(record));
  const output = join(folder, 'rows');
  await mkdir(output);
  const task = { run, sql: canonical, inputs, plan: { ...settings, ...plan }, folder: output, signal };
  const written = await diary.during('write', async () => {
    const rows = await writeCandidate(parts, task);
    await inputs.verify();
    return rows;
  });
  const mode = plan.rebuild ? 'overwrite' : settings.write;
  const facts: RunFacts = { inputs: inputs.record, parameters, written: { mode } };
  const reading = { plan, advance: inputs.advance };
  await publish(parts, { run, diary, written, facts, reading, signal });
}

/** What is read, and how far: names, rights, crawls and the bookmark as they are now. */
async function prepare(parts: Parts, { run, folder, signal }: Production) {
  if (run.sql === null) throw new MeshError('pipeline.no-sql', { facts: { dataset: run.dataset } });
  const { settings } = readPipelineSettings(run.sql);
  const bindings = bindValues(settings.parameters, run.parameters);
  const { canonical, tables, columns } = await parts.engine.parse(run.sql, bindings);
  const plan = await planReading(parts, run, settings);
  const { domainId, domain, productId } = run;
  const scope = { domainId, domain, productId, purpose: settings.purpose };
  const resolved = await resolveInputs(parts, scope, tables);
  recordPipelineUse(parts, { run, inputs: resolved, columns });
  const inputs = await prepareInputs(parts, resolved, {
    domain,
    increment: plan.increment,
    scratch: join(folder, 'copies'),
    signal,
  });
  return { settings, canonical, inputs, plan, parameters: valuesOf(bindings) };
}

interface Publication {
  run: PipelineRun;
  diary: RunDiary;
  written: Written | RefusedBatch;
  facts: RunFacts;
  reading: ReleaseTask['reading'];
  signal: AbortSignal;
}

async function publish(parts: Parts, publication: Publication): Promise<void> {
  const { run, diary, written, facts, reading, signal } = publication;
  if (written.kind === 'refused')
    return block(parts, { run, diary, candidate: null, checks: written.checks, facts, compared: null });
  const { candidate, counts } = written;
  Object.assign(facts.written, counts);
  diary.note(
    `wrote by ${facts.written['mode']}: ${countOf(counts.inserted, 'row')} inserted, ${counts.updated} updated, ${counts.deleted} deleted, ${counts.unchanged} as they were`,
  );
  const { checks, compared } = await diary.during('check', async () => {
    const found = await auditCandidate(parts, { run, candidate, signal });
    const observed = await observeSnapshot(parts, { ...candidate, caller: `domain ${run.domain}`, signal });
    return { checks: found, compared: await compareWithPast(parts, run, observed) };
  });
  diary.note(checksText(checks));
  if (!mayRelease(checks)) return block(parts, { run, diary, candidate, checks, facts, compared });
  await diary.during('release', () =>
    releaseCandidate(parts, { run, diary, candidate, checks, facts, reading, compared }),
  );
}

function checksText(checks: CheckResult[]): string {
  const done = checks.filter(({ outcome }) => outcome !== 'not-run');
  const failed = done.filter(({ passed }) => !passed).map(({ title, severity }) => `${severity}: ${title}`);
  return [`${done.length - failed.length} of ${done.length} checks passed`, ...failed].join('; ');
}

interface Blocking {
  run: PipelineRun;
  diary: RunDiary;
  /** Null where the rows to merge were refused before they were written. */
  candidate: WrittenSnapshot | null;
  checks: CheckResult[];
  facts: RunFacts;
  /** Null where there is no candidate to measure. */
  compared: Compared | null;
}

/** Consumers keep the last release; the producer sees which checks failed, with rows. */
async function block(parts: Parts, blocking: Blocking): Promise<void> {
  const { run, diary, candidate, checks, facts, compared } = blocking;
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
      ...diary.ended('blocked: consumers keep the last release'),
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
