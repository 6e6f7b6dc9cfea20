import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { crossdock } from '../fixtures/command-line.ts';
import { type Answer, openTestMesh, type Person, type TestMesh } from '../fixtures/mesh.ts';
import {
  domainFiles,
  type Files,
  meshFiles,
  productFiles,
  sourceFile,
  type TestDataset,
} from '../fixtures/mesh-files.ts';

/** A pipeline's life, told from the producer's and from the consumer's chair. Later tests build on earlier ones. */
let mesh: TestMesh;
let engineer: Person;
let planner: Person;
let analyst: Person;
let steward: Person;

const GOOD = 'id,region,amount\n1,NORTH,10.50\n2,NORTH,20.25\n3,SOUTH,99.99\n';
const BAD = 'id,region,amount\n1,NORTH,10.50\n1,WEST-SECRET,-7.25\n2,NORTH,20.25\n';
const FIXED = `${GOOD}4,WEST,1.00\n`;

const orders: TestDataset = {
  name: 'orders',
  columns: [
    { name: 'id', type: 'integer', more: ['required: true', 'primaryKey: true'] },
    { name: 'region', type: 'varchar', more: ['required: true'] },
    { name: 'amount', type: 'decimal(9,2)', more: ['logicalTypeOptions: { minimum: 0 }'] },
  ],
  sql: 'SELECT CAST(id AS INTEGER) AS id, region, CAST(amount AS DECIMAL(9,2)) AS amount FROM shop.orders',
};

const regions: TestDataset = {
  name: 'regions',
  columns: [
    { name: 'region', type: 'varchar' },
    { name: 'orders', type: 'bigint' },
  ],
  sql: '-- purpose: plan regions\nSELECT region, count(*) AS orders FROM sales.orders GROUP BY region',
};

const salesProduct = (datasets: TestDataset[], version = '1.0.0', more: Files = {}) =>
  productFiles({ domain: 'sales', product: 'shop', version, datasets, files: more });
const marketingProduct = (dataset: TestDataset, version = '1.0.0') =>
  productFiles({ domain: 'marketing', product: 'plans', version, datasets: [dataset] });

let files: Files;

beforeAll(async () => {
  mesh = await openTestMesh('flows/pipeline');
  await mesh.source('sales/orders/orders.csv', GOOD);
  files = {
    ...meshFiles(),
    ...domainFiles('sales'),
    ...domainFiles('marketing'),
    ...domainFiles('finance'),
    ...sourceFile('sales', 'shop', "  orders: { files: 'orders/*.csv', format: csv }\n"),
    ...salesProduct([orders]),
  };
  await mesh.apply(files);
  await mesh.settle();
  [engineer, steward] = [
    await mesh.person('engineer@sales.example'),
    await mesh.person('steward@sales.example'),
  ];
  [planner, analyst] = [
    await mesh.person('engineer@marketing.example'),
    await mesh.person('analyst@marketing.example'),
  ];
});
afterAll(() => mesh.close());

interface Run {
  id: string;
  dataset: string;
  state: string;
  trigger: string;
  startedAt: string;
  finishedAt: string;
  checks: {
    title: string;
    passed: boolean;
    failures: number;
    sample: { columns: string[]; rows: unknown[][] } | null;
  }[];
  error: {
    code: string;
    message: string;
    fix: string;
    problems?: { message: string; place?: string }[];
  } | null;
}

const listRuns = async (person: Person, product: string): Promise<Run[]> =>
  (await person.get(`/api/v1/products/${product}/runs`)).body.runs;

/** Runs a product's pipelines and waits for them and what follows; answers its newest run. */
async function run(person: Person, product: string): Promise<Run> {
  const started = await person.post(`/api/v1/products/${product}/run`);
  if (started.status !== 200) throw new Error(JSON.stringify(started.body));
  await mesh.settle();
  const runs = await listRuns(person, product);
  return runs.find(({ id }) => id === started.body.runs[0].id)!;
}

async function subscribe(purpose: string, asking: Person, product = 'sales.shop'): Promise<string> {
  const asked = await asking.post('/api/v1/requests', { product, purpose });
  const approved = await steward.post(`/api/v1/requests/${asked.body.id}/approve`);
  if (approved.status !== 200) throw new Error(JSON.stringify([asked.body, approved.body]));
  return asked.body.id;
}

const put = async (content: string | Uint8Array, name = 'orders.csv') =>
  mesh.source(`sales/orders/${name}`, content);
const applied = (more: Files) => mesh.apply((files = { ...files, ...more }));
const refused = async (more: Files): Promise<Answer> => {
  const list = Object.entries({ ...files, ...more }).map(([path, text]) => ({ path, text }));
  return mesh.administrator.post('/api/v1/apply', { files: list });
};

