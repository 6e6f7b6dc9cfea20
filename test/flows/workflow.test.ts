import { afterAll, beforeAll, expect, test } from 'vitest';
import { closedDoors } from '../fixtures/closed-doors.ts';
import { issueToken } from '../../src/identity/tokens.ts';
import { crossdock } from '../fixtures/command-line.ts';
import { askingFiles, members, openClub, PRIVACY } from '../fixtures/club-mesh.ts';
import type { Person, TestMesh } from '../fixtures/mesh.ts';
import { type Files, productFiles } from '../fixtures/mesh-files.ts';
import { edited } from '../fixtures/sample-mesh.ts';

/** Told in order: from a request to its end, with everybody who has a say in it. */

let mesh: TestMesh;
let files: Files;
let steward: Person;
let owner: Person;
let privacy: Person;
let analyst: Person;

beforeAll(async () => {
  ({ mesh, files, steward, owner, privacy, analyst } = await openClub('flows/workflow'));
});
afterAll(() => mesh.close());

async function ask(purpose: string, more: object = {}, product = 'consumer.loyalty'): Promise<string> {
  const { status, body } = await analyst.post('/api/v1/requests', { product, purpose, ...more });
  expect([status, body.code]).toEqual([200, undefined]);
  return body.id;
}

const approve = (person: Person, id: string, grant: object = {}) =>
  person.post(`/api/v1/requests/${id}/approve`, grant);
const reject = (person: Person, id: string, reason: string) =>
  person.post(`/api/v1/requests/${id}/reject`, { reason });

async function queueOf(person: Person): Promise<string[]> {
  const { body } = await person.get('/api/v1/requests?box=to-decide');
  return body.requests.map(({ id }: { id: string }) => id);
}

async function actionsOn(id: string): Promise<string[]> {
  const { body } = await steward.get(`/api/v1/audit?object=${id}`);
  return body.entries
    .filter(({ allowed }: { allowed: boolean }) => allowed)
    .map(({ action }: { action: string }) => action)
    .toReversed();
}

async function seen(person: Person, purpose: string): Promise<string[]> {
  const rows = await person.rows('SELECT * FROM consumer.members', { purpose });
  return rows.map((row) => JSON.stringify(row)).sort();
}

let subscription: string;

test('personal data needs two approvals: the producer’s, then that of whoever mesh.yaml names', async () => {
  subscription = await ask('match audiences');
  expect([await queueOf(steward), await queueOf(privacy)]).toEqual([[subscription], []]);
  expect((await approve(privacy, subscription)).status).toBe(404);
  const first = await approve(steward, subscription, { rows: "region = 'NORTH'" });
  expect(first.body).toMatchObject({
    state: 'requested',
    waitsFor: 'privacy',
    steps: [{ step: 'owner', decision: 'approved', by: 'steward of consumer' }],
    rowFilter: "region = 'NORTH'",
  });
  expect([await queueOf(steward), await queueOf(privacy)]).toEqual([[], [subscription]]);
  expect(await analyst.refusal('SELECT * FROM consumer.members')).toMatchObject({
    code: 'query.no-subscription',
  });
  await mesh.told();
  const inbox = (await privacy.get('/api/v1/inbox')).body.entries;
  expect(inbox.map(({ title }: { title: string }) => title)).toContain(
    'marketing asks for personal data of consumer.loyalty',
  );
  const second = await approve(privacy, subscription, { masks: { email: { action: 'show-first-4' } } });
  expect(second.body).toMatchObject({ state: 'active', waitsFor: null, personal: ['email'] });
  expect(await seen(analyst, 'match audiences')).toEqual([
    '{"member":"1","region":"NORTH","email":"ada@xxxx.xxxxxxx"}',
  ]);
  expect(await actionsOn(subscription)).toEqual([
    'subscription.request',
    'subscription.approve',
    'subscription.approve-privacy',
  ]);
});

