import { afterAll, beforeAll, expect, test } from 'vitest';
import { progressText } from '../../src/cli/run-facts.ts';
import { crossdock } from '../fixtures/command-line.ts';
import { openTestMesh, type Person, type TestMesh } from '../fixtures/mesh.ts';
import {
  domainFiles,
  meshFiles,
  productFiles,
  sourceFile,
  type TestDataset,
} from '../fixtures/mesh-files.ts';

/**
 * What starts a run, in which order, and what becomes of the steps behind one that fails. Sales makes orders in
 * three steps and a calendar; marketing subscribes to both. Later tests build on earlier ones.
 */
let mesh: TestMesh;
let sales: Person;
let marketing: Person;

const columns = [{ name: 'n', type: 'integer', more: ['logicalTypeOptions: { minimum: 0 }'] }];
const dataset = (name: string, sql: string): TestDataset => ({ name, columns, sql });
const granted = {
  'grants.yaml': 'grants:\n  - { domain: marketing, purpose: plan media }\n',
};
const bothInputs = 'SELECT t.n AS n FROM sales.totals AS t, sales.days AS d';
const slow =
  'SELECT CAST(max(a.range * b.range % 7) AS INTEGER) AS n FROM range(10000000) a, range(10000000) b';

const files = {
  ...meshFiles(),
  ...domainFiles('sales'),
  ...sourceFile(
    'sales',
    'shop',
    "  orders: { files: 'orders/*.csv' }\n  days: { files: 'days/*.csv' }\n  factors: { files: 'factors/*.csv' }\n",
  ),
  ...productFiles({
    domain: 'sales',
    product: 'orders',
    files: granted,
    // Not in the order in which they run.
    datasets: [
      dataset('totals', 'SELECT CAST(sum(n) AS INTEGER) AS n FROM sales.clean'),
      dataset('clean', 'SELECT CAST(r.n * f.n AS INTEGER) AS n FROM sales.raw AS r, shop.factors AS f'),
      dataset('raw', 'SELECT CAST(n AS INTEGER) AS n FROM shop.orders'),
    ],
  }),
  ...productFiles({
    domain: 'sales',
    product: 'calendar',
    files: granted,
    datasets: [dataset('days', 'SELECT CAST(n AS INTEGER) AS n FROM shop.days')],
  }),
  ...productFiles({
    domain: 'sales',
    product: 'slow',
    datasets: [
      dataset('endless', `-- when: on demand\n${slow}`),
      dataset('after', '-- when: on demand\nSELECT n FROM sales.endless'),
    ],
  }),
  ...domainFiles(
    'marketing',
    'subscriptions:\n  - { product: sales.orders, purpose: plan media }\n  - { product: sales.calendar, purpose: plan media }\n',
  ),
  ...productFiles({
    domain: 'marketing',
    product: 'plans',
    datasets: [
      dataset('any_of', bothInputs),
      dataset('all_of', `-- when: release of all inputs\n${bothInputs}`),
      dataset('named', `-- when: release of any of sales.calendar.days\n${bothInputs}`),
      dataset('asked', `-- when: on demand\n${bothInputs}`),
      dataset('report', 'SELECT e.n AS n FROM marketing.any_of AS e, marketing.all_of AS b'),
    ],
  }),
};

beforeAll(async () => {
  mesh = await openTestMesh('flows/pipeline-triggers');
  for (const table of ['orders', 'days', 'factors']) await put(table, 'n\n1\n');
  await mesh.apply(files);
  [sales, marketing] = [
    await mesh.person('engineer@sales.example'),
    await mesh.person('engineer@marketing.example'),
  ];
});
afterAll(() => mesh.close());

const put = (table: string, text: string) => mesh.source(`sales/${table}/all.csv`, text);

interface Step {
  id: string;
  dataset: string;
  state: string;
  needs: string[];
  startedAt: string;
  finishedAt: string;
  waitsFor: string | null;
  message: string | null;
}

interface Group {
  id: string;
  state: string;
  trigger: string;
  steps: Step[];
}

const groupOf = async (id: string): Promise<Group> => (await sales.get(`/api/v1/run-groups/${id}`)).body;
const stateOf = ({ steps }: Group) => Object.fromEntries(steps.map(({ dataset, state }) => [dataset, state]));

async function start(product: string): Promise<string> {
  const started = await sales.post(`/api/v1/products/sales/${product}/run`);
  if (started.status !== 200) throw new Error(JSON.stringify(started.body));
  return started.body.group;
}

async function run(product: string): Promise<Group> {
  const id = await start(product);
  await mesh.settle();
  return groupOf(id);
}

