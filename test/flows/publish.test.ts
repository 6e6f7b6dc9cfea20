import { afterAll, beforeAll, expect, test } from 'vitest';
import { sunsetProducts } from '../../src/subscriptions/sunset-products.ts';
import { TestClock } from '../fixtures/context.ts';
import { openTestMesh, type Person, type TestMesh } from '../fixtures/mesh.ts';
import { domainFiles, type Files, meshFiles, productFiles, sourceFile } from '../fixtures/mesh-files.ts';
import { only } from '../fixtures/sample-mesh.ts';

const CSV = 'store,region,units,cost\n1,NORTH,10,2.50\n2,NORTH,5,1.25\n3,SOUTH,7,9.99\n';
const DAY = 86_400_000;

let mesh: TestMesh;
let engineer: Person;
let steward: Person;
let marketing: Person;
let finance: Person;
let supply: Person;

/** The folder of sales: the column `cost` is dropped, or not, under this version. */
function sales({ version, cost }: { version: string; cost: boolean }): Files {
  return productFiles({
    domain: 'sales',
    product: 'sell-out',
    version,
    datasets: [
      {
        name: 'weeks',
        version,
        columns: [
          { name: 'store', type: 'bigint' },
          { name: 'region', type: 'varchar' },
          { name: 'units', type: 'bigint' },
          ...(cost ? [{ name: 'cost', type: 'decimal(9,2)' }] : []),
        ],
        sql: `SELECT store, region, units${cost ? ', cost::DECIMAL(9,2) AS cost' : ''} FROM tills.receipts\n`,
      },
    ],
    files: { 'access.cedar': CLOSED_TO_GUESTS },
  });
}

const CLOSED_TO_GUESTS = `@id("guests see nothing")
forbid (principal in Domain::"guest", action, resource);
`;

function folder(files: Files): Files {
  return {
    ...meshFiles(),
    ...domainFiles('sales'),
    ...sourceFile('sales', 'tills', '  receipts: { files: receipts/*.csv }\n'),
    ...domainFiles('marketing'),
    ...domainFiles('finance'),
    ...domainFiles('supply'),
    ...domainFiles('guest'),
    ...files,
  };
}

const FIRST = folder(sales({ version: '1.0.0', cost: true }));
const SECOND = folder(sales({ version: '2.0.0', cost: false }));

const listed = (files: Files) => ({
  files: Object.entries(only(files, 'domains/sales/')).map(([path, text]) => ({ path, text })),
});
const applied = (person: Person, files: Files) => person.post('/api/v1/apply', listed(files));

async function subscribe(person: Person, purpose: string): Promise<string> {
  const asked = await person.post('/api/v1/requests', { product: 'sales.sell-out', purpose });
  const { status } = await steward.post(`/api/v1/requests/${asked.body.id}/approve`);
  expect([asked.status, status]).toEqual([200, 200]);
  return asked.body.id;
}

beforeAll(async () => {
  mesh = await openTestMesh('publish');
  await mesh.source('sales/receipts/1.csv', CSV);
  await mesh.apply(FIRST);
  await mesh.settle();
  engineer = await mesh.person('engineer@sales.example');
  steward = await mesh.person('steward@sales.example');
  marketing = await mesh.person('analyst@marketing.example');
  finance = await mesh.person('analyst@finance.example');
  supply = await mesh.person('analyst@supply.example');
}, 60_000);

afterAll(() => mesh.close());

test('three domains subscribe, and one of them reads what the stores cost', async () => {
  const again = await engineer.post('/api/v1/products/sales/sell-out/publish', { dryRun: true });
  expect(again.body).toMatchObject({ status: 'published', changed: false, ownDomainOnly: false });
  await subscribe(marketing, 'plan media');
  await subscribe(finance, 'know the margin');
  await subscribe(supply, 'refill stores');
  expect(await marketing.rows('SELECT sum(units) AS units FROM sales.weeks')).toEqual([{ units: 22 }]);
  expect(await finance.rows('SELECT sum(cost) AS cost FROM sales.weeks')).toEqual([{ cost: '13.74' }]);
  expect(await supply.rows('SELECT count(store) AS stores FROM sales.weeks')).toEqual([{ stores: 3 }]);
  await expect.poll(countUses, { timeout: 20_000 }).toBe(3);
});

/** Use is written in batches. */
async function countUses(): Promise<number> {
  const uses = await mesh.mesh.parts.database.reader.selectFrom('usage').select('id').execute();
  return uses.length;
}

