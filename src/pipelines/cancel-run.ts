import { z } from 'zod';
import { recordChange, ruledBy } from '../audit/record-change.ts';
import { type Context, operation } from '../identity/context.ts';
import { recordRunEvent } from '../lineage/openlineage/record-run-event.ts';
import { lockDownstream, OPEN_STATES } from '../products/runs/store.ts';
import type { Transaction } from '../store/database.ts';
import { authorizeGroup } from './groups/authorize-group.ts';
import { listSteps, type StepRow } from './groups/store.ts';
import { settleSteps } from './rounds/settle-steps.ts';
import { markCancelRequested, markEnded } from './store.ts';

export const cancelRun = operation({
  name: 'run.cancel',
  summary:
    'Cancel a run or a whole group: what waits ends at once, what runs within seconds; nothing of it is released.',
  effect: 'write',
  http: { method: 'POST', path: '/runs/:id/cancel' },
  scope: 'write',
  input: z.object({ id: z.string().describe('a run, or a group of runs') }),
  output: z.object({ id: z.string(), cancelRequested: z.literal(true), runs: z.array(z.string()) }),
  async run(context, input) {
    const { group, granted } = await authorizeGroup(context, input.id);
    const runs = await context.database.transact(async (transaction) => {
      const steps = await openSteps(transaction, group.id, input.id);
      await cancel(context, transaction, steps);
      await recordChange(context, transaction, {
        action: 'run.cancel',
        object: input.id,
        domainId: group.domainId,
        ...ruledBy(granted),
      });
      return steps.map(({ id }) => id);
    });
    return { id: input.id, cancelRequested: true as const, runs };
  },
});

/** The run of this id, or every one of the group, under the locks of what their end may start. */
async function openSteps(transaction: Transaction, groupId: string, id: string): Promise<StepRow[]> {
  const all = await listSteps(transaction, groupId);
  await lockDownstream(
    transaction,
    all.map(({ datasetId }) => datasetId),
  );
  const isOpen = ({ state }: StepRow) => OPEN_STATES.some((open) => open === state);
  const steps = (await listSteps(transaction, groupId)).filter(isOpen);
  return id === groupId ? steps : steps.filter((step) => step.id === id);
}

async function cancel(context: Context, transaction: Transaction, steps: StepRow[]): Promise<void> {
  const ended: string[] = [];
  const at = context.clock.now();
  for (const { id, state } of steps) {
    await markCancelRequested(transaction, id);
    if (state === 'running') continue;
    if (!(await markEnded(transaction, { id, state: 'cancelled', at }))) continue;
    await recordRunEvent(context, transaction, { runId: id, type: 'ABORT', at });
    ended.push(id);
  }
  await settleSteps(context, transaction, ended);
}
