import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { crossdock } from '../fixtures/command-line.ts';
import { openTestMesh, type Person, type TestMesh } from '../fixtures/mesh.ts';
import { domainFiles, meshFiles, productFiles, sourceFile } from '../fixtures/mesh-files.ts';

let mesh: TestMesh;
let engineer: Person;
let analyst: Person;
let outsider: Person;

const ORDERS = `id,region,amount,email
1,NORTH,10.50,ada-secret@shop.example
2,NORTH,20.25,bob-secret@shop.example
3,SOUTH,-9.00,eve-secret@shop.example
`;

const warning = (id: string, rule: string) =>
  `quality: [{ id: ${id}, severity: warning, mustBe: 0, ${rule} }]`;

const orders = {
  name: 'orders',
  columns: [
    { name: 'id', type: 'integer', more: ['required: true', 'primaryKey: true'] },
    { name: 'region', type: 'varchar', more: ['relationships: [{ to: areas.code }, { to: nowhere.code }]'] },
    {
      name: 'amount',
      type: 'decimal(12,2)',
      more: [warning('not-below-zero', `metric: invalidValues, arguments: { pattern: '^[^-]' }`)],
    },
    {
      name: 'email',
      type: 'varchar',
      more: [warning('email-form', `metric: invalidValues, arguments: { pattern: '^[^b]' }`)],
    },
  ],
  sql: 'SELECT CAST(id AS INTEGER) AS id, region, CAST(amount AS DECIMAL(12,2)) AS amount, email FROM shop.orders',
};

const areas = {
  name: 'areas',
  columns: [{ name: 'code', type: 'varchar', more: ['required: true'] }],
  sql: 'SELECT code FROM shop.areas',
};

beforeAll(async () => {
  mesh = await openTestMesh('flows/contract-test');
  await mesh.source('sales/orders/orders.csv', ORDERS);
  await mesh.source('sales/areas/areas.csv', 'code,name\nNORTH,North\nSOUTH,South\n');
  const sources = ['orders', 'areas'].map((name) => `  ${name}: { files: '${name}/*.csv', format: csv }\n`);
  await mesh.apply({
    ...meshFiles(),
    ...domainFiles('sales'),
    ...domainFiles('marketing'),
    ...domainFiles('finance'),
    ...sourceFile('sales', 'shop', sources.join('')),
    ...productFiles({ domain: 'sales', product: 'masters', datasets: [areas] }),
    ...productFiles({ domain: 'sales', product: 'shop-orders', datasets: [orders] }),
  });
  await mesh.settle();
  engineer = await mesh.person('engineer@sales.example');
  // The relationship waits for its other end: the first run may have come before it.
  await engineer.post('/api/v1/products/sales/shop-orders/run');
  await mesh.settle();
  analyst = await mesh.person('analyst@marketing.example');
  outsider = await mesh.person('analyst@finance.example');
});
afterAll(() => mesh.close());

const NAMES = { domain: 'sales', product: 'shop-orders', dataset: 'orders' };

/** Started, looked at until it ends, and its report. */
async function tested(person: Person, body: object): Promise<{ status: number; id: string; body: any }> {
  const started = await person.post('/api/v1/tests', { ...body, waitMs: 0 });
  if (started.status !== 200) return { ...started, id: '' };
  const { id } = started.body;
  await expect
    .poll(async () => (await person.get(`/api/v1/tests/${id}`)).body.state, { timeout: 20_000 })
    .not.toBe('running');
  const { status, body: test } = await person.get(`/api/v1/tests/${id}`);
  return { status, id, body: test.report };
}

interface Check {
  id: string;
  outcome: string;
  measured: unknown;
  error: string | null;
  elapsedMs: number;
  sample: { columns: string[]; rows: unknown[][] } | null;
}

const byId = (checks: Check[]) => Object.fromEntries(checks.map((check) => [check.id, check]));

test('the producer tests the release as it is: schema first, relationships, warnings with their rows', async () => {
  const { status, body } = await tested(engineer, NAMES);
  expect(status).toBe(200);
  expect(body).toMatchObject({ outcome: 'warning', rows: 3, object: 'orders' });
  const checks = byId(body.checks);
  expect(body.checks.slice(0, 4).map(({ id }: Check) => id)).toEqual(
    ['id', 'region', 'amount', 'email'].map((name) => `schema.${name}`),
  );
  expect(checks['region.reference']).toMatchObject({ outcome: 'passed', measured: 0 });
  expect(checks['region.reference-2']).toMatchObject({
    outcome: 'not-run',
    error: expect.stringContaining('leads to no dataset'),
  });
  expect(checks['not-below-zero']!.sample!.rows).toEqual([[3, 'SOUTH', '-9.00', 'eve-secret@shop.example']]);
});

