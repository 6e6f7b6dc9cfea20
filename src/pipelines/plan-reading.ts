import { MeshError } from '../base/errors.ts';
import type { Parts } from '../identity/context.ts';
import type { SnapshotId } from '../lake/metadata.ts';
import { type Bookmark, type BookmarkStep, type ReadFile, readingOf, stepFor } from './bookmarks/bookmark.ts';
import { findReleaseSnapshot, listReadFiles, readBookmark } from './bookmarks/store.ts';
import type { Incremental, PipelineSettings } from './pipeline-settings.ts';
import type { PipelineRun } from './store.ts';

/** What a run reads and builds on, decided from the bookmark before anything is read. */
export interface ReadingPlan {
  /** As it was when the run began: the run is released only if it still is. */
  bookmark: Bookmark;
  increment: Increment | null;
  /** Everything is read, and takes the place of all rows. */
  rebuild: boolean;
  /** The snapshot of the release to go back to. */
  rowsOf?: SnapshotId;
}

/** Of one input only what is new is read. */
export interface Increment {
  incremental: Incremental;
  reading: string;
  /** Null: nothing was read yet. */
  step: BookmarkStep | null;
  /** Files that were read, as they were. */
  seen: ReadonlyMap<string, ReadFile>;
  /** Reading a row twice would write it twice. */
  repeats: boolean;
}

/** @throws MeshError `pipeline.bookmark-paused` where reading on without moving the bookmark would repeat rows */
export async function planReading(
  { database: { reader } }: Parts,
  run: PipelineRun,
  { incremental, write }: PipelineSettings,
): Promise<ReadingPlan> {
  const bookmark = await readBookmark(reader, run.datasetId);
  if (run.backfillValue !== null) return { bookmark, increment: null, rebuild: false };
  if (incremental === null) return { bookmark, increment: null, rebuild: bookmark.next === 'rebuild' };
  const repeats = write === 'append';
  if (bookmark.paused && repeats)
    throw new MeshError('pipeline.bookmark-paused', { facts: { dataset: nameOf(run) } });
  const step = stepFor(bookmark, incremental);
  const isFiles = step !== null && incremental.kind === 'files';
  const seen = isFiles ? await listReadFiles(reader, run.datasetId) : new Map<string, ReadFile>();
  const increment = {
    incremental,
    reading: readingOf(incremental),
    step,
    seen,
    repeats: repeats && step !== null,
  };
  const isRestored = step !== null && bookmark.next === 'restore';
  const rowsOf = isRestored ? await findReleaseSnapshot(reader, run.datasetId, step.release) : undefined;
  return { bookmark, increment, rebuild: step === null, ...(rowsOf === undefined ? {} : { rowsOf }) };
}

function nameOf({ domain, product, dataset }: PipelineRun): string {
  return `${domain}.${product}.${dataset}`;
}
