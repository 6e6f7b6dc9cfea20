import { afterAll, beforeAll, expect, test } from 'vitest';
import { MovedClock } from '../fixtures/context.ts';
import { openTestMesh, type Person, type TestMesh } from '../fixtures/mesh.ts';
import { domainFiles, meshFiles, productFiles, sourceFile } from '../fixtures/mesh-files.ts';

let mesh: TestMesh;
let steward: Person;
let owner: Person;
let analyst: Person;
let outsider: Person;
let subscription: string;

const HOUR_MS = 3_600_000;
const clock = new MovedClock();

const ORDERS = `id,region,amount,email
1,NORTH,10.50,ada@shop.example
2,NORTH,20.25,bob@shop.example
3,SOUTH,99.99,eve-secret@shop.example
4,WEST,1.00,
`;

const SECRET = `@id("only finance knows")
forbid (principal, action, resource) unless { principal in Domain::"finance" };
`;

const orders = {
  name: 'orders',
  columns: [
    { name: 'id', type: 'integer', more: ['required: true', 'primaryKey: true'] },
    { name: 'region', type: 'varchar', more: ['required: true'] },
    { name: 'amount', type: 'decimal(12,2)' },
    { name: 'email', type: 'varchar', more: ['classification: personal'] },
  ],
  sql: 'SELECT CAST(id AS INTEGER) AS id, region, CAST(amount AS DECIMAL(12,2)) AS amount, email FROM shop.orders',
};

const salaries = {
  name: 'salaries',
  columns: [{ name: 'person', type: 'varchar' }],
  sql: "SELECT 'nobody' AS person FROM ledger.people",
};

beforeAll(async () => {
  mesh = await openTestMesh('flows/subscription', { clock });
  await mesh.source('sales/orders/orders.csv', ORDERS);
  await mesh.source('finance/people/people.csv', 'person,pay\nada,100\n');
  await mesh.apply({
    ...meshFiles(
      'attributes:\n  domains:\n    marketing: { regions: [NORTH] }\n' +
        'privacy: { approvers: [{ domain: sales, role: owner }] }\n',
    ),
    ...domainFiles('sales'),
    ...domainFiles('marketing'),
    ...domainFiles('finance'),
    ...sourceFile('sales', 'shop', "  orders: { files: 'orders/*.csv', format: csv }\n"),
    ...sourceFile('finance', 'ledger', "  people: { files: 'people/*.csv', format: csv }\n"),
    ...productFiles({ domain: 'sales', product: 'shop-orders', datasets: [orders] }),
    ...productFiles({
      domain: 'finance',
      product: 'pay',
      datasets: [salaries],
      files: { 'access.cedar': SECRET },
    }),
  });
  await mesh.settle();
  steward = await mesh.person('steward@sales.example');
  owner = await mesh.person('owner@sales.example');
  analyst = await mesh.person('analyst@marketing.example');
  outsider = await mesh.person('analyst@finance.example');
});
afterAll(() => mesh.close());

test('the producer’s own people read their data as it is', async () => {
  expect(await steward.rows('SELECT count(*) AS n, sum(amount) AS amount FROM sales.orders')).toEqual([
    { n: 4, amount: '131.74' },
  ]);
});

test('a consumer without subscription finds the product and is told how to ask', async () => {
  const found = await analyst.get('/api/v1/search?text=orders');
  expect(found.body.hits.map((hit: { kind: string }) => hit.kind)).toContain('product');
  const refusal = await analyst.refusal('SELECT * FROM sales.orders');
  expect(refusal).toMatchObject({ status: 403, code: 'query.no-subscription' });
  expect(refusal.text).toContain('crossdock request sales.shop-orders');
  expect(refusal.text).not.toContain('NORTH');
});

