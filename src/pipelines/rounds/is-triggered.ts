import type { Trigger } from '../read-trigger.ts';

/** A dataset that a pipeline reads. */
export interface NamedInput {
  id: string;
  /** `domain.product.dataset` as it was when the pipeline was applied. */
  name: string;
  /** The same as it is told now: an older major has its number. */
  addressed: string;
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
    const counted = inputs.filter((input) => datasets?.some((name) => isNamed(name, input.name)) ?? true);
    if (of === 'any') return counted.some(({ id }) => unread.has(id));
    // An input that is gone, or was never there, can have no release: then not all have one.
    const isThere = (name: string) => counted.some((input) => isNamed(name, input.name));
    return counted.length > 0 && counted.every(({ id }) => unread.has(id)) && (datasets ?? []).every(isThere);
  });
}

/** A trigger without a major's number means the major that the pipeline reads, as its SQL does. */
export function isNamed(written: string, input: string): boolean {
  return written === input || written === input.replace(/@\d+/, '');
}
