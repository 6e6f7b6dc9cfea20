import { afterAll, beforeAll, expect, test } from 'vitest';
import { PARAMETERS } from '../../src/serving/dataset-request.ts';
import { readDataset } from '../../src/serving/read-dataset.ts';
import { crossdock } from '../fixtures/command-line.ts';
import { openTestMesh, type Person, type TestMesh } from '../fixtures/mesh.ts';
import { domainFiles, meshFiles, productFiles, sourceFile } from '../fixtures/mesh-files.ts';

/** What the mesh tells of itself: to whom a name is wrong, to a producer, to whoever audits, to a program. */
let mesh: TestMesh;
let steward: Person;
let analyst: Person;
let outsider: Person;
let subscription: string;

const ORDERS = 'id,region,amount,email\n1,NORTH,10.50,ada@shop.example\n2,SOUTH,99.99,eve@shop.example\n';
const SECRET = `@id("only finance knows")
forbid (principal, action, resource) unless { principal in Domain::"finance" };
`;
const columns = ['id', 'region', 'amount', 'email'];

beforeAll(async () => {
  mesh = await openTestMesh('flows/what-is-told');
  await mesh.source('sales/orders.csv', ORDERS);
  await mesh.source('finance/salaries.csv', 'person,salary\nAda,100\n');
  await mesh.apply({
    ...meshFiles(),
    ...domainFiles('sales'),
    ...domainFiles('marketing'),
    ...domainFiles('finance'),
    ...sourceFile('sales', 'shop', '  orders: { files: orders.csv, format: csv }\n'),
    ...sourceFile('finance', 'staff', '  salaries: { files: salaries.csv, format: csv }\n'),
    ...productFiles({
      domain: 'sales',
      product: 'shop-orders',
      datasets: [
        {
          name: 'orders',
          columns: columns.map((name) => ({ name, type: 'varchar' })),
          sql: `SELECT ${columns.map((name) => `${name}::VARCHAR AS ${name}`).join(', ')} FROM shop.orders`,
        },
      ],
    }),
    ...productFiles({
      domain: 'finance',
      product: 'pay',
      datasets: [
        {
          name: 'salaries',
          columns: [{ name: 'person', type: 'varchar' }],
          sql: 'SELECT person FROM staff.salaries',
        },
      ],
      files: { 'access.cedar': SECRET },
    }),
  });
  await mesh.settle();
  steward = await mesh.person('steward@sales.example');
  analyst = await mesh.person('analyst@marketing.example');
  outsider = await mesh.person('analyst@finance.example');
});
afterAll(() => mesh.close());

test('a table that is none is refused with the nearest ones one may discover, and with no other', async () => {
  const meant = async (person: Person, sql: string): Promise<string[]> => {
    const { body } = await person.post('/api/v1/query', { sql });
    expect(body.code).toBe('query.unknown-table');
    return body.problems.map(({ message }: { message: string }) => message);
  };
  const orders = (written: string) => [`${written}: did you mean sales.orders?`];
  expect(await meant(analyst, 'SELECT * FROM sales.ordres')).toEqual(orders('sales.ordres'));
  expect(await meant(analyst, 'SELECT * FROM slaes.orders')).toEqual(orders('slaes.orders'));
  expect(await meant(analyst, 'SELECT * FROM sales.shop_orders')).toEqual(orders('sales.shop_orders'));
  expect(await meant(analyst, 'SELECT * FROM "sales.shop-order".orders')).toEqual(
    orders('"sales.shop-order".orders'),
  );
  expect(await meant(analyst, 'SELECT * FROM ordres')).toEqual(orders('ordres'));
  expect(await meant(analyst, 'SELECT * FROM nowhere.things')).toEqual([]);
  // What is hidden is nobody's suggestion, and its right name is as unknown as a wrong one.
  for (const written of [
    'finance.salaries',
    'finance.salarys',
    'finance.pay',
    'salaries',
    '"finance.pay".salary',
  ])
    expect([written, await meant(analyst, `SELECT * FROM ${written}`)]).toEqual([written, []]);
  expect(await meant(outsider, 'SELECT * FROM finance.salarys')).toEqual([
    'finance.salarys: did you mean finance.salaries?',
  ]);
});

test('in the terminal a request says who asks, for what and why, since when, and what it waits for', async () => {
  const asked = await analyst.post('/api/v1/requests', {
    product: 'sales.shop-orders',
    purpose: 'measure campaigns',
  });
  subscription = asked.body.id;
  const { stdout } = await crossdock(['requests', '--to-decide'], {
    CROSSDOCK_URL: mesh.mesh.url,
    CROSSDOCK_TOKEN: steward.token,
  });
  const [head = '', , row = ''] = stdout.split('\n');
  expect(head.trim().split(/ {2,}/)).toEqual([
    ...['id', 'waits for', 'product', 'who asks', 'for', 'purpose', 'since', 'until'],
  ]);
  expect(row).toContain(subscription);
  for (const part of [
    'the producer',
    'sales.shop-orders',
    'analyst of marketing',
    'marketing',
    'measure campaigns',
  ])
    expect(row).toContain(part);
  expect(row).toMatch(/\d{4}-\d\d-\d\d \d\d:\d\d/);
});

test('what is approved is read', async () => {
  expect((await analyst.post(`/api/v1/requests/${subscription}/approve`)).status).toBe(403);
  const narrowed = { columns: ['id', 'region', 'email'] };
  const approved = await steward.post(`/api/v1/requests/${subscription}/approve`, narrowed);
  expect(approved.status).toBe(200);
  expect(await analyst.rows('SELECT count(*) AS n FROM sales.orders')).toEqual([{ n: 2 }]);
});

