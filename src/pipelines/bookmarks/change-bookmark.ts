import { z } from 'zod';
import { recordChange, ruledBy } from '../../audit/record-change.ts';
import { MeshError } from '../../base/errors.ts';
import type { Context } from '../../identity/context.ts';
import { operation } from '../../identity/context.ts';
import type { Transaction } from '../../store/database.ts';
import { BOOKMARK_INPUT, BOOKMARK_PATH, type BookmarkTarget, readTarget } from './read-target.ts';
import {
  type BookmarkChange,
  changeBookmark,
  deleteSteps,
  findReleaseSnapshot,
  listSteps,
  lockBookmark,
} from './store.ts';

const OUTPUT = z.object({ dataset: z.string() });

/** Moves or holds a bookmark under its lock; a run under way that read from it is not released. */
async function change(
  context: Context,
  target: BookmarkTarget,
  { action, facts = {}, work }: Change,
): Promise<z.output<typeof OUTPUT>> {
  const at = context.clock.now();
  const { datasetId, domainId, name, granted } = target;
  await context.database.transact(async (transaction) => {
    await lockBookmark(transaction, datasetId, at);
    await changeBookmark(transaction, { datasetId, at, ...(await work(transaction)) });
    await recordChange(context, transaction, {
      action,
      object: datasetId,
      domainId,
      ...ruledBy(granted),
      facts: { dataset: name, ...facts },
    });
  });
  return { dataset: name };
}

interface Change {
  action: string;
  facts?: Record<string, unknown>;
  work(transaction: Transaction): Promise<Pick<BookmarkChange, 'paused' | 'next'>>;
}

function needIncremental({ name, settings }: BookmarkTarget): void {
  if (settings.incremental !== null) return;
  const reason = 'its pipeline reads everything each time';
  throw new MeshError('pipeline.bookmark-none', { facts: { dataset: name, reason } });
}

export const pauseBookmark = operation({
  name: 'bookmark.pause',
  summary:
    'Hold a bookmark where it is: runs read from it and do not move it; those that append are refused.',
  effect: 'write',
  http: { method: 'POST', path: `${BOOKMARK_PATH}/pause` },
  scope: 'write',
  input: BOOKMARK_INPUT,
  output: OUTPUT,
  async run(context, input) {
    const target = await readTarget(context, input);
    needIncremental(target);
    return change(context, target, { action: 'bookmark.pause', work: async () => ({ paused: true }) });
  },
});

export const resumeBookmark = operation({
  name: 'bookmark.resume',
  summary: 'Let runs move a paused bookmark again.',
  effect: 'write',
  http: { method: 'POST', path: `${BOOKMARK_PATH}/resume` },
  scope: 'write',
  input: BOOKMARK_INPUT,
  output: OUTPUT,
  async run(context, input) {
    const target = await readTarget(context, input);
    needIncremental(target);
    return change(context, target, { action: 'bookmark.resume', work: async () => ({ paused: false }) });
  },
});

export const resetBookmark = operation({
  name: 'bookmark.reset',
  summary: 'The next run reads everything, and its rows take the place of all rows.',
  effect: 'write',
  http: { method: 'POST', path: `${BOOKMARK_PATH}/reset` },
  scope: 'write',
  input: BOOKMARK_INPUT,
  output: OUTPUT,
  async run(context, input) {
    const target = await readTarget(context, input);
    const work = async (transaction: Transaction) => {
      await deleteSteps(transaction, target.datasetId);
      return { next: 'rebuild' as const };
    };
    return change(context, target, { action: 'bookmark.reset', work });
  },
});

export const rewindBookmark = operation({
  name: 'bookmark.rewind',
  summary: 'Go back to a run: the next one builds on the rows that it released and reads on from there.',
  effect: 'write',
  http: { method: 'POST', path: `${BOOKMARK_PATH}/rewind` },
  scope: 'write',
  input: BOOKMARK_INPUT.extend({ to: z.string().describe('id of a run that `bookmark.show` lists') }),
  output: OUTPUT,
  async run(context, input) {
    const target = await readTarget(context, input);
    needIncremental(target);
    const { datasetId, name } = target;
    const refuse = (reason: string) =>
      new MeshError('pipeline.bookmark-step', { facts: { run: input.to, dataset: name, reason } });
    const work = async (transaction: Transaction) => {
      const steps = await listSteps(transaction, datasetId, Number.MAX_SAFE_INTEGER);
      const step = steps.find(({ runId }) => runId === input.to);
      if (step === undefined) throw refuse('it released nothing, or a reset or rewind has left it behind');
      const snapshot = await findReleaseSnapshot(transaction, datasetId, step.release);
      if (snapshot === undefined) throw refuse('its release is gone');
      await deleteSteps(transaction, datasetId, step.release);
      return { next: 'restore' as const };
    };
    return change(context, target, { action: 'bookmark.rewind', facts: { to: input.to }, work });
  },
});
