import { afterAll, beforeAll, expect, test } from 'vitest';
import { findPersonByEmail } from '../../src/identity/store.ts';
import { crossdock } from '../fixtures/command-line.ts';
import { openTestMesh, type Answer, type Person, type TestMesh } from '../fixtures/mesh.ts';
import { listFiles } from '../fixtures/sample-mesh.ts';
import { FIRST, filesOf, ORDERS, type State, VOCABULARY } from '../fixtures/tagged-shop.ts';

let mesh: TestMesh;
let owner: Person;
let steward: Person;
let engineer: Person;
let analyst: Person;

let state = FIRST;
let rounds = 0;

/** Applies a change; it stays for the tests after it. */
async function change(some: Partial<State>): Promise<void> {
  const next = { ...state, ...some };
  await mesh.apply(filesOf(next));
  state = next;
}

async function refused(some: Partial<State>, by = mesh.administrator, folder = ''): Promise<string[]> {
  const files = listFiles(filesOf({ ...state, ...some }));
  const answer = await by.post('/api/v1/plan', {
    files: files.filter(({ path }) => path.startsWith(folder)),
  });
  expect([answer.status, answer.body.code]).toEqual([409, 'mesh.refused']);
  return problemsOf(answer);
}

const problemsOf = ({ body }: Answer) =>
  body.problems.map(({ message, place }: { message: string; place: string }) => `${place} ${message}`);

const seen = async (person = analyst) =>
  (await person.post('/api/v1/query', { sql: 'SELECT * FROM sales.orders' })).body.columns.map(
    ({ name }: { name: string }) => name,
  );

/** A restriction that masks the columns a tag expression selects, and the columns the analyst sees masked. */
const maskedBy = (tags: string) =>
  `restrictions: [{ name: r, appliesTo: { tags: { ${tags} } }, mask: replace-with-null }]\n`;

async function masked(): Promise<string[]> {
  const { body } = await analyst.get('/api/v1/explain?name=sales.shop.orders');
  const columns: { name: string; access: string }[] = body.datasets[0].access.columns;
  return columns.filter(({ access }) => access === 'masked').map(({ name }) => name);
}

/** A new subscription of marketing, given by this grant. */
async function grant(given: object): Promise<Answer> {
  const asked = await analyst.post('/api/v1/requests', {
    product: 'sales.shop',
    purpose: `round ${++rounds}`,
  });
  expect(asked.status).toBe(200);
  const answer = await steward.post(`/api/v1/requests/${asked.body.id}/approve`, given);
  if (answer.status !== 200) await steward.post(`/api/v1/requests/${asked.body.id}/reject`, { reason: 'no' });
  return answer;
}

const revoke = async ({ body }: Answer) =>
  expect((await steward.post(`/api/v1/subscriptions/${body.id}/revoke`, { reason: 'over' })).status).toBe(
    200,
  );

beforeAll(async () => {
  mesh = await openTestMesh('flows/tags');
  await mesh.source('sales/orders/orders.csv', ORDERS);
  await mesh.apply(filesOf(FIRST));
  await mesh.settle();
  owner = await mesh.person('owner@sales.example');
  steward = await mesh.person('steward@sales.example');
  engineer = await mesh.person('engineer@sales.example');
  analyst = await mesh.person('analyst@marketing.example');
});
afterAll(() => mesh.close());

test('only declared keys and values, wherever a tag is written or selected by', async () => {
  expect(
    await refused({
      zone: "'zone:asia'",
      product: "'topic:tarde'",
      contract: "'clas:open'",
      columns: { id: "'class'", city: "'class:hidden'" },
      restrictions: 'restrictions: [{ name: r, appliesTo: { tags: { class: [opne] } }, hide: true }]\n',
      policies: '@id("p") forbid (principal, action, resource) when { resource.hasTag("embargo") };\n',
      grants: 'grants: [{ domain: marketing, purpose: plan it, tags: { topics: people } }]\n',
    }),
  ).toEqual([
    expect.stringMatching(
      /^mesh.yaml:\d+:\d+ the tag class has no value opne; there are open, internal, secret$/,
    ),
    expect.stringMatching(/^policies\/closed.cedar:1:\d+ mesh.yaml declares no tag embargo/),
    expect.stringMatching(/domain.yaml:\d+:\d+ the tag zone has no value asia; there are europe, world$/),
    expect.stringMatching(
      /product.odps.yaml:\d+:\d+ the tag topic has no value tarde; there are trade, people$/,
    ),
    expect.stringMatching(/orders.odcs.yaml:\d+:\d+ mesh.yaml declares no tag clas; did you mean class\?$/),
    expect.stringMatching(/orders.odcs.yaml:\d+:\d+ the tag class has no value true/),
    expect.stringMatching(/orders.odcs.yaml:\d+:\d+ the tag class has no value hidden/),
    expect.stringMatching(/grants.yaml:1:\d+ mesh.yaml declares no tag topics; did you mean topic\?$/),
  ]);
  const given = await grant({ tags: { class: ['opne'] } });
  expect([given.status, given.body.problems]).toEqual([
    422,
    [{ message: expect.stringMatching(/^the tag class has no value opne/), pointer: '/tags/class' }],
  ]);
});

