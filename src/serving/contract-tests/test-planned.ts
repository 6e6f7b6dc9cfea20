import type { Check } from '../../contracts/check.ts';
import { checkSchema } from '../../contracts/check-schema.ts';
import { contractTable } from '../../contracts/contract-table.ts';
import type { Contract } from '../../contracts/odcs.ts';
import type { Context } from '../../identity/context.ts';
import type { CheckResult } from '../../pipelines/check-result.ts';
import type { TableReport } from '../../pipelines/contract-test/report.ts';
import { columnsOf, schemaResult, testRows } from '../../pipelines/contract-test/test-rows.ts';
import { datasetRelation } from '../../pipelines/input-relations.ts';
import { findReferencedRows } from '../../pipelines/referenced-rows.ts';
import type { CheckedRows } from '../../pipelines/run-checks.ts';
import { lastReleasedAt } from '../../pipelines/store.ts';
import type { AccessPlan } from '../../policy/access-plan.ts';
import type { PlannedDataset } from '../../subscriptions/plan-access.ts';
import { readingOf } from '../query-plan.ts';

export interface PlannedTest {
  id: string;
  planned: PlannedDataset;
  contract: Contract;
  purpose: string | undefined;
  onProgress(done: number, total: number): void;
}

/** Tests the rows that the plan shows, until the request’s signal, and records the use. */
export async function testPlanned(context: Context, test: PlannedTest): Promise<TableReport> {
  const { planned, contract, purpose, onProgress } = test;
  const { facts, plan, release } = planned;
  const { sql, files, columns, filtered } = await datasetRelation(context, planned);
  const rows: CheckedRows = { sql, files, columns, filtered };
  const now = context.clock.now();
  const reading = { ...readingOf(context, purpose), productId: facts.productId };
  const { domain, product } = facts;
  const report = await testRows({
    ...{ engine: context.engine, contract, place: 0, relation: rows },
    data: `${plan.dataset} release ${release.number}`,
    schema: schemaOf(contract, planned),
    whyNot: (check) => whyNot(check, plan),
    moment: {
      now,
      releasedAt: new Date(release.releasedAt),
      previousAt: await lastReleasedAt(context.database.reader, facts.datasetId, release.number),
    },
    findReferenced: (target) =>
      findReferencedRows(context, { reading, domain, product, contract, rows }, target),
    ...{ timeoutMs: context.settings.queryMs, memoryBytes: context.settings.workerMemoryBytes },
    ...{ caller: context.caller.id, signal: context.request.signal, onProgress },
  });
  recordUse(context, { id: test.id, planned, report });
  return report;
}

/** The schema as released; what the plan hides is not told of. */
function schemaOf(contract: Contract, { plan, release }: PlannedDataset): CheckResult[] {
  const hidden = new Set(plan.hidden.map(({ name }) => name));
  const table = contractTable(contract);
  const object = contract.schema![0]!;
  const actual = release.columns.filter(({ name }) => !hidden.has(name));
  const findings = checkSchema({ object, table, actual, exact: true, untyped: new Set() });
  return findings.filter(({ id }) => !hidden.has(id.replace(/^schema\./, ''))).map(schemaResult);
}

/** What a plan changes or leaves out cannot prove or break a promise about the rows. */
function whyNot(check: Check, plan: AccessPlan): string | null {
  const touched = columnsOf(check);
  const masked = plan.columns.filter(({ mask }) => mask !== null).map(({ name }) => name);
  const hidden = plan.hidden.map(({ name }) => name);
  const found = (names: string[]) => names.find((name) => touched.includes(name));
  if (found(hidden) !== undefined) return `your access plan hides ${found(hidden)}`;
  if (found(masked) !== undefined) return `your access plan masks ${found(masked)}`;
  const whole = check.kind === 'sql' || check.kind === 'duplicate-rows';
  if (whole && masked.length + hidden.length > 0)
    return 'it may look at columns that your access plan masks or hides';
  const counts = check.kind === 'row-count' || check.kind === 'sql';
  return counts && plan.rowFilter.op !== 'true' ? 'your access plan shows only some of the rows' : null;
}

/** Failing rows are rows that were read. */
function recordUse(
  context: Context,
  { id, planned, report }: { id: string; planned: PlannedDataset; report: TableReport },
): void {
  const { plan, facts } = planned;
  const domain = context.caller.domains.find(({ name }) => name === plan.via.domain);
  context.usage.record([
    {
      at: context.clock.now(),
      queryId: id,
      subscriptionId: plan.via.kind === 'subscription' ? plan.via.id : null,
      datasetId: facts.datasetId,
      principalId: context.caller.id,
      domainId: domain?.id ?? facts.domainId,
      door: context.request.door,
      rows: report.checks.reduce((sum, { sample }) => sum + (sample?.rows.length ?? 0), 0),
      bytes: 0,
      elapsedMs: report.elapsedMs,
      columns: plan.columns.map(({ name }) => name),
    },
  ]);
}