test('a decision sent twice is one decision, and another one is told who decided what and when', async () => {
  const again = await approve(steward, subscription, { rows: "region = 'NORTH'" });
  expect(again).toMatchObject({ status: 200, body: { state: 'active' } });
  const more = await approve(steward, subscription);
  expect(more).toMatchObject({ status: 409, body: { code: 'subscription.decided' } });
  expect(more.body.detail).toMatch(/approved by steward of consumer at 20.*owner/);
  const other = await reject(privacy, subscription, 'not after all');
  expect(other.body).toMatchObject({ code: 'subscription.decided' });
  expect(other.body.detail).toContain('approved by steward of legal');
  expect(await actionsOn(subscription)).toHaveLength(3);
});

test('of two decisions at one moment one counts, and the other is told so', async () => {
  const id = await ask('two at once', { columns: ['member', 'region'] });
  const both = await Promise.all([
    approve(steward, id, { columns: ['member'] }),
    approve(owner, id, { columns: ['region'] }),
  ]);
  expect(both.map(({ status }) => status).sort()).toEqual([200, 409]);
  expect(both.find(({ status }) => status === 409)!.body.code).toBe('subscription.decided');
  expect((await actionsOn(id)).filter((action) => action === 'subscription.approve')).toHaveLength(1);
});

test('who approves personal data sees the request and its columns, also of a product hidden from them', async () => {
  const id = await ask('hidden from legal');
  await approve(steward, id);
  const hidden = `@id("not for legal")
forbid (principal in Domain::"legal", action == Action::"product.discover", resource);
`;
  await mesh.apply({ ...files, 'domains/consumer/products/loyalty/access.cedar': hidden });
  expect((await privacy.get('/api/v1/products/consumer/loyalty')).status).toBe(404);
  const { body } = await privacy.get(`/api/v1/requests/${id}`);
  expect(body).toMatchObject({
    request: { waitsFor: 'privacy' },
    deciders: ['owner of legal', 'steward of legal'],
  });
  expect(body.columns).toContainEqual({
    ...{ dataset: 'members', name: 'email', type: 'string', personal: true, rules: null },
    ...{ classification: 'personal', tags: [{ classification: 'personal', 'personal-data': 'contact' }] },
  });
  expect((await approve(privacy, id)).body.state).toBe('active');
  await mesh.apply(files);
});

test('a service account asks and reads for its domain like a person', async () => {
  const { parts } = mesh.mesh;
  const { id } = (await parts.database.reader
    .selectFrom('principals')
    .select('id')
    .where('name', '=', 'media-loader')
    .executeTakeFirstOrThrow())!;
  const { secret } = await parts.database.transact((transaction) =>
    issueToken(transaction, { principalId: id, name: 'test', at: new Date(), expiresAt: null }),
  );
  const loader = mesh.withToken(secret);
  const { body } = await loader.post('/api/v1/requests', {
    product: 'consumer.loyalty',
    purpose: 'load nightly',
    columns: ['member'],
  });
  expect(body).toMatchObject({ domain: 'marketing', requestedBy: 'media-loader' });
  await approve(steward, body.id);
  for (const reader of [loader, analyst]) expect(await seen(reader, 'load nightly')).toHaveLength(2);
});

test('a later step cannot widen an earlier one', async () => {
  const id = await ask('widen', { columns: ['member', 'email'] });
  const outside = await approve(steward, id, { columns: ['region', 'email'] });
  expect(outside).toMatchObject({ status: 422, body: { code: 'subscription.grant-invalid' } });
  await approve(steward, id, { columns: ['email'], masks: { email: { action: 'mask-alphanum' } } });
  const widened = await approve(privacy, id, { columns: ['member', 'email'] });
  expect(widened.body.problems).toMatchObject([{ pointer: '/columns/0' }]);
  expect((await approve(privacy, id, { masks: { email: { action: 'show-first-4' } } })).status).toBe(200);
  expect(await seen(analyst, 'widen')).toEqual(Array(2).fill('{"email":"xxx@xxxx.xxxxxxx"}'));
});

test('the second approval falls away where the producer leaves the personal columns out', async () => {
  const id = await ask('count members');
  expect((await approve(steward, id, { columns: ['member', 'region'] })).body.state).toBe('active');
});

