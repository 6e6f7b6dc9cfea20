import { setTimeout as sleep } from 'node:timers/promises';
import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Engine } from '../../src/engines/engine.ts';
import type { Parts } from '../../src/identity/context.ts';
import { canaryContext } from '../../src/serving/canaries/canary-reader.ts';
import { proveAccess } from '../../src/serving/canaries/prove-access.ts';
import { proveDataset } from '../../src/serving/canaries/prove-dataset.ts';
import { proveSubscription } from '../../src/serving/canaries/prove-subscription.ts';
import { listDueProofs } from '../../src/serving/canaries/store.ts';
import { findSubscription } from '../../src/subscriptions/store.ts';
import { crossdock } from '../fixtures/command-line.ts';
import { openTestMesh, type Person, type TestMesh } from '../fixtures/mesh.ts';
import { domainFiles, type Files, meshFiles, productFiles, sourceFile } from '../fixtures/mesh-files.ts';

let mesh: TestMesh;
let steward: Person;
let analyst: Person;
const going = new AbortController().signal;

const columns = [
  { name: 'id', type: 'integer' },
  { name: 'region', type: 'varchar' },
  { name: 'amount', type: 'decimal(8,2)' },
  { name: 'note', type: 'varchar' },
];
const select = 'SELECT CAST(id AS INTEGER) AS id, region, CAST(amount AS DECIMAL(8,2)) AS amount, note';

function filesOf(more: Files = {}): Files {
  return {
    ...meshFiles('attributes:\n  domains:\n    marketing: { regions: [NORTH] }\n'),
    ...domainFiles('sales'),
    ...domainFiles('marketing'),
    ...domainFiles('finance'),
    ...sourceFile('sales', 'shop', "  orders: { files: 'orders/*.csv', format: csv }\n"),
    ...productFiles({
      domain: 'sales',
      product: 'orders',
      datasets: [{ name: 'orders', columns, sql: `${select} FROM shop.orders` }],
      files: more,
    }),
  };
}

let purposes = 0;

async function grant(person: Person, narrowing: object = {}): Promise<string> {
  const asked = { product: 'sales.orders', purpose: `purpose ${++purposes}` };
  const { body } = await person.post('/api/v1/requests', asked);
  expect((await steward.post(`/api/v1/requests/${body.id}/approve`, narrowing)).status).toBe(200);
  return body.id;
}

const revoke = (id: string) => steward.post(`/api/v1/subscriptions/${id}/revoke`, { reason: 'over' });
const parts = () => mesh.mesh.parts;
const prove = (id: string, some: Parts = parts()) => proveSubscription(some, id, going);

/** As both sides see it. */
async function proofOf(id: string): Promise<{ state: string; at: string | null }> {
  const { body } = await analyst.get('/api/v1/subscriptions');
  return body.subscriptions.find((one: { id: string }) => one.id === id).proof;
}

/** Doors with a hole: the views of consumers give the files as they are. Reading by no door is as it was. */
function leaking(hole: (raw: string, view: string) => string): Parts {
  let raw = '';
  const engine: Engine = {
    ...parts().engine,
    parse: (text, bindings) => parts().engine.parse(text, bindings),
    run: (task, signal) => {
      const own = task.relations.find(({ schema }) => schema === 'canaries');
      if (own !== undefined) raw = own.sql;
      const relations = task.relations.map((one) =>
        one === own ? one : { ...one, sql: hole(raw, one.sql), filtered: false },
      );
      return parts().engine.run({ ...task, relations }, signal);
    },
  };
  return { ...parts(), engine };
}

async function incidents(person: Person) {
  const { body } = await person.get('/api/v1/incidents?product=sales.orders');
  return body.incidents as {
    kind: string;
    severity: string;
    summary: string;
    detail?: { findings: string[] };
  }[];
}

beforeAll(async () => {
  mesh = await openTestMesh('flows/canaries');
  await mesh.stopTimers('prove-access');
  await mesh.source(
    'sales/orders/orders.csv',
    'id,region,amount,note\n1,NORTH,10.50,first order\n2,SOUTH,3.00,second order\n3,NORTH,7.25,\n4,,1.00,lost\n',
  );
  await mesh.apply(filesOf());
  await mesh.settle();
  steward = await mesh.person('steward@sales.example');
  analyst = await mesh.person('analyst@marketing.example');
});
afterAll(() => mesh.close());