test('a thing has one value for a key, and two things may have two', async () => {
  const two = "'topic:trade', 'topic:people'";
  const second = (file: string) =>
    expect.stringMatching(`${file}:\\d+:\\d+ a second value for the tag topic: a thing has one$`);
  expect(
    await refused({
      ...{ zone: "'zone:europe', 'zone:world'", product: two, contract: two },
      columns: { id: two, city: two },
    }),
  ).toEqual([
    expect.stringMatching(/domain.yaml:\d+:\d+ a second value for the tag zone: a thing has one$/),
    second('product.odps.yaml'),
    ...[1, 2, 3].map(() => second('orders.odcs.yaml')),
  ]);
  await change({ columns: { id: "'topic:trade'", email: "'topic:people'" } });
  await change(FIRST);
});

const RESTRICTED = `restrictions:
  - { name: no-people-of-europe, appliesTo: { tags: { topic: [people], zone: [europe] } }, hide: true }
`;

test('a tag set on a domain, product or dataset holds for all that is below', async () => {
  const given = await grant({});
  await change({ restrictions: maskedBy('zone: [europe]') });
  expect(await masked()).toEqual(['id', 'region', 'email', 'cost', 'address']);
  await change({ restrictions: maskedBy('topic: [trade]') });
  expect(await masked()).toEqual(['id', 'region', 'cost', 'address']);
  await change({ restrictions: maskedBy('class: [internal]') });
  expect(await masked()).toEqual(['id', 'region', 'address']);
  await change(FIRST);
  await revoke(given);
});

test('a tag set below overrides the one from above, for its own part and what is below it', async () => {
  const given = await grant({});
  await change({ restrictions: RESTRICTED });
  expect(await seen()).toEqual(['id', 'region', 'cost', 'address']);
  await change({ columns: { ...state.columns, email: "'topic:people', 'zone:world'" } });
  expect(await seen()).toEqual(['id', 'region', 'email', 'cost', 'address']);
  await change({ product: "'topic:people'", columns: { ...state.columns, id: "'topic:trade'" } });
  expect(await seen()).toEqual(['id', 'email']);
  await change({ zone: "'zone:world'" });
  expect(await seen()).toEqual(['id', 'region', 'email', 'cost', 'address']);
  await change(FIRST);
  await revoke(given);
});

test('effective tags are shown with where they were set: on the page, in explain, in the terminal', async () => {
  const { body } = await steward.get('/api/v1/products/sales/shop');
  const [dataset] = body.datasets;
  expect(body.effectiveTags).toEqual([
    { key: 'zone', value: 'europe', from: 'domain' },
    { key: 'topic', value: 'trade', from: 'product' },
  ]);
  expect(dataset.effectiveTags).toEqual([
    ...body.effectiveTags,
    { key: 'class', value: 'internal', from: 'dataset' },
  ]);
  const of = (columns: any[], name: string) => columns.find((column) => column.name === name);
  const email = [
    { key: 'zone', value: 'europe', from: 'domain' },
    { key: 'topic', value: 'people', from: 'column' },
    { key: 'class', value: 'secret', from: 'column' },
  ];
  expect(of(dataset.columns, 'email').effectiveTags).toEqual(email);
  expect(of(dataset.columns, 'region').effectiveTags).toEqual(dataset.effectiveTags);
  const explained = await steward.get('/api/v1/explain?name=sales.shop.orders');
  expect(of(explained.body.datasets[0].access.columns, 'email').tags).toEqual(email);
  const told = await crossdock(['explain', 'sales.shop.orders.region'], {
    CROSSDOCK_URL: mesh.mesh.url,
    CROSSDOCK_TOKEN: steward.token,
  });
  expect(told.stdout).toContain('zone:europe (domain), topic:trade (product), class:internal (dataset)');
});

