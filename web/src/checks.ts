import type { CheckResult } from './api-types.ts';
import { countOf, formatNumber } from './format.ts';

/** Whether a check was run at all; what was not has failed nothing. */
export const wasRun = (check: CheckResult): boolean => check.outcome !== 'not-run';

export const hasFailed = (check: CheckResult): boolean => wasRun(check) && !check.passed;

/** Checks that failed without holding the release back: its mark for whoever reads it. */
export const warningsOf = (checks: CheckResult[]): CheckResult[] =>
  checks.filter((check) => hasFailed(check) && check.severity === 'warning');

/** Failures first, then what passed, then what is not run. */
export const inOrder = <Check extends CheckResult>(checks: Check[]): Check[] =>
  checks.toSorted((a, b) => place(a) - place(b));

const place = (check: CheckResult): number => (hasFailed(check) ? 0 : wasRun(check) ? 1 : 2);

/** What a check measured, in words: `3 failing rows`, `1.5 days`, `99.2 percent`; null where that says nothing. */
export function measuredText({ measured, unit, failures, passed }: CheckResult): string | null {
  if (unit && measured != null) return withUnit(Number(measured), unit);
  if (failures > 0) return countOf(failures, 'failing row');
  if (measured == null || (passed && String(measured) === '0')) return null;
  return typeof measured === 'number' ? formatNumber(measured) : String(measured);
}

function withUnit(value: number, unit: string): string {
  if (unit === 'percent') return `${formatNumber(value)} %`;
  return `${formatNumber(value)} ${unit}${value === 1 ? '' : 's'}`;
}