test('a grant is proven on both doors: its rows are there, others and hidden columns are not', async () => {
  const narrow = {
    rows: 'region in principal.regions and amount > 8',
    columns: ['id', 'amount', 'note'],
    masks: { note: { action: 'show-first-4' } },
  };
  const some = [await grant(analyst), await grant(analyst, narrow)];
  expect(await proofOf(some[1]!)).toEqual({ state: 'pending', at: null });
  const { proven, drift } = await proveAccess(parts(), going);
  expect([proven >= 2, drift]).toEqual([true, 0]);
  for (const id of some) {
    expect(await proofOf(id)).toEqual({ state: 'proven', at: expect.stringMatching(/Z$/) });
    await revoke(id);
  }
  const { rows } = await sql<{ uses: number }>`SELECT count(*)::int AS uses FROM usage`.execute(
    parts().database.reader,
  );
  expect(rows).toEqual([{ uses: 0 }]);
});

test('a revoke counts as done when its canary is refused, and that is on record', async () => {
  const id = await grant(analyst);
  expect(await prove(id)).toBe('proven');
  const answered = await revoke(id);
  expect(answered.body.proof).toEqual({ state: 'pending', at: null });
  await expect
    .poll(() => proofOf(id), { timeout: 20_000 })
    .toEqual({ state: 'proven', at: expect.stringMatching(/Z$/) });
  const { body } = await steward.get(`/api/v1/audit?object=${id}&limit=20`);
  expect(JSON.stringify(body)).toContain('access.prove');
  const environment = { CROSSDOCK_URL: mesh.mesh.url, CROSSDOCK_TOKEN: analyst.token };
  expect((await crossdock(['subscriptions'], environment)).stdout).toMatch(
    new RegExp(`${id} +revoked, proven`),
  );
});

const NORTH = { rows: "region = 'NORTH'", columns: ['id', 'region', 'amount'] };
const MASKED = { columns: ['id', 'note'], masks: { note: { action: 'show-first-4' } } };

test.each([
  {
    what: 'rows that are not granted',
    granted: NORTH,
    hole: (raw: string) => `SELECT id, region, amount FROM (${raw})`,
    said: 'a row that is not granted can be read',
  },
  {
    what: 'a column that is not granted',
    granted: NORTH,
    hole: (raw: string) => `SELECT * FROM (${raw}) WHERE region = 'NORTH'`,
    said: 'a column that is not granted can be read',
    // The data API looks at the plan before it asks the engine for a column.
    doors: ['SQL'],
  },
  {
    what: 'values without their mask',
    granted: MASKED,
    hole: (raw: string) => `SELECT id, note FROM (${raw})`,
    said: 'a row can be read with other values than are granted',
  },
  {
    what: 'fewer rows than are granted',
    granted: NORTH,
    hole: (_raw: string, view: string) => `SELECT * FROM (${view}) WHERE id > 1`,
    said: 'a row that is granted cannot be read',
  },
])(
  'a door that gives $what opens an incident, which closes when it is well',
  async ({ granted, hole, said, doors = ['SQL', 'data API'] }) => {
    const id = await grant(analyst, granted);
    expect(await prove(id, leaking(hole))).toBe('drift');
    expect((await proofOf(id)).state).toBe('drift');
    const [open] = await incidents(steward);
    expect(open).toMatchObject({ kind: 'access-drift', severity: 'error' });
    for (const door of doors) expect(open?.detail?.findings).toContain(`orders, ${door}: ${said}`);
    expect((await incidents(analyst))[0]?.detail).toBeUndefined();
    // What differs is looked at again in each round.
    expect((await proveAccess(parts(), going)).drift).toBe(0);
    expect(await incidents(steward)).toEqual([]);
    await revoke(id);
  },
);

test('a grant that gives rows after its end is found on both doors', async () => {
  const id = await grant(analyst);
  const subscription = (await findSubscription(parts().database.reader, id))!;
  const { rows } = await sql<{ id: string }>`SELECT id FROM datasets`.execute(parts().database.reader);
  const context = await canaryContext(parts(), subscription, going);
  const asked = { datasetId: rows[0]!.id, subscriptionId: id, wanted: 'closed' as const };
  const { findings } = await proveDataset(context, asked);
  expect(findings.map(({ door, what }) => [door, what])).toEqual([
    ['query', 'still-open'],
    ['data-api', 'still-open'],
  ]);
  await revoke(id);
});

test('a grant that differed and ends takes its incident with it', async () => {
  const id = await grant(analyst, NORTH);
  expect(
    await prove(
      id,
      leaking((raw) => `SELECT id, region, amount FROM (${raw})`),
    ),
  ).toBe('drift');
  await revoke(id);
  await prove(id);
  expect((await proofOf(id)).state).toBe('proven');
  expect(await incidents(steward)).toEqual([]);
});

/** Parts that hold a proof's transaction open, with everything written, until something else is done. */
function slowly(some: Parts, meanwhile: () => Promise<unknown>): Parts {
  const transact: Parts['database']['transact'] = (work) =>
    some.database.transact(async (transaction) => {
      const result = await work(transaction);
      // What a proof writes says that it was kept.
      if (result === true) await meanwhile();
      return result;
    });
  return { ...some, database: { ...some.database, transact } };
}

