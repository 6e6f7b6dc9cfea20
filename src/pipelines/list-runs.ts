import { z } from 'zod';
import { authorize, principalOf } from '../audit/decisions.ts';
import { isoTime } from '../base/clock.ts';
import { type Context, operation } from '../identity/context.ts';
import type { AccessPlan } from '../policy/access-plan.ts';
import { readProduct } from '../products/store.ts';
import { productQuestion } from '../products/visible-products.ts';
import { readAccessFacts } from '../subscriptions/store.ts';
import { CHECK, type CheckResult } from './check-result.ts';
import { RUN_STATES } from './run-view.ts';
import { planOfRuns, showSample } from './show-sample.ts';
import { listRuns as listRunRows } from './store.ts';

const RUN = z.object({
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

const MOST_RUNS = 50;

export const listRuns = operation({
  name: 'product.list-runs',
  summary: 'The last runs of a product’s pipelines, with their checks and failing rows; for its producers.',
  effect: 'read',
  http: { method: 'GET', path: '/products/:domain/:product/runs' },
  scope: 'read',
  input: z.object({ domain: z.string(), product: z.string() }),
  output: z.object({ runs: z.array(RUN) }),
  async run(context, input) {
    const product = await readProduct(context.database.reader, `${input.domain}.${input.product}`);
    await authorize(context, productQuestion('product.run', product));
    const rows = await listRunRows(context.database.reader, product.id, MOST_RUNS);
    const plans = await plansOfRuns(
      context,
      rows.map((row) => row.dataset_id),
    );
    return { runs: rows.map((row) => viewRun(row, plans.get(row.dataset_id) ?? null)) };
  },
});

/** Whoever sees failing rows sees them through their access plan. */
async function plansOfRuns(
  { database, caller, clock }: Context,
  datasetIds: string[],
): Promise<Map<string, AccessPlan | null>> {
  const now = clock.now();
  const domainIds = caller.domains.map(({ id }) => id);
  const facts = await readAccessFacts(database.reader, {
    datasetIds: [...new Set(datasetIds)],
    domainIds,
    now,
    releasesAt: null,
  });
  const reading = { principal: principalOf(caller), domainIds, now };
  return new Map(facts.map((one) => [one.datasetId, planOfRuns(one, reading)]));
}

function viewRun(
  row: Awaited<ReturnType<typeof listRunRows>>[number],
  plan: AccessPlan | null,
): z.output<typeof RUN> {
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
    error: row.error as z.output<typeof RUN>['error'],
  };
}

/** Runs of earlier versions say less about their checks. */
type StoredCheck = Omit<CheckResult, 'outcome' | 'unit' | 'elapsedMs'> & Partial<CheckResult>;

function viewCheck(check: StoredCheck, plan: AccessPlan | null): z.output<typeof CHECK> {
  const { sample, passed, outcome = passed ? 'passed' : 'failed', unit = null, elapsedMs = null } = check;
  const shown = sample === null || plan === null ? null : showSample(sample, plan);
  return { ...check, outcome, unit, elapsedMs, sample: shown };
}
