import { afterAll, beforeAll, expect, test } from 'vitest';
import { callerOf, openTestParts, type TestParts } from '../../test/fixtures/context.ts';
import { edited, type Edit, listFiles, sampleFiles } from '../../test/fixtures/sample-mesh.ts';
import { dumpStore } from '../../test/fixtures/store-dump.ts';
import { isMeshError } from '../base/errors.ts';
import { search } from '../catalog/search.ts';
import type { Context } from '../identity/context.ts';
import { reportEvents } from '../lineage/reported/report-events.ts';
import { applyMesh } from '../mesh-as-code/apply.ts';
import { planMesh } from '../mesh-as-code/plan.ts';
import { createWebhook } from '../notifications/webhooks/create-webhook.ts';
import { listDomainWebhooks } from '../notifications/webhooks/list-webhooks.ts';
import { deprecateProduct } from './deprecate-product.ts';
import { getDomain } from './get-domain.ts';
import { listAllDomains } from './list-domains.ts';
import { listAllProducts } from './list-products.ts';
import { publishProduct } from './publish-product.ts';
import { retireProduct } from './retire-product.ts';

const SALES = 'domains/sales/products/sell-out';
const MEDIA = 'domains/marketing/products/media-plan';
const PLAN = { domain: 'marketing', product: 'media-plan', dryRun: false };
const SELL_OUT = { domain: 'sales', product: 'sell-out', dryRun: false };

let mesh: TestParts;
let admin: Context;
/** Marketing's engineer; marketing's product is a draft that is not ready yet. */
let engineer: Context;
const DRAFT: Edit[] = [
  [`${MEDIA}/product.odps.yaml`, ['status: active', 'status: draft']],
  [`${MEDIA}/product.odps.yaml`, ['description:\n  purpose: media-plan of marketing for tests.\n', '']],
  [`${MEDIA}/plan.odcs.yaml`, ['status: active', 'status: draft']],
  ['domains/marketing/domain.yaml', ['role: owner', 'role: analyst']],
];

beforeAll(async () => {
  mesh = await openTestParts('products');
  admin = mesh.as(callerOf('admin', [], true));
  await apply(DRAFT);
  const { reader } = mesh.parts.database;
  const domain = await reader
    .selectFrom('domains')
    .select(['id', 'name', 'title'])
    .where('name', '=', 'marketing')
    .executeTakeFirstOrThrow();
  engineer = mesh.as(callerOf('engineer', [{ ...domain, role: 'engineer' }]));
});
afterAll(() => mesh.close());

async function apply(edits: Edit[]): Promise<void> {
  const files = edits.reduce((all, [path, change]) => edited(all, path, change), sampleFiles());
  await applyMesh.run(admin, { files: listFiles(files) });
}

test('a product that is not ready is refused with everything that is missing', async () => {
  await expect(publishProduct.run(engineer, PLAN)).rejects.toMatchObject({
    code: 'product.not-ready',
    problems: [
      { message: expect.stringContaining('has no owner') },
      { message: expect.stringContaining('has no description') },
      { message: expect.stringContaining('is draft') },
    ],
  });
});

test('publishing writes version, audit and runs at once; a dry run nothing; a second time nothing', async () => {
  await apply(DRAFT.slice(0, 1));
  // Nobody works here: what it reads would never have run.
  await mesh.parts.database.reader.updateTable('runs').set({ state: 'cancelled' }).execute();
  const before = await dumpStore(mesh.parts.database);
  const dry = await publishProduct.run(engineer, { ...PLAN, dryRun: true });
  expect(dry).toMatchObject({ status: 'published', changed: true, dryRun: true, runs: [] });
  expect(await dumpStore(mesh.parts.database)).toEqual(before);
  const done = await publishProduct.run(engineer, PLAN);
  expect(done).toMatchObject({ status: 'published', changed: true, runs: [expect.stringMatching(/^run_/)] });
  const after = await dumpStore(mesh.parts.database);
  const grown = (table: string) => (after[table]?.length ?? 0) - (before[table]?.length ?? 0);
  expect(['product_versions', 'changes', 'runs'].map(grown)).toEqual([1, 1, 1]);
  expect(Number(after['run-pipeline jobs']) - Number(before['run-pipeline jobs'])).toBe(1);
  expect(await publishProduct.run(engineer, PLAN)).toMatchObject({ changed: false, runs: [] });
  expect(await dumpStore(mesh.parts.database)).toEqual(after);
});

