import { afterAll, beforeAll, expect, test } from 'vitest';
import { openTestMesh, type Person, type TestMesh } from '../fixtures/mesh.ts';
import { domainFiles, meshFiles, productFiles, sourceFile } from '../fixtures/mesh-files.ts';

let mesh: TestMesh;
let steward: Person;
let engineer: Person;
let analyst: Person;

/** What may be seen is NORTH; what must not be seen stands in rows that no filter of a reader lets through. */
const ORDERS = `id,region,code,email,amount
1,NORTH,11,ada@shop.example,10.50
2,NORTH,12,bob@shop.example,-1.00
3,SOUTH,secret-code,eve-secret@shop.example,99.99
4,,13,,-5.00
`;

const orders = {
  name: 'orders',
  columns: [
    { name: 'id', type: 'integer', more: ['required: true', 'primaryKey: true'] },
    { name: 'region', type: 'varchar' },
    {
      name: 'code',
      type: 'varchar',
      more: [
        'quality:',
        "  - { metric: invalidValues, arguments: { pattern: '^1[13]$' }, mustBe: 0, severity: warning }",
      ],
    },
    { name: 'email', type: 'varchar' },
    { name: 'amount', type: 'decimal(12,2)' },
    { name: 'day', type: 'date' },
    {
      name: 'address',
      type: 'object',
      more: ['properties:', '  - { name: city, logicalType: string, physicalType: varchar }'],
    },
  ],
  sql: `SELECT CAST(id AS INTEGER) AS id, region, code, email, CAST(amount AS DECIMAL(12,2)) AS amount,
    DATE '2026-01-31' AS day, {'city': 'Secretville'} AS address FROM shop.orders`,
};

const GRANT = {
  rows: "region = 'NORTH'",
  columns: ['id', 'region', 'code', 'email'],
  masks: { email: { action: 'show-first-4' } },
};

/** Everybody is told the same: what restricts the product restricts its producers too. */
const RESTRICTED = `restrictions:
  - { name: north-only, rows: "region = 'NORTH'" }
  - { name: no-mails, appliesTo: { columns: [email] }, mask: mask-alphanum }
  - { name: no-places, appliesTo: { columns: [address] }, hide: true }
`;

const filesOf = (restrictions: string) => ({
  ...meshFiles(restrictions),
  ...domainFiles('sales'),
  ...domainFiles('marketing'),
  ...sourceFile('sales', 'shop', "  orders: { files: 'orders/*.csv', format: csv }\n"),
  ...productFiles({ domain: 'sales', product: 'shop', datasets: [orders] }),
});

const SECRETS = /SOUTH|secret|99\.99|Secretville/i;

beforeAll(async () => {
  mesh = await openTestMesh('flows/data-filters');
  await mesh.source('sales/orders/orders.csv', ORDERS);
  await mesh.apply(filesOf(''));
  await mesh.settle();
  steward = await mesh.person('steward@sales.example');
  engineer = await mesh.person('engineer@sales.example');
  analyst = await mesh.person('analyst@marketing.example');
});
afterAll(() => mesh.close());

let subscription: string;

test('what restrictions leave of each column is said to whoever approves', async () => {
  const asked = await analyst.post('/api/v1/requests', { product: 'sales.shop', purpose: 'look before' });
  const rulesOf = async () => {
    const { columns } = (await steward.get(`/api/v1/requests/${asked.body.id}`)).body;
    return columns.flatMap(({ name, rules }: { name: string; rules: unknown }) =>
      rules ? [{ name, rules }] : [],
    );
  };
  expect(await rulesOf()).toEqual([]);
  await mesh.apply(filesOf(RESTRICTED));
  expect(await rulesOf()).toEqual([
    {
      name: 'email',
      rules: {
        hidden: false,
        mask: { action: 'mask-alphanum' },
        reasons: [expect.stringContaining('no-mails')],
      },
    },
    { name: 'address', rules: { hidden: true, mask: null, reasons: [expect.stringContaining('no-places')] } },
  ]);
  const own = (await analyst.get(`/api/v1/requests/${asked.body.id}`)).body.columns;
  expect(own.filter(({ rules }: { rules: unknown }) => rules !== null)).toEqual([]);
  await mesh.apply(filesOf(''));
  await mesh.settle();
  await analyst.post(`/api/v1/requests/${asked.body.id}/withdraw`);
});

