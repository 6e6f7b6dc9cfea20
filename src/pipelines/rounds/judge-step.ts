import type { RunState } from '../../store/schema.ts';

export interface NeededRun {
  /** Null when the run is gone with its dataset. */
  state: RunState | null;
  dataset: string | null;
}

export type StepVerdict = { kind: 'wait' } | { kind: 'start' } | { kind: 'skip'; reason: string };

const OPEN: (RunState | null)[] = ['waiting', 'queued', 'running'];

/** How people say what became of a run. */
const ENDED: Partial<Record<RunState, string>> = {
  blocked: 'was blocked by its checks',
  failed: 'failed',
  cancelled: 'was cancelled',
  skipped: 'was skipped',
};

/**
 * What becomes of a step that waits. `triggered`: whether unread releases start it by themselves, where that
 * is what it waits for; undefined where every run it needs has to release.
 */
export function judgeStep(needed: readonly NeededRun[], triggered: boolean | undefined): StepVerdict {
  if (needed.some(({ state }) => OPEN.includes(state))) return { kind: 'wait' };
  const bad = needed.filter(({ state }) => state !== 'released');
  if (triggered ?? bad.length === 0) return { kind: 'start' };
  const reasons = bad.map(({ dataset, state }) =>
    dataset === null ? 'a dataset before it is gone' : `${dataset} ${ENDED[state!] ?? 'did not release'}`,
  );
  return { kind: 'skip', reason: reasons.join(', ') || 'nothing it reads has a new release' };
}
