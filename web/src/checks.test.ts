import { expect, test } from 'vitest';
import type { CheckResult } from './api-types.ts';
import { inOrder, measuredText, warningsOf } from './checks.ts';

const check = (facts: Partial<CheckResult>): CheckResult => ({
  ...{ id: 'a', title: 'a', passed: true, outcome: 'passed', failures: 0, severity: 'error' },
  ...facts,
});

test('a release is marked by warnings that failed, not by what was not run', () => {
  const failed = check({ id: 'late', passed: false, outcome: 'failed', severity: 'warning' });
  const words = check({ id: 'words', passed: false, outcome: 'not-run', severity: 'warning' });
  expect(warningsOf([check({}), words, failed])).toEqual([failed]);
  expect(inOrder([words, check({ id: 'good' }), failed]).map(({ id }) => id)).toEqual([
    'late',
    'good',
    'words',
  ]);
});

test('what was measured is said with what it counts', () => {
  expect(measuredText(check({ measured: 1.5, unit: 'day' }))).toBe('1.5 days');
  expect(measuredText(check({ measured: '1', unit: 'hour' }))).toBe('1 hour');
  expect(measuredText(check({ measured: 99.123456, unit: 'percent' }))).toBe('99.12 %');
  expect(measuredText(check({ measured: 1204, failures: 1204, passed: false }))).toBe('1,204 failing rows');
  expect(measuredText(check({ measured: 541909 }))).toBe('541,909');
  expect(measuredText(check({ measured: 0 }))).toBeNull();
  expect(measuredText(check({ measured: null }))).toBeNull();
});
