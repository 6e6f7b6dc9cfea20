import { sql } from 'kysely';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { closedDoors } from '../fixtures/closed-doors.ts';
import { crossdock } from '../fixtures/command-line.ts';
import { type Answer, openTestMesh, type Person, type TestMesh } from '../fixtures/mesh.ts';
import { domainFiles, type Files, meshFiles, productFiles, sourceFile } from '../fixtures/mesh-files.ts';

let mesh: TestMesh;
let owner: Person;
let steward: Person;
let analyst: Person;
let delegate: Person;
/** What every test starts from, and what one of them has added to it. */
let files: Files;

const ORDERS = 'id,region,note\n1,NORTH,a\n2,SOUTH,b\n3,NORTH,c\n';
const SQL = 'SELECT * FROM sales.orders ORDER BY id';
const DATA = '/data/v1/sales/orders/orders';
const SALES_MEMBERS = (owners: string) =>
  `name: sales\ntitle: sales\ndescription: Domain sales.\nmembers:\n${owners}` +
  '  - { person: steward@sales.example, name: steward of sales, role: steward }\n' +
  '  - { person: engineer@sales.example, name: engineer of sales, role: engineer }\n' +
  '  - { person: analyst@sales.example, name: analyst of sales, role: analyst }\n';
const OWNER = '  - { person: owner@sales.example, name: owner of sales, role: owner }\n';
const ROBOT = '  - { service: robot, role: engineer }\n';

function ordersProduct(product: string, more: Files = {}): Files {
  return productFiles({
    domain: 'sales',
    product,
    datasets: [
      {
        name: product,
        columns: [
          { name: 'id', type: 'integer' },
          { name: 'region', type: 'varchar' },
          { name: 'note', type: 'varchar' },
        ],
        sql: 'SELECT CAST(id AS INTEGER) AS id, region, note FROM shop.orders',
      },
    ],
    files: more,
  });
}

const START: Files = {
  ...meshFiles(
    'attributes:\n  domains:\n    marketing: { regions: [NORTH] }\n    finance: { regions: [SOUTH] }\n',
  ),
  ...domainFiles('sales'),
  ...domainFiles('marketing'),
  ...domainFiles('finance'),
  ...domainFiles('agency', ROBOT),
  ...sourceFile('sales', 'shop', "  orders: { files: 'orders/*.csv', format: csv }\n"),
  ...ordersProduct('orders'),
};

const without = (part: string): Files =>
  Object.fromEntries(Object.entries(START).filter(([path]) => !path.includes(part)));
const listed = (some: Files) => Object.entries(some).map(([path, text]) => ({ path, text }));

async function apply(change: Files): Promise<void> {
  files = { ...files, ...change };
  await mesh.apply(files);
  await mesh.settle();
}

let purposes = 0;

async function request(person: Person, product = 'sales.orders', columns?: string[]): Promise<string> {
  const { status, body } = await person.post('/api/v1/requests', {
    ...{ product, columns },
    purpose: `purpose ${++purposes}`,
  });
  expect(status).toBe(200);
  return body.id;
}

async function approve(person: Person, id: string, narrowing: object = {}): Promise<Answer> {
  return person.post(`/api/v1/requests/${id}/approve`, narrowing);
}

async function granted(person: Person, narrowing: object = {}): Promise<string> {
  const id = await request(person);
  expect((await approve(steward, id, narrowing)).status).toBe(200);
  return id;
}

const revoke = (id: string) => steward.post(`/api/v1/subscriptions/${id}/revoke`, { reason: 'over' });

async function delegation(to: string, ceiling: object = {}): Promise<string> {
  const { status, body } = await owner.post('/api/v1/delegations', {
    product: 'sales.orders',
    to,
    ...ceiling,
  });
  expect([status, body.code]).toEqual([200, undefined]);
  return body.id;
}

const endDelegation = (id: string, more: object = {}) =>
  owner.post(`/api/v1/delegations/${id}/revoke`, { reason: 'over', ...more });

async function states(ids: string[]): Promise<string[]> {
  const { rows } = await sql<{ id: string; state: string }>`SELECT id, state FROM subscriptions
    WHERE id = ANY(${sql.val(ids)}::text[])`.execute(mesh.mesh.parts.database.reader);
  return ids.map((id) => rows.find((row) => row.id === id)!.state);
}

/** Every door is shut: not a row comes out. */
async function shutOut(person: Person, code = 'query.no-subscription'): Promise<void> {
  expect((await person.refusal(SQL)).code).toBe(code);
  const { status, body } = await person.get(DATA);
  expect([status >= 400, body.rows]).toEqual([true, undefined]);
}

const ids = async (person: Person) => (await person.rows(SQL)).map(({ id }) => id);