test('a product that was published by hand stays so when its draft is applied again', async () => {
  const before = await dumpStore(mesh.parts.database);
  await apply(DRAFT.slice(0, 1));
  expect(await dumpStore(mesh.parts.database)).toEqual(before);
});

test('what consumers use can be deprecated but not retired; without them it can', async () => {
  await expect(retireProduct.run(admin, SELL_OUT)).rejects.toMatchObject({
    code: 'product.has-consumers',
    facts: { domains: ['marketing'] },
  });
  expect(await deprecateProduct.run(admin, SELL_OUT)).toMatchObject({ status: 'deprecated', changed: true });
  expect(await deprecateProduct.run(admin, SELL_OUT)).toMatchObject({ changed: false });
  await expect(retireProduct.run(admin, SELL_OUT)).rejects.toMatchObject({ code: 'product.has-consumers' });
  expect(await publishProduct.run(admin, SELL_OUT)).toMatchObject({ status: 'published', changed: true });
  expect(await retireProduct.run(engineer, { ...PLAN, dryRun: true })).toMatchObject({ changed: true });
  const found = async () =>
    (await search.run(engineer, { text: 'media plan', limit: 20 })).hits.map(({ kind }) => kind);
  expect(await found()).toContain('product');
  expect(await retireProduct.run(engineer, PLAN)).toMatchObject({ status: 'retired', changed: true });
  expect(await found()).not.toContain('product');
  expect(await retireProduct.run(engineer, PLAN)).toMatchObject({ changed: false });
  await expect(publishProduct.run(engineer, PLAN)).rejects.toMatchObject({ code: 'product.retired' });
  await expect(deprecateProduct.run(engineer, PLAN)).rejects.toMatchObject({ code: 'product.not-published' });
});

test('a domain’s engineer cannot move another’s product, and the attempt is on record', async () => {
  await expect(publishProduct.run(engineer, SELL_OUT)).rejects.toMatchObject({ code: 'auth.forbidden' });
  const { reader } = mesh.parts.database;
  const refused = await reader.selectFrom('changes').selectAll().where('allowed', '=', false).execute();
  expect(refused.map(({ action, actor }) => `${actor} ${action}`)).toEqual(['engineer product.publish']);
});

test('lists show what the caller may discover, and how its domains stand to it', async () => {
  const parse = listAllProducts.output;
  const mine = parse.parse(await listAllProducts.run(engineer, { limit: 500 }));
  expect(mine).toMatchObject({
    next: null,
    products: [
      {
        name: 'sell-out',
        access: 'active',
        datasets: [{ name: 'weeks', sqlName: 'sales.weeks', columns: 3, rows: null }],
      },
    ],
  });
  const secret: Edit = [
    `${SALES}/access.cedar`,
    [
      'resource);\n',
      'resource);\n@id("ours alone")\nforbid (principal, action == Action::"product.discover", resource) unless { principal in Domain::"marketing" };\n',
    ],
  ];
  await apply([secret]);
  const stranger = mesh.as(callerOf('stranger'));
  expect((await listAllProducts.run(stranger, { limit: 500 })).products.map(({ name }) => name)).toEqual([
    'media-plan',
  ]);
  const counts = async (context: Context) =>
    (await listAllDomains.run(context, {})).domains.map(({ name, products }) => `${name} ${products}`);
  expect(await counts(stranger)).toEqual(['marketing 1']);
  expect(await counts(engineer)).toEqual(['marketing 1', 'sales 1']);
});

