import { z } from 'zod';
import { authorize } from '../audit/decisions.ts';
import { recordChange } from '../audit/record-change.ts';

import { MeshError } from '../base/errors.ts';
import { type Context, operation } from '../identity/context.ts';
import { listMembers } from '../identity/store.ts';
import type { Granted } from '../policy/decide.ts';
import type { Transaction } from '../store/database.ts';
import { announceVersion } from './announce-version.ts';
import { judgePublication } from './judge-publication.ts';
import { defaultSunset, readSunset, SUNSET } from './majors/sunset.ts';
import { PRODUCT_STATUSES } from './list-products.ts';
import { insertVersion, listOtherMajors, listVersions, markCurrent } from './majors/store.ts';
import { queueDueRuns } from './queue-runs.ts';
import { listDatasetRows, lockProduct, markPublished, type NamedProduct, readProduct } from './store.ts';
import { versionHash } from './version-hash.ts';
import { productQuestion } from './visible-products.ts';

/** What became of a product, or would become of it. */
export const TRANSITION_VIEW = z.object({
  product: z.string(),
  version: z.string(),
  status: z.enum(PRODUCT_STATUSES),
  changed: z.boolean().describe('false when it was so already'),
  dryRun: z.boolean(),
  runs: z.array(z.string()).describe('runs queued for its datasets'),
});

export const TRANSITION_INPUT = z.object({
  domain: z.string(),
  product: z.string(),
  dryRun: z.boolean().default(false).describe('judge everything and change nothing'),
});

export const publishProduct = operation({
  name: 'product.publish',
  summary: 'Offer a product to the mesh, once everything a consumer relies on is there.',
  effect: 'write',
  http: { method: 'POST', path: '/products/:domain/:product/publish' },
  scope: 'write',
  input: TRANSITION_INPUT.extend({ sunset: SUNSET }),
  output: TRANSITION_VIEW,
  async run(context, input) {
    const sunsetAt = readSunset(input.sunset, context.clock.now());
    const product = await readProduct(context.database.reader, `${input.domain}.${input.product}`);
    const granted = await authorize(context, productQuestion('product.publish', product));
    return context.database.transact(async (transaction) => {
      const view = { product: product.addressed, dryRun: input.dryRun };
      const current = { ...product, ...(await lockProduct(transaction, product.id)) };
      const isNew = await judge(transaction, current);
      const answer = { ...view, version: current.version, status: 'published' as const };
      if (!isNew) return { ...answer, changed: false, runs: [] };
      if (input.dryRun) return { ...answer, changed: true, runs: [] };
      await writePublication(context, transaction, { product: current, granted, sunsetAt });
      const due = { productIds: [product.id], trigger: 'published' };
      return { ...answer, changed: true, runs: await queueDueRuns(context, transaction, due) };
    });
  },
});

/** True when there is something to publish. @throws MeshError `product.not-ready` with all problems */
async function judge(transaction: Transaction, product: NamedProduct): Promise<boolean> {
  const name = `${product.domain}.${product.name}`;
  const newer = (await listOtherMajors(transaction, product)).find(
    ({ major, published_at }) => major > product.major && published_at !== null,
  );
  if (newer !== undefined) {
    const current = `${product.domain}.${product.name}@${newer.major}`;
    throw new MeshError('product.superseded', { facts: { product: product.addressed, current } });
  }
  if (product.status === 'retired') throw new MeshError('product.retired', { facts: { product: name } });
  const versions = await listVersions(transaction, product.id);
  const members = await listMembers(transaction, product.domain_id);
  const datasets = await listDatasetRows(transaction, product.id);
  const problems = judgePublication({
    name,
    description: product.description,
    owners: members.filter(({ role }) => role === 'owner').length,
    datasets: datasets.map((dataset) => ({
      name: dataset.name,
      description: dataset.description,
      contractStatus: dataset.contract['status'] as string | undefined,
    })),
    version: product.version,
    hash: versionHash(product.document),
    versions,
  });
  if (problems.length > 0) throw new MeshError('product.not-ready', { facts: { product: name }, problems });
  return product.status !== 'published' || !versions.some(({ version }) => version === product.version);
}

interface Publication {
  product: NamedProduct;
  granted: Granted<'product.publish'>;
  /** When the major before stops being served; null leaves it to the default. */
  sunsetAt: Date | null;
}

/** A new major takes the name; the one before is served beside it until its sunset. */
async function supersede(
  transaction: Transaction,
  { product, granted, at, sunsetAt }: Publication & { at: Date },
): Promise<void> {
  if (product.is_current) return;
  const majors = await listOtherMajors(transaction, product);
  const before = majors.find(({ is_current }) => is_current);
  if (before === undefined) return;
  await lockProduct(transaction, before.id);
  const end = sunsetAt ?? defaultSunset(at);
  await markCurrent(transaction, granted, { id: product.id, instead: before.id, sunsetAt: end, at });
}

/** Version, state and audit of a publication that was judged. */
export async function writePublication(
  context: Context,
  transaction: Transaction,
  { product, granted, sunsetAt }: Publication,
): Promise<void> {
  const at = context.clock.now();
  const known = await listVersions(transaction, product.id);
  if (!known.some(({ version }) => version === product.version)) {
    await insertVersion(transaction, {
      productId: product.id,
      version: product.version,
      text: product.text,
      hash: versionHash(product.document),
      by: context.caller.id,
      changes: [],
      at,
    });
  }
  await markPublished(transaction, granted, { ...product, at });
  await supersede(transaction, { product, granted, at, sunsetAt });
  await recordChange(context, transaction, {
    action: 'product.publish',
    object: product.id,
    domainId: product.domain_id,
    reasons: granted.reasons,
    facts: { product: `${product.domain}.${product.name}`, version: product.version, from: product.status },
  });
  await announceVersion(context, transaction, { product, type: 'product.version.published' });
}