test('personal data that comes after the approval is hidden until it is asked for anew', async () => {
  const id = await ask('by region');
  const plain = await approve(steward, id, { masks: { email: { action: 'replace-with-null' } } });
  expect(plain.body).toMatchObject({ state: 'active', columns: null, personal: [] });
  const columns = ['city', 'phone'].map((name) => ({
    ...{ name, type: 'varchar' },
    more: name === 'phone' ? ["tags: ['personal-data:contact']", 'classification: personal'] : [],
  }));
  const dataset = {
    ...members,
    version: '1.1.0',
    columns: [...members.columns, ...columns],
    sql: "SELECT CAST(member AS VARCHAR) AS member, region, email, 'here' AS city, '+1' AS phone FROM club.members",
  };
  const product = { domain: 'consumer', product: 'loyalty', version: '1.1.0', datasets: [dataset] };
  files = { ...files, ...productFiles(product) };
  await mesh.apply(files);
  await mesh.settle();
  const row = (member: number, region: string) =>
    JSON.stringify({ member: String(member), region, email: null, city: 'here' });
  expect(await seen(analyst, 'by region')).toEqual([row(1, 'NORTH'), row(2, 'SOUTH')]);
});

test('nobody approves what they asked for, unless a domain has nobody else', async () => {
  const member = '  - { person: owner@consumer.example, name: owner of consumer, role: analyst }';
  const both = edited(files, 'domains/marketing/domain.yaml', ['members:\n', `members:\n${member}\n`]);
  await mesh.apply(both);
  const asked = await owner.post('/api/v1/requests', {
    product: 'consumer.loyalty',
    domain: 'marketing',
    purpose: 'for myself',
    columns: ['member'],
  });
  const own = await approve(owner, asked.body.id);
  expect(own).toMatchObject({ status: 403, body: { code: 'subscription.four-eyes' } });
  const alone = edited(both, 'domains/consumer/domain.yaml', [
    '  - { person: steward@consumer.example, name: steward of consumer, role: steward }\n',
    '',
  ]);
  await mesh.apply(alone);
  expect((await approve(owner, asked.body.id)).body.state).toBe('active');
  await mesh.apply(files);
});

test('where nobody approves personal data, the apply says so and a request is held', async () => {
  const nobody = { ...files, 'mesh.yaml': files['mesh.yaml']!.replace(PRIVACY, '') };
  const { body } = await mesh.apply(nobody);
  expect(body.warnings).toEqual([
    {
      message: expect.stringContaining('consumer.loyalty holds personal data'),
      place: expect.stringMatching(/product\.odps\.yaml:\d+:\d+$/),
    },
  ]);
  const id = await ask('held');
  expect((await approve(steward, id)).body).toMatchObject({ state: 'requested', waitsFor: 'privacy' });
  expect((await approve(owner, id)).body).toMatchObject({ state: 'requested', waitsFor: 'privacy' });
  await mesh.apply(files);
  expect((await reject(privacy, id, 'no legal basis')).body).toMatchObject({ state: 'rejected' });
  const late = await approve(steward, id, { columns: ['member'] });
  expect(late.body.code).toBe('subscription.decided');
});

test('a policy approves in the place of the producer, and not in that of privacy', async () => {
  const policy = `@id("everybody gets it")
permit (principal, action == Action::"product.subscribe", resource);
`;
  const automatic = { ...files, 'domains/consumer/products/loyalty/access.cedar': policy };
  await mesh.apply(automatic);
  const plain = await analyst.post('/api/v1/requests', {
    product: 'consumer.loyalty',
    purpose: 'automatic',
    columns: ['member'],
  });
  expect(plain.body.state).toBe('active');
  const { body } = await analyst.post('/api/v1/requests', {
    product: 'consumer.loyalty',
    purpose: 'automatic with addresses',
  });
  expect(body).toMatchObject({ state: 'requested', waitsFor: 'privacy' });
  await mesh.apply(files);
});