test('a warning marks the release for whoever finds the product', async () => {
  const { body } = await analyst.get('/api/v1/products/sales/shop-orders');
  const dataset = body.datasets.find(({ name }: { name: string }) => name === 'orders');
  const failed = dataset.release.checks.filter(({ outcome }: Check) => outcome === 'failed');
  expect(failed.map(({ id, severity }: Check & { severity: string }) => [id, severity])).toEqual([
    ['not-below-zero', 'warning'],
    ['email-form', 'warning'],
  ]);
  expect(JSON.stringify(dataset.release)).not.toContain('secret');
});

test('a consumer tests what they see: hidden and masked columns and other rows prove nothing', async () => {
  const refused = await analyst.post('/api/v1/tests', NAMES);
  expect(refused).toMatchObject({ status: 403, body: { code: 'query.no-subscription' } });
  const asked = await analyst.post('/api/v1/requests', { product: 'sales.shop-orders', purpose: 'letters' });
  const owner = await mesh.person('owner@sales.example');
  const approved = await owner.post(`/api/v1/requests/${asked.body.id}/approve`, {
    ...{ rows: "region = 'NORTH'", masks: { email: { action: 'mask-alphanum' } } },
  });
  expect(approved).toMatchObject({ status: 200 });
  const { id, body } = await tested(analyst, NAMES);
  expect(body).toMatchObject({ outcome: 'passed', rows: 2 });
  const checks = byId(body.checks);
  expect(checks['email-form']).toMatchObject({ outcome: 'not-run', error: 'your access plan masks email' });
  expect(checks['not-below-zero']).toMatchObject({ outcome: 'passed', measured: 0 });
  expect(JSON.stringify(body)).not.toMatch(/secret|SOUTH/);

  // What is taken away is not read from an earlier test either.
  await owner.post(`/api/v1/subscriptions/${asked.body.id}/revoke`, { reason: 'the letters are written' });
  const after = await analyst.get(`/api/v1/tests/${id}`);
  expect(after).toMatchObject({ status: 403, body: { code: 'query.no-subscription' } });
});

test('a test can be cancelled by whoever started it; when it is over, that changes nothing', async () => {
  const { id, body: report } = await tested(engineer, NAMES);
  const path = `/api/v1/tests/${id}`;
  expect((await engineer.get(path)).body).toMatchObject({ state: 'done', done: 7, total: 7, error: null });
  expect((await outsider.get(path)).status).toBe(404);
  expect(await engineer.delete(path)).toMatchObject({ status: 200, body: { cancelled: false } });
  expect((await engineer.get(path)).body.report).toEqual(report);
});

test('failing rows of runs are shown through the viewer’s plan, other people’s tests do not exist', async () => {
  const { body } = await engineer.get('/api/v1/products/sales/shop-orders/runs');
  expect(JSON.stringify(body.runs)).toContain('eve-secret');
  const administrator = await mesh.administrator.get('/api/v1/products/sales/shop-orders/runs');
  expect(JSON.stringify(administrator.body)).not.toContain('eve-secret');
  expect((await outsider.post('/api/v1/tests', { ...NAMES, dataset: 'gone' })).status).toBe(404);
  expect((await outsider.get('/api/v1/tests/qry_0123456789')).status).toBe(404);
});