const counted = 'SELECT count(*) AS n FROM sales.orders';

test('a pipeline may not read what its domain has no subscription to, and is told how to ask', async () => {
  await applied(marketingProduct(regions));
  await mesh.settle();
  const [first] = await listRuns(planner, 'marketing/plans');
  expect(first).toMatchObject({ state: 'failed', error: { code: 'query.no-subscription' } });
  expect(first!.error!.fix).toContain('crossdock request sales.shop');
});

test('with a subscription it runs, and from then on by itself after each release of what it reads', async () => {
  await subscribe('plan regions', planner);
  expect(await run(planner, 'marketing/plans')).toMatchObject({ state: 'released' });
  await run(engineer, 'sales/shop');
  const [newest] = await listRuns(planner, 'marketing/plans');
  expect(newest).toMatchObject({ state: 'released', trigger: 'release of sales.shop.orders' });
  expect(await analyst.rows('SELECT * FROM marketing.regions ORDER BY region')).toEqual([
    { region: 'NORTH', orders: 2 },
    { region: 'SOUTH', orders: 1 },
  ]);
});

test('bad rows enter: consumers keep the last good release, the producer sees which checks failed and the rows', async () => {
  await put(BAD);
  const blocked = await run(engineer, 'sales/shop');
  expect(blocked).toMatchObject({ state: 'blocked', error: { code: 'pipeline.checks-failed' } });
  const failed = blocked.checks.filter(({ passed }) => !passed);
  expect(failed.map(({ failures }) => failures)).toEqual([1, 1]);
  expect(JSON.stringify(failed.map(({ sample }) => sample))).toMatch(/WEST-SECRET.*-7\.25/);
  for (const { title } of failed) expect(blocked.error!.message).toContain(title);

  expect(await analyst.rows(`${counted} WHERE region <> 'WEST-SECRET'`)).toEqual([{ n: 3 }]);
  expect(await analyst.rows(counted)).toEqual([{ n: 3 }]);
});

test('nobody but the producers sees the failing rows', async () => {
  expect((await analyst.get('/api/v1/products/sales/shop/runs')).status).toBe(403);
  for (const path of ['products/sales/shop', 'products', 'search?text=shop', 'audit', 'subscriptions']) {
    expect(JSON.stringify((await analyst.get(`/api/v1/${path}`)).body)).not.toContain('WEST-SECRET');
  }
  const [downstream] = await listRuns(planner, 'marketing/plans');
  expect(downstream!.trigger).not.toContain('WEST-SECRET');
});

test('corrected rows heal it', async () => {
  await put(FIXED);
  expect(await run(engineer, 'sales/shop')).toMatchObject({ state: 'released', error: null });
  expect(await analyst.rows(counted)).toEqual([{ n: 4 }]);
  expect(await analyst.rows("SELECT orders FROM marketing.regions WHERE region = 'WEST'")).toEqual([
    { orders: 1 },
  ]);
});

test('a torn line, text in another encoding and a truncated Parquet file are named, the line too', async () => {
  await put('id,region,amount\n1,NORTH,10.50\n2,NORTH\n3,SOUTH,99.99\n');
  const torn = await run(engineer, 'sales/shop');
  expect(torn).toMatchObject({ state: 'failed', error: { code: 'pipeline.source-damaged' } });
  expect(torn.error!.problems![0]!.place).toMatch(/orders\.csv:3/);
  const environment = { CROSSDOCK_URL: mesh.mesh.url, CROSSDOCK_TOKEN: engineer.token };
  for (const command of [
    ['run', 'sales.shop'],
    ['show', torn.id],
  ]) {
    const { stdout } = await crossdock(['pipeline', ...command], environment);
    expect(stdout).toMatch(/ cannot be read\n {2}\S*orders\.csv:3\S* {2}\S.*\n {2}→ Correct/);
  }

  await put(Buffer.from(FIXED.replace('SOUTH', 'S\u00dcD'), 'latin1'));
  await applied(
    sourceFile(
      'sales',
      'shop',
      "  orders: { files: 'orders/*.csv', format: csv, options: { encoding: utf-8 } }\n",
    ),
  );
  const latin = await run(engineer, 'sales/shop');
  expect(latin.error).toMatchObject({ code: 'pipeline.source-damaged' });
  expect(latin.error!.problems![0]!.place).toMatch(/orders\.csv:4/);

  await put(FIXED);
  const whole = await fetch(`${mesh.mesh.url}/api/v1/query`, {
    method: 'POST',
    headers: { authorization: `Bearer ${engineer.token}`, 'content-type': 'application/json' },
    body: JSON.stringify({ sql: 'SELECT * FROM sales.orders', format: 'parquet' }),
  });
  const bytes = new Uint8Array(await whole.arrayBuffer());
  await put(bytes.subarray(0, bytes.length - 20), 'orders.parquet');
  await applied(sourceFile('sales', 'shop', "  orders: { files: 'orders/*.parquet', format: parquet }\n"));
  const cut = await run(engineer, 'sales/shop');
  expect(cut.error).toMatchObject({ code: 'pipeline.source-damaged' });
  expect(cut.error!.problems![0]!.place).toMatch(/orders\.parquet/);
  await put(bytes, 'orders.parquet');
  expect(await run(engineer, 'sales/shop')).toMatchObject({ state: 'released' });
  expect(await analyst.rows(counted)).toEqual([{ n: 4 }]);

  await applied(sourceFile('sales', 'shop', "  orders: { files: 'orders/*.csv', format: csv }\n"));
});