test('a column that somebody reads is not dropped within a major: the refusal says who, how often and when', async () => {
  const dropped = folder(sales({ version: '1.1.0', cost: false }));
  const refused = await applied(engineer, dropped);
  expect(refused).toMatchObject({ status: 409, body: { code: 'mesh.refused' } });
  const [drop, number] = refused.body.problems;
  expect(drop.place).toMatch(/^domains\/sales\/products\/sell-out\/weeks\.odcs\.yaml:\d+:\d+$/);
  expect(drop.message).toContain('it needs a new major version, 2.0.0');
  expect(drop.message).toMatch(/by finance \("know the margin", sub_\w+\) 1 time, last at \d{4}-\d\d-\d\dT/);
  expect(drop.message).not.toMatch(/marketing|supply/);
  expect(number.message).toContain('must be 2.0.0 or higher, not 1.1.0');
  const planned = await engineer.post('/api/v1/plan', listed(dropped));
  expect(planned.body.problems).toEqual(refused.body.problems);
  expect(await finance.rows('SELECT sum(cost) AS cost FROM sales.weeks')).toEqual([{ cost: '13.74' }]);
});

test('before a change one can ask who reads a column, from real use; consumers cannot', async () => {
  const path = '/api/v1/products/sales/sell-out/impact';
  await expect.poll(countUses, { timeout: 20_000 }).toBe(4);
  const { body } = await engineer.get(`${path}?dataset=weeks&column=COST`);
  expect(body.impact).toMatchObject([
    { domain: 'finance', purpose: 'know the margin', dataset: 'weeks', columns: ['cost'], uses: 2 },
  ]);
  const all = (await engineer.get(path)).body.impact.map(({ domain }: { domain: string }) => domain);
  expect(all.sort()).toEqual(['finance', 'marketing', 'supply']);
  expect(await engineer.get(`${path}?dataset=weeks&column=cots`)).toMatchObject({ status: 404 });
  expect(await finance.get(path)).toMatchObject({ status: 403 });
});

test('a plan of the new major says what changes, for whom, and changes nothing', async () => {
  const { status, body } = await engineer.post('/api/v1/plan', listed(SECOND));
  expect(status).toBe(200);
  const [version] = body.versions;
  expect(version).toMatchObject({
    ...{ product: 'sales.sell-out', version: '2.0.0', before: '1.0.0', required: 'major' },
    changes: [{ dataset: 'weeks', class: 'breaking', code: 'column-removed', columns: ['cost'] }],
    impact: [{ domain: 'finance', purpose: 'know the margin', columns: ['cost'] }],
  });
  expect(await engineer.rows('SELECT count(cost) AS n FROM sales.weeks')).toEqual([{ n: 3 }]);
});

test('a policy of the mesh may forbid a publication by its facts, and says so by its name', async () => {
  const notice = `@id("consumers have half a year to move")
forbid (principal, action == Action::"product.publish", resource)
when { context has publication && context.publication.newMajor && context.publication.noticeDays < 180 };
`;
  const files = { ...SECOND, 'policies/notice.cedar': notice };
  const refused = await mesh.administrator.post('/api/v1/plan', {
    files: Object.entries(files).map(([path, text]) => ({ path, text })),
  });
  expect(refused).toMatchObject({ status: 409, body: { code: 'mesh.refused' } });
  expect(JSON.stringify(refused.body.problems)).toContain(
    "forbidden by 'notice.cedar: consumers have half a year to move'",
  );
});

test('as a new major it is published, and both majors answer, by SQL and by the data API', async () => {
  expect(await applied(engineer, SECOND)).toMatchObject({ status: 200 });
  await mesh.settle();
  const told = await mesh.mesh.parts.database.reader
    .selectFrom('mesh_events')
    .select(['subject', 'data'])
    .where('type', '=', 'product.version.deprecated')
    .execute();
  expect(told.map(({ data }) => [data['purpose'], data['columnsYouRead']])).toEqual(
    expect.arrayContaining([
      ['plan media', []],
      ['know the margin', ['cost']],
      ['refill stores', []],
    ]),
  );
  expect(await finance.rows('SELECT sum(cost) AS cost FROM sales.weeks')).toEqual([{ cost: '13.74' }]);
  expect(await finance.rows('SELECT * FROM "sales.sell-out@1".weeks LIMIT 1')).toHaveLength(1);
  const old = await finance.get('/data/v1/sales/sell-out@1/weeks?order=store&limit=1');
  expect(old).toMatchObject({ status: 200, body: { rows: [{ store: 1, cost: '2.50' }] } });
  const own = await engineer.rows('SELECT * FROM sales.weeks ORDER BY store');
  expect(own[0]).toEqual({ store: 1, region: 'NORTH', units: 10 });
  expect(await engineer.rows('SELECT cost FROM "sales.sell-out@1".weeks')).toHaveLength(3);
  expect(await engineer.rows('SELECT * FROM "sales.sell-out@2".weeks')).toHaveLength(3);
  expect(await finance.refusal('SELECT * FROM "sales.sell-out@2".weeks')).toMatchObject({
    code: 'query.no-subscription',
  });
});

