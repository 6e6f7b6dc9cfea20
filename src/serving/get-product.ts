import { z } from 'zod';
import { authorize, decideWith, mayCaller, policyFactsOf, whichAllowed } from '../audit/decisions.ts';
import { type PolicyFacts, sumUsage } from '../audit/store.ts';
import { isoTime } from '../base/clock.ts';
import { subjectColumns } from '../contracts/data-subjects.ts';
import type { Contract } from '../contracts/odcs.ts';
import type { Product } from '../contracts/odps.ts';
import { eraseQuestion } from '../erasure/read-own-erasure.ts';
import { type Context, operation } from '../identity/context.ts';
import { listMembers } from '../identity/store.ts';
import { listLiving } from '../incidents/store.ts';
import { viewIncident } from '../incidents/views.ts';
import { effectiveTags, readTags } from '../policy/tags.ts';
import { contactsOf } from '../products/contacts.ts';
import { bestStanding, standingOf } from '../products/standing.ts';
import {
  listAmbiguousNames,
  listDatasetRows,
  listInputProducts,
  listReleasedDatasets,
  listStandings,
  type NamedProduct,
  readProduct,
} from '../products/store.ts';
import { domainQuestion } from '../products/visible-domains.ts';
import { onlyVisible, productQuestion } from '../products/visible-products.ts';
import { myElevation } from '../subscriptions/elevation/my-elevation.ts';
import { auditOf } from '../subscriptions/readers/asked-access.ts';
import { listSubscriptions, readAccessFacts } from '../subscriptions/store.ts';
import { viewSubscription } from '../subscriptions/views.ts';
import { pageOfDataset } from './dataset-page.ts';
import { type DatasetPage, type HeldSubscriptionView, PRODUCT_PAGE } from './product-page.ts';
import { majorsOf } from './product-majors.ts';
import { readingOf } from './query-plan.ts';

/** More subscribers than any page lists; `GET /subscriptions` pages through them. */
const MOST_SUBSCRIPTIONS = 500;

export const getProduct = operation({
  name: 'product.get',
  summary: 'Show a product: what it promises, who owns it, and what you would see of it.',
  effect: 'read',
  http: { method: 'GET', path: '/products/:domain/:product' },
  scope: 'read',
  input: z.object({ domain: z.string(), product: z.string() }),
  output: PRODUCT_PAGE,
  async run(context, input) {
    const { reader } = context.database;
    const product = await readProduct(reader, `${input.domain}.${input.product}`);
    await authorize(context, productQuestion('product.discover', product));
    const policies = await policyFactsOf(reader, productQuestion('product.discover', product).scope);
    const { mayElevate, elevation } = await myElevation(context, product);
    const domain = { id: product.domain_id, name: product.domain };
    const [mayAudit = false, isInside = false] = await whichAllowed<'domain.audit' | 'domain.read'>(context, [
      auditOf({ domain: domain.name, domainId: domain.id }),
      domainQuestion(domain),
    ]);
    const may = {
      ...listRights(context, product, policies),
      elevate: mayElevate,
      audit: mayAudit,
    };
    const myDomains = await standings(context, product);
    const members = await listMembers(reader, product.domain_id);
    const inputs = await onlyVisible(context, await listInputProducts(reader, product.id));
    const { majors, versions } = await majorsOf(context, product, may);
    return {
      ...fields(product),
      effectiveTags: effectiveTags(
        ['domain', policies.domainTags.get(product.domain) ?? {}],
        ['product', readTags(product.tags)],
      ),
      access: bestStanding(myDomains.map(({ access }) => access)),
      owner: {
        domain: product.domain,
        title: product.domain_title,
        members: isInside ? members.map(({ name, role }) => ({ name, role })) : contactsOf(members),
      },
      inputs: inputs.map(({ domain, name }) => ({ domain, product: name })),
      myDomains,
      may,
      erasable: await listErasable(context, product),
      elevation,
      incidents: (await listLiving(reader, [product.id])).map(viewIncident),
      datasets: await datasetPages(context, product),
      majors,
      versions,
      ...(may.approve ? { subscriptions: await subscribers(context, product.id) } : {}),
    };
  },
});

