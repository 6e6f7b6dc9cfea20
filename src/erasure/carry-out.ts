import { newId } from '../base/ids.ts';
import { toMeshError } from '../base/errors.ts';
import type { Parts } from '../identity/context.ts';
import { publicError } from '../pipelines/end-run.ts';
import { removeLostTables } from '../pipelines/maintain-tables.ts';
import { insertChange } from '../store/changes.ts';
import { type Erasing, eraseDataset, forgetBefore, withDataset } from './erase-datasets.ts';
import { type ErasureReport, isComplete, type SourceReport } from './erasure-model.ts';
import { releaseHolds } from './holds/store.ts';
import { untouched } from './plan-erasure.ts';
import { proveErasure } from './prove-erasure.ts';
import { startRebuild } from './rebuild.ts';
import { eraseRecords, findRecords } from './records/erase-records.ts';
import { tellingValues } from './rows/match-rows.ts';
import { readScope, type Scope, type ScopedDataset } from './scope/read-scope.ts';
import { eraseFromSources } from './sources/erase-sources.ts';
import {
  isOpenState,
  listRunStates,
  markErasureEnded,
  needErasure,
  noteError,
  saveProgress,
  updateReport,
} from './store.ts';
import { scopeQuestion, takeDatasets } from './take-datasets.ts';

/** What comes next: the next step at once, or when runs have ended, or nothing. */
export type Step = 'again' | 'wait' | 'ended';

/**
 * Beyond the point of no return: sources, datasets, what is made anew, the mesh's own records, the proof.
 * Each step may be repeated; a failure is noted and the job tries again.
 */
export async function carryOut(parts: Parts, erasing: Erasing): Promise<Step> {
  const { erasure } = erasing;
  try {
    const runs = erasure.report?.runs ?? null;
    const states = await listRunStates(parts.database.reader, Object.values(runs ?? {}));
    // They could not begin while the datasets are held.
    if ([...states.values()].some(isOpenState)) return 'wait';
    const scope = await readScope(parts, scopeQuestion(erasure));
    if (!(await takeDatasets(parts, erasure, scope))) return 'wait';
    if (runs === null) {
      await eraseEverywhere(parts, scope, erasing);
      await makeAnew(parts, scope, erasing);
      return 'again';
    }
    await forgetPasts(parts, scope, { ...erasing, runs, states });
    await finish(parts, scope, erasing);
    return 'ended';
  } catch (error) {
    const known = toMeshError(error);
    await parts.database.transact((transaction) => noteError(transaction, erasure.id, publicError(known)));
    throw error;
  }
}

async function eraseEverywhere(parts: Parts, scope: Scope, erasing: Erasing): Promise<void> {
  const { id } = erasing.erasure;
  const tell = (phase: string, done: number, total: number) =>
    parts.database.transact((transaction) => saveProgress(transaction, id, { phase, done, total }));
  await tell('sources', 0, scope.sources.length);
  const sources = await eraseFromSources(parts, scope, erasing);
  await parts.database.transact((transaction) =>
    updateReport(transaction, id, (report) => ({ ...report, sources: together(report.sources, sources) })),
  );
  for (const [index, dataset] of scope.datasets.entries()) {
    await tell('datasets', index, scope.datasets.length);
    await eraseDataset(parts, dataset, erasing);
  }
  await removeLostTables(parts);
}

/** What was rewritten before a server was killed stands in the report already. */
function together(before: SourceReport[], now: SourceReport[]): SourceReport[] {
  const nameOf = ({ source, table, file }: SourceReport) => JSON.stringify([source, table, file]);
  const seen = new Set(now.map(nameOf));
  const done = before.filter((one) => one.outcome === 'rewritten' && !seen.has(nameOf(one)));
  return [...done, ...now];
}

/** Queues the runs of what is made anew, and lets runs begin: they read what is left. */
async function makeAnew(parts: Parts, scope: Scope, { erasure }: Erasing): Promise<void> {
  const at = parts.clock.now();
  const { report } = await needErasure(parts.database.reader, erasure.id);
  const datasets = scope.datasets.filter((dataset) => isMadeAnew(dataset, report));
  await parts.database.transact(async (transaction) => {
    await releaseHolds(transaction, erasure.id);
    const runs = await startRebuild(parts, transaction, { datasets, roundId: newId('rnd'), at });
    await updateReport(transaction, erasure.id, (before) => ({ ...before, runs: Object.fromEntries(runs) }));
    await saveProgress(transaction, erasure.id, { phase: 'making anew', done: 0, total: runs.size });
  });
}

/** What only counts or sums up is made anew where something to count is gone. */
function isMadeAnew(dataset: ScopedDataset, report: ErasureReport | null): boolean {
  if (dataset.sql === null) return false;
  const { outcome } = untouched(dataset);
  const isLess =
    report?.datasets.some((one) => one.outcome === 'erased') === true ||
    report?.sources.some((one) => one.outcome === 'rewritten') === true;
  return outcome === 'rebuilt' || (outcome === 'recomputed' && isLess);
}

interface Made extends Erasing {
  /** Ids of the runs that made datasets anew, and what they came to. */
  runs: Record<string, string>;
  states: Map<string, string>;
}

/** The past of what was made anew goes; what could not be made anew is told of. */
async function forgetPasts(parts: Parts, scope: Scope, { runs, states, ...erasing }: Made): Promise<void> {
  const { id } = erasing.erasure;
  for (const dataset of scope.datasets) {
    const entry = untouched(dataset);
    if (entry.outcome !== 'rebuilt') continue;
    const state = states.get(runs[dataset.id] ?? '') ?? 'not there';
    if (state === 'released') {
      await forgetBefore(parts, dataset, erasing);
      continue;
    }
    const reason = `${entry.reason}; its run ${runs[dataset.id] ?? ''} is ${state}`;
    await parts.database.transact((transaction) =>
      updateReport(transaction, id, (before) =>
        withDataset(before, { ...entry, outcome: 'not-followed', reason }),
      ),
    );
  }
}

async function finish(parts: Parts, scope: Scope, erasing: Erasing): Promise<void> {
  const { erasure, values } = erasing;
  const { id } = erasure;
  const tell = (phase: string) =>
    parts.database.transact((transaction) => saveProgress(transaction, id, { phase, done: 0, total: 1 }));
  await tell('records');
  const telling = tellingValues(values);
  const records = await eraseRecords(parts, telling);
  await tell('proof');
  const proof = await proveErasure(parts, { scope, ...erasing });
  const left = await findRecords(parts, telling);
  const { report: before } = await needErasure(parts.database.reader, id);
  const { notLookedInto } = scope;
  const remains = [...before!.remains, ...left];
  const report: ErasureReport = { ...before!, records, proof, remains, notLookedInto };
  const whole = { ...report, complete: isComplete(report) };
  const at = parts.clock.now();
  await parts.database.transact(async (transaction) => {
    if (!(await markErasureEnded(transaction, { id, state: 'done', report: whole, at }))) return;
    await insertChange(transaction, {
      ...{ at, actor: erasure.requested_by, door: 'job', requestId: id, action: 'subject.erased' },
      object: id,
      domainId: erasure.domain_id,
      allowed: true,
      reasons: [erasure.reason],
      facts: {
        ...{ target: erasure.target, subject: erasure.subject, hash: erasure.subject_hash },
        complete: whole.complete,
        datasets: whole.datasets.map(({ dataset, outcome, rows }) => ({ dataset, outcome, rows })),
        notLookedInto: notLookedInto.length,
        remains: whole.remains.length + whole.sources.filter(({ outcome }) => outcome === 'remains').length,
      },
    });
  });
}
