import { afterAll, beforeAll, expect, test } from 'vitest';
import { watchDeadlines } from '../../src/incidents/watch-deadlines.ts';
import { TestClock } from '../fixtures/context.ts';
import { openTestMesh, type Person, type TestMesh } from '../fixtures/mesh.ts';
import {
  domainFiles,
  meshFiles,
  productFiles,
  sourceFile,
  type TestDataset,
} from '../fixtures/mesh-files.ts';

/** What goes wrong with a dataset, seen by its producer, its consumer and an outsider. Later tests build on earlier ones. */
let mesh: TestMesh;
let engineer: Person;
let steward: Person;
let consumer: Person;
let outsider: Person;

const clock = new TestClock('2026-03-02T09:00:00Z');

const HEADER = 'id,region,amount\n';
const GOOD = `${HEADER}1,NORTH,10.50\n2,NORTH,20.25\n3,SOUTH,99.99\n`;
const BAD = `${HEADER}1,NORTH,10.50\n1,WEST-SECRET,-7.25\n`;

const orders: TestDataset = {
  name: 'orders',
  columns: [
    { name: 'id', type: 'integer', more: ['required: true', 'primaryKey: true'] },
    { name: 'region', type: 'varchar', more: ['required: true'] },
    { name: 'amount', type: 'decimal(9,2)', more: ['logicalTypeOptions: { minimum: 0 }'] },
  ],
  sql: 'SELECT CAST(id AS INTEGER) AS id, region, CAST(amount AS DECIMAL(9,2)) AS amount FROM shop.orders',
};

const PARTNERS = `@id("partners only")
forbid (principal, action, resource) unless { principal in Domain::"sales" || principal in Domain::"marketing" };
`;

beforeAll(async () => {
  mesh = await openTestMesh('flows/incidents', { clock });
  await mesh.source('sales/orders/orders.csv', GOOD);
  await mesh.apply({
    ...meshFiles(),
    ...domainFiles('sales'),
    ...domainFiles('marketing'),
    ...domainFiles('finance'),
    ...sourceFile('sales', 'shop', "  orders: { files: 'orders/*.csv', format: csv }\n"),
    ...productFiles({
      domain: 'sales',
      product: 'shop',
      datasets: [orders],
      files: { 'access.cedar': PARTNERS },
    }),
  });
  await mesh.settle();
  engineer = await mesh.person('engineer@sales.example');
  steward = await mesh.person('steward@sales.example');
  consumer = await mesh.person('analyst@marketing.example');
  outsider = await mesh.person('analyst@finance.example');
});
afterAll(() => mesh.close());

interface Incident {
  id: string;
  kind: string;
  severity: string;
  state: string;
  summary: string;
  openedAt: string;
  closedAt: string | null;
  detail?: Record<string, unknown>;
  history?: { kind: string; by: string; text: string }[];
}

const incidents = async (person: Person, query = ''): Promise<Incident[]> =>
  (await person.get(`/api/v1/incidents?product=sales.shop${query}`)).body.incidents;

async function run(content: string): Promise<void> {
  await mesh.source('sales/orders/orders.csv', content);
  const started = await engineer.post('/api/v1/products/sales/shop/run');
  expect(started.status).toBe(200);
  await mesh.settle();
}

test('a dataset that is released in time has no incident', async () => {
  expect(await watchDeadlines(mesh.mesh.parts)).toEqual({ opened: 0 });
  expect(await incidents(consumer)).toEqual([]);
});

test('what the contract promised for yesterday is late: one incident, however often it is looked at', async () => {
  clock.set('2026-03-03T10:00:00Z');
  expect(await watchDeadlines(mesh.mesh.parts)).toEqual({ opened: 0 });
  clock.set('2026-03-03T12:00:00Z');
  await Promise.all([1, 2, 3].map(() => watchDeadlines(mesh.mesh.parts)));
  expect(await incidents(consumer)).toMatchObject([
    {
      kind: 'overdue',
      severity: 'error',
      state: 'open',
      summary: 'no release since 2026-03-02 09:00 UTC, where the contract promises one within 1 day',
      openedAt: '2026-03-03T12:00:00.000Z',
    },
  ]);
});