test('of a key any value fits and every key has to, for restrictions and for grants alike', async () => {
  const any = await grant({ tags: { class: ['internal', 'secret'] } });
  expect(any.body.tags).toEqual({ class: ['internal', 'secret'] });
  expect(await seen()).toEqual(['id', 'region', 'email', 'cost', 'address']);
  await revoke(any);
  const all = await grant({ tags: { class: ['internal', 'secret'], topic: 'trade' } });
  expect(await seen()).toEqual(['id', 'region', 'cost', 'address']);
  const why = await analyst.get('/api/v1/explain?name=sales.shop.orders.email');
  expect(why.body.datasets[0].access.columns[0].reasons).toEqual([
    'not part of the subscription, which is for class:internal|secret and topic:trade',
  ]);
  await revoke(all);
  const named = await grant({ columns: ['id', 'email'], tags: { class: ['secret'] } });
  expect(await seen()).toEqual(['email']);
  await revoke(named);
  const whole = await grant({});
  await change({ restrictions: maskedBy('class: [secret, open]') });
  expect(await masked()).toEqual(['email', 'cost']);
  await change({ restrictions: maskedBy('class: [secret, open], topic: [trade]') });
  expect(await masked()).toEqual(['cost']);
  await change({ restrictions: '' });
  await revoke(whole);
});

test('a newly tagged column is governed by the next query: by restrictions, by grants, in whole for a part', async () => {
  const given = await grant({ tags: { class: ['internal', 'open'] } });
  expect(await seen()).toEqual(['id', 'region', 'address']);
  await change({ columns: { ...state.columns, region: "'class:secret'", cost: "'class:open'" } });
  expect(await seen()).toEqual(['id', 'cost', 'address']);
  // A grant gives a column whose every part it gives, a restriction on a part is one on the column.
  await change({ columns: { ...state.columns, city: "'class:secret'" } });
  expect(await seen()).toEqual(['id', 'cost']);
  await revoke(given);
  const whole = await grant({});
  await change({
    restrictions: 'restrictions: [{ name: r, appliesTo: { tags: { class: [secret] } }, hide: true }]\n',
  });
  expect(await seen()).toEqual(['id', 'cost']);
  await change(FIRST);
  await revoke(whole);
});

test('creating a tag, setting it and giving by it are rights of their own', async () => {
  const own = 'domains/sales/';
  // Only administrators apply mesh.yaml, where keys are created.
  const files = listFiles(filesOf(state));
  expect((await steward.post('/api/v1/apply', { files })).body.code).toBe('auth.forbidden');
  const tagged = { columns: { ...state.columns, email: "'reach:contact'" } };
  expect(await refused(tagged, engineer, own)).toEqual([
    expect.stringMatching(
      /orders.odcs.yaml:\d+:\d+ you may not set the tag reach in sales: `assignedBy` of mesh.yaml names sales\/steward; ask one of them/,
    ),
  ]);
  await change(tagged);
  // What is set already, an engineer may leave and may not take away.
  const kept = listFiles(filesOf(state));
  const mine = { files: kept.filter(({ path }) => path.startsWith(own)) };
  expect((await engineer.post('/api/v1/plan', mine)).status).toBe(200);
  expect(await refused({ columns: FIRST.columns }, engineer, own)).toEqual([
    expect.stringMatching(/you may not set the tag reach in sales/),
  ]);
  const given = await grant({ tags: { reach: ['contact'] } });
  expect([given.status, given.body.code]).toEqual([403, 'auth.tag']);
  const offered = 'grants: [{ domain: marketing, purpose: plan it, tags: { reach: contact } }]\n';
  expect(await refused({ grants: offered }, owner, own)).toEqual([
    expect.stringMatching(/grants.yaml:1:\d+ you may not give columns by the tag reach in sales/),
  ]);
  await change({ vocabulary: VOCABULARY.replace('[marketing]', '[sales]') });
  const now = await grant({ tags: { reach: ['contact'] } });
  expect(await seen()).toEqual(['email']);
  await revoke(now);
  expect(await refused({ vocabulary: VOCABULARY.replace('[marketing]', '[sale]') })).toEqual([
    expect.stringMatching(/^mesh.yaml:\d+:\d+ there is no domain sale; did you mean sales\?$/),
  ]);
  await change(FIRST);
});

