/** What a run goes through, in this order. */
export const PHASES = ['read', 'write', 'check', 'release'] as const;

export interface Phase {
  name: (typeof PHASES)[number];
  attempt: number;
  startedAt: string;
  /** Null while it is under way, or for ever when its server was killed. */
  finishedAt: string | null;
}

export interface LogLine {
  at: string;
  text: string;
}

/** What is kept of a run beside its result. */
export interface DiaryFacts {
  phases: Phase[];
  log: LogLine[];
}
