import { z } from 'zod';
import { originOf, principalOf } from '../audit/decisions.ts';
import { isoTime } from '../base/clock.ts';
import type { Context } from '../identity/context.ts';
import type { AccessPlan } from '../policy/access-plan.ts';
import { readAccessFacts } from '../subscriptions/store.ts';
import { CHECK, type CheckResult } from './check-result.ts';
import { RUN_STATES } from './run-states.ts';
import { planOfRuns, showSample } from './show-sample.ts';
import type { listRuns } from './store.ts';

/** A run as its producers see it. */
export const RUN_VIEW = z.object({
  id: z.string(),
  dataset: z.string(),
  state: z.enum(RUN_STATES),
  trigger: z.string(),
  queuedAt: z.string(),
  startedAt: z.string().nullable(),
  finishedAt: z.string().nullable(),
  rows: z.number().nullable(),
  snapshotId: z.string().nullable(),
  inputs: z.array(z.unknown()),
  parameters: z.record(z.string(), z.string().nullable()),
  written: z
    .record(z.string(), z.unknown())
    .nullable()
    .describe('how it wrote, and how many rows were inserted, updated, deleted, unchanged'),
  checks: z.array(CHECK),
  error: z
    .object({
      code: z.string(),
      message: z.string(),
      fix: z.string(),
      problems: z.array(z.unknown()).optional(),
    })
    .nullable(),
});

/** Whoever sees failing rows sees them through their access plan. */
export async function plansOfRuns(
  context: Context,
  datasetIds: string[],
): Promise<Map<string, AccessPlan | null>> {
  const { database, caller, clock } = context;
  const now = clock.now();
  const domainIds = caller.domains.map(({ id }) => id);
  const facts = await readAccessFacts(database.reader, {
    datasetIds: [...new Set(datasetIds)],
    domainIds,
    now,
    releasesAt: null,
  });
  const reading = { principal: principalOf(caller), domainIds, now, origin: originOf(context) };
  return new Map(facts.map((one) => [one.datasetId, planOfRuns(one, reading)]));
}

export function viewRun(
  row: Awaited<ReturnType<typeof listRuns>>[number],
  plan: AccessPlan | null,
): z.output<typeof RUN_VIEW> {
  return {
    id: row.id,
    dataset: row.dataset,
    state: row.state,
    trigger: row.trigger,
    queuedAt: isoTime(row.queued_at),
    startedAt: row.started_at === null ? null : isoTime(row.started_at),
    finishedAt: row.finished_at === null ? null : isoTime(row.finished_at),
    rows: row.rows,
    snapshotId: row.snapshot_id,
    inputs: row.inputs,
    parameters: row.parameters,
    written: row.written,
    checks: (row.checks as StoredCheck[]).map((check) => viewCheck(check, plan)),
    error: row.error as z.output<typeof RUN_VIEW>['error'],
  };
}

/** Runs of earlier versions say less about their checks. */
type StoredCheck = Omit<CheckResult, 'outcome' | 'unit' | 'elapsedMs'> & Partial<CheckResult>;

function viewCheck(check: StoredCheck, plan: AccessPlan | null): z.output<typeof CHECK> {
  const { sample, passed, outcome = passed ? 'passed' : 'failed', unit = null, elapsedMs = null } = check;
  const shown = sample === null || plan === null ? null : showSample(sample, plan);
  return { ...check, outcome, unit, elapsedMs, sample: shown };
}
