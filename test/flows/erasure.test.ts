import { mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { authenticate } from '../../src/identity/authenticate.ts';
import { runQuery } from '../../src/serving/run-query.ts';
import { expireRows } from '../../src/erasure/retention/expire-rows.ts';
import { filesHolding } from '../fixtures/byte-search.ts';
import { crossdock } from '../fixtures/command-line.ts';
import { countSteps, eraseKilledAt, replaceWithoutExpiry } from '../fixtures/killed-erasure.ts';
import {
  type Customer,
  CUSTOMERS_FILE,
  erase,
  firstReleaseOf,
  generatedCustomers,
  loyaltyFiles,
  openLoyaltyMesh,
  partnerFiles,
  realCustomers,
  runClub,
  sampledCustomer,
  visitFiles,
  writeCustomers,
} from '../fixtures/loyalty-mesh.ts';
import type { Person, TestMesh } from '../fixtures/mesh.ts';
import { hasRealData } from '../fixtures/real-data.ts';

/**
 * Loyalty customers, one of whom wants to be forgotten: 120 of our own making, and 20,417 synthetic ones with
 * their dirt, skipped where CROSSDOCK_REAL_DATA does not have them.
 */
const real = test.skipIf(!hasRealData);

/** More of them by CROSSDOCK_TEST_KILL_ROUNDS. */
const KILLS = Number(process.env['CROSSDOCK_TEST_KILL_ROUNDS'] ?? 1);

const PAGES = '/data/v1/club/loyalty/customers';

const text = generatedCustomers();
let mesh: TestMesh;
let steward: Person;
/** A customer who stands in a sample of failing rows. */
let customer: Customer;

beforeAll(async () => {
  mesh = await openLoyaltyMesh('flows/erasure', text);
  steward = await mesh.person('steward@club.example');
}, 180_000);
afterAll(() => mesh.close());

test('before the erasure the customer is everywhere: files, past releases, samples of failing rows', async () => {
  customer = await sampledCustomer(mesh);
  const found = await filesHolding(join(mesh.folder, 'data'), [customer.email]);
  expect(found.filter((one) => one.includes('rows by DuckDB')).length).toBeGreaterThanOrEqual(2);
  expect(found.some((one) => one.startsWith(`sources/${CUSTOMERS_FILE}`))).toBe(true);
  if (mesh.mesh.parts.database.kind === 'embedded')
    expect(found.some((one) => one.startsWith('database/'))).toBe(true);
});

test('a dry run tells what would be done and does nothing', async () => {
  const before = await steward.rows('SELECT count(*) AS n FROM club.customers');
  const planned = await erase(steward, { subject: customer.email, dryRun: true });
  expect([planned.state, planned.complete, planned.error]).toEqual(['planned', false, null]);
  expect(outcomesOf(planned, 'club.loyalty.customers')).toEqual(['erased']);
  expect(outcomesOf(planned, 'club.loyalty.tiers')).toEqual(['recomputed']);
  expect(outcomesOf(planned, 'club.visits.visits')).toEqual(['erased']);
  expect(planned.notLookedInto).toEqual({ datasets: [], others: 0 });
  // The steward may not discover what marketing makes of it.
  expect(outcomesOf(planned, 'a dataset of marketing')).toEqual([
    'rebuilt',
    expect.stringMatching(/erased|clean/),
  ]);
  expect(planned.sources).toMatchObject([{ source: 'club/crm', outcome: 'rewritten' }]);
  expect(await steward.rows('SELECT count(*) AS n FROM club.customers')).toEqual(before);
});

test('what follows a dry run has to be about the same subject: it is typed once more', async () => {
  const { id: sameAs } = await erase(steward, { subject: customer.email, dryRun: true });
  const other = await erase(steward, { subject: 'somebody@else.example', dryRun: true, sameAs });
  expect(other.code).toBe('erasure.other-subject');
  const narrower = { subject: customer.email, dataset: 'customers', dryRun: true, sameAs };
  expect((await erase(steward, narrower)).code).toBe('erasure.other-subject');
  const same = await erase(steward, { subject: customer.email, dryRun: true, sameAs });
  expect(same.state).toBe('planned');
});

test('a reason that names the subject is refused: it would be kept', async () => {
  const answer = await erase(steward, { subject: customer.email, reason: `asked by ${customer.email}` });
  expect([answer.code, answer.problems[0].pointer]).toEqual(['input.invalid', '/reason']);
});

test('the customer is erased, and no byte of the address is left in any file', async () => {
  const { body: first } = await steward.get(`${PAGES}?limit=3`);
  const before = await firstReleaseOf(mesh, 'customers');
  const { done, answer } = await queryAround(() => erase(steward, { subject: customer.email }));
  expect([done.error, done.remains, done.found, done.state]).toEqual([null, [], [], 'done']);
  expect(done.complete).toBe(true);
  const gone = text.split('\n').filter((line) => line.includes(customer.email));
  expect(done.datasets.find(({ dataset }: any) => dataset === 'club.loyalty.customers')).toMatchObject({
    outcome: 'erased',
    rows: gone.length,
  });
  expect(done.datasets.find(({ dataset }: any) => dataset === 'club.visits.visits')).toMatchObject({
    outcome: 'erased',
    rows: gone.length,
  });
  expect(await filesHolding(join(mesh.folder, 'data'), [customer.email, customer.id])).toEqual([]);
  expect(answer.rows).toEqual([[120 - gone.length]]);
  await releasesOfBefore(before);
  // The rest of a reading that began before would not fit to its beginning.
  expect((await steward.get(`${PAGES}?limit=3&cursor=${first.next}`)).status).toBe(409);
}, 120_000);

/** Past releases hold the customer, so they are gone; the refusal says why, and what can still be read. */
async function releasesOfBefore(at: string): Promise<void> {
  const refused = await steward.refusal('SELECT count(*) AS n FROM club.customers', { at });
  expect(refused).toMatchObject({ code: 'query.release-gone', status: 410 });
  expect(refused.text).toContain('club.loyalty.customers');
  expect(refused.text).toContain('a data subject was erased');
  expect(refused.text).not.toMatch(/(tbl|dts|prd|dom)_/);
  const oldest = /Ask for (\S+), the oldest/.exec(refused.text)![1]!;
  expect(await steward.rows('SELECT count(*) AS n FROM club.customers', { at: oldest })).toHaveLength(1);
  const page = await steward.get(`${PAGES}?at=${at}`);
  expect([page.status, page.body.code]).toEqual([410, 'query.release-gone']);
}

/** A query that is planned before the erasure and runs after it. */
async function queryAround<Done>(act: () => Promise<Done>): Promise<{ done: Done; answer: any }> {
  const { parts } = mesh.mesh;
  const { engine } = parts;
  let acting: Promise<Done> | undefined;
  const late: typeof engine = {
    parse: (...given) => engine.parse(...given),
    run: async (...given) => {
      await (acting ??= act());
      return engine.run(...given);
    },
    close: () => Promise.resolve(),
  };
  const caller = await authenticate(parts, steward.token);
  const request = {
    id: 'req_late',
    door: 'rest',
    signal: new AbortController().signal,
    address: null,
  } as const;
  const input = runQuery.input.parse({ sql: 'SELECT count(*) AS n FROM club.customers' });
  const answer = await runQuery.run({ ...parts, engine: late, caller, request }, input);
  return { done: await acting!, answer };
}

test('every other row is there, in the datasets and in the producer’s file', async () => {
  const others = text.split('\n').filter((line) => line !== '' && !line.includes(customer.email));
  const [count] = await steward.rows('SELECT count(*) AS n FROM club.customers');
  expect(count!['n']).toBe(others.length - 1);
  const file = await readFile(join(mesh.folder, 'data', 'sources', CUSTOMERS_FILE));
  expect(gunzipSync(file).toString()).toBe(`${others.join('\n')}\n`);
});

test('a release still has its number, and what was counted follows', async () => {
  const [tiers] = await steward.rows('SELECT CAST(sum(customers) AS BIGINT) AS n FROM club.tiers');
  const [ids] = await steward.rows('SELECT count(DISTINCT customer_id) AS n FROM club.customers');
  expect(tiers).toEqual(ids);
  const page = await steward.get('/api/v1/products/club/loyalty');
  expect(page.body.datasets.find(({ name: one }: any) => one === 'customers').release.number).toBe(2);
});

test('a later run does not bring the customer back, though the producer’s file has the rows again', async () => {
  await writeCustomers(mesh, text);
  await runClub(mesh);
  const where = `WHERE customer_id = '${customer.id}'`;
  expect(await steward.rows(`SELECT 1 FROM club.customers ${where}`)).toEqual([]);
  const [all] = await steward.rows('SELECT count(*) AS n FROM club.customers');
  expect(Number(all!['n'])).toBeGreaterThan(100);
  const [tiers] = await steward.rows('SELECT CAST(sum(customers) AS BIGINT) AS n FROM club.tiers');
  expect(tiers).toEqual(
    (await steward.rows('SELECT count(DISTINCT customer_id) AS n FROM club.customers'))[0],
  );
}, 60_000);

test('who did it and why is in the audit, the value is not', async () => {
  const { body } = await mesh.administrator.get('/api/v1/audit?limit=200');
  const told = body.entries.filter(({ action }: any) => ['domain.erase', 'subject.erase'].includes(action));
  expect(told.length).toBeGreaterThan(0);
  expect(told.find(({ action }: any) => action === 'subject.erase')).toMatchObject({
    actor: 'steward of club',
    reasons: ['case 17'],
    facts: { target: 'club.loyalty', subject: 'customer', hash: expect.stringMatching(/^[0-9a-f]{64}$/) },
  });
  const whole = JSON.stringify(body.entries);
  expect([whole.includes(customer.email), whole.includes(customer.id)]).toEqual([false, false]);
  const verified = await mesh.administrator.get('/api/v1/audit/verify');
  expect(verified.body.intact).toBe(true);
});

test('killed at any step and begun again it comes to the same', async () => {
  const places = await countSteps(mesh, { steward, subject: 'C9000020' });
  expect(places).toBeGreaterThan(20);
  for (let round = 0; round < KILLS; round++) {
    const at = Math.floor(((round + Math.random()) / KILLS) * places);
    const subject = `C9${String(21 + round).padStart(6, '0')}`;
    const done = await eraseKilledAt(mesh, { steward, subject, at });
    expect([at, done.error, done.found, done.complete]).toEqual([at, null, [], true]);
    const email = `customer.${String(21 + round).padStart(3, '0')}@`;
    expect([at, await filesHolding(join(mesh.folder, 'data'), [subject, email])]).toEqual([at, []]);
  }
  const [count] = await steward.rows('SELECT count(*) AS n FROM club.customers');
  expect(count!['n']).toBe(120 - 1 - 1 - KILLS);
}, 120_000);

test('a replacement that skips expiry is found: the old file still holds the address', async () => {
  const email = 'customer.007@shop-0.example.org';
  await replaceWithoutExpiry(mesh, 'C9000007');
  expect(await steward.rows(`SELECT 1 FROM club.customers WHERE email = '${email}'`)).toHaveLength(1);
  const left = await filesHolding(join(mesh.folder, 'data', 'lake'), [email]);
  expect(left.filter((one) => one.endsWith('(rows by hyparquet)')).length).toBeGreaterThan(0);
  expect(left.filter((one) => one.endsWith('(rows by DuckDB)')).length).toBeGreaterThan(0);
});

let realText: string;

real(
  '20,417 customers with their dirt come in, and again with a second release',
  async () => {
    realText = await realCustomers();
    await writeCustomers(mesh, realText);
    await runClub(mesh);
    await runClub(mesh);
    const [count] = await steward.rows('SELECT count(*) AS n FROM club.customers');
    expect(count!['n']).toBe(20_417);
  },
  120_000,
);

real('an analyst sees masked values', async () => {
  const analyst = await mesh.person('analyst@analytics.example');
  const [row] = await analyst.rows('SELECT * FROM club.customers WHERE email IS NOT NULL LIMIT 1');
  expect(Object.keys(row!)).toEqual(['customer_id', 'name', 'email', 'city', 'tier']);
  expect([row!['name'], String(row!['email'])]).toEqual([null, expect.stringMatching(/^[0-9a-f]{64}$/)]);
});

real('the privacy steward sees them plain for one purpose, and has to name it', async () => {
  const privacy = await mesh.person('steward@privacy.example');
  const sql = "SELECT name, email FROM club.customers WHERE email LIKE '%@%' LIMIT 1";
  expect((await privacy.refusal(sql)).code).toBe('query.purpose-needed');
  const [plain] = await privacy.rows(sql, { purpose: 'answer data subjects' });
  expect(plain).toEqual({ name: expect.stringMatching(/\w/), email: expect.stringContaining('@') });
  expect(await privacy.rows(sql, { purpose: 'watch quality' })).toEqual([]);
});

real('nobody else knows they exist', async () => {
  const other = await mesh.person('steward@sales.example');
  const hits = async (person: Person) => (await person.get('/api/v1/search?text=customers')).body.hits.length;
  expect(await hits(steward)).toBeGreaterThan(0);
  expect(await hits(other)).toBe(0);
  expect((await other.get('/api/v1/products/club/loyalty')).status).toBe(404);
  expect((await other.refusal('SELECT 1 FROM club.customers')).code).toBe('query.unknown-table');
  const asked = { product: 'club.loyalty', subject: 'x', reason: 'y' };
  const refused = await other.post('/api/v1/erasures', asked);
  const missing = await other.post('/api/v1/erasures', { ...asked, product: 'club.nothing' });
  expect([refused.status, refused.body.code]).toEqual([missing.status, missing.body.code]);
});

real(
  'erasing one customer leaves no byte of the address in any file of the data folder',
  async () => {
    const { email, id } = await sampledCustomer(mesh);
    const data = join(mesh.folder, 'data');
    expect((await filesHolding(data, [email])).length).toBeGreaterThan(3);
    const done = await erase(steward, { subject: email });
    expect([done.state, done.complete, done.remains, done.found, done.error]).toEqual([
      'done',
      true,
      [],
      [],
      null,
    ]);
    expect(await filesHolding(data, [email, id])).toEqual([]);
    const others = realText.split('\n').filter((line) => line !== '' && !line.includes(email));
    const [count] = await steward.rows('SELECT count(*) AS n FROM club.customers');
    expect(count!['n']).toBe(others.length - 1);
  },
  120_000,
);

test('what lies outside of the mesh, or under legal hold, is told of, and the erasure is not complete', async () => {
  const outside = join(mesh.folder, 'outside');
  await mkdir(outside);
  await symlink(outside, join(mesh.folder, 'data', 'sources', 'partner'));
  await writeFile(
    join(outside, 'members.csv'),
    'member,mail\nM000001,m1@partner.example\nM000002,m2@partner.example\n',
  );
  await mesh.apply({ ...loyaltyFiles(), ...partnerFiles() });
  await mesh.settle();
  const partner = await mesh.person('steward@partner.example');
  const done = await erase(partner, {
    product: 'partner.members',
    dataset: 'members',
    subject: 'M000001',
  });
  expect([done.state, done.complete, done.remains, done.found]).toEqual(['done', false, [], []]);
  expect(done.sources).toEqual([
    {
      source: 'partner/panel',
      table: 'members',
      file: 'members.csv',
      outcome: 'remains',
      rows: 1,
      reason: 'it lies outside of the mesh’s folders: the producer’s own',
    },
  ]);
  expect(done.datasets).toMatchObject([
    { dataset: 'partner.archive.members', outcome: 'held', reason: 'legal hold: case 99' },
    { dataset: 'partner.members.members', outcome: 'erased', rows: 1 },
  ]);
  expect(await partner.rows('SELECT member FROM "partner.members".members')).toEqual([{ member: 'M000002' }]);
  expect(await partner.rows('SELECT count(*) AS n FROM "partner.archive".members')).toEqual([{ n: 2 }]);
  await commandLine(partner);
  await letInAgain(partner, done.id);
}, 60_000);

/** What would be done, what is done, and that not all of it could be. */
async function commandLine({ token }: Person): Promise<void> {
  const place = { CROSSDOCK_URL: mesh.mesh.url, CROSSDOCK_TOKEN: token };
  const asked = ['erase', 'partner.members', '--subject', 'M000002', '--reason', 'case 18'];
  const planned = await crossdock(asked, place);
  expect([planned.code, planned.stdout]).toEqual([2, expect.stringContaining('would erase one customer')]);
  const done = await crossdock([...asked, '--yes'], place);
  expect(done.stdout).toContain('remains in source partner/panel, table members, file members.csv');
  expect(done.code).toBe(1);
  expect((await crossdock(['erase', 'partner.members'], place)).code).toBe(64);
  // A dry run is told from an erasure, and may be left out.
  const rowsOf = async (...more: string[]) =>
    (await crossdock(['erase', 'list', ...more], place)).stdout
      .split('\n')
      .filter((row) => row.startsWith('ers_'));
  const rows = await rowsOf();
  const planId = /ers_\w+/.exec(planned.stdout)![0];
  expect(rows.find((row) => row.startsWith(planId))).toMatch(/ {2}dry run {2}/);
  expect(rows.filter((row) => row.includes('dry run')).length).toBeLessThan(rows.length);
  const idsOf = (list: string[]) => list.map((row) => row.split(' ')[0]);
  expect(idsOf(await rowsOf('--done'))).toEqual(idsOf(rows.filter((row) => !row.includes('dry run'))));
}

/** Who is a customer again comes in with the next run; others who were erased do not. */
async function letInAgain(partner: Person, id: string): Promise<void> {
  expect((await partner.post(`/api/v1/erasures/${id}/lift`, { reason: 'signed up again' })).status).toBe(200);
  const lifted = { by: 'steward of partner', reason: 'signed up again', at: expect.any(String) };
  expect((await partner.get(`/api/v1/erasures/${id}`)).body.lifted).toEqual(lifted);
  const { erasures } = (await partner.get('/api/v1/erasures')).body;
  expect(erasures.filter((one: any) => one.lifted !== null).map((one: any) => one.id)).toEqual([id]);
  await (await mesh.person('engineer@partner.example')).post('/api/v1/products/partner/members/run');
  await mesh.settle();
  expect(await partner.rows('SELECT member FROM "partner.members".members')).toEqual([{ member: 'M000001' }]);
}

test('rows that are older than the contract keeps them expire by themselves, and do not come in again', async () => {
  const { parts } = mesh.mesh;
  const after = (days: number) => new Date(Date.now() + days * 86_400_000);
  const lines = [50, 20, 1].map((age) => `${after(-age).toISOString().slice(0, 10)},shop-of-${age}-days`);
  await writeFile(join(mesh.folder, 'outside', 'visits.csv'), `day,shop\n${lines.join('\n')}\n`);
  const files = { ...loyaltyFiles(), ...partnerFiles() };
  await mesh.apply({ ...files, ...visitFiles() });
  await mesh.settle();
  const partner = await mesh.person('steward@partner.example');
  const shops = async () =>
    (await partner.rows('SELECT shop FROM "partner.visits".visits ORDER BY day')).map(({ shop }) => shop);
  const expire = (days: number) =>
    expireRows({ ...parts, clock: { now: () => after(days) } }, new AbortController().signal);
  // The run has left out what is too old already.
  expect(await shops()).toEqual(['shop-of-20-days', 'shop-of-1-days']);
  expect(await expire(0)).toBe(0);
  expect(await expire(20)).toBe(1);
  expect(await shops()).toEqual(['shop-of-1-days']);
  expect(
    await filesHolding(join(mesh.folder, 'data', 'lake'), ['shop-of-20-days', 'shop-of-50-days']),
  ).toEqual([]);
  const { body } = await partner.get('/api/v1/audit');
  expect(body.entries.find(({ action }: any) => action === 'dataset.expire')).toMatchObject({
    reasons: ['the retention of its contract'],
    facts: { dataset: 'partner.visits.visits', columns: ['day'], rows: 1 },
  });
  await mesh.apply({ ...files, ...visitFiles({ hold: true }) });
  await mesh.settle();
  expect([await expire(60), (await shops()).at(-1)]).toEqual([0, 'shop-of-1-days']);
}, 60_000);

function outcomesOf(erasure: any, name: string): string[] {
  return erasure.datasets.flatMap(({ dataset, outcome }: any) => (dataset === name ? [outcome] : []));
}
