import { gzipSync } from 'node:zlib';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { runProgram } from '../../src/cli/program.ts';
import { readClientConfig } from '../../src/config.ts';
import { openTestMesh, type Person, type TestMesh } from '../fixtures/mesh.ts';
import { edited, sampleFiles } from '../fixtures/sample-mesh.ts';

const SQL = 'domains/sales/products/sell-out/weeks.sql';
const FILES = edited(sampleFiles(), SQL, [
  'SELECT region, units, cost',
  'SELECT region, CAST(units AS BIGINT) AS units, CAST(cost AS DECIMAL(9, 2)) AS cost',
]);

let mesh: TestMesh;
let seller: Person;
let planner: Person;

/** Somebody else's collector: fails twice, then takes what it is sent. */
const taken: any[] = [];
let refusals = 2;
let collector: Server;

async function collect(request: IncomingMessage): Promise<number> {
  let text = '';
  for await (const part of request) text += String(part);
  if (refusals-- > 0) return 503;
  taken.push({ key: request.headers.authorization, event: JSON.parse(text) });
  return 201;
}

beforeAll(async () => {
  collector = createServer(
    (request, response) => void collect(request).then((code) => response.writeHead(code).end()),
  );
  await new Promise<void>((resolve) => collector.listen(0, '127.0.0.1', resolve));
  const { port } = collector.address() as AddressInfo;
  mesh = await openTestMesh('lineage', {
    settings: {
      CROSSDOCK_OPENLINEAGE_URL: `http://127.0.0.1:${port}/api/v1/lineage`,
      CROSSDOCK_OPENLINEAGE_KEY: 'k1',
    },
  });
  await mesh.source('sales/receipts/one.csv', 'region,units,cost,till\nNORTH,3,1.50,a\nSOUTH,2,1.25,b\n');
  await mesh.apply(FILES);
  await mesh.settle();
  seller = await mesh.person('engineer@sales.example');
  planner = await mesh.person('analyst@marketing.example');
}, 120_000);
afterAll(async () => {
  await mesh.close();
  collector.close();
});

const graph = async (person: Person, query: string) => {
  const { status, body } = await person.get(`/api/v1/lineage/graph?${query}`);
  return {
    status,
    body,
    names: (body.nodes ?? []).map(({ name, kind, domain }: any) =>
      kind === 'subscription' ? `${domain} subscribes` : name,
    ),
  };
};

test('from a source’s table to the domain that subscribes', async () => {
  const { names, body } = await graph(seller, 'node=sales/tills/receipts&direction=downstream');
  expect(names).toEqual(['sales/tills/receipts', 'sales.sell-out.weeks', 'marketing.media-plan.plan']);
  expect(body.truncated).toBe(false);
  const steward = await mesh.person('steward@sales.example');
  const seen = await graph(steward, 'node=sales.sell-out&direction=downstream');
  expect(seen.names).toEqual(['sales.sell-out.weeks', 'marketing.media-plan.plan', 'marketing subscribes']);
});

test('by columns, as the released run knew them', async () => {
  const { body: runs } = await seller.get('/api/v1/products/sales/sell-out/runs');
  expect(runs.runs).toMatchObject([{ state: 'released' }]);
  const { body } = await graph(seller, 'node=sales.sell-out.weeks&direction=upstream');
  expect(body.nodes.map(({ doubts }: any) => doubts)).toEqual([[], []]);
  const [receipts, weeks] = body.nodes;
  expect(receipts.columns.map(({ name }: any) => name)).toEqual(['region', 'units', 'cost', 'till']);
  expect(body.edges).toEqual([{ from: receipts.id, to: weeks.id, level: 'column' }]);
  expect(body.columnEdges.map(({ fromColumn, toColumn }: any) => `${fromColumn} ${toColumn}`)).toEqual([
    'cost cost',
    'region region',
    'units units',
  ]);
});

test('the command line prints it as a tree, and what hangs on a column as a table', async () => {
  const crossdock = async (...argv: string[]) => {
    const told = { out: '', said: '' };
    const shell = {
      config: { ...readClientConfig({ NO_COLOR: '1' }), url: mesh.mesh.url, token: seller.token },
      version: 'test',
      signal: new AbortController().signal,
      stdout: (text: string) => void (told.out += text),
      stderr: (text: string) => void (told.said += text),
      openEngine: () => {
        throw new TypeError('no engine is needed');
      },
    };
    const code = await runProgram(argv, shell, () => Promise.reject(new TypeError('no server is needed')));
    return { ...told, code };
  };
  expect(await crossdock('lineage', 'sales.sell-out.weeks', '--up')).toEqual({
    out: 'made of\n  sales.sell-out.weeks\n    sales/tills/receipts\n',
    said: '',
    code: 0,
  });
  const impact = await crossdock('impact', 'sales.sell-out.weeks.region');
  expect(impact.out).toMatch(/marketing\.media-plan\.plan +direct +region/);
  const graph = JSON.parse((await crossdock('lineage', 'sales.sell-out', '--depth', '1', '--json')).out);
  expect(graph.nodes).toHaveLength(3);
  expect((await crossdock('lineage', 'sales.nothing')).code).toBe(2);
});

test('who may not see a source does not see that there is one', async () => {
  const { names } = await graph(planner, 'node=marketing.media-plan.plan&direction=upstream');
  expect(names).toEqual(['sales.sell-out.weeks', 'marketing.media-plan.plan']);
  expect((await graph(planner, 'node=sales/tills/receipts')).status).toBe(404);
  const { body } = await planner.get('/api/v1/lineage/impact?node=sales/tills/receipts&column=till');
  expect(body.code).toBe('not-found');
});

