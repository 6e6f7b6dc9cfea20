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
  progress: z.object({ phase: z.string(), done: z.number(), total: z.number() }),
  keys: z.number().int().describe('subjects that the value stands for'),
  datasets: z.array(DATASET),
  sources: z.array(SOURCE),
  records: z.array(z.object({ place: z.string(), rows: z.number().int() })),
  remains: z.array(z.string()),
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
    progress: erasure.progress,
    keys: report?.keys ?? 0,
    datasets: report === null ? [] : await visibleDatasets(context, report),
    sources: report?.sources ?? [],
    records: report?.records ?? [],
    remains: report?.remains ?? [],
    found: report?.proof?.found ?? [],
    error: erasure.error as z.output<typeof ERASURE_VIEW>['error'],
  };
}

async function visibleDatasets(context: Context, { datasets }: ErasureReport) {
  const facts = await readDatasetFacts(
    context.database.reader,
    datasets.map(({ datasetId }) => datasetId),
  );
  const questions = facts.map(({ domain, product, domainId, productId }) => ({
    action: 'product.discover' as const,
    resource: { type: 'Product' as const, domain, product },
    scope: { domainId, productId },
  }));
  const allowed = await whichAllowed(context, questions);
  const names = new Map(
    facts.map((one, index) => [one.id, allowed[index] ? one.fullName : `a dataset of ${one.domain}`]),
  );
  return datasets.map(({ datasetId, reason, ...one }) => {
    const dataset = names.get(datasetId) ?? one.dataset;
    // Reasons name columns: who may not discover the product learns none.
    return { ...one, dataset, reason: dataset === one.dataset ? reason : null };
  });
}