test('a product one may not discover is nowhere: not in lists, search, SQL, data API or requests', async () => {
  const missing = await analyst.refusal('SELECT * FROM finance.nothing_at_all');
  const hidden = await analyst.refusal('SELECT * FROM finance.salaries');
  expect(hidden.text.replaceAll('salaries', 'nothing_at_all').replace(/"requestId":"[^"]*"/, '')).toBe(
    missing.text.replace(/"requestId":"[^"]*"/, ''),
  );
  const everything = await Promise.all([
    analyst.get('/api/v1/products'),
    analyst.get('/api/v1/search?text=salaries'),
    analyst.get('/api/v1/search?text=pay'),
  ]);
  for (const { body } of everything) expect(JSON.stringify(body)).not.toMatch(/salaries|finance\.pay|"pay"/);
  const asked = await analyst.post('/api/v1/requests', { product: 'finance.pay', purpose: 'curious' });
  const askedNothing = await analyst.post('/api/v1/requests', {
    product: 'finance.none',
    purpose: 'curious',
  });
  expect([asked.status, asked.body.code]).toEqual([askedNothing.status, askedNothing.body.code]);
  expect((await analyst.get('/data/v1/finance/pay/salaries')).status).toBe(404);
  expect((await outsider.get('/api/v1/search?text=salaries')).body.hits.length).toBeGreaterThan(0);
});

test('a request waits for the producer, once for a purpose', async () => {
  const asked = await analyst.post('/api/v1/requests', {
    product: 'sales.shop-orders',
    purpose: 'measure campaigns',
  });
  expect(asked).toMatchObject({ status: 200, body: { state: 'requested', domain: 'marketing' } });
  subscription = asked.body.id;
  const again = await analyst.post('/api/v1/requests', {
    product: 'sales.shop-orders',
    purpose: 'measure campaigns',
  });
  expect(again).toMatchObject({ status: 409, body: { code: 'subscription.exists' } });
  expect((await steward.get('/api/v1/requests?box=to-decide')).body.requests).toHaveLength(1);
  const refusal = await analyst.refusal('SELECT * FROM sales.orders');
  expect(refusal.code).toBe('query.no-subscription');
  expect(JSON.parse(refusal.text).problems).toMatchObject([
    {
      message: expect.stringMatching(
        /^marketing has asked for it .*: the request waits for a decision of sales$/,
      ),
    },
  ]);
});

test('nobody but the producer decides', async () => {
  expect((await analyst.post(`/api/v1/requests/${subscription}/approve`)).status).toBe(403);
  expect((await outsider.post(`/api/v1/requests/${subscription}/approve`)).status).toBe(404);
  expect((await mesh.administrator.post(`/api/v1/requests/${subscription}/approve`)).status).toBe(403);
});

test('a grant that does not fit the product is refused with every problem, and nothing is approved', async () => {
  const answer = await steward.post(`/api/v1/requests/${subscription}/approve`, {
    rows: "country = 'DE' AND amount > 'many'",
    columns: ['id', 'nothing'],
    masks: { amount: { action: 'show-first-4' } },
  });
  expect(answer).toMatchObject({ status: 422, body: { code: 'subscription.grant-invalid' } });
  expect(answer.body.problems.length).toBeGreaterThanOrEqual(4);
  expect((await analyst.get('/api/v1/subscriptions')).body.subscriptions[0].state).toBe('requested');
});

test('approved is enforced: the very next query gives the granted rows and columns, and nothing else', async () => {
  const approved = await steward.post(`/api/v1/requests/${subscription}/approve`, {
    rows: 'region IN principal.regions',
    columns: ['id', 'region', 'email'],
    masks: { email: { action: 'show-first-4' } },
  });
  expect(approved).toMatchObject({ status: 200, body: { state: 'requested', waitsFor: 'privacy' } });
  expect(await analyst.refusal('SELECT * FROM sales.orders')).toMatchObject({
    code: 'query.no-subscription',
  });
  const cleared = await owner.post(`/api/v1/requests/${subscription}/approve`);
  expect(cleared).toMatchObject({ status: 200, body: { state: 'active', personal: ['email'] } });
  expect(await analyst.rows('SELECT * FROM sales.orders ORDER BY id')).toEqual([
    { id: 1, region: 'NORTH', email: 'ada@xxxx.xxxxxxx' },
    { id: 2, region: 'NORTH', email: 'bob@xxxx.xxxxxxx' },
  ]);
  expect(await analyst.rows('SELECT count(*) AS n FROM "sales.shop-orders".orders')).toEqual([{ n: 2 }]);
  const forbidden = await analyst.refusal('SELECT amount FROM sales.orders');
  expect(forbidden.code).toBe('query.invalid');
  expect(forbidden.text).not.toMatch(/99\.99|SOUTH|eve-secret/);
});