const approve = (grant: object) => steward.post(`/api/v1/requests/${subscription}/approve`, grant);

test('1 a predicate is checked when it is written: grammar and types, every problem with its place', async () => {
  const asked = await analyst.post('/api/v1/requests', { product: 'sales.shop', purpose: 'measure' });
  subscription = asked.body.id;
  const problemsOf = async (rows: string) => {
    const { status, body } = await approve({ rows });
    return [status, ...body.problems.map(({ message }: { message: string }) => message)];
  };
  expect(await problemsOf("region = 'NORTH' AND")).toEqual([422, expect.stringContaining('(at 1:21)')]);
  expect(await problemsOf("region = 5 AND amount > 'many' AND day < 20260101 AND regoin = 'x'")).toEqual([
    422,
    expect.stringContaining("region is a string and never 5; write '5'"),
    expect.stringContaining('amount is a decimal(12,2), not a string'),
    expect.stringContaining('day is a date and never 20260101'),
    expect.stringContaining("there is no column 'regoin'; did you mean region?"),
  ]);
  expect(await problemsOf('id IN (SELECT 1)')).toEqual([
    422,
    expect.stringContaining('SELECT is not a value'),
  ]);
  expect(await analyst.refusal('SELECT * FROM sales.orders')).toMatchObject({
    code: 'query.no-subscription',
  });
});

test('7 a filter has limits on number and size, and says so', async () => {
  const terms = (count: number) => Array.from({ length: count }, (_, at) => `id = ${at}`).join(' OR ');
  const values = (count: number) => `id IN (${Array.from({ length: count }, (_, at) => at).join(', ')})`;
  const deep = (depth: number) => `${'('.repeat(depth)}id = 1${')'.repeat(depth)}`;
  for (const [rows, limit] of [
    [terms(501), '500 conditions'],
    [values(1_001), '1000 values'],
    [deep(33), '32 deep'],
  ]) {
    const { status, body } = await approve({ rows });
    expect([status, JSON.stringify(body.problems)]).toEqual([422, expect.stringContaining(limit!)]);
  }
  expect((await approve({ rows: `region = '${'x'.repeat(40_000)}'` })).status).toBe(400);
});

test('8 what reaches into a nested column is refused, and what masks it as if it were a text', async () => {
  const { status, body } = await approve({ rows: "address.city = 'Secretville'" });
  expect([status, body.problems[0].message]).toEqual([
    422,
    expect.stringContaining('a filter reads whole columns, not their parts'),
  ]);
  const compared = await approve({ rows: "address = 'x'", masks: { address: { action: 'show-last-4' } } });
  const problems = compared.body.problems.map(({ message }: { message: string }) => message);
  expect(problems).toEqual([
    expect.stringMatching(/^address is a struct<city: string> and can only be tested with is null/),
    expect.stringMatching(/^show-last-4 cannot mask a struct<city: string>; choose replace-with-null/),
  ]);
});

test('2 rows and columns combine as cells: granted columns of granted rows, each mask on each of them', async () => {
  expect(await approve(GRANT)).toMatchObject({ status: 200, body: { state: 'active' } });
  expect(await analyst.rows('SELECT * FROM sales.orders ORDER BY id')).toEqual([
    { id: 1, region: 'NORTH', code: '11', email: 'ada@xxxx.xxxxxxx' },
    { id: 2, region: 'NORTH', code: '12', email: 'bob@xxxx.xxxxxxx' },
  ]);
});