test('grants.yaml gives of what was asked for what it can, and of nothing in common nothing', async () => {
  const some = await ask('given some', { columns: ['member', 'city'] });
  const none = await ask('given none', { columns: ['city'] });
  const grant = (purpose: string) =>
    `  - { domain: marketing, purpose: ${purpose}, columns: [member, region] }\n`;
  const given = `grants:\n${grant('given some')}${grant('given none')}`;
  const beforehand = { ...files, 'domains/consumer/products/loyalty/grants.yaml': given };
  await mesh.apply(beforehand);
  const { requests } = (await analyst.get('/api/v1/requests')).body;
  const found = (id: string) => requests.find((one: { id: string }) => one.id === id);
  expect(found(some)).toMatchObject({ state: 'active', columns: ['member'] });
  expect(found(none)).toMatchObject({ state: 'requested', waitsFor: 'owner' });
  const { changes } = (await mesh.apply(beforehand)).body;
  expect(changes.filter(({ action }: { action: string }) => action !== 'unchanged')).toEqual([]);
  await mesh.apply(files);
});

let asking: Files;

test('forms of mesh, domain and product: declared below each other, and never looser', async () => {
  await mesh.source('sales/orders/orders.csv', 'id\n1\n');
  asking = askingFiles(files);
  const looser = {
    ...asking,
    'domains/sales/products/shop/request.yaml':
      'project: optional\nquestions:\n  sharing: { required: false }\n',
    'domains/sales/domain.yaml': asking['domains/sales/domain.yaml']!.replace(
      'sharing: no',
      'sharing: perhaps',
    ),
  };
  const list = Object.entries(looser).map(([path, text]) => ({ path, text }));
  const refused = await mesh.administrator.post('/api/v1/plan', { files: list });
  expect(refused.status).toBe(409);
  expect(refused.body.problems.map(({ place }: { place: string }) => place).sort()).toEqual([
    expect.stringMatching(/^domains\/sales\/domain\.yaml:\d+:\d+$/),
    'domains/sales/products/shop/request.yaml:1:10',
    'domains/sales/products/shop/request.yaml:3:24',
  ]);
  await mesh.apply(asking);
  await mesh.settle();
  const salesSteward = await mesh.person('steward@sales.example');
  const { body } = await salesSteward.get('/api/v1/requests');
  expect(body.requests).toMatchObject([{ answers: [{ name: 'sharing', answer: 'no' }], state: 'requested' }]);
  expect(
    (await mesh.apply(asking)).body.changes.every(({ action }: { action: string }) => action === 'unchanged'),
  ).toBe(true);
});

const typed = (...argv: string[]) =>
  crossdock(argv, { CROSSDOCK_URL: mesh.mesh.url, CROSSDOCK_TOKEN: analyst.token });

test('the command line shows the form, says what is missing, and what was answered reaches who decides', async () => {
  const shown = await typed('request', 'sales.shop', '--form');
  expect(shown.stdout).toMatch(/legal-basis +On what legal basis.*yes/);
  const version = /--agree ([0-9a-f]{12})/.exec(shown.stdout)![1]!;
  const missing = await typed(
    'request',
    'sales.shop',
    '--purpose',
    'plan shops',
    '--answer',
    'project=Spring',
  );
  expect([missing.code, missing.stderr.match(/\/answers\/[a-z-]+|\/agreed/g)]).toEqual([
    ...[2, ['/answers/legal-basis', '/answers/sharing', '/answers/keep', '/agreed']],
  ]);
  const complete = ['--answer', 'project=Spring', 'legal-basis=contract', 'sharing=no', 'keep=a week'];
  const asked = await typed(
    ...['request', 'sales.shop', '--purpose', 'plan shops', ...complete, '--agree', version, '--json'],
  );
  expect(asked.code).toBe(0);
  const { id } = JSON.parse(asked.stdout);
  const decider = await mesh.person('steward@sales.example');
  const { requests } = (await decider.get('/api/v1/requests?box=to-decide')).body;
  expect(requests).toMatchObject([
    {
      id,
      answers: expect.arrayContaining([{ name: 'keep', ask: 'How long do you keep it?', answer: 'a week' }]),
    },
  ]);
  expect(requests[0].terms).toEqual({ version, contracts: [{ dataset: 'orders', version: '1.0.0' }] });
  const { entries } = (await decider.get(`/api/v1/audit?object=${id}`)).body;
  expect(entries[0].facts).toMatchObject({ terms: { version }, answers: expect.any(Array) });
});

