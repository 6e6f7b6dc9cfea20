/** Every state of a run, in the order of its life. */
export const RUN_STATES = [
  'waiting',
  'queued',
  'running',
  'released',
  'blocked',
  'failed',
  'cancelled',
  'skipped',
] as const;