test('its consumers meet it wherever they meet the product: catalog, page, data and queries', async () => {
  const asked = await consumer.post('/api/v1/requests', { product: 'sales.shop', purpose: 'plan' });
  expect((await steward.post(`/api/v1/requests/${asked.body.id}/approve`)).status).toBe(200);
  const [listed] = (await consumer.get('/api/v1/products')).body.products;
  expect(listed).toMatchObject({ name: 'shop', incident: 'error' });
  const found = (await consumer.get('/api/v1/search?text=orders')).body.hits;
  expect(found[0]).toMatchObject({ kind: 'dataset', incident: 'error' });
  const page = (await consumer.get('/api/v1/products/sales/shop')).body;
  expect(page.incidents).toMatchObject([
    { dataset: 'orders', kind: 'overdue', meaning: expect.stringContaining('older') },
  ]);

  const answer = (await consumer.post('/api/v1/query', { sql: 'SELECT id FROM sales.orders' })).body;
  expect(answer.warnings).toMatchObject([{ dataset: 'sales.shop.orders', kind: 'overdue' }]);
  const header = 'overdue;severity=error;dataset="sales.shop.orders";since="2026-03-03T12:00:00.000Z"';
  const data = await consumer.get('/data/v1/sales/shop/orders');
  expect(data.headers.get('crossdock-incidents')).toBe(header);
  const again = await consumer.get('/data/v1/sales/shop/orders', {
    'if-none-match': data.headers.get('etag')!,
  });
  expect([again.status, again.headers.get('crossdock-incidents')]).toEqual([304, header]);
  const file = await consumer.post('/api/v1/query', { sql: 'SELECT id FROM sales.orders', format: 'csv' });
  expect(file.headers.get('crossdock-incidents')).toBe(header);
});

test('who may not discover the product learns nothing of its incidents', async () => {
  const [open] = await incidents(consumer);
  expect((await outsider.get('/api/v1/incidents')).body).toEqual({ incidents: [], next: null });
  expect((await outsider.get('/api/v1/incidents?product=sales.shop')).status).toBe(404);
  expect((await outsider.post(`/api/v1/incidents/${open!.id}/acknowledge`)).status).toBe(404);
});

test('the producer’s people take care of it, in writing; a consumer sees that they do and not what they write', async () => {
  const [open] = await incidents(steward);
  expect((await consumer.post(`/api/v1/incidents/${open!.id}/acknowledge`)).status).toBe(403);
  const comment = 'the till feed is down, NORTH calls back';
  expect((await steward.post(`/api/v1/incidents/${open!.id}/acknowledge`, { comment })).status).toBe(200);
  expect((await steward.post(`/api/v1/incidents/${open!.id}/acknowledge`)).status).toBe(409);
  expect(
    (await engineer.post(`/api/v1/incidents/${open!.id}/comments`, { comment: 'up again' })).status,
  ).toBe(200);
  const [mine] = await incidents(engineer);
  expect(mine!.history!.map(({ kind, by, text }) => `${kind} ${by}: ${text}`)).toEqual([
    `opened Crossdock: ${mine!.summary}`,
    `acknowledged steward of sales: ${comment}`,
    'commented engineer of sales: up again',
  ]);
  const [theirs] = await incidents(consumer);
  expect(theirs).toMatchObject({ state: 'acknowledged' });
  expect(theirs).not.toHaveProperty('history');
  expect(theirs).not.toHaveProperty('detail');
  const audit = (await steward.get('/api/v1/audit')).body;
  expect(JSON.stringify(audit)).toMatch(/incident\.acknowledge/);
});

test('the next release closes it by itself, and it stays on record', async () => {
  await run(GOOD);
  expect(await incidents(consumer)).toEqual([]);
  const [closed] = await incidents(engineer, '&all=true');
  expect(closed).toMatchObject({ state: 'closed', closedAt: '2026-03-03T12:00:00.000Z' });
  expect(closed!.history!.at(-1)).toMatchObject({ kind: 'closed', text: 'a release is there in time again' });
});

test('bad rows are held back and open an incident without a value of them; corrected ones close it', async () => {
  await run(BAD);
  const [open] = await incidents(consumer);
  expect(open).toMatchObject({ kind: 'checks-failed', severity: 'error', state: 'open' });
  expect(open!.summary).toContain('2 checks held back the last run');
  expect(JSON.stringify(await incidents(consumer))).not.toContain('SECRET');
  expect((await incidents(steward))[0]!.detail).toMatchObject({ run: expect.stringMatching(/^run_/) });
  await run(BAD);
  expect(await incidents(consumer)).toHaveLength(1);
  await run(GOOD);
  expect(await incidents(consumer)).toEqual([]);
});

