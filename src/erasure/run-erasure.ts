import { toMeshError } from '../base/errors.ts';
import type { Parts } from '../identity/context.ts';
import { openSubjectHash } from '../pipelines/erased-subjects/erasure-key.ts';
import { comparedValue } from '../pipelines/erased-subjects/subject-hash.ts';
import { publicError } from '../pipelines/end-run.ts';
import type { Worker } from '../pipelines/run-statement.ts';
import { insertChange } from '../store/changes.ts';
import { carryOut, type Step } from './carry-out.ts';
import type { ErasureReport, SubjectValues } from './erasure-model.ts';
import { planErasure } from './plan-erasure.ts';
import { readScope, type Scope } from './scope/read-scope.ts';
import {
  type Erasure,
  findErasure,
  insertTombstones,
  isErasureCancelled,
  markCommitted,
  markErasureEnded,
  markState,
  savePlaces,
  saveProgress,
} from './store.ts';
import { scopeQuestion, takeDatasets } from './take-datasets.ts';

/** How often a look is taken whether somebody wants it cancelled. */
const CANCEL_LOOK_MS = 1_000;

/**
 * Goes on with an erasure: plans it, and beyond the point of no return carries it out. Idempotent: what a
 * killed server has done stays done, and the rest follows.
 * @returns whether it waits for runs and has to be gone on with later
 */
export async function runErasure(parts: Parts, erasureId: string, stopping: AbortSignal): Promise<boolean> {
  for (;;) {
    const step = await goOn(parts, erasureId, stopping);
    if (step !== 'again') return step === 'wait';
  }
}

async function goOn(parts: Parts, erasureId: string, stopping: AbortSignal): Promise<Step> {
  const erasure = await findErasure(parts.database.reader, erasureId);
  if (erasure === undefined || erasure.sealed === null || parts.secrets === null) return 'ended';
  const values = JSON.parse(parts.secrets.open(erasure.sealed, erasure.id)) as SubjectValues;
  const { domain } = erasure;
  if (erasure.committed_at !== null)
    return carryOut(parts, { erasure, values, worker: { domain, signal: stopping } });
  const cancel = new AbortController();
  const watch = setInterval(() => void cancelIfAsked(parts, erasureId, cancel), CANCEL_LOOK_MS);
  try {
    const worker = { domain, signal: AbortSignal.any([stopping, cancel.signal]) };
    return await prepare(parts, { erasure, given: values.given, worker });
  } catch (error) {
    // A stopping server gives it back: it is planned again elsewhere.
    if (stopping.aborted) throw error;
    await endFailed(parts, erasure, error);
    return 'ended';
  } finally {
    clearInterval(watch);
  }
}

async function cancelIfAsked(parts: Parts, id: string, cancel: AbortController): Promise<void> {
  if (await isErasureCancelled(parts.database.reader, id).catch(() => false)) cancel.abort();
}

interface Preparing {
  erasure: Erasure;
  given: string;
  worker: Worker;
}

/** Up to the point of no return, or to the end of a dry run. */
async function prepare(parts: Parts, { erasure, given, worker }: Preparing): Promise<Step> {
  const { id, dry_run: isDry } = erasure;
  const scope = await readScope(parts, scopeQuestion(erasure));
  if (!isDry && !(await takeDatasets(parts, erasure, scope))) {
    const isCancelled = await isErasureCancelled(parts.database.reader, id);
    return isCancelled ? cancelled(parts, erasure) : 'wait';
  }
  const isPlanning = await parts.database.transact((transaction) =>
    markState(transaction, { id, from: ['waiting', 'planning'], to: 'planning' }),
  );
  if (!isPlanning) return notGoingOn(parts, erasure);
  const { values, report } = await planErasure(parts, {
    given,
    scope,
    worker,
    onProgress: (done, total) =>
      parts.database.transact((transaction) =>
        saveProgress(transaction, id, { phase: 'planning', done, total }),
      ),
  });
  if (!isDry) return commit(parts, { erasure, scope, values, report });
  await parts.database.transact((transaction) =>
    markErasureEnded(transaction, { id, state: 'planned', report, at: parts.clock.now() }),
  );
  return 'ended';
}

/** It was cancelled, or another server has taken it further. */
async function notGoingOn(parts: Parts, erasure: Erasure): Promise<Step> {
  const isCancelled = await isErasureCancelled(parts.database.reader, erasure.id);
  return isCancelled ? cancelled(parts, erasure) : 'ended';
}

async function cancelled(parts: Parts, { id }: Erasure): Promise<'ended'> {
  await parts.database.transact((transaction) =>
    markErasureEnded(transaction, { id, state: 'cancelled', at: parts.clock.now() }),
  );
  return 'ended';
}

interface Committing {
  erasure: Erasure;
  scope: Scope;
  values: SubjectValues;
  report: ErasureReport;
}

/** The point of no return: from here on the subject does not come in again, and the erasure is carried out. */
async function commit(parts: Parts, { erasure, scope, values, report }: Committing): Promise<Step> {
  const { id, subject, domain_id: domainId } = erasure;
  const at = parts.clock.now();
  const hash = await openSubjectHash(parts);
  const hasKey = scope.datasets.some(
    ({ isStart, match }) => isStart && match.some(({ role }) => role === 'key'),
  );
  const texts = hasKey ? [values.given, ...values.keys] : [values.given];
  const role = hasKey ? 'key' : 'identifier';
  const hashes = [...new Set(texts.map((text) => hash.of(role, comparedValue(text, role))))];
  const sealed = parts.secrets!.seal(JSON.stringify(values), id);
  const committed = await parts.database.transact(async (transaction) => {
    if (!(await markCommitted(transaction, { id, sealed, report, at }))) return false;
    await insertTombstones(transaction, { domainId, subject, hashes, erasureId: id, at });
    await savePlaces(transaction, subject, placesOf(scope));
    await insertChange(transaction, {
      ...{ at, actor: erasure.requested_by, door: 'job', requestId: id, action: 'subject.erase' },
      object: id,
      domainId,
      allowed: true,
      reasons: [erasure.reason],
      facts: { target: erasure.target, subject, hash: erasure.subject_hash, keys: values.keys.length },
    });
    return true;
  });
  return committed ? 'again' : notGoingOn(parts, erasure);
}

function placesOf({ sources }: Scope) {
  return sources.flatMap(({ sourceId, table, columns }) =>
    columns.map(({ column, role }) => ({ sourceId, table, column, role })),
  );
}

async function endFailed(parts: Parts, erasure: Erasure, error: unknown): Promise<void> {
  const { id } = erasure;
  if (await isErasureCancelled(parts.database.reader, id)) return void (await cancelled(parts, erasure));
  const known = toMeshError(error);
  if (known.status >= 500)
    parts.log.error({ erasure: id, err: error, detail: known.detail }, 'erasure failed');
  await parts.database.transact((transaction) =>
    markErasureEnded(transaction, { id, state: 'failed', error: publicError(known), at: parts.clock.now() }),
  );
}
