import type { Parts } from '../identity/context.ts';
import { findHold } from './erased-subjects/store.ts';
import { recordRunEvent } from '../lineage/openlineage/record-run-event.ts';
import { lockDatasets } from '../products/runs/store.ts';
import type { Transaction } from '../store/database.ts';
import { countAhead, lockPlaces, markHeld, type QueuedIn } from './places/store.ts';
import { forgetUnread } from './rounds/store.ts';
import { markRunning, type PipelineRun } from './store.ts';

/** Whether a run may begin now. If not: after how many others; null when it has ended meanwhile. */
export type Taking = { taken: true } | { taken: false; after: number | null };

/** Takes a run for execution: a queued one, or one whose server died. Several servers may ask at once. */
export async function takeRun(parts: Parts, transaction: Transaction, run: PipelineRun): Promise<Taking> {
  const at = parts.clock.now();
  // The domain before the dataset, as an apply locks them.
  const places = await lockPlaces(transaction, run.domainId);
  await lockDatasets(transaction, [run.datasetId]);
  const held = run.state === 'queued' ? await findHold(transaction, run.datasetId) : undefined;
  if (held !== undefined) {
    const heldBy = held === 'retention' ? 'rows that expire' : `${held}, which erases a data subject`;
    if (run.heldBy !== heldBy) await markHeld(transaction, { id: run.id, heldBy });
    return { taken: false, after: 1 };
  }
  const after =
    (await queueFor(transaction, run, {
      of: { datasetId: run.datasetId },
      places: 1,
      heldBy: `the run of ${run.dataset} that is under way`,
    })) ??
    (await queueFor(transaction, run, {
      of: { domainId: run.domainId },
      places: places ?? Infinity,
      heldBy: `a place: ${run.domain} runs ${places === 1 ? 'one pipeline' : `${places} pipelines`} at a time`,
    }));
  if (after !== null) return { taken: false, after };
  if (!(await markRunning(transaction, run.id, at))) return { taken: false, after: null };
  // From now on a release of an input is one that this run may not have seen; a backfill does not look for any.
  if (run.backfillValue === null) await forgetUnread(transaction, run.datasetId);
  await recordRunEvent(parts, transaction, { runId: run.id, type: 'START', at, sql: run.sql });
  return { taken: true };
}

interface Places {
  of: QueuedIn;
  places: number;
  heldBy: string;
}

/** How many runs come before this one; null when it may begin. A free place is whose turn it is. */
async function queueFor(
  transaction: Transaction,
  run: PipelineRun,
  { of, places, heldBy }: Places,
): Promise<number | null> {
  if (places === Infinity) return null;
  const { running, queued } = await countAhead(transaction, { of, run, heldBy });
  // A run whose server died has its place already, and shares no dataset with another.
  if (running + queued < places || (run.state === 'running' && 'domainId' in of)) return null;
  if (run.heldBy !== heldBy) await markHeld(transaction, { id: run.id, heldBy });
  return running + queued;
}