/** How many runs of marketing's datasets the work has started, all of which came to this end. */
async function startedBy(work: () => Promise<unknown>, end = 'released'): Promise<Record<string, number>> {
  const before = new Set((await marketingRuns()).map(({ id }) => id));
  await work();
  await mesh.settle();
  const runs = (await marketingRuns()).filter(({ id }) => !before.has(id));
  expect(runs.map(({ state }) => state)).toEqual(runs.map(() => end));
  return Object.fromEntries(
    [...Map.groupBy(runs, (one) => one.dataset)].map(([name, all]) => [name, all.length]),
  );
}

async function marketingRuns(): Promise<{ id: string; dataset: string; state: string; trigger: string }[]> {
  return (await marketing.get('/api/v1/products/marketing/plans/runs')).body.runs;
}

test('an apply runs what is new once, each dataset after those it reads, and nothing that runs on demand', async () => {
  await mesh.settle();
  const runs = (await sales.get('/api/v1/products/sales/orders/runs')).body.runs;
  const group = await groupOf(runs[0].id);
  expect(group).toMatchObject({ state: 'released', trigger: 'applied', product: 'sales.orders' });
  const [raw, clean, totals] = group.steps as [Step, Step, Step];
  expect([raw, clean, totals].map((step) => [step.dataset, step.needs])).toEqual([
    ['raw', []],
    ['clean', ['raw']],
    ['totals', ['clean']],
  ]);
  expect(raw.finishedAt <= clean.startedAt && clean.finishedAt <= totals.startedAt).toBe(true);
  const names = (await marketingRuns()).map((one) => one.dataset).sort();
  expect(names).toEqual(['all_of', 'any_of', 'named', 'report']);
});

test('a release starts what waits for any input, and what names it; what waits for all inputs waits on', async () => {
  expect(await startedBy(() => run('calendar'))).toEqual({ any_of: 1, named: 1, report: 1 });
  const anyOf = (await marketingRuns()).find((one) => one.dataset === 'any_of');
  expect(anyOf).toMatchObject({ trigger: 'release of sales.calendar.days' });
});

test('with a release of each input the others start too; whoever reads both sides runs once, after both', async () => {
  expect(await startedBy(() => run('orders'))).toEqual({ any_of: 1, all_of: 1, report: 1 });
  const started = (await marketingRuns())[0]!;
  const { steps } = (await marketing.get(`/api/v1/run-groups/${started.id}`)).body as Group;
  expect(steps.find((one) => one.dataset === 'report')?.needs).toEqual(['all_of', 'any_of']);
});

test('behind a step that is blocked the others are skipped and say why, and resume goes on from it', async () => {
  await put('factors', 'n\n-1\n');
  let group!: Group;
  const skipped = await startedBy(async () => (group = await run('orders')), 'skipped');
  expect(skipped).toEqual({ any_of: 1, report: 1 });
  expect(stateOf(group)).toEqual({ raw: 'released', clean: 'blocked', totals: 'skipped' });
  expect(group.state).toBe('blocked');
  const totals = group.steps.find((one) => one.dataset === 'totals')!;
  expect(totals.message).toBe('totals was not run: clean was blocked by its checks');

  await put('factors', 'n\n2\n');
  expect(await marketing.post(`/api/v1/runs/${group.id}/resume`)).toMatchObject({ status: 403 });
  const started = await startedBy(async () => {
    const { body } = await sales.post(`/api/v1/runs/${totals.id}/resume`);
    expect(body.runs.map((one: Step) => one.dataset)).toEqual(['clean', 'totals']);
  });
  expect(started).toEqual({ any_of: 1, report: 1 });
  const healed = await groupOf(group.id);
  expect(stateOf(healed)).toEqual({ raw: 'released', clean: 'released', totals: 'released' });
  expect(healed.steps[0]?.id).toBe(group.steps[0]?.id);
  expect(await marketing.rows('SELECT n FROM marketing.any_of')).toEqual([{ n: 2 }]);
  expect(await sales.post(`/api/v1/runs/${group.id}/resume`)).toMatchObject({
    status: 409,
    body: { code: 'pipeline.nothing-to-resume' },
  });
});