test('a tag that is used cannot be deleted, and the refusal names where', async () => {
  const held = await grant({ tags: { topic: ['people'], zone: ['world', 'europe'] } });
  const bare = { product: "'zone:europe'", columns: {}, contract: "'class:internal'" };
  await change(bare);
  const less = VOCABULARY.replace('  topic: [trade, people]\n', '').replace('[europe, world]', '[europe]');
  const by = `the subscription ${held.body.id} of marketing to sales.shop`;
  expect(await refused({ vocabulary: less })).toEqual([
    expect.stringContaining(`the tag topic cannot be deleted: ${by} uses it; end that first`),
    expect.stringContaining(`the value world of the tag zone cannot be deleted: ${by} uses it`),
  ]);
  const ceiling = { product: 'sales.shop', to: 'marketing', tags: { zone: ['world'] } };
  const lent = await owner.post('/api/v1/delegations', ceiling);
  expect(await refused({ vocabulary: less })).toEqual([
    expect.stringContaining('the tag topic cannot be deleted'),
    expect.stringContaining(`the delegation ${lent.body.id} to sales.shop`),
  ]);
  await owner.post(`/api/v1/delegations/${lent.body.id}/revoke`, { reason: 'over' });
  expect(await refused({ vocabulary: '' })).toHaveLength(5);
  await revoke(held);
  expect(await refused({ vocabulary: less, product: "'topic:trade'", zone: "'zone:world'" })).toEqual([
    expect.stringMatching(
      /domain.yaml:\d+:\d+ mesh.yaml deletes the value world of the tag zone, which is used here/,
    ),
    expect.stringMatching(/product.odps.yaml:\d+:\d+ mesh.yaml deletes the tag topic, which is used here/),
  ]);
  await change({ vocabulary: less });
  // A grant by a tag and its deletion at once: one of them is refused, whichever comes first.
  await change({ vocabulary: VOCABULARY });
  const files = listFiles(filesOf({ ...state, vocabulary: less }));
  const [given, deleted] = await Promise.all([
    grant({ tags: { topic: ['people'] } }),
    mesh.administrator.post('/api/v1/apply', { files }),
  ]);
  expect([given.status, deleted.status].filter((status) => status === 200)).toHaveLength(1);
  if (given.status === 200) await revoke(given);
  await change({ vocabulary: less });
  const late = await grant({ tags: { topic: ['people'] } });
  expect([late.status, late.body.problems[0].message]).toEqual([
    422,
    expect.stringMatching(/^mesh.yaml declares no tag topic/),
  ]);
  await change({ ...FIRST });
});

const FORBIDS = [
  'resource.hasTag("class") && resource.getTag("class").contains("internal")',
  'resource.hasTag("zone") && resource.getTag("zone").contains("europe")',
  'resource.domain.hasTag("zone")',
  'resource.status == "published"',
  'context has purpose && context.purpose like "round*"',
  'principal.groups.contains("outside")',
  'principal.claims.hasTag("cost_center")',
];

test('a forbid by tags, status, purpose, groups or claims closes the rows at every door', async () => {
  const given = await grant({});
  const { database } = mesh.mesh.parts;
  const { id } = (await findPersonByEmail(database.reader, 'analyst@marketing.example'))!;
  const said = { groups: JSON.stringify(['outside']), claims: JSON.stringify({ cost_center: '4711' }) };
  await database.transact((transaction) =>
    transaction
      .insertInto('company_people')
      .values({ ...said, principal_id: id, issuer: 'login', subject: 'a', seen_at: new Date() })
      .execute(),
  );
  const who = encodeURIComponent('analyst@marketing.example');
  const doors = async () => ({
    query: (await analyst.post('/api/v1/query', { sql: 'SELECT * FROM sales.orders' })).status === 200,
    data: (await analyst.get('/data/v1/sales/shop/orders')).status === 200,
    explain: (await analyst.get('/api/v1/explain?name=sales.shop.orders')).body.datasets[0].access !== null,
    page: (await analyst.get('/api/v1/products/sales/shop')).body.datasets[0].columns[0].access === 'visible',
    asked:
      (await owner.get(`/api/v1/explain?name=sales.shop.orders&as=${who}`)).body.datasets[0].access !== null,
    readers: JSON.stringify((await owner.get('/api/v1/readers?name=sales.shop.orders')).body).includes(
      'analyst@marketing.example',
    ),
  });
  expect(Object.values(await doors())).not.toContain(false);
  for (const condition of FORBIDS) {
    const text = `@id("closed") forbid (principal, action == Action::"product.read", resource) when { ${condition} };`;
    await mesh.mesh.parts.database.transact((transaction) =>
      transaction
        .insertInto('policies')
        .values({ scope_id: 'mesh', name: 'closed.cedar', text })
        .onConflict((conflict) => conflict.columns(['scope_id', 'name']).doUpdateSet({ text }))
        .execute(),
    );
    const open = await doors();
    const passing = Object.keys(open).filter((door) => open[door as keyof typeof open]);
    expect([condition, passing]).toEqual([condition, []]);
  }
  await revoke(given);
});