test('a producer asks what hangs on a column', async () => {
  const impact = async (node: string) =>
    (await seller.get(`/api/v1/lineage/impact?node=${node}`)).body.affected;
  expect(await impact('sales.sell-out.weeks.region')).toMatchObject([
    { name: 'marketing.media-plan.plan', how: 'direct', columns: [{ name: 'region', how: 'direct' }] },
  ]);
  expect(await impact('sales.sell-out.weeks.units')).toEqual([]);
  const { status } = await seller.get('/api/v1/lineage/impact?node=sales.sell-out.weeks.nothing');
  expect(status).toBe(404);
});

test('every run tells of itself in OpenLineage, to those who may see the run', async () => {
  const { body } = await seller.get('/api/v1/lineage/events?limit=1');
  expect(body.events).toMatchObject([
    { eventType: 'COMPLETE', job: { namespace: 'crossdock://test', name: 'sales.sell-out.weeks' } },
  ]);
  const { body: before } = await seller.get(`/api/v1/lineage/events?limit=50&before=${body.next}`);
  expect(before.events.map(({ eventType }: any) => eventType)).toEqual(['START']);
  const [complete] = body.events;
  expect(complete.inputs).toMatchObject([
    { name: 'sales/tills/receipts', inputFacets: { inputStatistics: { rowCount: 2 } } },
  ]);
  expect(complete.outputs[0].facets.columnLineage.fields.region.inputFields).toMatchObject([
    { namespace: 'crossdock://test', name: 'sales/tills/receipts', field: 'region' },
  ]);
  expect(complete.run.runId).toBe(before.events[0].run.runId);
  expect(complete.run.facets.parent).toMatchObject({
    job: { namespace: 'crossdock://test', name: 'sales.sell-out' },
    run: { runId: before.events[0].run.facets.parent.run.runId },
  });
  expect((await planner.get('/api/v1/lineage/events')).body.events).toEqual([]);
});

test('events are sent on in their order, again when the collector was not well', async () => {
  const planned = (await (await mesh.person('engineer@marketing.example')).get('/api/v1/lineage/events')).body
    .events;
  expect(planned.length).toBeGreaterThan(0);
  await expect.poll(() => taken.length, { timeout: 60_000 }).toBeGreaterThanOrEqual(2 + planned.length);
  expect(taken.map(({ key }) => key)).not.toContain(undefined);
  const ofSales = taken.filter(({ event }) => event.job.name === 'sales.sell-out.weeks');
  expect(ofSales.map(({ event }) => event.eventType)).toEqual(['START', 'COMPLETE']);
}, 90_000);

test('other systems tell of their runs, packed or in batches, by a token that may do nothing else', async () => {
  const event = {
    eventTime: '2026-03-02T09:00:00Z',
    eventType: 'COMPLETE',
    run: { runId: '69f4acab-b87d-4fc0-b27b-8ea950370ff3' },
    job: { namespace: 'airflow', name: 'load_tills' },
    outputs: [{ namespace: 'crossdock://test', name: 'sales/tills/receipts' }],
  };
  const send = (token: string, body: object, { path = '', packed = false } = {}) =>
    fetch(`${mesh.mesh.url}/api/v1/lineage${path}`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${token}`,
        'content-type': 'application/json',
        ...(packed ? { 'content-encoding': 'gzip' } : {}),
      },
      body: packed ? new Uint8Array(gzipSync(JSON.stringify(body))) : JSON.stringify(body),
    });
  const scopes = { name: 'airflow', scopes: ['lineage'] };
  const { secret } = (await seller.post('/api/v1/tokens', scopes)).body;
  expect((await send(secret, event, { packed: true })).status).toBe(201);
  expect((await send(secret, event)).status).toBe(201);
  const batch = await send(secret, [event, { eventTime: 'never' }], { path: '/batch', packed: true });
  expect(batch.status).toBe(200);
  expect(await batch.json()).toMatchObject({
    status: 'partial_success',
    summary: { received: 2, successful: 1, failed: 1 },
    failed_events: [{ index: 1, retriable: false }],
  });
  const { names } = await graph(seller, 'node=sales.sell-out.weeks&direction=upstream');
  expect(names).toEqual(['job:airflow:load_tills', 'sales/tills/receipts', 'sales.sell-out.weeks']);

  expect((await mesh.withToken(secret).get('/api/v1/me')).status).toBe(403);
  expect((await send(planner.token, event)).status).toBe(403);
  const { secret: reading } = (await seller.post('/api/v1/tokens', { name: 'r', scopes: ['read'] })).body;
  expect((await send(reading, event)).status).toBe(403);
  expect((await send(mesh.administrator.token, event)).status).toBe(400);
  expect((await send(secret, event, { path: '/batch' })).status).toBe(400);
});

test('lineage follows the SQL with the apply that changes it, before any run', async () => {
  await mesh.apply(edited(FILES, SQL, ['SELECT region', 'SELECT till AS region']));
  const { body } = await graph(seller, 'node=sales.sell-out.weeks&direction=upstream');
  expect(body.columnEdges.map(({ fromColumn, toColumn }: any) => `${fromColumn} ${toColumn}`)).toContain(
    'till region',
  );
  await mesh.settle();
});