test('applying the same folder again changes nothing, and the older major takes no new consumers', async () => {
  const again = await applied(engineer, SECOND);
  expect(again.body.changes.filter(({ action }: { action: string }) => action !== 'unchanged')).toEqual([]);
  const dry = await engineer.post('/api/v1/products/sales/sell-out/publish', { dryRun: true });
  expect(dry).toMatchObject({ status: 200, body: { changed: false, verdict: { changes: [] } } });
  const asked = await supply.post('/api/v1/requests', { product: 'sales.sell-out@1', purpose: 'look back' });
  expect(asked).toMatchObject({ status: 409, body: { code: 'subscription.not-open' } });
  expect(await applied(engineer, FIRST)).toMatchObject({ status: 409, body: { code: 'mesh.refused' } });
});

test('a subscriber moves by a request for the same purpose; what it holds goes on meanwhile', async () => {
  const moved = await subscribe(marketing, 'plan media');
  expect(await marketing.rows('SELECT count(*) AS n FROM "sales.sell-out@2".weeks')).toEqual([{ n: 3 }]);
  expect(await marketing.rows('SELECT count(cost) AS n FROM sales.weeks')).toEqual([{ n: 3 }]);
  const { subscriptions } = (await marketing.get('/api/v1/subscriptions')).body;
  const majors = subscriptions.map(({ id, product }: any) => [id === moved, product.major, product.current]);
  expect(subscriptions[0].follows).toBe(subscriptions[1].id);
  expect(majors).toEqual([
    [true, 2, true],
    [false, 1, false],
  ]);
});

test('the page of a product shows its majors, how one stands to each, and what each version changed', async () => {
  const { body } = await finance.get('/api/v1/products/sales/sell-out');
  const majors = body.majors.map((one: any) => [one.address, one.version, one.status, one.access]);
  expect(majors).toEqual([
    ['sales.sell-out', '2.0.0', 'published', 'none'],
    ['sales.sell-out@1', '1.0.0', 'deprecated', 'active'],
  ]);
  expect(body.majors[1].sunsetAt).toMatch(/T00:00:00\.000Z$/);
  expect(body.versions).toMatchObject([
    { version: '2.0.0', changes: [{ class: 'breaking', code: 'column-removed', dataset: 'weeks' }] },
    { version: '1.0.0', changes: [] },
  ]);
  const graph = await engineer.get('/api/v1/lineage/graph?node=sales.sell-out@1&direction=downstream');
  expect(graph.body.nodes.filter(({ kind }: { kind: string }) => kind === 'dataset')).toHaveLength(1);
  expect((await finance.get('/api/v1/products/sales/sell-out@1')).body).toMatchObject({
    ...{ version: '1.0.0', major: 1, access: 'active' },
    datasets: [{ sqlNames: ['"sales.sell-out@1".weeks'] }],
  });
});

test('what happens to the older major is told under its own name', async () => {
  await mesh.source('sales/receipts/1.csv', CSV.replaceAll(/,[^,]*$/gm, ''));
  for (const major of ['@1', '@2']) await engineer.post(`/api/v1/products/sales/sell-out${major}/run`);
  await mesh.settle();
  await mesh.told();
  const { incidents } = (await finance.get('/api/v1/incidents')).body;
  const named = incidents.map(({ product, kind }: { product: string; kind: string }) => [product, kind]);
  expect(named).toEqual([
    ['sales.sell-out@1', 'run-failed'],
    ['sales.sell-out@1', 'source-drift'],
  ]);
  const told = (await finance.get('/api/v1/inbox')).body.entries;
  expect(told[0]).toMatchObject({
    title: expect.stringMatching(/^sales\.sell-out@1\.weeks: /),
    link: '/products/sales/sell-out%401?dataset=weeks',
  });
  const { entries } = (await engineer.get('/api/v1/inbox')).body;
  expect(entries.map(({ title }: { title: string }) => title)).toContain(
    'the run of sales.sell-out@1.weeks failed',
  );
  const noted = await finance.post('/api/v1/query', { sql: 'SELECT count(*) AS n FROM sales.weeks' });
  expect(noted.body.warnings[0]).toMatchObject({ dataset: 'sales.sell-out@1.weeks' });
});

