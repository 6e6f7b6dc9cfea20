import { newId } from '../../base/ids.ts';
import type { Parts } from '../../identity/context.ts';
import { orderSteps } from '../../products/runs/order-steps.ts';
import { startRuns } from '../../products/runs/start-runs.ts';
import { lockWithInputs, readInputsOf } from '../../products/runs/store.ts';
import type { Transaction } from '../../store/database.ts';
import { lastTick, nextTick } from '../cron-schedule.ts';
import { listDueSchedules, listRunnable, type Schedule, setNextTick } from './store.ts';

/** Bounds a transaction at midnight, when the schedules of a whole mesh come together. */
const MOST_AT_ONCE = 1_000;

/**
 * Starts what a schedule says, as one round: of what is due together, whoever reads another runs after it,
 * whatever becomes of that. Ticks that passed while no server ran are one run; several servers that look at
 * once start it once. Returns how many runs.
 */
export async function startScheduledRuns(parts: Parts): Promise<number> {
  let runs = 0;
  for (;;) {
    const now = parts.clock.now();
    const found = await listDueSchedules(parts.database.reader, { now, limit: MOST_AT_ONCE });
    if (found.length === 0) return runs;
    const ids = [...new Set(found.map(({ datasetId }) => datasetId))];
    runs += await parts.database.transact((transaction) => startDue(parts, transaction, { ids, now }));
  }
}

async function startDue(
  parts: Parts,
  transaction: Transaction,
  { ids, now }: { ids: string[]; now: Date },
): Promise<number> {
  await lockWithInputs(transaction, ids);
  const due = await listDueSchedules(transaction, { now, limit: MOST_AT_ONCE, datasetIds: ids });
  const ticks = new Map<string, Tick>();
  for (const schedule of due) {
    const tick = tickOf(schedule, now);
    await setNextTick(transaction, schedule, nextTick(schedule, now));
    const other = ticks.get(schedule.datasetId);
    if (other === undefined || other.at < tick.at) ticks.set(schedule.datasetId, tick);
  }
  const runnable = await listRunnable(transaction, ticks);
  const inputs = await readInputsOf(transaction, runnable.keys());
  const steps = orderSteps(runnable.keys(), inputs).map((step) => {
    const { at, trigger } = ticks.get(step.datasetId)!;
    return { ...step, productId: runnable.get(step.datasetId)!, trigger, needs: [], scheduledFor: at };
  });
  const round = { roundId: newId('rnd'), requestedBy: 'crossdock', starts: 'ended' as const, at: now, steps };
  return (await startRuns(parts, transaction, round)).size;
}

interface Tick {
  at: Date;
  trigger: string;
}

/** The last moment of the schedule until now: those before it have passed, and nobody needs them any more. */
function tickOf(schedule: Schedule, now: Date): Tick {
  const last = lastTick(schedule, now);
  const at = last > schedule.nextAt ? last : schedule.nextAt;
  return { at, trigger: `schedule "${schedule.expression}" in ${schedule.zone}` };
}
