import { z } from 'zod';
import { operation } from '../../identity/context.ts';
import { readingOf, stepFor } from './bookmark.ts';
import { BOOKMARK_INPUT, BOOKMARK_PATH, readTarget } from './read-target.ts';
import { countReadFiles, listSteps, readBookmark } from './store.ts';

const MOST_STEPS = 50;

export const showBookmark = operation({
  name: 'bookmark.show',
  summary: 'How far a pipeline has read, what its next run will read, and the runs it can go back to.',
  effect: 'read',
  http: { method: 'GET', path: BOOKMARK_PATH },
  scope: 'read',
  input: BOOKMARK_INPUT,
  output: z.object({
    dataset: z.string(),
    reading: z.string().nullable().describe('the `incremental` setting'),
    paused: z.boolean(),
    next: z.enum(['everything', 'new', 'restored']).describe('what the next run reads or goes back to'),
    files: z.number().describe('files that were read'),
    steps: z.array(z.object({ run: z.string(), release: z.number(), value: z.string().nullable() })),
  }),
  async run(context, input) {
    const { datasetId, name, settings } = await readTarget(context, input);
    const { reader } = context.database;
    const bookmark = await readBookmark(reader, datasetId);
    const { incremental } = settings;
    const step = incremental === null ? null : stepFor(bookmark, incremental);
    const steps = step === null ? [] : await listSteps(reader, datasetId, MOST_STEPS);
    return {
      dataset: name,
      reading: incremental === null ? null : readingOf(incremental),
      paused: bookmark.paused,
      next:
        step === null
          ? ('everything' as const)
          : bookmark.next === 'restore'
            ? ('restored' as const)
            : ('new' as const),
      files: step === null ? 0 : await countReadFiles(reader, datasetId),
      steps: steps.map(({ runId, release, value }) => ({ run: runId, release, value })),
    };
  },
});
