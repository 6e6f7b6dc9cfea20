import { z } from 'zod';
import { isoTime } from '../base/clock.ts';
import { operation } from '../identity/context.ts';
import { PHASES } from './diary-facts.ts';
import { authorizeGroup } from './groups/authorize-group.ts';
import { GROUP_VIEW, viewGroup } from './groups/get-group.ts';
import { plansOfRuns, RUN_VIEW, viewRun } from './run-view.ts';
import { readRunRow } from './store.ts';

const FACTS = RUN_VIEW.extend({
  requestedBy: z.string(),
  attempt: z.number().describe('from 1'),
  scheduledFor: z.string().nullable().describe('the moment of the schedule that started it'),
  release: z.number().nullable().describe('the release it made'),
  durationMs: z.number().nullable(),
  waitsFor: z.string().nullable().describe('why it does not run yet'),
  phases: z.array(
    z.object({
      name: z.enum(PHASES),
      attempt: z.number(),
      startedAt: z.string(),
      finishedAt: z.string().nullable(),
    }),
  ),
  log: z.array(z.object({ at: z.string(), text: z.string() })),
  group: GROUP_VIEW.describe('the steps nearest to this one, where there are many'),
  stepsLeftOut: z.number(),
});

export const getRun = operation({
  name: 'run.get',
  summary:
    'Everything about one run: what it read, wrote and checked, how long each phase took, its log, and its group.',
  effect: 'read',
  http: { method: 'GET', path: '/runs/:id' },
  scope: 'read',
  input: z.object({ id: z.string() }),
  output: FACTS,
  async run(context, input) {
    const { group } = await authorizeGroup(context, input.id, 'run');
    const { reader } = context.database;
    const row = await readRunRow(reader, input.id);
    const plans = await plansOfRuns(context, [row.dataset_id]);
    const seen = await viewGroup(reader, group);
    const steps = nearest(seen.steps, row.id);
    return {
      ...viewRun(row, plans.get(row.dataset_id) ?? null),
      requestedBy: row.requested_by,
      attempt: row.attempt,
      scheduledFor: row.scheduled_for === null ? null : isoTime(row.scheduled_for),
      release: row.release,
      durationMs:
        row.started_at === null || row.finished_at === null
          ? null
          : row.finished_at.getTime() - row.started_at.getTime(),
      waitsFor: steps.find(({ id }) => id === row.id)?.waitsFor ?? null,
      phases: row.phases as z.output<typeof FACTS>['phases'],
      log: row.log as z.output<typeof FACTS>['log'],
      group: { ...seen, steps },
      stepsLeftOut: seen.steps.length - steps.length,
    };
  },
});

/** A backfill has as many steps as values; a page of one run shows those around it. */
const MOST_STEPS = 100;

function nearest<Step extends { id: string }>(steps: Step[], id: string): Step[] {
  const at = steps.findIndex((step) => step.id === id);
  const first = Math.max(0, Math.min(at - MOST_STEPS / 2, steps.length - MOST_STEPS));
  return steps.slice(first, first + MOST_STEPS);
}