test('explain says why each column is as it is', async () => {
  const { body } = await analyst.get('/api/v1/explain?name=sales.shop-orders.orders');
  const columns = Object.fromEntries(
    body.datasets[0].access.columns.map((one: { name: string; access: string }) => [one.name, one.access]),
  );
  expect(columns).toEqual({ id: 'visible', region: 'visible', email: 'masked', amount: 'hidden' });
  expect(body.datasets[0].access.rows).toBe("region in ('NORTH')");
  expect((await outsider.get('/api/v1/explain?name=sales.shop-orders')).body.datasets[0].refusal.code).toBe(
    'query.no-subscription',
  );
  expect((await analyst.get('/api/v1/explain?name=finance.pay')).status).toBe(404);
});

test('the data API gives the same rows under the same plan', async () => {
  const page = await analyst.get('/data/v1/sales/shop-orders/orders?order=-id&limit=1');
  expect(page).toMatchObject({
    status: 200,
    body: { release: 1, rows: [{ id: 2, region: 'NORTH', email: 'bob@xxxx.xxxxxxx' }] },
  });
  const next = await analyst.get(
    `/data/v1/sales/shop-orders/orders?order=-id&limit=1&cursor=${page.body.next}`,
  );
  expect(next.body).toMatchObject({ rows: [{ id: 1 }], next: null });
  const mixed = await analyst.get(
    `/data/v1/sales/shop-orders/orders?order=id&limit=1&cursor=${page.body.next}`,
  );
  expect([mixed.status, mixed.body.problems[0].pointer]).toEqual([400, '/cursor']);
  const etag = page.headers.get('etag')!;
  for (const held of [etag, `W/${etag}`, `"of-another-release", ${etag}`, '*', '"of-another-release"']) {
    const address = '/data/v1/sales/shop-orders/orders?order=-id&limit=1';
    const { status } = await analyst.get(address, { 'if-none-match': held });
    expect([held, status]).toEqual([held, held === '"of-another-release"' ? 200 : 304]);
  }
  const hidden = await analyst.get('/data/v1/sales/shop-orders/orders?amount=gt.50');
  const unknown = await analyst.get('/data/v1/sales/shop-orders/orders?nothing=gt.50');
  expect([hidden.status, unknown.status]).toEqual([400, 400]);
  const csv = await analyst.get('/data/v1/sales/shop-orders/orders?format=csv&region=eq.NORTH&select=id');
  expect(csv.body.trim().split('\n')).toEqual(['id', '1', '2']);
  const twice = await analyst.get('/data/v1/sales/shop-orders/orders?select=id,region,id');
  expect(twice.body.problems).toEqual([
    { pointer: '/select', message: 'id stands twice in select; name each column once' },
  ]);
  const misspelt = await analyst.get('/data/v1/sales/shop-orders/orders?lmit=5');
  expect(misspelt.body.problems[0].message).toContain('did you mean limit?');
});

test('every format holds the same governed rows', async () => {
  for (const format of ['csv', 'json', 'ndjson', 'parquet']) {
    const answer = await analyst.post('/api/v1/query', { sql: 'SELECT id, email FROM sales.orders', format });
    expect([format, answer.status, answer.headers.get('x-row-count')]).toEqual([format, 200, '2']);
    expect(JSON.stringify(answer.body)).not.toMatch(/eve-secret|99\.99/);
  }
});

