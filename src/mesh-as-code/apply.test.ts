import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { callerOf, openTestParts, type TestParts } from '../../test/fixtures/context.ts';
import { domainFiles, type Files, productFiles } from '../../test/fixtures/mesh-files.ts';
import { edited, listFiles, only, sampleFiles, without } from '../../test/fixtures/sample-mesh.ts';
import { dumpStore } from '../../test/fixtures/store-dump.ts';
import { isMeshError } from '../base/errors.ts';
import type { Context } from '../identity/context.ts';
import { findPersonByEmail } from '../identity/store.ts';
import { runProduct } from '../pipelines/run-product.ts';
import type { Read, Schema } from '../store/schema.ts';
import { applyMesh } from './apply.ts';
import { planMesh } from './plan.ts';

const PRODUCT = 'domains/sales/products/sell-out';
const ODPS = `${PRODUCT}/product.odps.yaml`;
const CONTRACT = `${PRODUCT}/weeks.odcs.yaml`;
const SQL = `${PRODUCT}/weeks.sql`;
const MARKETING = 'domains/marketing/domain.yaml';

let mesh: TestParts;
let admin: Context;
let files: Files;

beforeAll(async () => {
  mesh = await openTestParts('apply');
  admin = mesh.as(callerOf('admin', [], true));
  files = sampleFiles();
});
afterAll(() => mesh.close());

async function apply(next: Files, context = admin): Promise<string[]> {
  const { changes } = await applyMesh.run(context, { files: listFiles(next) });
  return changes
    .filter(({ action }) => action !== 'unchanged')
    .map(({ action, kind, name }) => `${action} ${kind} ${name}`);
}

async function refusal(next: Files, context = admin): Promise<{ code: string; messages: string[] }> {
  const before = await dumpStore(mesh.parts.database, ['changes', 'audit_chain']);
  const error = await apply(next, context).then(
    () => null,
    (thrown: unknown) => thrown,
  );
  if (!isMeshError(error)) throw error ?? new Error('it was applied');
  expect(await dumpStore(mesh.parts.database, ['changes', 'audit_chain'])).toEqual(before);
  return { code: error.code, messages: [error.message, ...error.problems.map(({ message }) => message)] };
}

/** Somebody with one role in one domain, as the store knows it. */
async function member(domain: string, role: 'owner' | 'steward' | 'engineer' | 'analyst'): Promise<Context> {
  const row = await mesh.parts.database.reader
    .selectFrom('domains')
    .select(['id', 'name', 'title'])
    .where('name', '=', domain)
    .executeTakeFirstOrThrow();
  return mesh.as(callerOf(`${role}-${domain}`, [{ ...row, role }]));
}

function rows<Table extends keyof Schema>(table: Table): Promise<Read<Schema[Table]>[]> {
  const query = mesh.parts.database.reader
    .selectFrom(table as 'runs')
    .selectAll()
    .orderBy(sql`1`);
  return query.execute() as Promise<unknown> as Promise<Read<Schema[Table]>[]>;
}

test('a plan says what apply will do, and does nothing', async () => {
  const before = await dumpStore(mesh.parts.database);
  const plan = await planMesh.run(admin, { files: listFiles(files) });
  expect(await dumpStore(mesh.parts.database)).toEqual(before);
  expect(plan.applied).toBe(false);
  const applied = await applyMesh.run(admin, { files: listFiles(files) });
  expect(applied.changes).toEqual(plan.changes);
  expect(applied.changes.every(({ action }) => action === 'create')).toBe(true);
});

test('what was applied is there: offered, granted, found and queued', async () => {
  const products = await rows('products');
  expect(products.map(({ name, status }) => `${name} ${status}`).sort()).toEqual([
    'media-plan published',
    'sell-out published',
  ]);
  const [subscription] = await rows('subscriptions');
  expect(subscription).toMatchObject({
    state: 'active',
    purpose: 'plan media',
    granted: { rowFilter: { op: 'compare', column: 'region' } },
  });
  const { reader } = mesh.parts.database;
  const inputs = await reader.selectFrom('dataset_inputs').selectAll().orderBy('name').execute();
  expect(inputs.map(({ kind, name }) => `${kind} ${name}`)).toEqual([
    'dataset sales.sell-out.weeks',
    'source tills.receipts',
  ]);
  expect(inputs.every((input) => (input.source_id ?? input.input_dataset_id) !== null)).toBe(true);
  expect((await rows('runs')).map(({ state }) => state)).toEqual(['queued', 'waiting']);
  const documents = await reader.selectFrom('search_documents').select(['kind', 'name', 'label']).execute();
  expect(documents.map(({ kind, name }) => `${kind} ${name}`).sort()).toEqual(
    ['column cost', 'column region', 'column region', 'column units', 'dataset plan', 'dataset weeks'].concat(
      ['domain marketing', 'domain sales', 'product media-plan', 'product sell-out'],
    ),
  );
  expect(documents.find(({ name }) => name === 'sell-out')?.label).toBe('sell-out sell out');
});

