import type { CheckResult } from '../check-result.ts';

/** What testing one table against one object of a contract came to. */
export interface TableReport {
  contract: { id: string; version: string };
  object: string;
  /** What was tested, for people: a dataset, a path, a table. */
  data: string;
  outcome: 'passed' | 'warning' | 'failed';
  rows: number | null;
  /** The schema first, then the contract's checks in its order. */
  checks: CheckResult[];
  elapsedMs: number;
}

export function outcomeOf(checks: CheckResult[]): TableReport['outcome'] {
  const failed = checks.filter(({ outcome }) => outcome === 'failed');
  if (failed.some(({ severity }) => severity === 'error')) return 'failed';
  return failed.length > 0 ? 'warning' : 'passed';
}