test('time travel cannot bring back what the plan hides', async () => {
  const rows = await analyst.rows('SELECT * FROM sales.orders', { at: new Date().toISOString() });
  expect(rows).toHaveLength(2);
  const ahead = await analyst.refusal('SELECT * FROM sales.orders', { at: '2999-01-01T00:00:00Z' });
  expect([ahead.code, ahead.text]).toEqual(['input.invalid', expect.stringMatching(/in the future.*"\/at"/)]);
  const { body } = await analyst.get('/data/v1/sales/shop-orders/orders?at=2999-01-01T00:00:00Z');
  expect([body.code, body.problems[0].pointer]).toEqual(['input.invalid', '/at']);
  expect(await analyst.refusal('SELECT * FROM sales.orders', { at: '2001-01-01T00:00:00Z' })).toMatchObject({
    code: 'query.no-release',
  });
});

test('use is recorded under the subscription, with the columns read', async () => {
  const { reader } = mesh.mesh.parts.database;
  const uses = () =>
    reader.selectFrom('usage').select('columns').where('subscription_id', '=', subscription).execute();
  // It is written in batches.
  await expect.poll(async () => (await uses()).length, { timeout: 20_000 }).toBeGreaterThan(4);
  await expect.poll(uses, { timeout: 20_000 }).toContainEqual({ columns: ['id', 'email'] });
});

test('a second subscription needs its purpose named', async () => {
  const asked = await analyst.post('/api/v1/requests', {
    product: 'sales.shop-orders',
    purpose: 'close the books',
  });
  await steward.post(`/api/v1/requests/${asked.body.id}/approve`, { columns: ['id'] });
  expect(await analyst.refusal('SELECT count(*) FROM sales.orders')).toMatchObject({
    status: 409,
    code: 'query.purpose-needed',
  });
  expect(
    await analyst.rows('SELECT count(*) AS n FROM sales.orders', { purpose: 'close the books' }),
  ).toEqual([{ n: 4 }]);
  expect(
    await analyst.rows('SELECT count(*) AS n FROM sales.orders', { purpose: 'measure campaigns' }),
  ).toEqual([{ n: 2 }]);
  await steward.post(`/api/v1/subscriptions/${asked.body.id}/revoke`, { reason: 'books are closed' });
});

test('who names a purpose is held to it, also where one subscription applies', async () => {
  const sql = 'SELECT count(*) AS n FROM sales.orders';
  expect(await analyst.rows(sql, { purpose: 'measure campaigns' })).toEqual([{ n: 2 }]);
  for (const purpose of ['close the books', 'sell addresses']) {
    const refused = await analyst.refusal(sql, { purpose });
    expect([refused.status, refused.code]).toEqual([409, 'query.purpose-unknown']);
    expect(refused.text).toContain('measure campaigns');
    const page = await analyst.get(`/data/v1/sales/shop-orders/orders?${new URLSearchParams({ purpose })}`);
    expect([page.status, page.body.code]).toEqual([409, 'query.purpose-unknown']);
  }
});

test('a hidden product is not told from none, nor a name that is near it, by what a domain declares', async () => {
  const engineer = await mesh.person('engineer@marketing.example');
  const planned = async (product: string) => {
    const declared = domainFiles('marketing', `subscriptions:\n  - { product: ${product}, purpose: plan }\n`);
    const files = Object.entries(declared).map(([path, text]) => ({ path, text }));
    const { body } = await engineer.post('/api/v1/plan', { files });
    return JSON.stringify(body.problems).replaceAll(product, 'X');
  };
  const hidden = await planned('finance.pay');
  expect(hidden).toContain('there is no product X');
  for (const near of ['finance.pax', 'finance.zebra', 'nowhere.pay'])
    expect(await planned(near)).toBe(hidden);
});