test('SQL that reads files or settings is refused before anything is applied, with its place', async () => {
  // 422: no statement may do this. 409: a name that is nobody's table.
  for (const [sql, status] of [
    ["SELECT 1 AS id, 'x' AS region, 1.0 AS amount FROM read_csv('/etc/passwd')", 422],
    ["SELECT 1 AS id, content AS region, 1.0 AS amount FROM read_text('/etc/passwd')", 422],
    ["SELECT 1 AS id, column0 AS region, 1.0 AS amount FROM '/etc/passwd'", 409],
    ["SELECT 1 AS id, current_setting('access_mode') AS region, 1.0 AS amount", 422],
    ["SELECT 1 AS id, getenv('HOME') AS region, 1.0 AS amount", 422],
    ['SELECT 1 AS id, view_definition AS region, 1.0 AS amount FROM information_schema.views', 409],
    ["COPY (SELECT 1) TO '/tmp/out.csv'", 422],
    ['SELECT 1; SELECT 2', 422],
  ] as const) {
    const answer = await refused(salesProduct([{ ...orders, sql }]));
    expect([sql, answer.status]).toEqual([sql, status]);
    expect(answer.body.problems[0].place).toMatch(/^domains\/sales\/products\/shop\/orders\.sql:\d+:\d+$/);
    expect(JSON.stringify(answer.body)).not.toMatch(/root:/);
  }
  expect(await run(engineer, 'sales/shop')).toMatchObject({ state: 'released' });
});

test('two runs of a dataset at once go one after the other', async () => {
  const ids = await Promise.all(
    [1, 2, 3].map(async () => (await engineer.post('/api/v1/products/sales/shop/run')).body.runs[0].id),
  );
  await mesh.settle();
  const runs = (await listRuns(engineer, 'sales/shop')).filter(({ id }) => ids.includes(id));
  expect(runs.map(({ state }) => state)).toEqual(['released', 'released', 'released']);
  const inOrder = runs.toSorted((a, b) => a.startedAt.localeCompare(b.startedAt));
  for (const [index, later] of inOrder.slice(1).entries()) {
    expect(later.startedAt >= inOrder[index]!.finishedAt).toBe(true);
  }
});

test('a run is cancelled while it works, one that waits at once, and nothing of them is released', async () => {
  const before = (await analyst.get('/data/v1/sales/shop/orders?limit=1')).body.release;
  const slow = `SELECT CAST(max(a.range * b.range % 7) AS INTEGER) AS id, 'x' AS region, CAST(1 AS DECIMAL(9,2)) AS amount
FROM range(10000000) AS a, range(10000000) AS b`;
  await applied(salesProduct([{ ...orders, sql: slow }]));
  const underWay = async () =>
    (await listRuns(engineer, 'sales/shop')).find(({ state }) => state === 'running');
  while ((await underWay()) === undefined) await sleep(20);
  const working = (await underWay())!.id;
  const waiting = (await engineer.post('/api/v1/products/sales/shop/run')).body.runs[0].id;
  for (const id of [waiting, working]) {
    expect(await analyst.post(`/api/v1/runs/${id}/cancel`)).toMatchObject({ status: 403 });
    expect(await engineer.post(`/api/v1/runs/${id}/cancel`)).toMatchObject({ status: 200 });
  }
  await mesh.settle();
  const runs = (await listRuns(engineer, 'sales/shop')).filter(({ id }) => [working, waiting].includes(id));
  expect(runs.map(({ state }) => state)).toEqual(['cancelled', 'cancelled']);
  expect((await analyst.get('/data/v1/sales/shop/orders?limit=1')).body.release).toBe(before);
  await applied(salesProduct([orders]));
  await mesh.settle();
});

