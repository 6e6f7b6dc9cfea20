import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { pino } from 'pino';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readConfig } from '../../src/config.ts';
import { loadTable } from '../../src/lake/lake.ts';
import { readRelation } from '../../src/lake/relation.ts';
import { snapshotById } from '../../src/lake/snapshot.ts';
import { reachableKeys } from '../../src/lake/maintenance.ts';
import { listTables, tableIdOf } from '../../src/lake/store.ts';
import { type Mesh, openMesh } from '../../src/mesh.ts';
import { maintainTables } from '../../src/pipelines/maintain-tables.ts';
import { ARRIVAL_DATASETS, ARRIVALS, REFILLED } from '../fixtures/arrival-files.ts';
import {
  backfillArrivals,
  expectArrived,
  readArrivals,
  runArrivals,
  writeArrival,
} from '../fixtures/kill-arrivals.ts';
import {
  accept,
  applyVersion,
  crawlOrders,
  type Crowd,
  type Ledger,
  newLedger,
  readOrders,
  rowsOf,
  runOrders,
  settleRuns,
  STATES,
  subscribe,
  writeGeneration,
} from '../fixtures/kill-load.ts';
import { query } from '../fixtures/lake-tables.ts';
import { databaseSettings, personOf } from '../fixtures/mesh.ts';
import {
  killWhileStarting,
  type MeshProcess,
  type ServerPlace,
  startMeshProcess,
} from '../fixtures/mesh-process.ts';

/** Each round takes a few seconds; 50 of them run in `interop/kill`. */
const ROUNDS = Number(process.env['CROSSDOCK_TEST_KILL_ROUNDS'] ?? 1);
/** Most time of work before a kill, and of a start before one. */
const WORK_MS = 2_000;
const START_MS = 2_500;
/** About as long as a run takes. */
const RUN_MS = 300;
const MINUTE = 60_000;

let place: ServerPlace;
let server: MeshProcess;
let crowd: Crowd;
const ledger: Ledger = newLedger();
const secrets = new Map<string, string>();

beforeAll(async () => {
  const folder = await mkdtemp(join(tmpdir(), 'crossdock-kill-'));
  const settings = (await databaseSettings('flows/kill')) ?? {};
  place = { data: join(folder, 'data'), sources: join(folder, 'sources'), settings };
  await writeGeneration(place.sources, ledger);
  await writeArrival(place.sources, ledger);
});
afterAll(async () => {
  await server?.kill();
  await rm(join(place.data, '..'), { recursive: true, force: true });
});

test(
  'a first start may be killed at any moment: the next one is a first start, or goes on',
  async () => {
    for (let round = 0; round < Math.min(5, ROUNDS); round++) {
      await killWhileStarting(place, Math.random() * START_MS);
    }
    server = await startMeshProcess(place);
    secrets.set('administrator', (await readFile(join(place.data, 'admin-token'), 'utf8')).trim());
    const administrator = personOf(server.url, secrets.get('administrator')!);
    expect((await administrator.get('/api/v1/me')).body).toMatchObject({ administrator: true });
    await applyVersion({ administrator } as Crowd, ledger);
    for (const [name, service] of [
      ['steward', 'sales/steward'],
      ['engineer', 'sales/engineer'],
      ['analyst', 'marketing/analyst'],
    ] as const) {
      const made = accept(await administrator.post('/api/v1/tokens', { service }));
      secrets.set(name, made.body.secret);
    }
    crowd = people(server);
    await settle();
    await readOrders(crowd, ledger);
  },
  2 * MINUTE,
);

test.each(Array.from({ length: ROUNDS }, (_, round) => round + 1))(
  'round %i: after kill -9 everything acknowledged is there and nothing is half',
  async (round) => {
    await workUntilKilled(round % 2 === 0 ? somewhen() : withinARun());
    if (round % 3 === 0) await killWhileStarting(place, Math.random() * START_MS);
    server = await startMeshProcess(place);
    crowd = people(server);
    await expectApplied();
    await expectSubscriptions();
    await readOrders(crowd, ledger);
    await readArrivals(crowd, ledger);
    await settle();
    await readOrders(crowd, ledger);
    expect(server.complaints()).toEqual([]);
    await expectRuns();
    await expectArrived(crowd, ledger);
    expect(await leftovers()).toEqual([]);
  },
  2 * MINUTE,
);

test.runIf(ROUNDS >= 20)('kills have met runs under way', () => {
  console.log(`${ROUNDS} rounds: ${ledger.killedRuns} runs were under way when their server was killed`);
  expect(ledger.killedRuns).toBeGreaterThanOrEqual(ROUNDS / 4);
});

