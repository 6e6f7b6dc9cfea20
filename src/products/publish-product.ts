import { z } from 'zod';
import { authorize, policyFactsOf, policySource } from '../audit/decisions.ts';
import { MeshError } from '../base/errors.ts';
import { type Context, operation } from '../identity/context.ts';
import { canPermit, policySetFor, preparePolicies } from '../policy/policies.ts';
import type { Transaction } from '../store/database.ts';
import { judgePublication } from './judge-publication.ts';
import { PRODUCT_STATUSES } from './list-products.ts';
import { readFacts } from './majors/read-facts.ts';
import { listOtherMajors, listVersions } from './majors/store.ts';
import { readSunset, SUNSET } from './majors/sunset.ts';
import { VERDICT_VIEW, viewVerdict } from './majors/verdict-view.ts';
import { writePublication } from './majors/write-publication.ts';
import { queueDueRuns } from './runs/queue-due-runs.ts';
import { lockProduct, type NamedProduct, readProduct } from './store.ts';
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

const PUBLISH_VIEW = TRANSITION_VIEW.extend({
  verdict: VERDICT_VIEW,
  ownDomainOnly: z
    .boolean()
    .describe('no policy lets anybody discover it but its own domain and administrators'),
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
  output: PUBLISH_VIEW,
  async run(context, input) {
    const sunsetAt = readSunset(input.sunset, context.clock.now());
    const product = await readProduct(context.database.reader, `${input.domain}.${input.product}`);
    const granted = await authorize(context, productQuestion('product.publish', product));
    const ownDomainOnly = await isForOwnDomain(context, product);
    return context.database.transact(async (transaction) => {
      const view = { product: product.addressed, dryRun: input.dryRun, ownDomainOnly };
      const current = { ...product, ...(await lockProduct(transaction, product.id)) };
      await needNewest(transaction, current);
      const verdict = judgePublication(await readFacts(context, transaction, { product: current, sunsetAt }));
      const { problems } = verdict;
      if (problems.length > 0)
        throw new MeshError('product.not-ready', { facts: { product: product.addressed }, problems });
      const isNew = current.status !== 'published' || !(await isOffered(transaction, current));
      const answer = {
        ...{ ...view, version: current.version, status: 'published' as const },
        verdict: viewVerdict(verdict),
      };
      if (!isNew) return { ...answer, changed: false, runs: [] };
      if (input.dryRun) return { ...answer, changed: true, runs: [] };
      await writePublication(context, transaction, {
        ...{ product: current, granted, sunsetAt, verdict },
      });
      const due = { productIds: [product.id], trigger: 'published' };
      return { ...answer, changed: true, runs: await queueDueRuns(context, transaction, due) };
    });
  },
});

/** Told only where it is certain: a policy that permits it under conditions may let somebody find it. */
async function isForOwnDomain(context: Context, product: NamedProduct): Promise<boolean> {
  const { resource, scope } = productQuestion('product.discover', product);
  const facts = await policyFactsOf(context.database.reader, scope);
  const policies = preparePolicies(facts.policies.map(policySource));
  return !canPermit('product.discover', policySetFor('product.discover', resource, policies));
}

/** @throws MeshError `product.retired`, and `product.superseded` for an older major */
async function needNewest(transaction: Transaction, product: NamedProduct): Promise<void> {
  const { addressed, status, major } = product;
  const majors = await listOtherMajors(transaction, product);
  const newer = majors.find((one) => one.major > major && one.published_at !== null);
  if (newer !== undefined) {
    const current = `${product.domain}.${product.name}@${newer.major}`;
    throw new MeshError('product.superseded', { facts: { product: addressed, current } });
  }
  if (status === 'retired') throw new MeshError('product.retired', { facts: { product: addressed } });
}

async function isOffered(transaction: Transaction, product: NamedProduct): Promise<boolean> {
  const versions = await listVersions(transaction, product.id);
  return versions.some(({ version }) => version === product.version);
}