beforeAll(async () => {
  mesh = await openTestMesh('flows/permissions');
  await mesh.source('sales/orders/orders.csv', ORDERS);
  files = START;
  await apply({});
  owner = await mesh.person('owner@sales.example');
  steward = await mesh.person('steward@sales.example');
  analyst = await mesh.person('analyst@marketing.example');
  delegate = await mesh.person('analyst@agency.example');
});
afterAll(() => mesh.close());

beforeEach(async () => {
  const { rows } = await sql<{ id: string }>`SELECT id FROM subscriptions WHERE state = 'active'`.execute(
    mesh.mesh.parts.database.reader,
  );
  for (const { id } of rows) await revoke(id);
  if (JSON.stringify(files) === JSON.stringify(START)) return;
  files = START;
  await apply({});
});

test('deny by default: without a grant nothing can be read, decided or given on, by anybody', async () => {
  const id = await request(analyst);
  for (const person of [analyst, delegate, mesh.administrator]) {
    await shutOut(person);
    expect((await approve(person, id)).status).toBeGreaterThanOrEqual(403);
    const given = await person.post('/api/v1/delegations', { product: 'sales.orders', to: 'agency' });
    expect([given.status, given.body.code]).toEqual([403, 'auth.forbidden']);
  }
  const given = await steward.post('/api/v1/delegations', { product: 'sales.orders', to: 'agency' });
  expect(given.status).toBe(403);
  expect(await states([id])).toEqual(['requested']);
});

test('a delegated approval never exceeds the ceiling, nor what the delegator may give', async () => {
  const ceiling = {
    rows: "region = 'NORTH'",
    columns: ['id', 'region'],
    masks: { region: { action: 'show-first-4' } },
  };
  const until = '2099-01-01T00:00:00.000Z';
  const id = await delegation('analyst@agency.example', { ...ceiling, until });
  const asked = await request(analyst);
  const listed = await delegate.get('/api/v1/requests?box=to-decide');
  expect(await closedDoors(mesh)).toEqual([]);
  await mesh.told();
  const told = (await delegate.get('/api/v1/inbox')).body.entries;
  expect(told.map(({ link }: { link: string }) => link)).toContain(`/queue?request=${asked}`);
  expect(listed.body.requests.map((one: { id: string }) => one.id)).toContain(asked);
  const beyond = await approve(delegate, asked, { columns: ['id', 'note'] });
  expect([beyond.status, beyond.body.code, beyond.body.problems[0].pointer]).toEqual([
    403,
    'delegation.exceeded',
    '/columns/1',
  ]);
  const { body } = await approve(delegate, asked, { rows: 'id < 3' });
  expect(body).toMatchObject({ state: 'active', columns: ['id', 'region'], until, delegation: id });
  expect(await analyst.rows(SQL)).toEqual([{ id: 1, region: 'NORTx' }]);
  expect((await approve(delegate, asked, { rows: 'id < 3' })).status).toBe(200);
  expect((await approve(delegate, asked)).body.code).toBe('subscription.decided');

  const own = await request(delegate);
  expect((await approve(delegate, own)).body.code).toBe('delegation.own-request');
  expect(JSON.stringify((await delegate.get('/api/v1/requests?box=to-decide')).body)).not.toContain(own);
  const finance = await request(await mesh.person('analyst@finance.example'), undefined, ['region', 'note']);
  const other = '  - { person: other@sales.example, name: another owner, role: owner }\n';
  const demoted = OWNER.replace('role: owner', 'role: analyst');
  await apply({ 'domains/sales/domain.yaml': SALES_MEMBERS(other + demoted) });
  expect((await approve(delegate, finance)).body.code).toBe('delegation.lapsed');
  await apply({ 'domains/sales/domain.yaml': START['domains/sales/domain.yaml']! });
  expect((await approve(delegate, finance)).body).toMatchObject({ state: 'active', columns: ['region'] });
  await endDelegation(id);
});