test('a date that is over is no sunset, and a day to come may be moved', async () => {
  const past = await engineer.post('/api/v1/products/sales/sell-out@1/deprecate', { sunset: '2001-01-01' });
  expect(past).toMatchObject({ status: 400, body: { code: 'input.invalid' } });
  const day = new Date(Date.now() + 30 * DAY).toISOString().slice(0, 10);
  const later = await engineer.post('/api/v1/products/sales/sell-out@1/deprecate', { sunset: day });
  expect(later).toMatchObject({ status: 200, body: { changed: true, product: 'sales.sell-out@1' } });
  const republished = await engineer.post('/api/v1/products/sales/sell-out@1/publish');
  expect(republished).toMatchObject({ status: 409, body: { code: 'product.superseded' } });
});

test('who may not discover the product learns nothing of its majors', async () => {
  const guest = await mesh.person('analyst@guest.example');
  const words = (text: string) => text.replaceAll('sell-out', 'nothing').replace(/"requestId":"[^"]*"/, '');
  for (const path of ['/api/v1/products/sales/', '/data/v1/sales/'])
    for (const major of ['', '@1', '@2', '@7']) {
      const tail = path.startsWith('/data') ? '/weeks' : '';
      const hidden = await guest.get(`${path}sell-out${major}${tail}`);
      const missing = await guest.get(`${path}nothing${major}${tail}`);
      expect([hidden.status, words(JSON.stringify(hidden.body))]).toEqual([
        404,
        words(JSON.stringify(missing.body)),
      ]);
    }
  const hidden = await guest.refusal('SELECT * FROM "sales.sell-out@1".weeks');
  const missing = await guest.refusal('SELECT * FROM "sales.nothing@1".weeks');
  expect(words(hidden.text)).toBe(words(missing.text));
});

test('at its sunset the older major ends by itself, and says what to do', async () => {
  const { majors } = (await finance.get('/api/v1/products/sales/sell-out')).body;
  const sunset = Date.parse(majors[1].sunsetAt);
  const clock = new TestClock(new Date(sunset - DAY).toISOString());
  mesh.mesh.parts.clock = clock;
  expect(await sunsetProducts(mesh.mesh.parts)).toBe(0);
  expect(await finance.rows('SELECT count(*) AS n FROM sales.weeks')).toEqual([{ n: 3 }]);
  clock.set(new Date(sunset + DAY).toISOString());
  // Refused by the plan at the moment itself, before any job ran.
  for (const job of ['before', 'after']) {
    if (job === 'after') await sunsetProducts(mesh.mesh.parts);
    const refusal = await finance.refusal('SELECT count(*) AS n FROM sales.weeks');
    expect([job, refusal.status, refusal.code]).toEqual([job, 410, 'query.version-ended']);
    expect(refusal.text).toContain('crossdock request sales.sell-out');
    expect(await finance.get('/data/v1/sales/sell-out@1/weeks')).toMatchObject({ status: 410 });
    expect(await engineer.refusal('SELECT * FROM "sales.sell-out@1".weeks')).toMatchObject({
      code: 'query.version-ended',
    });
    expect(await marketing.rows('SELECT count(*) AS n FROM sales.weeks')).toEqual([{ n: 3 }]);
  }
  const { subscriptions } = (await finance.get('/api/v1/subscriptions')).body;
  expect(subscriptions).toMatchObject([{ state: 'expired', reason: 'sales.sell-out@1 ended' }]);
  expect(await sunsetProducts(mesh.mesh.parts)).toBe(0);
  // Once, though the mesh's own job of this minute may have come first.
  const { entries } = (await steward.get('/api/v1/audit?limit=200')).body;
  expect(entries.filter(({ action }: { action: string }) => action === 'product.sunset')).toHaveLength(1);
});
