import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startScheduledRuns } from '../../src/pipelines/triggers/start-scheduled-runs.ts';
import { openTestMesh, type Person, type TestMesh } from '../fixtures/mesh.ts';
import { domainFiles, meshFiles } from '../fixtures/mesh-files.ts';

/** The mesh's own audit, as one more product of it. */

const privacy = 'privacy: { approvers: [{ domain: legal, role: owner }] }\n';
const files = {
  ...meshFiles(privacy),
  ...['sales', 'legal', 'mesh'].map((name) => domainFiles(name)).reduce((all, one) => ({ ...all, ...one })),
};

let mesh: TestMesh;
let keeper: Person;
let steward: Person;
let analyst: Person;

beforeAll(async () => {
  mesh = await openTestMesh('flows/mesh-audit');
  await mesh.stopTimers('start-scheduled-runs');
  await mesh.apply(files);
  await mesh.settle();
  keeper = await mesh.person('engineer@mesh.example');
  // Domains are applied one by one, and the mesh's own first run may start between two of them.
  await run();
  steward = await mesh.person('steward@sales.example');
  analyst = await mesh.person('analyst@sales.example');
});
afterAll(() => mesh.close());

const exported = async (): Promise<any[]> => {
  const { body } = await mesh.administrator.get('/api/v1/audit/export');
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  return text
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line));
};

test('who keeps the audit reads it by SQL, row for row what the chain has', async () => {
  const rows = await keeper.rows(
    'SELECT sequence, action, allowed, hash, CAST(reasons AS JSON) AS reasons, domain FROM mesh.changes ORDER BY sequence',
    { limit: 1000 },
  );
  const chain = await exported();
  expect(rows.length).toBeGreaterThan(10);
  expect(rows.map(({ hash }) => hash)).toEqual(chain.slice(0, rows.length).map(({ hash }) => hash));
  expect(rows.map(({ action, allowed }) => [action, allowed])).toEqual(
    chain.slice(0, rows.length).map(({ action, allowed }) => [action, allowed]),
  );
  expect(new Set(rows.map(({ domain }) => domain))).toEqual(new Set([null, 'legal', 'mesh', 'sales']));
});

test('administrators and stewards find it; for everybody else there is none', async () => {
  expect((await mesh.administrator.get('/api/v1/products/mesh/audit')).status).toBe(200);
  expect((await steward.get('/api/v1/products/mesh/audit')).status).toBe(200);
  const [hidden, missing] = await Promise.all(
    ['audit', 'nothing'].map((name) => analyst.get(`/api/v1/products/mesh/${name}`)),
  );
  expect([hidden!.status, hidden!.body.code]).toEqual([missing!.status, missing!.body.code]);
  expect((await analyst.post('/api/v1/requests', { product: 'mesh.audit', purpose: 'look' })).status).toBe(
    404,
  );
  expect(await analyst.refusal('SELECT * FROM mesh.changes')).toMatchObject({ status: 404 });
});

test('a steward asks for it, it is approved twice, and rows and columns are those granted', async () => {
  const asked = await steward.post('/api/v1/requests', {
    product: 'mesh.audit',
    purpose: 'review our changes',
  });
  expect(asked.status).toBe(200);
  expect(await steward.refusal('SELECT * FROM mesh.changes')).toMatchObject({ status: 403 });
  const granted = { rows: "domain = 'sales'", masks: { address: { action: 'replace-with-null' } } };
  const approver = await mesh.person('steward@mesh.example');
  await approver.post(`/api/v1/requests/${asked.body.id}/approve`, granted);
  await (await mesh.person('owner@legal.example')).post(`/api/v1/requests/${asked.body.id}/approve`, {});
  const rows = await steward.rows('SELECT DISTINCT domain, address FROM mesh.changes');
  expect(rows).toEqual([{ domain: 'sales', address: null }]);
});

test('a run brings the rows that came since, once', async () => {
  const [before] = await keeper.rows('SELECT count(*) AS n, max(sequence) AS last FROM mesh.changes');
  expect(before!['n']).toBe(before!['last']);
  await run();
  const [after] = await keeper.rows('SELECT count(*) AS n, max(sequence) AS last FROM mesh.changes');
  expect(after!['n']).toBe(after!['last']);
  expect(Number(after!['n'])).toBeGreaterThan(Number(before!['n']));
  const actions = await keeper.rows(
    `SELECT action FROM mesh.changes WHERE sequence > ${before!['last']} ORDER BY sequence`,
  );
  expect(actions.map(({ action }) => action)).toContain('subscription.approve');
});

test('each hour a job brings what is new: in a quiet mesh, that it was released the hour before', async () => {
  const { parts } = mesh.mesh;
  const read = 'SELECT max(sequence) AS last FROM mesh.changes';
  const [before] = await keeper.rows(read);
  for (const hours of [1, 2]) {
    const clock = { now: () => new Date(Date.now() + hours * 3_600_000) };
    expect(await startScheduledRuns({ ...parts, clock })).toBe(1);
    await mesh.settle();
  }
  const rows = await keeper.rows(
    `SELECT door, action FROM mesh.changes WHERE sequence > ${before!['last']} ORDER BY sequence`,
  );
  expect(rows).toEqual(Array(2).fill({ door: 'job', action: 'dataset.release' }));
});

test('what the mesh declares itself nobody else declares', async () => {
  const own = 'domains/mesh/products/audit/changes.sql';
  const given = {
    ...files,
    [own]: 'SELECT 1 AS sequence',
    'domains/mesh/sources/more.yaml': 'kind: files',
  };
  const list = Object.entries(given).map(([path, text]) => ({ path, text }));
  const { body } = await mesh.administrator.post('/api/v1/plan', { files: list });
  expect(body.code).toBe('mesh.invalid');
  expect(body.problems.map(({ place }: any) => place)).toEqual([
    `${own}:1:1`,
    'domains/mesh/sources/more.yaml:1:1',
  ]);
});

test('applying again changes nothing, and the files lie in the mesh’s own folder', async () => {
  const { body } = await mesh.apply(files);
  expect(body.changes.filter(({ action }: any) => action !== 'unchanged')).toEqual([]);
  const names = await readdir(join(mesh.folder, 'data', 'chain', 'mesh'));
  expect(names).toEqual([expect.stringMatching(/^changes-000000000001-[0-9a-f]{16}\.parquet$/)]);
});

async function run(): Promise<void> {
  const started = await keeper.post('/api/v1/products/mesh/audit/run');
  expect(started.status).toBe(200);
  await mesh.settle();
}
