import { MeshError } from '../../base/errors.ts';
import type { Parts } from '../../identity/context.ts';
import { lockDatasets } from '../../products/runs/store.ts';
import type { Transaction } from '../../store/database.ts';
import { markEnded } from '../store.ts';
import { isTriggered } from './is-triggered.ts';
import { judgeStep } from './judge-step.ts';
import { listNeeded, listWaiting, markQueued, readDownstream, type WaitingStep } from './store.ts';

/**
 * After runs have ended, in the same transaction: the steps that waited for them start, go on waiting, or are
 * skipped, and so on behind those.
 */
export async function settleSteps(parts: Parts, transaction: Transaction, runIds: string[]): Promise<void> {
  const ended = [...runIds];
  for (let runId = ended.shift(); runId !== undefined; runId = ended.shift()) {
    ended.push(...(await settleAll(parts, transaction, await listWaiting(transaction, runId))));
  }
}

/** Steps whose runs before them are gone with their datasets: nobody's end would ever start them. */
export async function settleForgotten(parts: Parts): Promise<void> {
  const { database } = parts;
  if ((await listWaiting(database.reader, null)).length === 0) return;
  await database.transact(async (transaction) =>
    settleSteps(
      parts,
      transaction,
      await settleAll(parts, transaction, await listWaiting(transaction, null)),
    ),
  );
}

/** Returns the ids of those that were skipped. */
async function settleAll(parts: Parts, transaction: Transaction, steps: WaitingStep[]): Promise<string[]> {
  // Two runs before the same step may end at once: whoever comes second sees that the first has ended.
  await lockDatasets(
    transaction,
    steps.map(({ datasetId }) => datasetId),
  );
  const skipped: string[] = [];
  for (const step of steps) if (await settleOne(parts, transaction, step)) skipped.push(step.id);
  return skipped;
}

/** True when the step was skipped. */
async function settleOne(parts: Parts, transaction: Transaction, step: WaitingStep): Promise<boolean> {
  const { starts, datasetId } = step;
  const triggered = starts === 'triggered' ? await hasTrigger(transaction, datasetId) : starts === 'ended';
  const verdict = judgeStep(
    await listNeeded(transaction, step.id),
    starts === 'released' ? undefined : triggered,
  );
  if (verdict.kind === 'wait') return false;
  if (verdict.kind === 'start') {
    if (await markQueued(transaction, step.id))
      await parts.queue.enqueue(transaction, { kind: 'run-pipeline', data: { runId: step.id } });
    return false;
  }
  const error = new MeshError('pipeline.skipped', {
    facts: { dataset: step.dataset, reason: verdict.reason },
  });
  const { code, message, fix, problems } = error;
  return markEnded(transaction, {
    id: step.id,
    state: 'skipped',
    at: parts.clock.now(),
    error: { code, message, fix, problems },
  });
}

async function hasTrigger(transaction: Transaction, datasetId: string): Promise<boolean> {
  const [dataset] = await readDownstream(transaction, [datasetId]);
  return dataset !== undefined && isTriggered(dataset.triggers, dataset.inputs, dataset.unread);
}
