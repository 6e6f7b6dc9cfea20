import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { callerOf, openTestParts, type TestParts } from '../../../test/fixtures/context.ts';
import { REAL_DATA } from '../../../test/fixtures/real-data.ts';
import { listFiles, sampleFiles } from '../../../test/fixtures/sample-mesh.ts';
import type { Context } from '../../identity/context.ts';
import { applyMesh } from '../../mesh-as-code/apply.ts';
import { showLineage } from '../graph/show-graph.ts';
import { reportEvents } from './report-events.ts';

let mesh: TestParts;
let seller: Context;
let planner: Context;

beforeAll(async () => {
  mesh = await openTestParts('report-events');
  const admin = mesh.as(callerOf('admin', [], true));
  await applyMesh.run(admin, { files: listFiles(sampleFiles()) });
  const domains = await mesh.parts.database.reader
    .selectFrom('domains')
    .select(['id', 'name', 'title'])
    .execute();
  const member = (name: string) => {
    const domain = domains.find((one) => one.name === name)!;
    return mesh.as(callerOf(`loader of ${name}`, [{ ...domain, role: 'engineer' }]));
  };
  seller = member('sales');
  planner = member('marketing');
});
afterAll(() => mesh.close());

const told = (eventTime: string, more: object) => ({ eventTime, eventType: 'COMPLETE', ...more });
const run = (id: string, job: string, more: object = {}) => ({
  run: { runId: id },
  job: { namespace: 'etl', name: job },
  ...more,
});
const dataset = (name: string, facets: object = {}, namespace = 's3://bucket') => ({
  namespace,
  name,
  facets,
});
const at = (minute: number) => `2026-03-02T09:${String(minute).padStart(2, '0')}:00Z`;

async function report(events: object[], by = seller) {
  return reportEvents(by, { events, domain: undefined });
}

/** The graph of the domain by names alone, whatever ids it was given. */
async function graph() {
  const { reader } = mesh.parts.database;
  const nodes = await reader.selectFrom('lineage_nodes').selectAll().execute();
  const names = await reader.selectFrom('lineage_names').selectAll().execute();
  const called = new Map<string, string>();
  for (const { id, kind } of nodes) {
    const known = names
      .filter(({ node_id }) => node_id === id)
      .map(({ namespace, name }) => `${namespace}:${name}`);
    called.set(id, `${kind} ${known.sort().join(' = ')}`);
  }
  const edges = await reader
    .selectFrom('lineage_edges')
    .selectAll()
    .where('reported_by', 'is not', null)
    .execute();
  return {
    nodes: nodes
      .filter(({ kind }) => kind === 'external' || kind === 'job')
      .map(({ id }) => called.get(id))
      .sort(),
    edges: edges
      .map(
        (edge) =>
          `${called.get(edge.from_node)}.${edge.from_column} -> ${called.get(edge.to_node)}.${edge.to_column} ${edge.transformations.join('+')}`,
      )
      .sort(),
  };
}

async function forget(): Promise<void> {
  await mesh.parts.database.transact(async (transaction) => {
    await transaction.deleteFrom('lineage_events').execute();
    await transaction.deleteFrom('lineage_runs').execute();
    await transaction.deleteFrom('lineage_names').execute();
    await transaction.deleteFrom('lineage_edges').where('reported_by', 'is not', null).execute();
    await transaction.deleteFrom('lineage_nodes').where('kind', 'in', ['external', 'job']).execute();
  });
}

test('a run’s events become one: inputs from its start, outputs and columns from its end', async () => {
  await forget();
  const ways = {
    fields: {
      b: {
        inputFields: [
          {
            namespace: 's3://bucket',
            name: 'in',
            field: 'a',
            transformations: [
              { type: 'DIRECT', subtype: 'IDENTITY', masking: false },
              { type: 'DIRECT', subtype: 'TRANSFORMATION', masking: true },
            ],
          },
        ],
      },
    },
  };
  await report([
    told(at(2), run('r1', 'load', { outputs: [dataset('out', { columnLineage: ways })] })),
    { ...told(at(1), run('r1', 'load', { inputs: [dataset('in')] })), eventType: 'START' },
  ]);
  expect((await graph()).edges).toEqual([
    'external s3://bucket:in. -> job etl:load. ',
    'external s3://bucket:in.a -> external s3://bucket:out.b DIRECT IDENTITY+DIRECT TRANSFORMATION MASKING',
    'job etl:load. -> external s3://bucket:out. ',
  ]);
});

test('a job’s edges are those of its newest complete run, also when an older one is told of later', async () => {
  await forget();
  await report([
    told(at(5), run('new', 'load', { inputs: [dataset('b')], outputs: [dataset('out')] })),
    told(at(3), run('old', 'load', { inputs: [dataset('a')], outputs: [dataset('out')] })),
    { ...told(at(6), run('begun', 'load', { inputs: [dataset('c')] })), eventType: 'START' },
  ]);
  const { edges } = await graph();
  expect(edges.filter((edge) => edge.includes('-> job'))).toEqual([
    'external s3://bucket:b. -> job etl:load. TABLE',
  ]);
});