test('a run tells what it read, how long each phase took, what it did, and its group', async () => {
  const [run] = (await sales.get('/api/v1/products/sales/orders/runs')).body.runs;
  const { status, body } = await sales.get(`/api/v1/runs/${run.id}`);
  expect(status).toBe(200);
  expect(body).toMatchObject({
    dataset: 'totals',
    state: 'released',
    trigger: 'resumed',
    attempt: 1,
    inputs: [{ dataset: 'sales.orders.clean', release: 3, rows: 1 }],
    written: { mode: 'overwrite', inserted: 1 },
    waitsFor: null,
    group: { product: 'sales.orders', state: 'released' },
  });
  expect(body.durationMs).toBeGreaterThan(0);
  expect(body.phases.map((phase: { name: string }) => phase.name)).toEqual([
    'read',
    'write',
    'check',
    'release',
  ]);
  expect(body.phases.every((phase: { finishedAt: string | null }) => phase.finishedAt !== null)).toBe(true);
  expect(body.log.map((line: { text: string }) => line.text)).toEqual([
    'reads sales.orders.clean: release 3, 1 row',
    expect.stringMatching(/^wrote by overwrite: 1 row inserted/),
    expect.stringMatching(/^\d of \d checks passed$/),
    'released as release 3: 1 row',
  ]);
  expect(await marketing.get(`/api/v1/runs/${run.id}`)).toMatchObject({ status: 403 });
  expect(await sales.get(`/api/v1/runs/${body.group.id}`)).toMatchObject({ status: 404 });
});

test('the terminal runs, shows, resumes and cancels, and its exit code says how it went', async () => {
  const pipeline = (...argv: string[]) =>
    crossdock(['pipeline', ...argv], {
      CROSSDOCK_URL: mesh.mesh.url,
      CROSSDOCK_TOKEN: sales.token,
    });
  await put('factors', 'n\n-1\n');
  const failed = await pipeline('run', 'sales.orders', '--json');
  expect(failed.code).toBe(1);
  const { group, runs } = JSON.parse(failed.stdout);
  const blocked = runs.find(({ state }: Step) => state === 'blocked').id;
  const shown = await pipeline('show', blocked);
  expect(shown.code).toBe(0);
  expect(shown.stdout).toMatch(/^sales\.orders\.clean blocked\n/);
  expect(shown.stdout).toMatch(/totals +skipped .*clean was blocked by its checks/);
  expect(shown.stdout).toContain('blocked: consumers keep the last release');
  await put('factors', 'n\n3\n');
  const resumed = await pipeline('resume', blocked);
  expect(resumed).toMatchObject({ code: 0, stdout: expect.not.stringContaining('raw') });
  expect((await pipeline('resume', group)).code).toBe(2);
  expect(await pipeline('cancel', group)).toMatchObject({ code: 0, stdout: '0 runs end\n' });
  await mesh.settle();
});

test('progress is the steps that have ended, and what runs or waits now', () => {
  const step = { id: '', value: null, attempt: 1, rows: null, needs: [], waitsFor: null, message: null };
  const steps = [
    { ...step, dataset: 'raw', state: 'released' },
    { ...step, dataset: 'clean', state: 'running' },
    { ...step, dataset: 'totals', state: 'waiting' },
    { ...step, dataset: 'more', state: 'waiting' },
  ];
  expect(progressText({ steps }, 4_200)).toBe('[█████░░░░░░░░░░░░░░░] 1 of 4 steps, clean is running, 4 s');
});

/** Starts the slow product; its group once the first step is under way. */
async function underWay(): Promise<Group> {
  const id = await start('slow');
  for (;;) {
    const group = await groupOf(id);
    if (group.state === 'running') return group;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

test('cancelling a group ends every step of it; cancelling a step skips those behind it', async () => {
  const group = await underWay();
  expect(group.steps[1]).toMatchObject({
    dataset: 'after',
    state: 'waiting',
    waitsFor: 'the run of endless',
  });
  expect((await sales.post(`/api/v1/runs/${group.id}/cancel`)).body.runs).toHaveLength(2);
  await mesh.settle();
  expect(stateOf(await groupOf(group.id))).toEqual({ endless: 'cancelled', after: 'cancelled' });

  const second = await underWay();
  await sales.post(`/api/v1/runs/${second.steps[0]!.id}/cancel`);
  await mesh.settle();
  const { steps } = await groupOf(second.id);
  expect(steps.map(({ state }) => state)).toEqual(['cancelled', 'skipped']);
  expect(steps[1]?.message).toBe('after was not run: endless was cancelled');
});

test('groups are for those who may run the product; what one may not find does not exist', async () => {
  const { id } = (await marketingRuns())[0]!;
  const analyst = await mesh.person('analyst@sales.example');
  expect(await analyst.get(`/api/v1/run-groups/${id}`)).toMatchObject({ status: 403 });
  expect(await analyst.get('/api/v1/run-groups/grp_unknown')).toMatchObject({ status: 404 });
});