test('the command line tests datasets and files, with JUnit, exit codes and no server for files', async () => {
  const server = { CROSSDOCK_URL: mesh.mesh.url, CROSSDOCK_TOKEN: engineer.token };
  const dataset = await crossdock(['contract', 'test', 'sales.shop-orders.orders'], server);
  expect(dataset).toMatchObject({ code: 0, stderr: '' });
  expect(dataset.stdout).toMatch(/warning +amount: invalid values = 0 +1 failing row/);
  expect(dataset.stdout).toContain('(sales.shop-orders.orders release ');

  const file = join(mesh.folder, 'orders.odcs.yaml');
  const data = join(mesh.folder, 'sources/sales');
  writeFileSync(
    file,
    `apiVersion: v3.1.0
kind: DataContract
id: o
version: 1.0.0
status: active
schema:
  - name: orders
    properties:
      - { name: id, logicalType: integer, required: true, unique: true }
      - { name: region, logicalType: string, relationships: [{ to: areas.code }] }
      - { name: amount, logicalType: number, physicalType: 'decimal(12,2)', logicalTypeOptions: { minimum: 0 } }
      - { name: email, logicalType: date }
    quality: [{ type: custom, engine: soda, implementation: x }]
  - name: areas
    properties: [{ name: code, logicalType: string, enum: [{ value: NORTH }] }, { name: name, logicalType: string }]
`.replace('v3.1.0', 'v3.2.0'),
  );
  const offline = { CROSSDOCK_URL: 'http://127.0.0.1:9' };
  const local = await crossdock(['contract', 'test', file, data, '--format', 'json'], offline);
  expect(local).toMatchObject({ code: 1, stderr: '' });
  const { reports } = JSON.parse(local.stdout) as { reports: { checks: Check[] }[] };
  expect(
    reports.flatMap(({ checks }) => checks.map(({ id, outcome, measured }) => [id, outcome, measured])),
  ).toEqual([
    ...['id', 'region', 'amount', 'email'].map((name) => [`schema.${name}`, 'passed', null]),
    ['schema.id.type', 'passed', 0],
    ['schema.amount.type', 'passed', 0],
    ['schema.email.type', 'failed', 3],
    ['id.required', 'passed', 0],
    ['id.unique', 'passed', 0],
    ['region.reference', 'passed', 0],
    ['amount.range', 'failed', 1],
    ['orders.custom', 'not-run', null],
    ['schema.code', 'passed', null],
    ['schema.name', 'passed', null],
    ['code.enum', 'failed', 1],
  ]);
  const report = join(mesh.folder, 'junit.xml');
  const junit = ['contract', 'test', file, data, '--object', 'orders', '--format', 'junit', '-o', report];
  expect(await crossdock(junit, offline)).toMatchObject({ code: 1, stdout: '' });
  const xml = readFileSync(report, 'utf8');
  expect(xml).toContain('<testsuite name="o 1.0.0 orders" tests="12" failures="2" errors="0" skipped="1"');
  expect(xml).toMatch(/<skipped message="rules for other engines are not run: .*soda"\/>/);
});

test('variables of a contract come from the command line, by name from the environment, and from nowhere else', async () => {
  const file = join(mesh.folder, 'variables.odcs.yaml');
  writeFileSync(
    file,
    `apiVersion: v3.2.0
kind: DataContract
id: v
version: 1.0.0
servers:
  - { server: here, type: local, path: '\${FOLDER}/orders', format: csv }
  - { server: there, type: local, path: '\${ELSEWHERE}', format: csv }
schema:
  - name: orders
    properties: [{ name: id, logicalType: integer }]
    quality: [{ type: sql, query: "SELECT count(*) FROM \${table} WHERE region = '\${REGION:-NORTH}'", mustBe: 1 }]
`,
  );
  const test = ['contract', 'test', file, '--server', 'here'];
  const environment = { FOLDER: join(mesh.folder, 'sources/sales'), REGION: 'SOUTH' };
  const refused = await crossdock(test, environment);
  expect(refused.code).toBe(2);
  expect(refused.stderr).toMatch(/variables\.odcs\.yaml:6:40 .*`FOLDER` has no value: give it by --variable/);
  const byDefault = await crossdock([...test, '--variable', 'FOLDER', '--format', 'json'], environment);
  expect(byDefault).toMatchObject({ code: 1, stdout: expect.stringMatching(/"measured": "?2\b/) });
  const given = await crossdock([...test, '--variable', 'FOLDER', 'REGION=SOUTH'], environment);
  expect(given).toMatchObject({ code: 0, stderr: '' });
  const body = {
    ...NAMES,
    contract: readFileSync(file, 'utf8').replaceAll('NORTH', '').replaceAll(':-', ''),
  };
  expect(await engineer.post('/api/v1/tests', body)).toMatchObject({
    body: {
      code: 'contract.invalid',
      problems: [{ message: expect.stringContaining('`REGION` has no value') }],
    },
  });
});

test('what cannot be tested is refused with what to do, misuse is a usage error', async () => {
  const file = 'test/fixtures/contracts/real/branded-foods.odcs.yaml';
  const cases: [string[], number, RegExp][] = [
    [['no-such.yaml', mesh.folder], 2, /cli\.file/],
    [[file, join(mesh.folder, 'nowhere')], 2, /test\.data.*\n.*no such file/],
    [[file, join(mesh.folder, 'sources'), '--table', 'x'], 2, /tables .*: name one of them/],
    [[file, mesh.folder, '--object', 'y'], 2, /no object y; it has branded_food/],
    [[file, '--server', 'z'], 2, /no server z; it has none/],
    [[file], 64, /name the data/],
    [[file, mesh.folder, '--postgres', 'postgres://h/d'], 64, /one place/],
    [[file, '--postgres', 'postgres://h/d'], 64, /needs the --table/],
    [[file, mesh.folder, '--format', 'xml'], 64, /Allowed choices/],
  ];
  for (const [argv, code, said] of cases) {
    const answer = await crossdock(['contract', 'test', ...argv]);
    expect([argv.join(' '), answer.code]).toEqual([argv.join(' '), code]);
    expect(answer.stderr).toMatch(said);
  }
});