test('a basket asks for several products or for none, and each owner decides alone', async () => {
  const { body: form } = await analyst.get('/api/v1/request-form?products=sales.shop,consumer.loyalty');
  expect(form.questions.map(({ name }: { name: string }) => name)).toEqual([
    ...['legal-basis', 'sharing', 'project', 'keep'],
  ]);
  const answers = { sharing: 'no', project: 'Spring', 'legal-basis': 'contract', keep: 'a year' };
  const products = ['sales.shop', 'consumer.loyalty'];
  const basket = { products, purpose: 'spring campaign', answers };
  const before = (await analyst.get('/api/v1/requests')).body.requests.length;
  const refused = await analyst.post('/api/v1/baskets', basket);
  expect(refused).toMatchObject({ status: 422, body: { code: 'subscription.form-incomplete' } });
  const twice = { ...basket, products: ['consumer.loyalty', 'marketing.nothing'] };
  expect((await analyst.post('/api/v1/baskets', twice)).status).toBe(404);
  expect((await analyst.get('/api/v1/requests')).body.requests).toHaveLength(before);

  const agreed = form.terms.map(({ version }: { version: string }) => version);
  const { body } = await analyst.post('/api/v1/baskets', { ...basket, agreed });
  expect(body.progress).toEqual({ requests: 2, waiting: 2, granted: 0, refused: 0, ended: 0 });
  const idOf = (domain: string) =>
    body.requests.find(({ product }: { product: { domain: string } }) => product.domain === domain).id;
  await approve(steward, idOf('consumer'), { columns: ['member'] });
  await reject(await mesh.person('steward@sales.example'), idOf('sales'), 'not this spring');
  const { progress } = (await analyst.get(`/api/v1/baskets/${body.id}`)).body;
  expect(progress).toEqual({ requests: 2, waiting: 0, granted: 1, refused: 1, ended: 0 });
  // What else was asked for is the consumer's alone.
  expect((await steward.get(`/api/v1/baskets/${body.id}`)).status).toBe(404);
  const again = await analyst.post('/api/v1/baskets', { ...basket, agreed });
  expect(again.body.code).toBe('subscription.exists');
  expect((await typed('basket', body.id)).stdout).toContain('rejected');
});

test('a subscription is renewed by the same two steps, and access goes on', async () => {
  const id = await ask('a long look', { answers: { sharing: 'no' } });
  await approve(steward, id, { until: '2100-01-31' });
  const { request } = (await privacy.get(`/api/v1/requests/${id}`)).body;
  expect([request.waitsFor, request.until]).toEqual(['privacy', '2100-02-01T00:00:00.000Z']);
  expect((await approve(privacy, id)).body.until).toBe('2100-02-01T00:00:00.000Z');
  const asked = await typed('renew', id, '--until', '2100-12-31', '--note', 'one more year');
  const renewal = /rnw_\w+/.exec(asked.stdout)![0];
  expect(await queueOf(steward)).toContain(id);
  const decide = (person: Person) =>
    crossdock(['approve', renewal, '--json'], {
      CROSSDOCK_URL: mesh.mesh.url,
      CROSSDOCK_TOKEN: person.token,
    });
  expect(JSON.parse((await decide(steward)).stdout)).toMatchObject({
    state: 'active',
    until: '2100-02-01T00:00:00.000Z',
    renewal: { waitsFor: 'privacy', note: 'one more year' },
  });
  expect([(await queueOf(steward)).includes(id), (await queueOf(privacy)).includes(id)]).toEqual([
    false,
    true,
  ]);
  expect(JSON.parse((await decide(privacy)).stdout)).toMatchObject({
    state: 'active',
    until: '2101-01-01T00:00:00.000Z',
    renewal: null,
  });
  expect(await seen(analyst, 'a long look')).toHaveLength(2);
});

test('what is listed for anybody opens for them', async () => {
  expect(await closedDoors(mesh)).toEqual([]);
});
