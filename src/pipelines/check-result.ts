import { z } from 'zod';
/** What became of one check of the contract. */
export interface CheckResult {
  id: string;
  title: string;
  severity: 'error' | 'warning';
  /** A check that is not run is not passed; it has no say in a release. */
  outcome: 'passed' | 'failed' | 'not-run';
  passed: boolean;
  /** Rows that fail, or what a row count or query measured; null when the check could not be run. */
  measured: string | number | boolean | null;
  /** What `measured` counts where it is not rows or a query's answer: percent, hour, day ... */
  unit: string | null;
  /** Failing rows; 0 for checks that count none. */
  failures: number;
  /** Some of the failing rows; whoever sees them sees them through their access plan. */
  sample: RowSample | null;
  /** Why it did not run, or could not be worked out. */
  error: string | null;
  /** Its own statements and its part of the common pass. */
  elapsedMs: number;
}

export interface RowSample {
  columns: string[];
  rows: unknown[][];
}

/** Checks that failed without holding a release back: its mark. */
export function warningsOf<Result extends Pick<CheckResult, 'outcome' | 'severity'>>(
  results: Result[],
): Result[] {
  return results.filter(({ outcome, severity }) => outcome === 'failed' && severity === 'warning');
}

/** A check's outcome as doors show it; `elapsedMs` is null for runs from before it was measured. */
export const CHECK = z.object({
  id: z.string(),
  title: z.string(),
  severity: z.enum(['error', 'warning']),
  outcome: z.enum(['passed', 'failed', 'not-run']),
  passed: z.boolean(),
  measured: z.union([z.string(), z.number(), z.boolean()]).nullable(),
  unit: z.string().nullable(),
  failures: z.number(),
  sample: z.object({ columns: z.array(z.string()), rows: z.array(z.array(z.unknown())) }).nullable(),
  error: z.string().nullable(),
  elapsedMs: z.number().nullable(),
});
