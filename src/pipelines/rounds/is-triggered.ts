import type { Trigger } from '../read-trigger.ts';

/** A dataset that a pipeline reads, with its name `domain.product.dataset`. */
export interface NamedInput {
  id: string;
  name: string;
}

/** Whether releases that no run has read yet (`unread`, ids of inputs) start a run. */
export function isTriggered(
  triggers: readonly Trigger[],
  inputs: readonly NamedInput[],
  unread: ReadonlySet<string>,
): boolean {
  return triggers.some((trigger) => {
    if (trigger.kind !== 'release') return false;
    const { datasets, of } = trigger;
    const counted = datasets === null ? inputs : inputs.filter(({ name }) => datasets.includes(name));
    if (of === 'any') return counted.some(({ id }) => unread.has(id));
    // An input that is gone, or was never there, can have no release: then not all have one.
    const wanted = datasets === null ? counted.length : datasets.length;
    return wanted > 0 && counted.length === wanted && counted.every(({ id }) => unread.has(id));
  });
}
