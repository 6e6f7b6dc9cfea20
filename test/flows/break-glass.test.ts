import { afterAll, beforeAll, expect, test } from 'vitest';
import { endOverElevations } from '../../src/subscriptions/elevation/end-elevation.ts';
import { readAccessFacts } from '../../src/subscriptions/store.ts';
import { crossdock } from '../fixtures/command-line.ts';
import { openClub } from '../fixtures/club-mesh.ts';
import type { Person, TestMesh } from '../fixtures/mesh.ts';
import type { Files } from '../fixtures/mesh-files.ts';

/** Told in order: an emergency, from who may read in it to its end. */

let mesh: TestMesh;
let asking: Files;
let steward: Person;
let owner: Person;
let privacy: Person;
let analyst: Person;

beforeAll(async () => {
  const club = await openClub('flows/break-glass');
  ({ mesh, steward, owner, privacy, analyst } = club);
  asking = club.files;
});
afterAll(() => mesh.close());

const BREAK_GLASS = 'breakGlass: { people: [{ domain: legal, role: engineer }], minutes: 30 }\n';
const CEILING = `breakGlass:
  allow: true
  rows: region = 'NORTH'
  masks: { email: { action: show-first-4 } }
`;
type Entry = { action: string; object: string; facts: Record<string, string> };

const REQUEST_FILE = 'domains/consumer/products/loyalty/request.yaml';

test('break-glass needs the mesh to name the person and the producer to allow the product', async () => {
  const doctor = await mesh.person('engineer@legal.example');
  const reason = 'the club sends wrong mails';
  const elevate = (person: Person, minutes = 10) =>
    person.post('/api/v1/products/consumer/loyalty/elevate', { reason, minutes });
  expect((await elevate(doctor)).status).toBe(403);
  const named = { ...asking, 'mesh.yaml': asking['mesh.yaml']! + BREAK_GLASS };
  await mesh.apply(named);
  expect((await elevate(doctor)).status).toBe(403);
  const policy = '@id("all")\npermit (principal, action, resource);\n';
  const open = { ...named, [REQUEST_FILE]: CEILING, 'policies/all.cedar': policy };
  await mesh.apply({ ...open, [REQUEST_FILE]: CEILING.replace('true', 'false') });
  expect((await elevate(doctor)).status).toBe(403);
  await mesh.apply(open);
  expect((await elevate(await mesh.person('analyst@legal.example'))).status).toBe(403);
  expect((await elevate(doctor, 31)).body.problems).toMatchObject([{ pointer: '/minutes' }]);
  const misfit = { ...named, [REQUEST_FILE]: CEILING.replace('region =', 'country =') };
  const list = Object.entries(misfit).map(([path, text]) => ({ path, text }));
  const refused = await mesh.administrator.post('/api/v1/plan', { files: list });
  expect(refused.body.problems).toMatchObject([{ place: `${REQUEST_FILE}:3:9` }]);
  asking = { ...named, [REQUEST_FILE]: CEILING };
  await mesh.apply(asking);
});

test('an emergency reading stays below the producer’s ceiling, and everybody concerned knows', async () => {
  const doctor = await mesh.person('engineer@legal.example');
  const by = { CROSSDOCK_URL: mesh.mesh.url, CROSSDOCK_TOKEN: doctor.token };
  expect(await doctor.refusal('SELECT * FROM consumer.members')).toMatchObject({
    code: 'query.no-subscription',
  });
  const options = ['--reason', 'the club sends wrong mails', '--minutes', '10', '--json'];
  const { id } = JSON.parse((await crossdock(['elevate', 'consumer.loyalty', ...options], by)).stdout);
  const again = await crossdock(['elevate', 'consumer.loyalty', ...options], by);
  expect(JSON.parse(again.stdout).id).toBe(id);
  const rows = await doctor.rows('SELECT member, email FROM consumer.members');
  expect(rows).toEqual([{ member: '1', email: 'ada@xxxx.xxxxxxx' }]);
  expect(await analyst.rows('SELECT 1 AS one')).toHaveLength(1);

  await mesh.told();
  for (const person of [steward, owner, privacy]) {
    const { entries } = (await person.get('/api/v1/inbox')).body;
    expect(entries.map(({ title }: { title: string }) => title)).toContain(
      'engineer of legal reads consumer.loyalty in an emergency',
    );
  }
  const explained = (await doctor.get('/api/v1/explain?name=consumer.loyalty')).body.datasets[0];
  expect(JSON.stringify(explained)).toContain('rows limited by the emergency reading');
  expect(JSON.stringify(explained)).not.toContain('the subscription');
  const off = await steward.post('/api/v1/inbox/preferences', { type: 'product.elevated', on: false });
  expect(off.status).toBe(400);
  const readers = (await steward.get('/api/v1/readers?name=consumer.loyalty')).body.readers;
  expect(
    readers.find(({ email }: { email: string }) => email === 'engineer@legal.example').paths,
  ).toMatchObject([{ via: 'elevation', rows: "region = 'NORTH'" }]);
  await expect
    .poll(
      async () => (await steward.get('/api/v1/products/consumer/loyalty/elevations')).body.elevations[0],
      { timeout: 20_000 },
    )
    .toMatchObject({ id, who: 'engineer of legal', queries: 1, rows: 1, endedAt: null });
  expect((await analyst.get('/api/v1/products/consumer/loyalty/elevations')).status).toBe(403);
});