test('revoke cascades predictably, and again it is the same, also when the principal is gone', async () => {
  const id = await delegation('agency/robot');
  const robot = mesh.withToken(
    (
      await (
        await mesh.person('owner@agency.example')
      ).post('/api/v1/tokens', { name: 'robot', service: 'agency/robot' })
    ).body.secret,
  );
  const under = await request(analyst);
  expect((await approve(robot, under)).status).toBe(200);
  const beside = await granted(await mesh.person('engineer@agency.example'));
  expect(await ids(analyst)).toEqual([1, 2, 3]);

  await apply({ 'domains/agency/domain.yaml': domainFiles('agency')['domains/agency/domain.yaml']! });
  const [gone] = (await owner.get('/api/v1/delegations?product=sales.orders')).body.delegations;
  expect(gone).toMatchObject({
    id,
    state: 'ended',
    reason: 'whoever held it has left the mesh',
    approvals: 1,
  });
  expect(await ids(analyst)).toEqual([1, 2, 3]);
  const kept = await endDelegation(id, { keep: true });
  expect([kept.status, kept.body.revoked]).toEqual([200, []]);
  const ended = await endDelegation(id);
  expect(ended.body.revoked).toEqual([under]);
  await shutOut(analyst);
  expect(await states([under, beside])).toEqual(['revoked', 'active']);
  expect((await endDelegation(id)).body.revoked).toEqual([]);

  await apply({ 'domains/agency/domain.yaml': START['domains/agency/domain.yaml']! });
  expect((await robot.get('/api/v1/me')).status).toBe(401);
  const back = await delegation('agency/robot');
  expect(back).not.toBe(id);
  await endDelegation(back);

  files = without('domains/agency/');
  await apply({});
  expect(await states([beside])).toEqual(['withdrawn']);
  expect((await revoke(beside)).status).toBe(200);
  expect((await revoke(beside)).status).toBe(200);
});

test('what is made again under the same name inherits nothing', async () => {
  const engineer = await mesh.person('engineer@agency.example');
  const old = await granted(engineer);
  const left = await delegation('agency');
  files = without('domains/agency/');
  await apply({});
  files = START;
  await apply({});
  await shutOut(engineer);
  const waiting = await request(analyst);
  expect((await approve(delegate, waiting)).status).toBe(404);
  const held = await delegation('agency');

  const taken = without('/products/');
  const id = await granted(analyst);
  const removed = await mesh.administrator.post('/api/v1/apply', { files: listed(taken) });
  expect([removed.status, JSON.stringify(removed.body)]).toEqual([409, expect.stringContaining('marketing')]);
  await revoke(id);
  files = taken;
  await apply({});
  files = START;
  await apply({});
  await shutOut(analyst);
  await shutOut(delegate);
  const pending = await request(analyst);
  expect((await approve(delegate, pending)).status).toBe(404);
  expect(await states([old, id])).toEqual(['withdrawn', 'revoked']);
  const { body } = await owner.get('/api/v1/delegations');
  const ends = new Map(body.delegations.map((one: { id: string; reason: string }) => [one.id, one.reason]));
  expect([ends.get(left), ends.get(held)]).toEqual([
    'the domain has left the mesh',
    'the product is offered no more',
  ]);

  files = { ...taken, ...ordersProduct('new-orders') };
  await apply({});
  expect((await analyst.refusal('SELECT * FROM sales."new-orders"')).code).toBe('query.no-subscription');
});

test('a rename or a move counts with the very next request', async () => {
  await granted(analyst, { rows: 'region IN principal.regions' });
  await granted(await mesh.person('steward@finance.example'), { rows: 'region IN principal.regions' });
  expect(await ids(analyst)).toEqual([1, 3]);
  const line = '  - { person: analyst@marketing.example, name: analyst of marketing, role: analyst }\n';
  const marketing = START['domains/marketing/domain.yaml']!;
  const finance = START['domains/finance/domain.yaml']!;
  expect(marketing).toContain(line);
  await apply({
    'domains/marketing/domain.yaml': marketing.replace(line, ''),
    'domains/finance/domain.yaml': finance + line,
  });
  expect(await ids(analyst)).toEqual([2]);
  await apply({ 'domains/finance/domain.yaml': finance });
  await shutOut(analyst);

  const restrictions = (dataset: string) =>
    `restrictions:\n  - name: no-notes\n    appliesTo: { datasets: [${dataset}], columns: [note] }\n    hide: true\n`;
  const path = 'domains/sales/products/orders/restrictions.yaml';
  await apply({ [path]: restrictions('orders') });
  const renamed = { ...files, [path]: restrictions('orders-before') };
  const wrong = await mesh.administrator.post('/api/v1/plan', { files: listed(renamed) });
  expect(JSON.stringify(wrong.body)).toContain('there is no dataset orders-before');
});