test('of two grants that are proven at once one is well and one is not: the incident stays open', async () => {
  // The embedded database has one transaction at a time.
  if (parts().database.kind === 'embedded') return;
  const [well, ill] = [await grant(analyst, NORTH), await grant(analyst, NORTH)];
  const hole = leaking((raw) => `SELECT id, region, amount FROM (${raw})`);
  expect(await prove(well, hole)).toBe('drift');
  const writing = Promise.withResolvers<void>();
  const written = Promise.withResolvers<void>();
  const other = prove(
    ill,
    slowly(hole, () => (writing.resolve(), written.promise)),
  );
  await writing.promise;
  const proven = prove(well);
  // It is written now, if nothing holds it.
  await Promise.race([proven, sleep(2_000)]);
  written.resolve();
  expect([await proven, await other]).toEqual(['proven', 'drift']);
  expect(await incidents(steward)).toMatchObject([{ kind: 'access-drift' }]);
  for (const id of [well, ill]) await revoke(id);
  for (const id of [well, ill]) await prove(id);
  expect(await incidents(steward)).toEqual([]);
});

test('a policy that refuses the reader, another right of theirs and a stop of the server are no drift', async () => {
  const id = await grant(analyst, { columns: ['id'] });
  expect(await proveSubscription(parts(), id, AbortSignal.abort())).toBeNull();
  expect(await proofOf(id)).toEqual({ state: 'pending', at: null });
  const closed =
    '@id("closed")\nforbid (principal, action == Action::"product.read", resource) unless { principal in Domain::"sales" };\n';
  await mesh.apply(filesOf({ 'access.cedar': closed }));
  expect(await prove(id)).toBe('proven');
  // It stands as granted, and nobody is told that they can read it.
  expect((await proofOf(id)).state).toBe('forbidden');
  const access = async () => {
    const { body } = await analyst.get('/api/v1/products');
    const page = await analyst.get('/api/v1/products/sales/orders');
    const listed = body.products.find(({ name }: any) => name === 'orders');
    return [listed.access, page.body.access, page.body.myDomains];
  };
  const marked = (access: string) => [access, access, [{ domain: 'marketing', access }]];
  expect(await access()).toEqual(marked('forbidden'));
  await mesh.apply(filesOf());
  expect(await prove(id)).toBe('proven');
  expect([(await proofOf(id)).state, await access()]).toEqual(['proven', marked('active')]);
  const other = await grant(analyst, { rows: "region = 'SOUTH'" });
  expect([await prove(id), await prove(other)]).toEqual(['proven', 'proven']);
  await revoke(id);
  expect(await prove(id)).toBe('proven');
  await revoke(other);
});

test('a product that only some of the domain find is proven by one of them, and where none does that is no drift', async () => {
  const unlessRole = (role: string) =>
    filesOf({
      'access.cedar': `@id("some")\nforbid (principal, action == Action::"product.discover", resource)\nunless { principal in Domain::"sales" || principal.roles.contains("${role}") };\n`,
    });
  await mesh.apply(unlessRole('steward'));
  expect((await analyst.get('/api/v1/products/sales/orders')).status).toBe(404);
  const id = await grant(await mesh.person('steward@marketing.example'), NORTH);
  expect(await prove(id)).toBe('proven');
  const hole = (raw: string) => `SELECT id, region, amount FROM (${raw})`;
  expect(await prove(id, leaking(hole))).toBe('drift');
  await mesh.apply(unlessRole('nobody'));
  expect(await prove(id)).toBe('proven');
  await mesh.apply(filesOf());
  await revoke(id);
});

test('a round takes what changed last first, then what its rules may have changed, and no more than it may', async () => {
  const finance = await mesh.person('analyst@finance.example');
  const early = await grant(finance);
  const late = await grant(analyst);
  const due = async (limit: number, staleBefore = new Date(0)) =>
    listDueProofs(parts().database.reader, { now: new Date(), staleBefore, limit });
  expect((await due(50)).slice(0, 2)).toEqual([late, early]);
  expect(await due(1)).toEqual([late]);
  await proveAccess(parts(), going);
  expect(await due(50)).toEqual([]);
  expect((await due(50, new Date(Date.now() + 1_000))).toSorted()).toEqual([early, late].toSorted());
  const mask = 'restrictions:\n  - name: no-notes\n    appliesTo: { columns: [note] }\n    hide: true\n';
  await mesh.apply(filesOf({ 'restrictions.yaml': mask }));
  expect((await due(50)).toSorted()).toEqual([early, late].toSorted());
  expect((await proveAccess(parts(), going)).drift).toBe(0);
  for (const id of [early, late]) await revoke(id);
});