test('a source that loses a column tells whoever reads its datasets, and the failed run too', async () => {
  await run('id,region,sum\n1,NORTH,10.50\n');
  const kinds = (await incidents(consumer)).map(({ kind }) => kind);
  expect(kinds.toSorted()).toEqual(['run-failed', 'source-drift']);
  expect(JSON.stringify(await incidents(consumer))).not.toContain('amount');
  const drift = (await incidents(engineer)).find(({ kind }) => kind === 'source-drift');
  expect(JSON.stringify(drift!.detail)).toContain('column amount');
  await run(GOOD);
  expect(await incidents(consumer)).toEqual([]);
});

/** A feed of so many orders, of which so many name a region. */
const feed = (orders: number) =>
  HEADER +
  Array.from({ length: orders }, (_, id) => `${id},${id % 2 ? 'NORTH' : 'SOUTH'},${id}.50\n`).join('');

interface ObservedDataset {
  releases: { rows: number; usual: { low: number; high: number } | null; deviations: object[] }[];
  columns: { name: string; minimum: string | null; maximum: string | null; nullShares: number[] }[];
  heldBack?: { rows: number }[];
}

const observations = async (person: Person): Promise<ObservedDataset> =>
  (await person.get('/api/v1/products/sales/shop/observations')).body.datasets[0];

test('half the usual volume is released with a warning that says what is usual; the usual one closes it', async () => {
  for (const rows of [1_000, 1_010, 990, 1_000, 1_005, 995, 1_000]) await run(feed(rows));
  expect(await incidents(consumer)).toEqual([]);
  await run(feed(500));
  expect(await consumer.rows('SELECT count(*)::INTEGER AS n FROM sales.orders')).toEqual([{ n: 500 }]);
  const [open] = await incidents(consumer);
  expect(open).toMatchObject({ kind: 'deviation', severity: 'warning', state: 'open' });
  expect(open!.summary).toMatch(/^500 rows, usually 9\d\d to 1,0\d\d$/);
  const { releases } = await observations(consumer);
  expect(releases.at(-1)).toMatchObject({ rows: 500, deviations: [{ measure: 'rows', value: 500 }] });
  expect(releases.at(-1)!.usual!.low).toBeGreaterThan(900);
  await run(feed(1_003));
  expect(await incidents(consumer)).toEqual([]);
});

test('statistics of columns are for those who see every row and the column as it is', async () => {
  const mine = await observations(engineer);
  expect(mine.columns).toMatchObject([
    { name: 'id', minimum: '0', maximum: '1002' },
    { name: 'region', minimum: null, maximum: null },
    { name: 'amount', minimum: '0.50', maximum: '1002.50' },
  ]);
  expect(mine.columns[1]!.nullShares.at(-1)).toBe(0);
  expect(mine.heldBack!.length).toBeGreaterThan(0);
  const theirs = await observations(consumer);
  expect(theirs.columns.map(({ name }) => name)).toEqual(['id', 'region', 'amount']);
  expect(theirs).not.toHaveProperty('heldBack');

  const planner = await mesh.person('owner@marketing.example');
  const [held] = (await planner.get('/api/v1/subscriptions')).body.subscriptions;
  await steward.post(`/api/v1/subscriptions/${held.id}/revoke`, { reason: 'narrower' });
  expect((await observations(consumer)).columns).toEqual([]);
  const grant = async (narrowed: object) => {
    const asked = await planner.post('/api/v1/requests', {
      product: 'sales.shop',
      purpose: JSON.stringify(narrowed),
    });
    const approved = await steward.post(`/api/v1/requests/${asked.body.id}/approve`, narrowed);
    expect(approved.status).toBe(200);
    const { columns } = await observations(consumer);
    await steward.post(`/api/v1/subscriptions/${asked.body.id}/revoke`, { reason: 'next' });
    return columns.map(({ name }) => name);
  };
  expect(await grant({ columns: ['id', 'amount'] })).toEqual(['id', 'amount']);
  expect(await grant({ masks: { region: { action: 'show-first-4' } } })).toEqual(['id', 'amount']);
  expect(await grant({ rows: "region = 'NORTH'" })).toEqual([]);
  expect((await outsider.get('/api/v1/products/sales/shop/observations')).status).toBe(404);
});