test('3 a forbidden column is not in SELECT *, and naming it is an error as if it were not there', async () => {
  const star = await analyst.post('/api/v1/query', { sql: 'SELECT * FROM sales.orders' });
  expect(star.body.columns.map(({ name }: { name: string }) => name)).toEqual([
    'id',
    'region',
    'code',
    'email',
  ]);
  const texts = [];
  for (const column of ['amount', 'nothing']) {
    for (const sql of [
      `SELECT ${column} FROM sales.orders`,
      `SELECT id FROM sales.orders WHERE ${column} IS NULL`,
      `SELECT count(*) FROM sales.orders GROUP BY orders.${column}`,
    ]) {
      const refusal = await analyst.refusal(sql);
      expect([sql, refusal.status, refusal.code]).toEqual([sql, 400, 'query.invalid']);
      texts.push(refusal.text.replaceAll(column, '?').replace(/"requestId":"[^"]*"/, ''));
    }
  }
  expect(texts.slice(0, 3)).toEqual(texts.slice(3));
});

test('4 the filter runs before what the reader asks, which functions and errors cannot widen', async () => {
  // Each of these fails on a row that is not shown, if it is ever given one.
  for (const sql of [
    'SELECT count(*) AS n FROM sales.orders WHERE CAST(code AS INTEGER) > 0',
    'SELECT count(*) AS n FROM (SELECT CAST(code AS INTEGER) AS c FROM sales.orders) WHERE c > 0',
    'SELECT count(CAST(code AS INTEGER)) AS n FROM sales.orders',
    "SELECT count(*) AS n FROM sales.orders WHERE CASE WHEN region = 'SOUTH' THEN CAST('x' AS INTEGER) ELSE 1 END = 1",
    "SELECT count(*) AS n FROM sales.orders WHERE region <> 'SOUTH' OR region IS NULL OR TRUE",
    'SELECT count(*) AS n FROM sales.orders a JOIN sales.orders b ON CAST(a.code AS INTEGER) = CAST(b.code AS INTEGER)',
  ]) {
    expect([sql, await analyst.rows(sql)]).toEqual([sql, [{ n: 2 }]]);
  }
  const failing = await analyst.refusal('SELECT CAST(email AS INTEGER) FROM sales.orders');
  expect(failing.text).not.toMatch(/eve|SOUTH|ada@shop|bob@shop/);
  for (const sql of [
    "SELECT * FROM sales.orders WHERE region = 'SOUTH'",
    'SELECT * FROM sales.orders WHERE region IS NULL',
    "SELECT * FROM sales.orders WHERE email = 'eve-secret@shop.example'",
    "SELECT * FROM sales.orders WHERE email = 'ada@shop.example'",
  ]) {
    expect([sql, await analyst.rows(sql)]).toEqual([sql, []]);
  }
});

test('5 aggregates and counts are of what is shown', async () => {
  expect(
    await analyst.rows(
      'SELECT count(*) AS n, count(email) AS emails, max(id) AS id, min(region) AS region, max(email) AS email FROM sales.orders',
    ),
  ).toEqual([{ n: 2, emails: 2, id: 2, region: 'NORTH', email: 'bob@xxxx.xxxxxxx' }]);
  expect(await analyst.rows('SELECT region, count(*) AS n FROM sales.orders GROUP BY ALL')).toEqual([
    { region: 'NORTH', n: 2 },
  ]);
  const page = await analyst.get('/data/v1/sales/shop/orders');
  expect(page.body.rows).toHaveLength(2);
});

test('6 statistics and samples obey: of what is not shown there is no number, and no failing row', async () => {
  const { body } = await analyst.get('/api/v1/products/sales/shop/observations');
  expect(JSON.stringify(body)).not.toMatch(SECRETS);
  expect(JSON.stringify(body)).not.toContain('"max');
  for (const path of ['products/sales/shop', 'search?text=secret', 'explain?name=sales.shop.orders']) {
    expect(JSON.stringify((await analyst.get(`/api/v1/${path}`)).body)).not.toMatch(
      /eve-secret|99\.99|Secretville/,
    );
  }
  expect((await analyst.get('/api/v1/products/sales/shop/runs')).status).toBe(403);
  const samples = async () => {
    const { body: runs } = await engineer.get('/api/v1/products/sales/shop/runs');
    const checks = runs.runs.at(-1).checks as { sample: { columns: string[]; rows: unknown[][] } | null }[];
    return JSON.stringify(checks.flatMap(({ sample }) => sample?.rows ?? []));
  };
  expect(await samples()).toContain('eve-secret@shop.example');
  await mesh.apply(filesOf(RESTRICTED));
  const shown = await samples();
  expect(shown).not.toMatch(SECRETS);
  expect(shown).toContain('xxx@xxxx.xxxxxxx');
});
