import { z } from 'zod';
import { authorize } from '../../audit/decisions.ts';
import { isoTime } from '../../base/clock.ts';
import { MeshError } from '../../base/errors.ts';
import type { Context } from '../../identity/context.ts';
import { listDatasets, readProduct } from '../../products/store.ts';
import { unknownColumn } from '../../policy/row-filter-check.ts';
import { productQuestion } from '../../products/visible-products.ts';
import { startOfHistory } from '../../store/as-of.ts';
import { type AccessFacts, readAccessFacts } from '../store.ts';

export const ASKED_NAME = z
  .string()
  .max(400)
  .regex(/^[^.]+\.[^.]+(\.[^.]+){0,2}$/, 'must be DOMAIN.PRODUCT[.DATASET[.COLUMN]]');

/** The datasets that a question about access names, at its moment. */
export interface AskedAccess {
  /** The producer. */
  domain: string;
  domainId: string;
  productId: string;
  datasetIds: string[];
  column: string | undefined;
  /** The moment in the past that was asked for; null is now. */
  at: Date | null;
  /** The moment the answer holds for. */
  now: Date;
}

/**
 * Finds what the question is about. Whoever may not discover the product today learns nothing of its past
 * either.
 * @throws MeshError `not-found`, `policy.not-on-record`
 */
export async function findAskedAccess(
  context: Context,
  { name, at }: { name: string; at?: string | undefined },
): Promise<AskedAccess> {
  const { reader } = context.database;
  const [domain, productName, wanted, column] = name.split('.');
  const product = await readProduct(reader, `${domain}.${productName}`);
  await authorize(context, productQuestion('product.discover', product));
  const moment = at === undefined ? null : await momentOf(context, new Date(at));
  const all = await listDatasets(reader, product.id);
  const datasets = all.filter((dataset) => wanted === undefined || dataset.name === wanted);
  if (datasets.length === 0) throw new MeshError('not-found', { facts: { what: `dataset ${name}` } });
  return {
    domain: product.domain,
    domainId: product.domain_id,
    productId: product.id,
    datasetIds: datasets.map(({ id }) => id),
    column,
    at: moment,
    now: moment ?? context.clock.now(),
  };
}

/** Everything that decides about them for members of these domains: as of the moment, read at once. */
export function readAskedFacts(
  { database }: Context,
  { domainId, productId, datasetIds, at, now }: AskedAccess,
  domainIds: string[],
): Promise<AccessFacts[]> {
  return readAccessFacts(database.reader, {
    datasetIds,
    domainIds,
    now,
    releasesAt: at,
    ...(at === null ? {} : { past: { at, productIds: [productId], domainIds: [domainId] } }),
  });
}

/** What is asked of a column is asked of one that was released. @throws MeshError `not-found` */
export function needColumn(datasets: AccessFacts[], { column }: AskedAccess): void {
  if (column === undefined) return;
  for (const { domain, product, dataset, release } of datasets) {
    if (release === null || release.columns.some(({ name }) => name === column)) continue;
    throw new MeshError('not-found', {
      facts: { what: `column ${domain}.${product}.${dataset}.${column}` },
      problems: [{ message: unknownColumn(column, release.columns) }],
    });
  }
}

/**
 * The past is on record from some moment on, and the future is not.
 * @throws MeshError `policy.not-on-record`
 */
export async function momentOf({ database, clock }: Context, at: Date): Promise<Date> {
  const since = await startOfHistory(database.reader);
  if (since !== undefined && since <= at && at <= clock.now()) return at;
  throw new MeshError('policy.not-on-record', {
    facts: { at: isoTime(at), since: isoTime(since ?? clock.now()) },
  });
}

/** The question whether somebody may ask it about others: those who audit the producer's domain. */
export function auditOf({ domain, domainId }: Pick<AskedAccess, 'domain' | 'domainId'>) {
  return {
    action: 'domain.audit' as const,
    resource: { type: 'Domain' as const, domain },
    scope: { domainId },
  };
}