test('the producer ends an emergency reading before its time, or takes its word back, and the next query is refused', async () => {
  const doctor = await mesh.person('engineer@legal.example');
  const { elevations } = (await doctor.get('/api/v1/products/consumer/loyalty/elevations?whose=mine')).body;
  const { id } = elevations[0];
  expect((await analyst.post(`/api/v1/elevations/${id}/end`)).status).toBe(404);
  await mesh.apply({ ...asking, [REQUEST_FILE]: CEILING.replace('true', 'false') });
  expect(await doctor.refusal('SELECT * FROM consumer.members')).toMatchObject({
    code: 'query.no-subscription',
  });
  await mesh.apply(asking);
  expect(await doctor.rows('SELECT * FROM consumer.members')).toHaveLength(1);
  const ended = await steward.post(`/api/v1/elevations/${id}/end`);
  expect(ended.body).toMatchObject({ endedBy: 'steward of consumer' });
  expect(await doctor.refusal('SELECT * FROM consumer.members')).toMatchObject({
    code: 'query.no-subscription',
  });
  const { entries } = (await steward.get('/api/v1/audit')).body;
  const audited = entries.filter(({ action }: { action: string }) => /elevat/.test(action));
  expect(
    audited.map(({ action, allowed }: { action: string; allowed: boolean }) => `${action} ${allowed}`),
  ).toEqual(
    expect.arrayContaining(['product.end-elevation true', 'product.elevate true', 'product.elevate false']),
  );
  const about = async (object: string): Promise<string[]> => {
    const found = (await steward.get(`/api/v1/audit?object=${object}&limit=500`)).body.entries;
    expect(new Set(found.map(({ object: name }: Entry) => name))).toEqual(new Set(['consumer.loyalty']));
    return found.map(({ action, facts }: Entry) => `${action} ${facts['change'] ?? ''}`);
  };
  const named = await about('consumer.loyalty');
  expect(named).toEqual(
    expect.arrayContaining(['product.elevate ', 'product.end-elevation ', 'mesh.administer create']),
  );
  expect(await about(audited[0].facts.objectId)).toEqual(named);
});

test('an emergency reading ends by itself at its minute, and its end is told with what was read', async () => {
  const doctor = await mesh.person('engineer@legal.example');
  const body = { reason: 'the club sends wrong mails', minutes: 1 };
  const { id } = (await doctor.post('/api/v1/products/consumer/loyalty/elevate', body)).body;
  const { parts } = mesh.mesh;
  const later = { ...parts, clock: { now: () => new Date(Date.now() + 61_000) } };
  const facts = await readAccessFacts(parts.database.reader, {
    names: [{ schema: 'consumer', name: 'members' }],
    ...{ domainIds: [], now: later.clock.now(), releasesAt: null },
  });
  expect(facts.map(({ subscriptions }) => subscriptions)).toEqual([[]]);
  expect([await endOverElevations(later), await endOverElevations(later)]).toEqual([1, 0]);
  const all = (await steward.get('/api/v1/products/consumer/loyalty/elevations')).body.elevations;
  expect(all.find((one: { id: string }) => one.id === id)).toMatchObject({ endedBy: 'crossdock' });
});
