import { z } from 'zod';
import { isoTime } from '../../base/clock.ts';
import { operation } from '../../identity/context.ts';
import type { Reader } from '../../store/database.ts';
import { RUN_STATES } from '../run-states.ts';
import { authorizeGroup } from './authorize-group.ts';
import { latestSteps } from './latest-steps.ts';
import { listSteps, readNeeds, type RunGroup } from './store.ts';

export const STEP_VIEW = z.object({
  id: z.string(),
  dataset: z.string(),
  value: z.string().nullable().describe('of a backfill: the value of its parameter'),
  state: z.enum(RUN_STATES),
  attempt: z.number(),
  rows: z.number().nullable(),
  queuedAt: z.string(),
  startedAt: z.string().nullable(),
  finishedAt: z.string().nullable(),
  needs: z.array(z.string()).describe('datasets whose runs come before it'),
  waitsFor: z.string().nullable().describe('why it does not run yet'),
  message: z.string().nullable().describe('why it did not release'),
});

export const GROUP_VIEW = z.object({
  id: z.string(),
  product: z.string(),
  trigger: z.string(),
  requestedBy: z.string(),
  createdAt: z.string(),
  state: z.enum(RUN_STATES).describe('of the whole group'),
  steps: z.array(STEP_VIEW),
});

export const getRunGroup = operation({
  name: 'run.get-group',
  summary: 'A group of runs with the state of each step, by its id or by that of one of its runs.',
  effect: 'read',
  http: { method: 'GET', path: '/run-groups/:id' },
  scope: 'read',
  input: z.object({ id: z.string() }),
  output: GROUP_VIEW,
  async run(context, input) {
    const { group } = await authorizeGroup(context, input.id);
    return viewGroup(context.database.reader, group);
  },
});

export async function viewGroup(reader: Reader, group: RunGroup): Promise<z.output<typeof GROUP_VIEW>> {
  const needs = Map.groupBy(await readNeeds(reader, group.id), ({ runId }) => runId);
  const steps = latestSteps(await listSteps(reader, group.id)).map((step) => {
    const needed = needs.get(step.id) ?? [];
    const open = needed.filter(({ state }) => state !== null && OPEN.includes(state));
    return {
      id: step.id,
      dataset: step.dataset,
      value: step.backfillValue,
      state: step.state,
      attempt: step.attempt,
      rows: step.rows,
      queuedAt: isoTime(step.queuedAt),
      startedAt: step.startedAt === null ? null : isoTime(step.startedAt),
      finishedAt: step.finishedAt === null ? null : isoTime(step.finishedAt),
      needs: needed.flatMap(({ dataset }) => dataset ?? []),
      waitsFor: waitsFor(
        step,
        open.flatMap(({ dataset }) => dataset ?? []),
      ),
      message: (step.error as { message?: string } | null)?.message ?? null,
    };
  });
  return {
    id: group.id,
    product: group.addressed,
    trigger: group.trigger,
    requestedBy: group.requestedBy,
    createdAt: isoTime(group.createdAt),
    state: stateOf(steps.map(({ state }) => state)),
    steps,
  };
}

type State = (typeof RUN_STATES)[number];
const OPEN: State[] = ['waiting', 'queued', 'running'];

/** Why a run has not begun, in words; null when it has. */
export function waitsFor(run: { state: State; heldBy: string | null }, open: string[]): string | null {
  if (run.state === 'waiting') return `the run of ${open.join(', ') || 'what it reads'}`;
  if (run.state === 'queued') return run.heldBy ?? 'a server with a free place';
  return null;
}

/** The worst that became of a step; while one is under way, that. */
const WEIGHT: State[] = [
  'running',
  'queued',
  'waiting',
  'failed',
  'blocked',
  'cancelled',
  'skipped',
  'released',
];

function stateOf(states: State[]): State {
  return WEIGHT.find((state) => states.includes(state)) ?? 'released';
}