test('applying twice changes nothing: no row, no audit, no job', async () => {
  const before = await dumpStore(mesh.parts.database);
  mesh.clock.set('2026-03-02T10:00:00Z');
  expect(await apply(files)).toEqual([]);
  expect(await dumpStore(mesh.parts.database)).toEqual(before);
});

test('people get the attributes of mesh.yaml and of their domains together', async () => {
  const person = (email: string) => findPersonByEmail(mesh.parts.database.reader, email);
  expect((await person('owner@marketing.example'))?.attributes).toEqual({ regions: ['NORTH'] });
  expect((await person('owner@sales.example'))?.attributes).toEqual({});
  const joined = edited(files, MARKETING, [
    'members:\n',
    'members:\n  - { person: Analyst@sales.example, role: analyst }\n',
  ]);
  expect(await apply(joined)).toEqual([
    'update domain marketing',
    'create member analyst@sales.example in marketing',
  ]);
  expect((await person('analyst@sales.example'))?.attributes).toEqual({ regions: ['NORTH', 'SOUTH'] });
  await apply(files);
  expect((await person('analyst@sales.example'))?.attributes).toEqual({ regions: ['SOUTH'] });
});

test('an engineer applies the own domain alone: only what changed is written and run', async () => {
  const engineer = await member('sales', 'engineer');
  mesh.clock.set('2026-03-02T11:00:00Z');
  files = edited(files, SQL, ['units, cost', 'units, cost + 0 AS cost']);
  expect(await apply(only(files, 'domains/sales/'), engineer)).toEqual([
    'update dataset sales.sell-out.weeks',
  ]);
  expect(await rows('runs')).toHaveLength(3);
  const { changes } = await applyMesh.run(engineer, { files: listFiles(files), domain: 'sales' });
  expect(changes.filter(({ action }) => action !== 'unchanged')).toEqual([]);
});

test('nobody applies what is another’s', async () => {
  const engineer = await member('sales', 'engineer');
  expect((await refusal(without(files, 'domains/sales/'), engineer)).code).toBe('auth.forbidden');
  expect((await refusal(only(files, 'domains/marketing/'), engineer)).code).toBe('auth.forbidden');
  expect((await refusal(files, engineer)).code).toBe('auth.forbidden');
  expect((await refusal(only(files, 'domains/'), engineer)).messages.join()).toContain('one domain only');
  expect((await refusal({ ...domainFiles('new') }, engineer)).code).toBe('auth.forbidden');
  const analyst = await member('sales', 'analyst');
  expect((await refusal(only(files, 'domains/sales/'), analyst)).code).toBe('auth.forbidden');
});

test('members are the owners’ matter, rules the stewards’', async () => {
  const mine = only(files, 'domains/sales/');
  const moreMembers = edited(mine, 'domains/sales/domain.yaml', [
    'members:\n',
    'members:\n  - { service: loader, role: engineer }\n',
  ]);
  const lessHidden = without(mine, `${PRODUCT}/restrictions.yaml`);
  const wider = edited(mine, `${PRODUCT}/grants.yaml`, ["    rows: region = 'NORTH'\n", '']);
  const engineer = await member('sales', 'engineer');
  for (const next of [moreMembers, lessHidden, wider]) {
    expect((await refusal(next, engineer)).code).toBe('auth.forbidden');
  }
  const owner = await member('sales', 'owner');
  expect(await apply(moreMembers, owner)).toContain('create member service loader in sales');
  expect(await apply(lessHidden, owner)).toEqual([
    'update domain sales',
    'remove member service loader in sales',
    'remove restriction sales.sell-out/sold-only',
  ]);
  expect(await apply(mine, owner)).toEqual(['create restriction sales.sell-out/sold-only']);
  const analysing = edited(moreMembers, 'domains/sales/domain.yaml', [
    'loader, role: engineer',
    'loader, role: analyst',
  ]);
  await apply(moreMembers, owner);
  await apply(analysing, owner);
  await apply(mine, owner);
  const recorded = (await rows('changes')).map(({ facts }) => facts as Record<string, any>);
  const loader = recorded.filter(({ name }) => name === 'service loader in sales').slice(-3);
  expect(loader.map(({ change, details }) => [change, ...details])).toEqual([
    ['create', 'role: engineer'],
    ['update', 'role: engineer -> analyst'],
    ['remove', 'role was analyst'],
  ]);
});