function fields(product: NamedProduct) {
  const { id, domain, name, title, description, tags, status, version, major } = product;
  const document = product.document as unknown as Product;
  return {
    ...{ id, domain, name, title, description, tags, status, version, major },
    purpose: document.description?.purpose ?? null,
    limitations: document.description?.limitations ?? null,
    support: (document.support ?? []).map(({ channel, url }) => ({
      channel: channel ?? '',
      url: url ?? null,
    })),
  };
}

/** What the page may offer this caller; each act decides again. */
function listRights(context: Context, product: NamedProduct, policies: PolicyFacts) {
  const { scope } = productQuestion('product.discover', product);
  const allowed = (action: 'product.publish' | 'product.run' | 'product.request' | 'product.delegate') =>
    decideWith(context, productQuestion(action, product), policies).allowed;
  const { domain, name } = product;
  const subscription = { type: 'Subscription' as const, id: '', domain, product: name, consumer: domain };
  const isConsumer = context.caller.domains.some(({ id }) => id !== product.domain_id);
  return {
    publish: allowed('product.publish'),
    run: allowed('product.run'),
    delegate: allowed('product.delegate'),
    approve: decideWith(context, { action: 'subscription.approve', resource: subscription, scope }, policies)
      .allowed,
    request: isConsumer && product.status === 'published' && allowed('product.request'),
  };
}

/** Kinds of data subject that its contracts mark, for whoever may erase one. */
async function listErasable(context: Context, product: NamedProduct): Promise<string[]> {
  if (!(await mayCaller(context, eraseQuestion(product)))) return [];
  const rows = await listDatasetRows(context.database.reader, product.id);
  const marks = rows.flatMap(({ contract }) => subjectColumns(contract as unknown as Contract));
  return [...new Set(marks.map(({ subject }) => subject))].sort();
}

async function standings({ caller, clock, database }: Context, product: NamedProduct) {
  const ids = caller.domains.map(({ id }) => id);
  const holdings = await listStandings(database.reader, [product.id], ids);
  const facts = { holdings, now: clock.now() };
  return caller.domains.map(({ id, name }) => ({ domain: name, access: standingOf(product, id, facts) }));
}

async function datasetPages(context: Context, product: NamedProduct): Promise<DatasetPage[]> {
  const { reader } = context.database;
  const rows = await listDatasetRows(reader, product.id);
  const released = await listReleasedDatasets(reader, [product.id]);
  const ambiguous = await listAmbiguousNames(reader, [product.domain_id]);
  const reading = readingOf(context);
  const facts = await readAccessFacts(reader, {
    datasetIds: rows.map(({ id }) => id),
    domainIds: reading.domainIds,
    now: reading.now,
    releasesAt: null,
  });
  return rows.map((dataset) =>
    pageOfDataset(product, {
      dataset,
      released: released.find(({ id }) => id === dataset.id),
      access: facts.find(({ datasetId }) => datasetId === dataset.id),
      reading,
      ambiguous,
    }),
  );
}

async function subscribers({ database }: Context, productId: string): Promise<HeldSubscriptionView[]> {
  const rows = await listSubscriptions(database.reader, { productId, limit: MOST_SUBSCRIPTIONS });
  const ids = rows.map(({ id }) => id);
  const used = new Map(
    (await sumUsage(database.reader, ['', ...ids])).map((sum) => [sum.subscription_id, sum]),
  );
  return rows.map((row) => {
    const { id, domain, domainTitle, purpose, state, until, ...view } = viewSubscription(row);
    const { endedBy, endedAt, reason, rowFilter, columns, tags, masks, proof } = view;
    const usage = used.get(id);
    return {
      ...{ id, domain, domainTitle, purpose, state, until, endedBy, endedAt, reason },
      ...{ rowFilter, columns, tags, masks, proof },
      usage: {
        queries: Number(usage?.queries ?? 0),
        rows: Number(usage?.rows ?? 0),
        lastUsedAt: usage?.last_used_at == null ? null : isoTime(usage.last_used_at),
      },
    };
  });
}