test('the document of a dataset lists what its door takes and answers, and no column that is hidden', async () => {
  const address = '/data/v1/sales/shop-orders/orders';
  const { body } = await analyst.get(`${address}/openapi.json`);
  expect(JSON.stringify(body)).not.toContain('amount');
  const { parameters, responses } = body.paths[address].get;
  const listed = (place: string): string[] =>
    parameters.flatMap((one: { in: string; name: string }) => (one.in === place ? [one.name] : []));
  const columns = ['id', 'region', 'email'];
  // What the door reads: its input without the names of the path, the request of a dataset, the columns.
  const { domain: _d, product: _p, dataset: _n, ifNoneMatch: _e, ...taken } = readDataset.input.shape;
  expect(listed('query')).toHaveLength(new Set(listed('query')).size);
  expect(new Set(listed('query'))).toEqual(
    new Set([...Object.keys(taken), ...Object.keys(PARAMETERS), ...columns]),
  );
  expect(listed('header')).toEqual(['if-none-match']);
  const page = await analyst.get(address);
  const values: Record<string, string> = {
    ...{ select: 'id', order: '-id', limit: '1', format: 'rows', purpose: 'measure campaigns' },
    ...{ at: new Date().toISOString(), id: '1', region: 'NORTH', email: 'is.null', cursor: page.body.next },
  };
  for (const name of listed('query').filter((each) => each !== 'cursor')) {
    const answer = await analyst.get(`${address}?${new URLSearchParams({ [name]: values[name]! })}`);
    expect([name, answer.status, answer.body.problems]).toEqual([name, 200, undefined]);
  }
  expect(responses['200'].headers).toHaveProperty('etag');
  expect(responses['304'].headers).toHaveProperty('etag');
  const refusals = ['400', '401', '403', '404', '409', '410', '429', 'default'];
  expect(Object.keys(responses)).toEqual(['200', '304', ...refusals]);
  for (const status of refusals)
    expect(Object.keys(responses[status].content)).toEqual(['application/problem+json']);
});

test('the audit is listed by person, by action and by time', async () => {
  const ask = async (query: string) => (await steward.get(`/api/v1/audit?${query}`)).body.entries;
  const all = await ask('limit=200');
  const approvals = await ask('action=subscription.approve&limit=200');
  expect(approvals.length).toBeGreaterThan(0);
  expect(approvals).toEqual(all.filter(({ action }: any) => action === 'subscription.approve'));
  expect(await ask('action=subscription.*&limit=200')).toEqual(
    all.filter(({ action }: any) => action.startsWith('subscription.')),
  );
  const bySteward = await ask('person=Steward@sales.example&limit=200');
  const { id } = (await steward.get('/api/v1/me')).body.principal;
  expect(await ask(`person=${id}&limit=200`)).toEqual(bySteward);
  const { actor } = approvals.find(({ allowed }: any) => allowed);
  expect(bySteward).toEqual(all.filter((entry: any) => entry.actor === actor));
  const tried = await ask('person=analyst@marketing.example&action=subscription.approve');
  expect(tried.map(({ allowed }: any) => allowed)).toEqual([false]);
  expect(await ask('person=nobody@marketing.example')).toEqual([]);
  const middle = all[Math.floor(all.length / 2)].at;
  const since = await ask(`since=${middle}&limit=200`);
  const until = await ask(`until=${middle}&limit=200`);
  expect([...since, ...until]).toEqual(all);
  expect(since.length).toBeGreaterThan(0);
  expect(until.length).toBeGreaterThan(0);
  const { body } = await steward.get('/api/v1/audit?action=Approve!&since=yesterday');
  expect(body.problems.map(({ pointer }: { pointer: string }) => pointer)).toEqual(['/action', '/since']);
  const terminal = await crossdock(
    [
      'audit',
      '--person',
      'steward@sales.example',
      '--action',
      'subscription.*',
      '--since',
      '2020-01-01',
      '--json',
    ],
    { CROSSDOCK_URL: mesh.mesh.url, CROSSDOCK_TOKEN: steward.token },
  );
  expect(JSON.parse(terminal.stdout).entries).toEqual(
    await ask('person=steward@sales.example&action=subscription.*&limit=20'),
  );
});

test('a producer sees in the terminal who holds a product: subscriptions and those who read by them', async () => {
  const run = (person: Person, ...argv: string[]) =>
    crossdock(argv, { CROSSDOCK_URL: mesh.mesh.url, CROSSDOCK_TOKEN: person.token });
  const told = await run(steward, 'product', 'consumers', 'sales.shop-orders');
  expect(told.code).toBe(0);
  expect(told.stdout).toMatch(new RegExp(`${subscription} +active +marketing +measure campaigns`));
  expect(told.stdout).toMatch(
    new RegExp(`analyst@marketing.example +person +marketing, for measure campaigns +${subscription}`),
  );
  expect(told.stdout).toMatch(/steward@sales.example +person +member of sales/);
  const json = JSON.parse((await run(steward, 'product', 'consumers', 'sales.shop-orders', '--json')).stdout);
  expect(Object.keys(json)).toEqual(['subscriptions', 'readers']);
  const refused = await run(analyst, 'product', 'consumers', 'sales.shop-orders');
  expect([refused.code, refused.stdout]).toEqual([2, '']);
});