test('a new contract version adds a column; old releases stay readable under the plan of today', async () => {
  const before = new Date().toISOString();
  const evolved: TestDataset = {
    ...orders,
    version: '1.1.0',
    columns: [{ name: 'channel', type: 'varchar' }, ...orders.columns],
    sql: orders.sql.replace('SELECT ', "SELECT 'web' AS channel, "),
  };
  await applied(salesProduct([evolved], '1.1.0'));
  await mesh.settle();
  expect((await listRuns(engineer, 'sales/shop'))[0]).toMatchObject({ state: 'released', error: null });
  expect(await analyst.rows('SELECT * FROM sales.orders ORDER BY id LIMIT 1')).toEqual([
    { channel: 'web', id: 1, region: 'NORTH', amount: '10.50' },
  ]);
  expect(await analyst.rows('SELECT * FROM sales.orders ORDER BY id LIMIT 1', { at: before })).toEqual([
    { id: 1, region: 'NORTH', amount: '10.50' },
  ]);

  const hidden =
    'restrictions:\n  - { name: no-region, appliesTo: { columns: [region] }, hide: true }\n  - { name: few, rows: id > 2 }\n';
  await applied(salesProduct([evolved], '1.1.0', { 'restrictions.yaml': hidden }));
  expect(await analyst.rows('SELECT * FROM sales.orders ORDER BY id LIMIT 1', { at: before })).toEqual([
    { id: 3, amount: '99.99' },
  ]);
  expect(await analyst.refusal('SELECT region FROM sales.orders', { at: before })).toMatchObject({
    code: 'query.invalid',
  });
  await applied(salesProduct([evolved], '1.1.0', { 'restrictions.yaml': 'restrictions: []\n' }));
});

test('after the subscription is revoked the pipeline reads no more; what it released stays', async () => {
  const [mine] = (await analyst.get('/api/v1/subscriptions')).body.subscriptions;
  await steward.post(`/api/v1/subscriptions/${mine.id}/revoke`, { reason: 'the plan is done' });
  const stopped = await run(planner, 'marketing/plans');
  expect(stopped).toMatchObject({ state: 'failed', error: { code: 'query.no-subscription' } });
  expect(await analyst.rows('SELECT sum(orders)::INTEGER AS n FROM marketing.regions')).toEqual([{ n: 4 }]);
});

test('a pipeline that reads a table which the last crawl did not find is warned of, with the nearest one', async () => {
  await mesh.source('finance/tills/receipts.csv', 'id,amount\n1,2.50\n');
  const source = { 'domains/finance/sources/tills.yaml': 'kind: files\ntitle: Tills\npath: tills\n' };
  const reading = (table: string) =>
    productFiles({
      domain: 'finance',
      product: 'tills',
      datasets: [
        {
          name: 'receipts',
          columns: [{ name: 'id', type: 'bigint' }],
          sql: `SELECT id FROM tills.${table}`,
        },
      ],
    });
  const warned = async (table: string) => {
    const list = Object.entries({ ...files, ...source, ...reading(table) });
    const { body } = await mesh.administrator.post('/api/v1/plan', {
      files: list.map(([path, text]) => ({ path, text })),
    });
    return body.warnings.filter(({ message }: { message: string }) => message.includes('crawl'));
  };
  // Before the first crawl only a run can tell.
  expect(await warned('recepits')).toEqual([]);
  await applied(source);
  const crawl = await (
    await mesh.person('engineer@finance.example')
  ).post('/api/v1/sources/finance/tills/crawl');
  expect(crawl.status).toBe(200);
  expect(await warned('recepits')).toEqual([
    {
      message:
        'the last crawl of the source tills found no table tills.recepits; did you mean tills.receipts?',
      place: 'domains/finance/products/tills/receipts.sql:1:16',
    },
  ]);
  expect(await warned('receipts')).toEqual([]);
});

test('a file with decimal commas is released as exact numbers', async () => {
  await mesh.source('finance/ledger/bookings.csv', 'id;net;share\n1;1.234,56;0,5\n2;;\n3;-3,00;12\n');
  await applied({
    ...sourceFile(
      'finance',
      'ledger',
      "  bookings: { files: 'ledger/*.csv', format: csv, options: { decimal: ',' } }\n",
    ),
    ...productFiles({
      domain: 'finance',
      product: 'books',
      datasets: [
        {
          name: 'bookings',
          columns: [
            { name: 'id', type: 'bigint' },
            { name: 'net', type: 'decimal(18,2)' },
            { name: 'share', type: 'decimal(18,2)' },
          ],
          sql: 'SELECT id, net, share FROM ledger.bookings',
        },
      ],
    }),
  });
  await mesh.settle();
  const accountant = await mesh.person('analyst@finance.example');
  expect(await accountant.rows('SELECT * FROM finance.bookings ORDER BY id')).toEqual([
    { id: 1, net: '1234.56', share: '0.50' },
    { id: 2, net: null, share: null },
    { id: 3, net: '-3.00', share: '12.00' },
  ]);
});
