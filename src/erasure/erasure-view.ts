import { z } from 'zod';
import { whichAllowed } from '../audit/decisions.ts';
import { isoTime } from '../base/clock.ts';
import type { Context } from '../identity/context.ts';
import type { ErasureReport } from './erasure-model.ts';
import { readDatasetFacts } from './scope/store.ts';
import type { Erasure } from './store.ts';

const DATASET = z.object({
  dataset: z.string().describe('DOMAIN.PRODUCT.DATASET; of a product that you may not discover its domain'),
  outcome: z.enum(['erased', 'clean', 'rebuilt', 'recomputed', 'held', 'not-followed']),
  rows: z.number().int().describe('removed from the current release'),
  filesRewritten: z.number().int(),
  filesRemoved: z.number().int(),
  snapshotsExpired: z.number().int(),
  reason: z.string().nullable(),
});

const SOURCE = z.object({
  source: z.string(),
  table: z.string(),
  file: z.string().nullable(),
  outcome: z.enum(['rewritten', 'remains']),
  rows: z.number().int(),
  reason: z.string().nullable(),
});

export const ERASURE_VIEW = z.object({
  id: z.string(),
  target: z.string(),
  subject: z.string().describe('the kind of subject'),
  hash: z.string().describe('a keyed hash of the value that was given'),
  reason: z.string(),
  dryRun: z.boolean().describe('a dry run: it tells what an erasure would do, and changes nothing'),
  state: z.enum(['waiting', 'planning', 'erasing', 'planned', 'done', 'failed', 'cancelled']),
  complete: z.boolean().describe('nothing remains that the mesh knows of'),
  requestedBy: z.string(),
  requestedAt: z.string(),
  finishedAt: z.string().nullable(),
  lifted: z
    .object({ by: z.string(), at: z.string(), reason: z.string() })
    .nullable()
    .describe('the subject may come in again'),
  progress: z.object({ phase: z.string(), done: z.number(), total: z.number() }),
  keys: z.number().int().describe('subjects that the value stands for'),
  datasets: z.array(DATASET),
  sources: z.array(SOURCE),
  records: z.array(z.object({ place: z.string(), rows: z.number().int() })),
  remains: z.array(z.string()),
  notLookedInto: z
    .object({
      datasets: z.array(z.object({ dataset: z.string(), reason: z.string() })),
      others: z.number().int().describe('of products that you may not discover'),
    })
    .describe('datasets with personal data that may be the subject’s'),
  found: z.array(z.string()).describe('what the proof found all the same'),
  error: z.object({ code: z.string(), message: z.string(), fix: z.string() }).nullable(),
});

/** An erasure as its domain's people see it; of products that they may not discover they learn the domain alone. */
export async function viewErasure(
  context: Context,
  erasure: Erasure,
): Promise<z.output<typeof ERASURE_VIEW>> {
  const { report } = erasure;
  return {
    id: erasure.id,
    target: erasure.target,
    subject: erasure.subject,
    hash: erasure.subject_hash,
    reason: erasure.reason,
    dryRun: erasure.dry_run,
    state: erasure.state,
    complete: report?.complete ?? false,
    requestedBy: erasure.requester ?? erasure.requested_by,
    requestedAt: isoTime(erasure.requested_at),
    finishedAt: erasure.finished_at === null ? null : isoTime(erasure.finished_at),
    lifted: erasure.lifted,
    progress: erasure.progress,
    keys: report?.keys ?? 0,
    datasets: report === null ? [] : await visibleDatasets(context, report),
    sources: report?.sources ?? [],
    records: report?.records ?? [],
    remains: report?.remains ?? [],
    notLookedInto: await visiblyLeftOut(context, report),
    found: report?.proof?.found ?? [],
    error: erasure.error as z.output<typeof ERASURE_VIEW>['error'],
  };
}

async function visibleDatasets(context: Context, { datasets }: ErasureReport) {
  const found = await readDiscoverable(
    context,
    datasets.map(({ datasetId }) => datasetId),
  );
  const names = new Map(
    found.map(({ id, domain, fullName, isDiscoverable }) => [
      id,
      isDiscoverable ? fullName : `a dataset of ${domain}`,
    ]),
  );
  return datasets.map(({ datasetId, reason, ...one }) => {
    const dataset = names.get(datasetId) ?? one.dataset;
    // Reasons name columns: who may not discover the product learns none.
    return { ...one, dataset, reason: dataset === one.dataset ? reason : null };
  });
}

async function visiblyLeftOut(context: Context, report: ErasureReport | null) {
  const all = report?.notLookedInto ?? [];
  const found = await readDiscoverable(
    context,
    all.map(({ datasetId }) => datasetId),
  );
  const seen = new Set(found.flatMap(({ id, isDiscoverable }) => (isDiscoverable ? [id] : [])));
  const datasets = all.flatMap(({ datasetId, dataset, reason }) =>
    seen.has(datasetId) ? [{ dataset, reason }] : [],
  );
  return { datasets, others: all.length - datasets.length };
}

/** The datasets that are still there, and whether the caller may discover their products. */
async function readDiscoverable(context: Context, ids: string[]) {
  const facts = await readDatasetFacts(context.database.reader, ids);
  const questions = facts.map(({ domain, product, domainId, productId }) => ({
    action: 'product.discover' as const,
    resource: { type: 'Product' as const, domain, product },
    scope: { domainId, productId },
  }));
  const allowed = await whichAllowed(context, questions);
  return facts.map(({ id, domain, fullName }, index) => ({
    ...{ id, domain, fullName },
    isDiscoverable: allowed[index] === true,
  }));
}