test('names that a symlink joins are one dataset, whichever was told of first', async () => {
  const symlinks = { symlinks: { identifiers: [{ namespace: 'hive://h', name: 'db.t', type: 'TABLE' }] } };
  const events = [
    told(at(1), run('w', 'write', { outputs: [dataset('/warehouse/t', symlinks)] })),
    told(at(2), run('r', 'read', { inputs: [dataset('db.t', {}, 'hive://h')] })),
  ];
  await forget();
  await report(events);
  const first = await graph();
  expect(first.nodes).toEqual([
    'external hive://h:db.t = s3://bucket:/warehouse/t',
    'job etl:read',
    'job etl:write',
  ]);
  expect(first.edges).toHaveLength(2);
  await forget();
  await report(events.toReversed());
  expect(await graph()).toEqual(first);
});

test('a facet that is deleted is gone', async () => {
  await forget();
  const schema = { schema: { fields: [{ name: 'a', type: 'INT' }] } };
  await report([{ eventTime: at(1), dataset: dataset('t', schema) }]);
  const columns = async () => {
    const { nodes } = await showLineage.run(seller, {
      node: 'dataset:s3://bucket:t',
      direction: 'both',
      depth: 1,
      limit: 9,
    });
    return nodes[0]!.columns;
  };
  expect(await columns()).toEqual([{ name: 'a', type: 'INT' }]);
  await report([{ eventTime: at(2), dataset: dataset('t', { schema: { _deleted: true } }) }]);
  expect(await columns()).toEqual([]);
});

test('what is ours by name is our dataset; what was told is seen by the domain that told it', async () => {
  await forget();
  const ours = { namespace: 'crossdock://test', name: 'sales.sell-out.weeks' };
  await report(
    [told(at(1), run('d', 'dashboard', { inputs: [ours], outputs: [dataset('report')] }))],
    planner,
  );
  const walk = { node: 'sales.sell-out.weeks', direction: 'downstream', depth: 5, limit: 50 } as const;
  const names = async (by: Context) => (await showLineage.run(by, walk)).nodes.map(({ name }) => name);
  expect(await names(planner)).toContain('job:etl:dashboard');
  expect(await names(planner)).toContain('dataset:s3://bucket:report');
  expect(await names(seller)).toEqual(['sales.sell-out.weeks', 'marketing.media-plan.plan']);
});

test('a wrong event fails alone, with its place', async () => {
  await forget();
  const good = told(at(1), run('x', 'job', { outputs: [dataset('o')] }));
  expect(await report([good, { eventTime: 'never' }, good])).toEqual([
    { index: 1, reason: expect.stringContaining('/eventTime must be a time'), retriable: false },
  ]);
  expect((await graph()).nodes).toEqual(['external s3://bucket:o', 'job etl:job']);
});

test('characters that the database cannot hold are left out', async () => {
  await forget();
  expect(
    await report([told(at(1), run('x', 'job', { note: 'a\u0000b\ud800c', outputs: [dataset('o')] }))]),
  ).toEqual([]);
});

const folder = join(REAL_DATA, 'openlineage_events');

describe.skipIf(!existsSync(folder))('the 63 real events (CROSSDOCK_REAL_DATA)', () => {
  const files = existsSync(folder) ? readdirSync(folder).filter((name) => name.endsWith('.ndjson')) : [];
  const eventsOf = (name: string): object[] =>
    readFileSync(join(folder, name), 'utf8')
      .split('\n')
      .filter((line) => line.trim() !== '')
      .map((line) => JSON.parse(line));

  test('are all taken, and draw the same in any order', async () => {
    const events = files.flatMap(eventsOf);
    expect(events).toHaveLength(63);
    await forget();
    expect(await report(events)).toEqual([]);
    const drawn = await graph();
    expect(drawn.nodes.length).toBeGreaterThan(30);
    await forget();
    expect(await report([...events.toReversed(), ...events])).toEqual([]);
    expect(await graph()).toEqual(drawn);
  });

  test('the Spark application is one connected graph with its columns', async () => {
    await forget();
    await report(
      eventsOf('compat__consumer_scenarios_spark_dataproc_simple_producer_test_complete_events.ndjson'),
    );
    const { nodes, edges } = await graph();
    expect(nodes).toHaveLength(8);
    const pairs = edges.map((edge) => edge.split(' -> ').map((end) => end.replace(/\.[^.]*$/, '')));
    const seen = new Set([nodes[0]!]);
    for (let before = -1; before !== seen.size;) {
      before = seen.size;
      for (const pair of pairs) if (pair.some((end) => seen.has(end))) pair.forEach((end) => seen.add(end));
    }
    expect([...seen].sort()).toEqual(nodes);
    expect(edges.filter((edge) => edge.includes('DIRECT')).length).toBeGreaterThan(0);
  });
});