test('a request waits, and a grant that comes later approves it', async () => {
  const asking = edited(files, MARKETING, ['purpose: plan media', 'purpose: buy media']);
  expect(await apply(asking)).toEqual([
    'update domain marketing',
    'create subscription marketing to sales.sell-out',
    'remove subscription marketing to sales.sell-out',
  ]);
  const states = async () =>
    (await rows('subscriptions')).map(({ purpose, state }) => `${purpose}: ${state}`).sort();
  expect(await states()).toEqual(['buy media: requested', 'plan media: withdrawn']);
  const granted = edited(asking, `${PRODUCT}/grants.yaml`, [
    'purpose: plan media',
    'purpose: buy media\n    until: 2026-12-31',
  ]);
  expect(await apply(granted)).toContain('update subscription marketing to sales.sell-out');
  expect(await states()).toEqual(['buy media: active', 'plan media: withdrawn']);
  const active = (await rows('subscriptions')).find(({ state }) => state === 'active');
  expect(active?.until?.toISOString()).toBe('2027-01-01T00:00:00.000Z');
  expect(await apply(granted)).toEqual([]);
  await apply(files);
  expect(await states()).toEqual(['buy media: withdrawn', 'plan media: active', 'plan media: withdrawn']);
});

test('what consumers use cannot be removed, and the refusal names them', async () => {
  const gone = without(only(files, 'domains/sales/'), PRODUCT);
  const owner = await member('sales', 'owner');
  for (const [next, context] of [
    [gone, owner],
    [without(files, 'domains/sales/'), admin],
  ] as const) {
    const { code, messages } = await refusal(next, context);
    expect([
      code,
      messages.some((message) => /sell-out.*|no product/.test(message) && /marketing/.test(message)),
    ]).toEqual(['mesh.refused', true]);
  }
  const retired = edited(files, ODPS, ['status: active', 'status: retired']);
  expect((await refusal(only(retired, 'domains/sales/'), owner)).messages.join()).toContain('marketing');
});

test('a version that was offered never changes; a new one may', async () => {
  const contract = edited(files, CONTRACT, ['"units for tests"', '"units sold"']);
  expect((await refusal(contract)).messages.join()).toContain('raise `version`');
  const product = edited(files, ODPS, ['for tests.', 'for everybody.']);
  expect((await refusal(product)).messages.join()).toContain('raise `version`');
  mesh.clock.set('2026-03-02T12:00:00Z');
  const runs = (await rows('runs')).length;
  const raised = edited(edited(contract, CONTRACT, ['version: 1.0.0', 'version: 1.1.0']), ODPS, [
    'version: 1.0.0',
    'version: 1.1.0',
  ]);
  files = edited(raised, ODPS, ['for tests.', 'for everybody.']);
  expect(await apply(files)).toEqual([
    'update product sales.sell-out',
    'update dataset sales.sell-out.weeks',
  ]);
  expect(await rows('runs')).toHaveLength(runs + 1);
  expect(
    (await rows('product_versions'))
      .filter(({ text }) => text.includes('sales.sell-out'))
      .map(({ version }) => version),
  ).toEqual(['1.0.0', '1.1.0']);
});

test('a comment alone is a change that runs nothing', async () => {
  const runs = (await rows('runs')).length;
  mesh.clock.set('2026-03-02T13:00:00Z');
  files = edited(files, CONTRACT, ['kind: DataContract', 'kind: DataContract # as agreed']);
  expect(await apply(files)).toEqual(['update dataset sales.sell-out.weeks']);
  expect(await rows('runs')).toHaveLength(runs);
  expect((await rows('datasets')).some((dataset) => dataset.contract_text.includes('as agreed'))).toBe(true);
});

test('a run that somebody asked for while an apply took its time does not stand for the run of what it changed', async () => {
  const engineer = await member('sales', 'engineer');
  const changed = only(edited(files, SQL, ['cost + 0', 'cost + 2']), 'domains/sales/');
  const before = (await rows('runs')).length;
  // The apply had looked at the clock already when the run was started.
  mesh.clock.set('2026-03-02T13:30:05Z');
  await runProduct.run(engineer, { domain: 'sales', product: 'sell-out', parameters: {} });
  mesh.clock.set('2026-03-02T13:30:00Z');
  for (const next of [changed, changed, only(files, 'domains/sales/')]) await apply(next, engineer);
  expect((await rows('runs')).slice(before).map(({ trigger }) => trigger)).toEqual([
    'on demand',
    'applied',
    'applied',
  ]);
});

