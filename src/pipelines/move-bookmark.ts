import { MeshError } from '../base/errors.ts';
import type { Transaction } from '../store/database.ts';
import type { Advance } from './bookmarks/bookmark.ts';
import { changeBookmark, deleteSteps, insertStep, lockBookmark } from './bookmarks/store.ts';
import type { ReadingPlan } from './plan-reading.ts';
import type { PipelineRun } from './store.ts';

export interface BookmarkMove {
  run: PipelineRun;
  plan: ReadingPlan;
  /** Null for a pipeline that reads everything each time. */
  advance: Advance | null;
  release: number;
  at: Date;
}

/**
 * Moves the bookmark in the transaction of the release: both happen, or neither.
 * @throws MeshError `pipeline.bookmark-moved` when it is not where the run began
 */
export async function moveBookmark(transaction: Transaction, move: BookmarkMove): Promise<void> {
  const { run, plan, advance, release, at } = move;
  const { datasetId } = run;
  // It read what its parameter says, and not from the bookmark.
  if (run.backfillValue !== null) return;
  const now = await lockBookmark(transaction, datasetId, at);
  if (now.version !== plan.bookmark.version)
    throw new MeshError('pipeline.bookmark-moved', { facts: { dataset: run.dataset } });
  if (advance === null && now.step === null && now.next === 'continue') return;
  // What was read before is in none of the rows any more, or not as a bookmark has it.
  if (plan.rebuild || advance === null) await deleteSteps(transaction, datasetId);
  if (now.paused && advance !== null) return;
  if (advance !== null) await insertStep(transaction, { ...advance, datasetId, release, runId: run.id });
  await changeBookmark(transaction, { datasetId, next: 'continue', at });
}
