import { z } from 'zod';
import { recordChange, ruledBy } from '../../audit/record-change.ts';
import { MeshError } from '../../base/errors.ts';
import { type Context, operation } from '../../identity/context.ts';
import { orderSteps } from '../../products/runs/order-steps.ts';
import { startRuns } from '../../products/runs/start-runs.ts';
import { listOpenRuns, lockWithInputs, OPEN_STATES, readInputsOf } from '../../products/runs/store.ts';
import type { Transaction } from '../../store/database.ts';
import { resumeBackfill } from '../backfills/resume-backfill.ts';
import { authorizeGroup } from './authorize-group.ts';
import { latestSteps } from './latest-steps.ts';
import { listSteps, type RunGroup } from './store.ts';

const DONE: string[] = ['released', ...OPEN_STATES];

export const resumeRun = operation({
  name: 'run.resume',
  summary:
    'Go on with a run or a group of runs from the steps that failed, were cancelled or left out; what is done is not done again.',
  effect: 'write',
  http: { method: 'POST', path: '/runs/:id/resume' },
  scope: 'write',
  input: z.object({ id: z.string().describe('a run, or a group of runs') }),
  output: z.object({
    group: z.string(),
    runs: z.array(z.object({ id: z.string(), dataset: z.string() })),
  }),
  async run(context, input) {
    const { group, granted } = await authorizeGroup(context, input.id);
    return context.database.transact(async (transaction) => {
      const runs = await resume(context, transaction, group);
      if (runs.length === 0) throw new MeshError('pipeline.nothing-to-resume', { facts: { run: input.id } });
      await recordChange(context, transaction, {
        action: 'run.resume',
        object: group.id,
        domainId: group.domainId,
        ...ruledBy(granted),
        facts: { runs: runs.map(({ id }) => id) },
      });
      return { group: group.id, runs };
    });
  },
});

/** New runs for the steps that did not release, each after those it reads. */
async function resume(
  context: Context,
  transaction: Transaction,
  group: RunGroup,
): Promise<{ id: string; dataset: string }[]> {
  const { id, roundId, productId } = group;
  const before = await listSteps(transaction, id);
  await lockWithInputs(
    transaction,
    before.map(({ datasetId }) => datasetId),
  );
  const steps = latestSteps(await listSteps(transaction, id));
  const left = steps.filter(({ state, sql }) => !DONE.includes(state) && sql !== null);
  if (steps.some(({ backfillValue }) => backfillValue !== null)) {
    const open = steps.filter(({ state }) => OPEN_STATES.some((one) => one === state));
    return resumeBackfill(context, transaction, { group, open, again: left });
  }
  const again = new Map(left.map((step) => [step.datasetId, step]));
  const inputs = await readInputsOf(transaction, again.keys());
  const open = await listOpenRuns(transaction, { roundId });
  const started = await startRuns(context, transaction, {
    roundId,
    requestedBy: context.caller.id,
    starts: 'released',
    at: context.clock.now(),
    steps: orderSteps(again.keys(), inputs).map((step) => ({
      ...step,
      productId,
      trigger: 'resumed',
      parameters: again.get(step.datasetId)!.parameters,
      needs: open.filter((run) => inputs.get(step.datasetId)?.includes(run.datasetId)).map((run) => run.id),
    })),
  });
  return [...started].map(([datasetId, runId]) => ({ id: runId, dataset: again.get(datasetId)!.dataset }));
}
