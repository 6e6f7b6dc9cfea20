import { afterAll, beforeAll, expect, test } from 'vitest';
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

beforeAll(async () => {
  mesh = await openTestMesh('lineage');
  await mesh.source('sales/receipts/one.csv', 'region,units,cost,till\nNORTH,3,1.50,a\nSOUTH,2,1.25,b\n');
  await mesh.apply(FILES);
  await mesh.settle();
  seller = await mesh.person('engineer@sales.example');
  planner = await mesh.person('analyst@marketing.example');
}, 120_000);
afterAll(() => mesh.close());

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

test('lineage follows the SQL with the apply that changes it, before any run', async () => {
  await mesh.apply(edited(FILES, SQL, ['SELECT region', 'SELECT till AS region']));
  const { body } = await graph(seller, 'node=sales.sell-out.weeks&direction=upstream');
  expect(body.columnEdges.map(({ fromColumn, toColumn }: any) => `${fromColumn} ${toColumn}`)).toContain(
    'till region',
  );
  await mesh.settle();
});
