import type { Parts } from '../../identity/context.ts';
import type { Transaction } from '../../store/database.ts';
import type { StepStart } from '../../store/schema.ts';
import { insertRun, saveGroup } from './store.ts';

export interface StepToStart {
  datasetId: string;
  productId: string;
  trigger: string;
  /** Datasets of earlier steps of the same start. */
  after: string[];
  /** Runs that are there already and come before it. */
  needs: string[];
  /** The tick of the schedule that started it. */
  scheduledFor?: Date;
  /** Values given for its parameters. */
  parameters?: Record<string, string | null>;
  /** Of a backfill: the value of its parameter. */
  backfillValue?: string;
}

export interface RunsToStart {
  /** Ties together the groups of what is started now and of what that starts. */
  roundId: string;
  requestedBy: string;
  starts: StepStart;
  at: Date;
  /** Each after those it names. */
  steps: StepToStart[];
}

/**
 * Writes steps and queues those that wait for nothing, in the caller's transaction and under its locks.
 * @returns ids of the runs by dataset
 */
export async function startRuns(
  { queue }: Pick<Parts, 'queue'>,
  transaction: Transaction,
  { roundId, requestedBy, starts, at, steps }: RunsToStart,
): Promise<Map<string, string>> {
  const groups = new Map<string, string>();
  const runs = new Map<string, string>();
  for (const step of steps) {
    const { productId, trigger, datasetId } = step;
    const group =
      groups.get(productId) ??
      (await saveGroup(transaction, { roundId, productId, trigger, requestedBy, at }));
    groups.set(productId, group);
    const before = step.after.flatMap((id) => runs.get(id) ?? []);
    const needs = [...new Set([...before, ...step.needs])];
    const runId = await insertRun(transaction, {
      datasetId,
      groupId: group,
      trigger,
      requestedBy,
      starts,
      needs,
      scheduledFor: step.scheduledFor ?? null,
      parameters: step.parameters ?? {},
      backfillValue: step.backfillValue ?? null,
      at,
    });
    if (needs.length === 0) await queue.enqueue(transaction, { kind: 'run-pipeline', data: { runId } });
    runs.set(datasetId, runId);
  }
  return runs;
}
