import { z } from 'zod';
import { isoTime } from '../../base/clock.ts';
import { CHECK } from '../../pipelines/check-result.ts';
import type { ContractTest } from './store.ts';

const REPORT = z.object({
  contract: z.object({ id: z.string(), version: z.string() }),
  object: z.string(),
  data: z.string(),
  outcome: z.enum(['passed', 'warning', 'failed']),
  rows: z.number().nullable(),
  checks: z.array(CHECK.extend({ elapsedMs: z.number() })),
  elapsedMs: z.number(),
});

export const TEST_VIEW = z.object({
  id: z.string(),
  state: z.enum(['running', 'done', 'failed', 'cancelled']),
  done: z.number().int().describe('checks done'),
  total: z.number().int().describe('0 until the checks are known'),
  report: REPORT.nullable().describe('once it is done'),
  error: z
    .object({
      status: z.number().int(),
      code: z.string(),
      message: z.string(),
      fix: z.string(),
      problems: z.array(z.unknown()),
    })
    .nullable()
    .describe('why there is no report'),
  startedAt: z.string(),
});

export function viewTest(test: ContractTest): z.output<typeof TEST_VIEW> {
  const { id, state, done, total, report, error, startedAt } = test;
  return {
    ...{ id, state, done, total },
    report: report === null ? null : (JSON.parse(report) as z.output<typeof REPORT>),
    error: error as z.output<typeof TEST_VIEW>['error'],
    startedAt: isoTime(startedAt),
  };
}

/** The report without rows: who may see something else by now sees them no more. */
export function withoutSamples(view: z.output<typeof TEST_VIEW>): z.output<typeof TEST_VIEW> {
  if (view.report === null) return view;
  const checks = view.report.checks.map((check) => ({ ...check, sample: null }));
  return { ...view, report: { ...view.report, checks } };
}