test('pages follow each other without gaps', async () => {
  const first = await listAllProducts.run(engineer, { limit: 1 });
  const second = await listAllProducts.run(engineer, { limit: 1, after: first.next ?? '' });
  const names = [...first.products, ...second.products].map(({ name }) => name);
  expect([names, second.next]).toEqual([['media-plan', 'sell-out'], null]);
});

const domainPage = async (context: Context, domain: string) =>
  getDomain.output.parse(await getDomain.run(context, { domain }));

const CONTACTS = [
  { name: 'owner of sales', role: 'owner' },
  { name: 'steward of sales', role: 'steward' },
];

test('a domain shows its members and sources to those within it, and to consumers whom to ask', async () => {
  const { reader } = mesh.parts.database;
  const sales = await reader
    .selectFrom('domains')
    .select(['id', 'name', 'title'])
    .where('name', '=', 'sales')
    .executeTakeFirstOrThrow();
  const analyst = mesh.as(callerOf('analyst', [{ ...sales, role: 'analyst' }]));
  for (const inside of [analyst, admin]) {
    const domain = await domainPage(inside, 'sales');
    expect(domain).toMatchObject({
      name: 'sales',
      contacts: CONTACTS,
      sources: [{ name: 'tills', title: 'tills', tables: 0 }],
    });
    expect(domain.members).toContainEqual({
      name: 'owner of sales',
      email: 'owner@sales.example',
      kind: 'person',
      role: 'owner',
    });
  }
  const outside = await domainPage(engineer, 'sales');
  expect(outside).toMatchObject({ products: 1, contacts: CONTACTS, members: null, sources: null });
  expect(JSON.stringify(outside)).not.toMatch(/@|tills|engineer|analyst/);
});

const WEBHOOK = { url: 'https://example.com/', description: '', types: [], products: [] };

test('a domain of which one finds no product is not there, by whichever way it is asked for', async () => {
  const stranger = mesh.as(callerOf('stranger'));
  const asked = async (run: (name: string) => Promise<unknown>, name: string): Promise<unknown> => {
    try {
      return await run(name);
    } catch (error) {
      if (!isMeshError(error)) throw error;
      const { code, facts, message } = error;
      return JSON.parse(JSON.stringify({ code, facts, message }).replaceAll(name, 'NAME'));
    }
  };
  const folder = (domain: string) => ({ files: [{ path: `domains/${domain}/domain.yaml`, text: '' }] });
  const ways: ((name: string) => Promise<unknown>)[] = [
    (domain) => getDomain.run(stranger, { domain }),
    (domain) => listDomainWebhooks.run(stranger, { domain }),
    (domain) => createWebhook.run(stranger, { domain, ...WEBHOOK }),
    (domain) => reportEvents(stranger, { events: [], domain }),
    (name) => planMesh.run(stranger, folder(name)),
  ];
  for (const way of ways) {
    const hidden = await asked(way, 'sales');
    expect(hidden).toHaveProperty('code');
    expect(hidden).toEqual(await asked(way, 'nothing'));
  }
  const found = async (context: Context) =>
    (await search.run(context, { text: 'sales', kind: 'domain', limit: 20 })).hits.map(
      ({ domain }) => domain,
    );
  expect([await found(stranger), await found(engineer)]).toEqual([[], ['sales']]);
});

test('whoever applies one domain is proposed no name of another one', async () => {
  const files = sampleFiles();
  const mine = Object.entries(files).filter(([path]) => path.startsWith('domains/marketing/'));
  const granting = mine.map(([path, text]) => ({ path, text }));
  granting.push({ path: `${MEDIA}/grants.yaml`, text: 'grants:\n  - { domain: sale, purpose: see }\n' });
  const problems = await planMesh.run(engineer, { files: granting }).then(
    () => [],
    (error: { problems?: { message: string }[] }) => (error.problems ?? []).map(({ message }) => message),
  );
  expect(problems).toEqual(['there is no domain sale']);
});