test('both directions are listed for people, service accounts and domains, and say the same', async () => {
  await granted(analyst, { columns: ['id'] });
  await granted(await mesh.person('engineer@agency.example'), { rows: "region = 'SOUTH'" });
  const { body } = await steward.get('/api/v1/readers?name=sales.orders');
  const readers = new Map<string, object[]>(
    body.readers.map((one: { id: string; paths: object[] }) => [one.id, one.paths]),
  );
  const { rows } = await sql<{ id: string; kind: string }>`SELECT id, kind FROM principals
    WHERE disabled_at IS NULL`.execute(mesh.mesh.parts.database.reader);
  expect(rows.filter(({ kind }) => kind === 'service')).toHaveLength(1);
  for (const { id } of rows) {
    const of = await mesh.administrator.get(`/api/v1/access?of=${id}`);
    expect([id, of.body.paths]).toEqual([id, readers.get(id) ?? []]);
  }
  const robot = await (await mesh.person('owner@agency.example')).get('/api/v1/access?of=agency/robot');
  expect(robot.body.paths.map((path: { rows: string }) => path.rows)).toEqual(["region = 'SOUTH'"]);
  const domain = await analyst.get('/api/v1/access?of=marketing');
  expect(domain.body.principal).toMatchObject({ kind: 'domain', name: 'marketing' });
  expect(domain.body.paths[0]).toMatchObject({
    via: 'subscription',
    visible: ['id'],
    hidden: ['region', 'note'],
  });
});

test('a central administrator cannot silently widen', async () => {
  const root = mesh.administrator;
  const id = await request(analyst);
  expect((await approve(root, id)).body.code).toBe('auth.forbidden');
  await shutOut(root);
  const open = '@id("open")\npermit (principal, action == Action::"product.subscribe", resource);\n';
  const refused = await root.post('/api/v1/apply', {
    files: listed({ ...files, 'policies/open.cedar': open }),
  });
  expect([refused.status, JSON.stringify(refused.body)]).toEqual([
    422,
    expect.stringContaining('only the producer of a product permits product.subscribe'),
  ]);

  const email = 'mallory@elsewhere.example';
  const taken = `  - { person: ${email}, name: Mallory, role: owner }\n`;
  await apply({ 'domains/sales/domain.yaml': SALES_MEMBERS(taken) });
  await mesh.told();
  for (const person of [owner, steward]) {
    const { entries } = (await person.get('/api/v1/inbox')).body;
    expect(entries.find(({ type }: { type: string }) => type === 'domain.rules-changed')).toMatchObject({
      subject: 'sales',
      title: expect.stringContaining('who may do what'),
      data: {
        changes: [`create member ${email} in sales (role: owner)`, expect.stringMatching(/role was owner/)],
      },
    });
  }
  const audit = await steward.get('/api/v1/audit?limit=20');
  expect(JSON.stringify(audit.body)).toContain(`${email} in sales`);
});

test('when the policy store is lost nothing is allowed, and what was allowed comes back with it', async () => {
  await granted(analyst);
  expect(await ids(analyst)).toEqual([1, 2, 3]);
  const { database } = mesh.mesh.parts;
  const broken = async (statement: string, repair: string) => {
    await sql.raw(statement).execute(database.reader);
    try {
      for (const person of [analyst, owner]) {
        const { status, body } = await person.post('/api/v1/query', { sql: SQL });
        expect([statement, status >= 400, body.rows]).toEqual([statement, true, undefined]);
        const data = await person.get(DATA);
        expect([statement, data.status >= 400, data.body.rows]).toEqual([statement, true, undefined]);
      }
    } finally {
      await sql.raw(repair).execute(database.reader);
    }
    expect(await ids(analyst)).toEqual([1, 2, 3]);
  };
  await broken(
    `UPDATE policies SET text = text || 'permit (' WHERE scope_id = 'mesh'`,
    `UPDATE policies SET text = left(text, -8) WHERE scope_id = 'mesh'`,
  );
  await broken('ALTER TABLE policies RENAME TO away', 'ALTER TABLE away RENAME TO policies');
  await broken('ALTER TABLE restrictions RENAME TO away', 'ALTER TABLE away RENAME TO restrictions');
  await broken(
    `INSERT INTO restrictions VALUES ('rst_broken', 'mesh', 'broken', '{"name": "broken"}')`,
    `DELETE FROM restrictions WHERE id = 'rst_broken'`,
  );
});

test('the command line gives, lists and ends a delegation', async () => {
  const environment = { CROSSDOCK_URL: mesh.mesh.url, CROSSDOCK_TOKEN: owner.token };
  const run = (...words: string[]) => crossdock(['delegation', ...words], environment);
  const given = await run('give', 'sales.orders', '--to', 'agency', '--rows', "region = 'NORTH'", '--json');
  const { id } = JSON.parse(given.stdout);
  const listed = await run('list', 'sales.orders');
  expect(listed.stdout).toMatch(new RegExp(`${id} +active +sales\\.orders +agency +region = 'NORTH'`));
  expect((await run('give', 'sales.orders', '--to', 'agency')).code).toBe(2);
  const ended = await run('revoke', id);
  expect([ended.code, ended.stdout]).toEqual([0, expect.stringMatching(/ended +sales\.orders/)]);
});