test(
  'one release for each run, and no file in the lake that no table holds',
  async () => {
    expect(await server.stop()).toBe(0);
    const mesh = await openMesh({
      config: readConfig(
        {},
        {
          ...place.settings,
          CROSSDOCK_DATA: place.data,
          CROSSDOCK_SOURCES: place.sources,
          CROSSDOCK_PORT: '0',
          CROSSDOCK_WORKERS: '1',
        },
      ),
      version: 'test',
      demo: false,
      works: false,
      log: pino({ level: 'silent' }),
    });
    try {
      await expectReleases(mesh);
      await expectBookmarks(mesh);
      await maintainTables(mesh.parts, 0);
      await expectNoOrphans(mesh);
    } finally {
      await mesh.close();
    }
  },
  MINUTE,
);

function people({ url }: MeshProcess): Crowd {
  const person = (name: string) => personOf(url, secrets.get(name)!);
  return {
    administrator: person('administrator'),
    steward: person('steward'),
    engineer: person('engineer'),
    analyst: person('analyst'),
  };
}

async function somewhen(): Promise<void> {
  await setTimeout(Math.random() * WORK_MS);
}

/** While a pipeline runs, wherever it is by then. */
async function withinARun(): Promise<void> {
  await somewhen();
  const start = Date.now();
  while ((await countRuns()) === 0 && Date.now() < start + WORK_MS) await setTimeout(5);
  await setTimeout(Math.random() * RUN_MS);
}

/** Everybody works until the server is killed; a refusal before the kill fails the test. */
async function workUntilKilled(moment: Promise<void>): Promise<void> {
  const killed = new AbortController();
  const repeat = async (work: () => Promise<void>) => {
    while (!killed.signal.aborted) {
      try {
        await work();
      } catch (error) {
        if (!killed.signal.aborted) throw error;
      }
    }
  };
  const working = Promise.all([
    repeat(() => applyVersion(crowd, ledger)),
    repeat(() => runOrders(crowd, ledger, place.sources)),
    repeat(() => crawlOrders(crowd, ledger)),
    repeat(() => subscribe(crowd, ledger)),
    repeat(() => readOrders(crowd, ledger)),
    repeat(() => runArrivals(crowd, ledger, place.sources)),
    repeat(() => readArrivals(crowd, ledger)),
    repeat(() => backfillArrivals(crowd, ledger)),
  ]);
  await Promise.race([moment, working]);
  killed.abort();
  await server.kill();
  ledger.killedRuns += await countRuns();
  await working;
  expect(server.complaints()).toEqual([]);
}

/** Each domain is whole at one version: the acknowledged one or a later one that was sent. */
async function expectApplied(): Promise<void> {
  const { administrator } = crowd;
  const finance = accept(await administrator.get('/api/v1/domains/finance')).body;
  const supply = accept(await administrator.get('/api/v1/domains/supply')).body;
  const product = accept(await administrator.get('/api/v1/products/supply/stock')).body;
  const versions = [finance.title, supply.title].map((title: string) => Number(title.slice(1)));
  for (const version of versions) {
    expect(version).toBeGreaterThanOrEqual(ledger.applied);
    expect(version).toBeLessThanOrEqual(ledger.sent);
  }
  const version = versions[1]!;
  expect({
    source: supply.sources[0].title,
    product: product.version,
    datasets: product.datasets.map((one: { name: string }) => one.name).toSorted(),
    contracts: product.datasets.map((one: { contract: { version: string } }) => one.contract.version),
  }).toEqual({
    source: `v${version}`,
    product: `1.${version}.0`,
    datasets: ['extra', 'goods'],
    contracts: [`1.${version}.0`, `1.${version}.0`],
  });
}

async function expectSubscriptions(): Promise<void> {
  const { body } = accept(await crowd.analyst.get('/api/v1/subscriptions'));
  const shown = new Map<string, (typeof STATES)[number]>(
    body.subscriptions.map(({ id, state }: { id: string; state: string }) => [id, state]),
  );
  for (const [id, { acknowledged, sent }] of ledger.subscriptions) {
    const state = STATES.indexOf(shown.get(id)!);
    expect(state, id).toBeGreaterThanOrEqual(STATES.indexOf(acknowledged));
    expect(state, id).toBeLessThanOrEqual(STATES.indexOf(sent));
  }
}

/** Runs go on by themselves, those of the mesh's own making too. */
async function settle(): Promise<void> {
  for (const product of [ARRIVALS, REFILLED, 'sales/shop-orders', 'marketing/regions', 'supply/stock']) {
    await settleRuns(crowd.administrator, product);
  }
}