test('domains may read each other, as long as datasets do not in a circle', async () => {
  const plan = {
    name: 'reach',
    columns: [{ name: 'region', type: 'varchar' }],
    sql: 'SELECT region FROM marketing.plan\n',
  };
  const both = {
    ...files,
    ...productFiles({ domain: 'sales', product: 'reach', datasets: [plan] }),
    'domains/sales/domain.yaml': `${files['domains/sales/domain.yaml']}subscriptions:\n  - { product: marketing.media-plan, purpose: measure reach }\n`,
  };
  const runs = (await rows('runs')).length;
  await apply(both);
  const { reader } = mesh.parts.database;
  const open = await reader
    .selectFrom('dataset_inputs')
    .select('name')
    .where('source_id', 'is', null)
    .where('input_dataset_id', 'is', null)
    .execute();
  expect(open).toEqual([]);
  expect(await rows('runs')).toHaveLength(runs + 1);
  expect(await apply(both)).toEqual([]);
  expect((await apply(files)).sort()).toEqual([
    'remove product sales.reach',
    'remove subscription sales to marketing.media-plan',
    'update domain sales',
  ]);
});

test('what failed half way is made up for by the next apply', async () => {
  const changed = edited(files, SQL, ['cost + 0', 'cost + 1']);
  const more = edited(changed, 'domains/marketing/products/media-plan/plan.sql', [
    'GROUP BY',
    'WHERE true GROUP BY',
  ]);
  mesh.clock.set('2026-03-02T14:00:00Z');
  let calls = 0;
  const database: Context['database'] = {
    ...admin.database,
    transact: (work) =>
      admin.database.transact(async (transaction) => {
        const result = await work(transaction);
        if (++calls > 1) throw new Error('the power is gone');
        return result;
      }),
  };
  const runs = (await rows('runs')).length;
  await expect(apply(more, { ...admin, database })).rejects.toThrow('the power is gone');
  expect(await rows('runs')).toHaveLength(runs + 1);
  files = more;
  expect(await apply(files)).toEqual(['update dataset marketing.media-plan.plan']);
  expect(await rows('runs')).toHaveLength(runs + 2);
});

test('a domain that is taken out closes, and opens again when it is declared', async () => {
  const rest = without(without(files, 'domains/marketing/'), `${PRODUCT}/grants.yaml`);
  const small = edited(rest, 'mesh.yaml', ['  domains: { marketing: { regions: [NORTH] } }\n', '']);
  expect(await apply(small)).toContain('remove domain marketing');
  const marketing = (await rows('domains')).find(({ name }) => name === 'marketing');
  expect(marketing?.closed_at).not.toBeNull();
  expect((await rows('products')).find(({ name }) => name === 'media-plan')?.status).toBe('retired');
  expect((await rows('subscriptions')).filter(({ state }) => state === 'active')).toEqual([]);
  expect(await apply(small)).toEqual([]);
  expect(await apply(files)).toContain('update domain marketing');
  expect((await rows('products')).map(({ status }) => status)).toEqual(
    expect.arrayContaining(['published', 'published']),
  );
  expect((await rows('subscriptions')).filter(({ state }) => state === 'active')).toHaveLength(1);
  expect(await apply(files)).toEqual([]);
});

test('two domains applied at once do not close a circle that neither of them sees', async () => {
  const readingOf = (domain: string, other: string): Files => ({
    ...domainFiles(domain),
    ...productFiles({
      domain,
      product: 'loop',
      datasets: [
        {
          name: `of-${domain}`,
          columns: [{ name: 'n', type: 'integer' }],
          sql: `SELECT n FROM ${other === '' ? 'range(3) AS t(n)' : `${other}."of-${other}"`}`,
        },
      ],
    }),
  });
  await apply({ ...files, ...readingOf('north', ''), ...readingOf('south', '') });
  mesh.clock.set('2026-03-02T20:00:00Z');
  const raise = (one: Files): Files =>
    Object.fromEntries(
      Object.entries(one).map(([path, text]) => [path, text.replaceAll('version: 1.0.0', 'version: 1.0.1')]),
    );
  const both = [raise(readingOf('north', 'south')), raise(readingOf('south', 'north'))];
  const outcomes = await Promise.allSettled(both.map((one) => apply(one)));
  expect(outcomes.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
  const refused = outcomes.find(({ status }) => status === 'rejected') as PromiseRejectedResult;
  expect(refused.reason).toMatchObject({
    code: 'mesh.refused',
    problems: [{ message: expect.stringContaining('in a circle') }],
  });
});
