import { orderSteps } from '../../products/runs/order-steps.ts';
import type { StepToStart } from '../../products/runs/start-runs.ts';
import type { OpenRun } from '../../products/runs/store.ts';
import type { Trigger } from '../read-trigger.ts';
import { isTriggered, type NamedInput } from './is-triggered.ts';

/** A dataset that reads what was released, itself or through others. */
export interface Downstream {
  id: string;
  productId: string;
  triggers: Trigger[];
  inputs: NamedInput[];
  /** Inputs with releases that no run has read yet. */
  unread: Set<string>;
}

export interface RoundFacts {
  released: string;
  roundId: string;
  downstream: Downstream[];
  /** Runs that have not ended: of these datasets and of their inputs. */
  open: OpenRun[];
}

/**
 * The runs that a release starts, now and later: whatever reads it, whatever reads that, each once and after
 * everything it reads of the same round. A dataset whose run waits or is queued will read the release anyway.
 * What read itself through others would run for ever: it has no order and is never started by a release.
 */
export function planRound({ released, roundId, downstream, open }: RoundFacts): StepToStart[] {
  const byId = new Map(downstream.map((one) => [one.id, one]));
  const inputsOf = new Map([...byId].map(([id, { inputs }]) => [id, inputs.map((input) => input.id)]));
  const fresh = new Set([released]);
  const planned = new Map<string, StepToStart>();
  for (const { datasetId } of orderSteps(byId.keys(), inputsOf)) {
    const dataset = byId.get(datasetId)!;
    const reached = dataset.inputs.filter(({ id }) => fresh.has(id));
    if (reached.length === 0) continue;
    if (open.some((run) => run.datasetId === datasetId && run.state !== 'running' && !run.isBackfill)) {
      fresh.add(datasetId);
      continue;
    }
    const unread = dataset.unread.union(new Set(reached.map(({ id }) => id)));
    if (!isTriggered(dataset.triggers, dataset.inputs, unread)) continue;
    fresh.add(datasetId);
    const counts = (run: OpenRun) =>
      !planned.has(run.datasetId) &&
      (run.roundId === roundId || (run.state !== 'running' && !run.isBackfill && fresh.has(run.datasetId)));
    planned.set(datasetId, {
      datasetId,
      productId: dataset.productId,
      trigger: triggerText(reached),
      after: dataset.inputs.map(({ id }) => id).filter((id) => planned.has(id)),
      needs: open
        .filter((run) => counts(run) && dataset.inputs.some(({ id }) => id === run.datasetId))
        .map(({ id }) => id),
    });
  }
  return [...planned.values()];
}

const MOST_NAMED = 3;

function triggerText(reached: NamedInput[]): string {
  const names = reached.map(({ addressed }) => addressed).sort();
  const more = names.length > MOST_NAMED ? `, and ${names.length - MOST_NAMED} more` : '';
  return `release of ${names.slice(0, MOST_NAMED).join(', ')}${more}`;
}