test('the type of a refusal leads to what it means and what to do', async () => {
  const { body } = await analyst.post('/api/v1/query', { sql: 'SELECT 1 FROM nowhere.things' });
  expect(body.type).toBe('/docs/errors#query-unknown-table');
  const page = await fetch(new URL(body.type, mesh.mesh.url));
  expect(page.headers.get('content-type')).toContain('text/html');
  expect(await page.text()).toContain(
    '<dt id="query-unknown-table"><code>query.unknown-table</code> (404)</dt>',
  );
});

test('every refused read is in the audit, with who asked and for what, and without the question', async () => {
  const before = await mesh.administrator.get('/api/v1/audit');
  await analyst.refusal("SELECT 'a secret' FROM sales.orders", { purpose: 'sell addresses' });
  await analyst.refusal('SELECT 1 FROM nowhere.things');
  await analyst.get('/data/v1/sales/nothing/orders');
  const { body } = await mesh.administrator.get('/api/v1/audit');
  // Proofs of what was revoked before come when they come.
  const fresh = body.entries.filter(
    ({ id, door }: { id: number; door: string }) => id > before.body.entries[0].id && door !== 'job',
  );
  expect(
    fresh.map(({ object, reasons, allowed, action }: any) => [action, object, reasons, allowed]),
  ).toEqual([
    ['product.read', '"sales.nothing".orders', ['not-found'], false],
    ['product.read', 'nowhere.things', ['query.unknown-table'], false],
    ['product.read', 'sales.orders', ['query.purpose-unknown'], false],
  ]);
  expect(JSON.stringify(fresh)).not.toContain('a secret');
});

test('after revoke the very next query is refused, on every door', async () => {
  expect(await analyst.rows('SELECT count(*) AS n FROM sales.orders')).toEqual([{ n: 2 }]);
  const revoked = await steward.post(`/api/v1/subscriptions/${subscription}/revoke`, {
    reason: 'campaign is over',
  });
  const ended = { endedBy: 'steward of sales', endedAt: expect.any(String), reason: 'campaign is over' };
  expect(revoked).toMatchObject({ status: 200, body: { state: 'revoked', ...ended } });
  expect(await analyst.refusal('SELECT count(*) FROM sales.orders')).toMatchObject({
    code: 'query.no-subscription',
  });
  expect((await analyst.get('/data/v1/sales/shop-orders/orders')).status).toBe(403);
  const again = await steward.post(`/api/v1/subscriptions/${subscription}/revoke`, {
    reason: 'campaign is over',
  });
  expect(again).toMatchObject({ status: 200, body: { state: 'revoked' } });
});

test('an end date ends access by itself', async () => {
  const asked = await analyst.post('/api/v1/requests', {
    product: 'sales.shop-orders',
    purpose: 'a quick look',
  });
  const until = new Date(clock.now().getTime() + HOUR_MS).toISOString();
  await steward.post(`/api/v1/requests/${asked.body.id}/approve`, { until });
  await owner.post(`/api/v1/requests/${asked.body.id}/approve`);
  expect(await analyst.rows('SELECT count(*) AS n FROM sales.orders')).toEqual([{ n: 4 }]);
  clock.aheadMs = HOUR_MS;
  expect(await analyst.refusal('SELECT count(*) FROM sales.orders')).toMatchObject({
    code: 'query.no-subscription',
  });
});

test('the audit tells who decided what and why, to the producer’s side', async () => {
  const entries = (await steward.get(`/api/v1/audit?object=${subscription}`)).body.entries;
  const actions = entries.map(
    (entry: { action: string; allowed: boolean }) => `${entry.action} ${entry.allowed}`,
  );
  expect(actions).toEqual(
    expect.arrayContaining([
      'subscription.revoke true',
      'subscription.approve true',
      'subscription.approve false',
      'subscription.request true',
    ]),
  );
  expect((await analyst.get('/api/v1/audit')).body.entries).toEqual([]);
});