/** Every acknowledged run ended in a release; consumers see the newest generation, and so does who reads it. */
async function expectRuns(): Promise<void> {
  const runs = await settleRuns(crowd.engineer);
  const acknowledged = runs.filter(({ id }) => ledger.runs.has(id));
  expect(acknowledged).toHaveLength(ledger.runs.size);
  expect(acknowledged.filter(({ state }) => state !== 'released')).toEqual([]);
  ledger.runs.clear();
  const regions = await crowd.analyst.rows(
    'SELECT generation, CAST(sum(orders) AS INTEGER) AS n FROM marketing.regions GROUP BY 1',
  );
  expect(regions).toEqual([{ generation: ledger.seen, n: rowsOf(ledger.seen) }]);
}

/** A run has a folder of its own while it is under way. */
async function countRuns(): Promise<number> {
  const names = await readdir(join(place.data, 'temporary'));
  return names.filter((name) => name.startsWith('run-')).length;
}

/** What a killed server was writing is nobody's. */
async function leftovers(): Promise<string[]> {
  const data = await readdir(place.data);
  const temporary = await readdir(join(place.data, 'temporary'), { recursive: true, withFileTypes: true });
  return [
    ...data.filter((name) => /^lock\.|\.new$/.test(name)),
    ...temporary.filter((entry) => !entry.isDirectory()).map(({ name }) => name),
  ];
}

/** Release numbers of a dataset have no gap, and each is of one run that says so. */
async function expectReleases({ parts }: Mesh): Promise<void> {
  const releases = await parts.database.reader
    .selectFrom('releases')
    .innerJoin('runs', 'runs.id', 'releases.run_id')
    .select(['releases.dataset_id', 'releases.number', 'releases.run_id', 'runs.state'])
    .select(['releases.snapshot_id', 'runs.snapshot_id as run_snapshot_id'])
    .orderBy('releases.number')
    .execute();
  const released = await parts.database.reader
    .selectFrom('runs')
    .select('id')
    .where('state', '=', 'released')
    .execute();
  expect(new Set(releases.map(({ run_id }) => run_id)).size).toBe(releases.length);
  expect(releases.length).toBe(released.length);
  expect(
    releases.filter((one) => one.state !== 'released' || one.snapshot_id !== one.run_snapshot_id),
  ).toEqual([]);
  for (const [dataset, own] of Map.groupBy(releases, ({ dataset_id }) => dataset_id)) {
    expect([dataset, own.map(({ number }) => number)]).toEqual([dataset, own.map((_, index) => index + 1)]);
  }
}

/** At each release the files of the bookmark are those of the rows, and no file was read in two of them. */
async function expectBookmarks({ parts }: Mesh): Promise<void> {
  for (const dataset of ARRIVAL_DATASETS) {
    const { id } = await parts.database.reader
      .selectFrom('datasets')
      .select('id')
      .where('name', '=', dataset)
      .executeTakeFirstOrThrow();
    const read = await parts.database.reader
      .selectFrom('bookmark_files')
      .select(['release', 'key'])
      .where('dataset_id', '=', id)
      .execute();
    expect(new Set(read.map(({ key }) => key)).size).toBe(read.length);
    expect(read).toHaveLength(ledger.arrived);
    if (dataset === 'fed') await expectFedFiles(parts, id, read);
  }
}

async function expectFedFiles(
  parts: Mesh['parts'],
  datasetId: string,
  read: { release: number; key: string }[],
): Promise<void> {
  const table = await loadTable(parts.lake, tableIdOf(datasetId));
  const releases = await parts.database.reader
    .selectFrom('releases')
    .select(['number', 'snapshot_id'])
    .where('dataset_id', '=', datasetId)
    .execute();
  for (const { number, snapshot_id } of releases) {
    const { sql } = await readRelation(parts.lake, table, { snapshot: snapshotById(table, snapshot_id) });
    const rows = await query(`SELECT DISTINCT 'arrivals/' || file || '.csv' AS key FROM (${sql})`);
    const keys = read.filter(({ release }) => release <= number).map(({ key }) => key);
    expect([number, rows.map(({ key }) => key).toSorted()]).toEqual([number, keys.toSorted()]);
  }
}

async function expectNoOrphans({ parts }: Mesh): Promise<void> {
  const reachable = new Set<string>();
  for (const { id } of await listTables(parts.database.reader)) {
    for (const key of await reachableKeys(parts.lake, await loadTable(parts.lake, id))) reachable.add(key);
  }
  const root = join(place.data, 'lake');
  const entries = await readdir(root, { recursive: true, withFileTypes: true });
  const files = entries
    .filter((entry) => !entry.isDirectory())
    .map((entry) => join(entry.parentPath, entry.name).slice(root.length + 1));
  expect(files.toSorted()).toEqual([...reachable].toSorted());
}
