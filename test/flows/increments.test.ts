import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { holdDatasets, releaseHolds } from '../../src/erasure/holds/store.ts';
import { crossdock } from '../fixtures/command-line.ts';
import { lawFiles, live, livesOf, NAMES, someNames } from '../fixtures/increment-law.ts';
import { openTestMesh, type Person, type TestMesh } from '../fixtures/mesh.ts';
import {
  domainFiles,
  type Files,
  meshFiles,
  productFiles,
  sourceFile,
  type TestDataset,
} from '../fixtures/mesh-files.ts';

/** What a run reads and writes, from the producer's and the consumer's chair. Later tests build on earlier ones. */
let mesh: TestMesh;
let engineer: Person;
let analyst: Person;

const columns = [
  { name: 'day', type: 'date', more: ['required: true', 'partitioned: true', 'partitionKeyPosition: 1'] },
  { name: 'id', type: 'integer', more: ['required: true'] },
  { name: 'amount', type: 'decimal(9,2)', more: ['logicalTypeOptions: { minimum: 0 }'] },
];
const select = (table: string, more = '') =>
  `SELECT CAST(day AS DATE) AS day, CAST(id AS INTEGER) AS id, CAST(amount AS DECIMAL(9,2)) AS amount${more} FROM shop.${table}`;

const dataset = (name: string, sql: string): TestDataset => ({ name, columns, sql });
const ofSales = (product: string, datasets: TestDataset[]): Files =>
  productFiles({ domain: 'sales', product, datasets });

let files: Files = {
  ...meshFiles(),
  ...domainFiles('sales'),
  ...sourceFile(
    'sales',
    'shop',
    "  orders: { files: 'orders/*.csv', format: csv }\n  sales: { files: 'sales/*.csv', format: csv }\n  log: { files: 'log/*.csv', format: csv }\n  changes: { files: 'changes/*.csv', format: csv }\n  moves: { files: 'moves/*.csv', format: csv }\n  codes: { files: 'codes/*.csv', format: csv }\n  year: { files: 'year/*.csv', format: csv }\n  feed: { files: 'feed/*.csv', format: csv }\n",
  ),
};
const applied = async (more: Files): Promise<void> => {
  await mesh.apply((files = { ...files, ...more }));
  await mesh.settle();
};

beforeAll(async () => {
  mesh = await openTestMesh('flows/increments');
  await put('orders/first.csv', 'day,id,amount\n2026-01-01,1,10.00\n2026-01-02,2,20.00\n');
  await put('changes/all.csv', 'day,id,amount,gone\n2026-01-01,1,10.00,false\n2026-01-02,2,20.00,false\n');
  await mesh.apply(files);
  [engineer, analyst] = [
    await mesh.person('engineer@sales.example'),
    await mesh.person('analyst@sales.example'),
  ];
});
afterAll(() => mesh.close());

const put = (path: string, text: string) => mesh.source(`sales/${path}`, text);

interface Run {
  id: string;
  state: string;
  rows: number;
  error: { code: string; message: string; problems?: { message: string; place?: string }[] } | null;
  parameters: Record<string, string>;
  written: Record<string, unknown> | null;
  checks: { title: string; passed: boolean; failures: number; sample: { rows: unknown[][] } | null }[];
}

async function run(product: string, parameters: Record<string, string> = {}): Promise<Run> {
  const started = await engineer.post(`/api/v1/products/sales/${product}/run`, { parameters });
  if (started.status !== 200) throw new Error(JSON.stringify(started.body));
  await mesh.settle();
  const { body } = await engineer.get(`/api/v1/products/sales/${product}/runs`);
  return body.runs.find(({ id }: Run) => id === started.body.runs[0].id);
}

/** What a consumer sees of a dataset: `day id amount`, in order. */
async function seen(name: string): Promise<string[]> {
  const rows = await analyst.rows(`SELECT day, id, amount FROM sales.${name} ORDER BY day, id, amount`);
  return rows.map((row) => Object.values(row).join(' '));
}

test('a merge changes, adds and deletes rows by their key and leaves the others', async () => {
  const sql = `-- write: merge\n-- key: id\n-- delete where: gone\n${select('changes', ', gone')}`;
  await applied(ofSales('merged', [dataset('merged', sql)]));
  expect(await seen('merged')).toEqual(['2026-01-01 1 10.00', '2026-01-02 2 20.00']);
  await put(
    'changes/all.csv',
    'day,id,amount,gone\n2026-01-01,1,,true\n2026-01-03,2,25.00,false\n2026-01-03,3,30.00,\n',
  );
  expect(await run('merged')).toMatchObject({ state: 'released', rows: 2 });
  expect(await seen('merged')).toEqual(['2026-01-03 2 25.00', '2026-01-03 3 30.00']);
});

test('a batch that names a key twice is blocked, its rows are shown, and consumers keep what they have', async () => {
  await put('changes/all.csv', 'day,id,amount,gone\n2026-01-04,4,1.00,false\n2026-01-04,4,2.00,false\n');
  const blocked = await run('merged');
  expect(blocked).toMatchObject({ state: 'blocked', error: { code: 'pipeline.checks-failed' } });
  expect(blocked.checks).toMatchObject([{ title: 'each id is once among the rows to merge', failures: 1 }]);
  expect(JSON.stringify(blocked.checks[0]!.sample!.rows)).toMatch(/1\.00.*2\.00/);
  expect(await seen('merged')).toEqual(['2026-01-03 2 25.00', '2026-01-03 3 30.00']);
});

test('checks judge the whole table, not the rows that came: one bad row merged in blocks the release', async () => {
  await put('changes/all.csv', 'day,id,amount,gone\n2026-01-04,4,-1.00,false\n');
  expect(await run('merged')).toMatchObject({ state: 'blocked', rows: 3 });
  await put('changes/all.csv', 'day,id,amount,gone\n2026-01-04,4,1.00,false\n');
  expect(await run('merged')).toMatchObject({ state: 'released', rows: 3 });
});

test('replaced partitions are those that the rows belong to', async () => {
  await applied(ofSales('daily', [dataset('daily', `-- write: replace partitions\n${select('orders')}`)]));
  await put('orders/first.csv', 'day,id,amount\n2026-01-02,7,70.00\n2026-01-02,8,80.00\n');
  expect(await run('daily')).toMatchObject({ state: 'released', rows: 3 });
  expect(await seen('daily')).toEqual(['2026-01-01 1 10.00', '2026-01-02 7 70.00', '2026-01-02 8 80.00']);
});

const HEAD = 'day,id,amount\n';
const bookmark = (product: string) => `/api/v1/products/sales/${product}/datasets/${product}/bookmark`;
const move = async (product: string, action: string, body = {}): Promise<number> =>
  (await engineer.post(`${bookmark(product)}/${action}`, body)).status;

test('new files are read once; a bad one moves nothing, is shown, and heals when it is corrected', async () => {
  await put('sales/a.csv', `${HEAD}2026-01-01,1,1.00\n`);
  const sql = `-- write: append\n-- incremental: files of shop.sales\n${select('sales')}`;
  await applied(ofSales('fed', [dataset('fed', sql)]));
  expect(await seen('fed')).toEqual(['2026-01-01 1 1.00']);
  await put('sales/b.csv', `${HEAD}2026-01-02,2,-2.00\n`);
  const blocked = await run('fed');
  expect(blocked).toMatchObject({ state: 'blocked', rows: 2 });
  expect(JSON.stringify(blocked.checks)).toContain('-2.00');
  expect(await seen('fed')).toEqual(['2026-01-01 1 1.00']);
  await put('sales/b.csv', `${HEAD}2026-01-02,2,2.00\n`);
  await put('sales/c.csv', `${HEAD}2026-01-03,3,3.00\n`);
  expect(await run('fed')).toMatchObject({ state: 'released', written: { mode: 'append', inserted: 2 } });
  expect(await run('fed')).toMatchObject({ state: 'released', rows: 3, written: { inserted: 0 } });
  expect(await seen('fed')).toEqual(['2026-01-01 1 1.00', '2026-01-02 2 2.00', '2026-01-03 3 3.00']);
});

test('a file that changes after its rows were appended is refused with its name, not read twice', async () => {
  await put('sales/a.csv', `${HEAD}2026-01-01,1,1.00\n2026-01-01,9,9.00\n`);
  const refused = await run('fed');
  expect(refused).toMatchObject({ state: 'failed', error: { code: 'pipeline.file-changed' } });
  expect(refused.error!.problems![0]!.place).toBe('sales/a.csv');
  expect(await seen('fed')).toHaveLength(3);
});

test('a reset reads everything once more and repeats nothing', async () => {
  expect(await move('fed', 'reset')).toBe(200);
  expect(await run('fed')).toMatchObject({ state: 'released', rows: 4, written: { mode: 'overwrite' } });
  expect(await seen('fed')).toHaveLength(4);
});

test('a rewind goes back to the rows of a run and reads on from there', async () => {
  const { body } = await engineer.get(bookmark('fed'));
  await put('sales/d.csv', `${HEAD}2026-01-04,4,4.00\n`);
  await run('fed');
  await put('sales/e.csv', `${HEAD}2026-01-05,5,5.00\n`);
  expect(await move('fed', 'rewind', { to: 'run_none' })).toBe(404);
  expect(await move('fed', 'rewind', { to: body.steps[0].run })).toBe(200);
  expect(await seen('fed')).toHaveLength(5);
  expect(await run('fed')).toMatchObject({ state: 'released', rows: 6, written: { inserted: 2 } });
  expect(new Set(await seen('fed')).size).toBe(6);
});

test('a paused bookmark lets no append happen, and goes on when it is resumed; strangers may not move it', async () => {
  expect(await move('fed', 'pause')).toBe(200);
  expect(await run('fed')).toMatchObject({ error: { code: 'pipeline.bookmark-paused' } });
  expect((await analyst.post(`${bookmark('fed')}/resume`)).status).toBe(403);
  expect(await move('fed', 'resume')).toBe(200);
  expect(await run('fed')).toMatchObject({ state: 'released', rows: 6 });
});

test('a growing key is read once for each row, many of the same value too; late rows are not lost silently', async () => {
  await put('log/all.csv', `${HEAD}2026-01-01,1,1.00\n2026-01-02,2,1.00\n2026-01-02,3,1.00\n`);
  const grown = (write: string) => `${write}\n-- incremental: growing day of shop.log\n${select('log')}`;
  await applied(ofSales('grown', [dataset('grown', grown('-- write: append'))]));
  await applied(ofSales('keyed', [dataset('keyed', grown('-- write: merge\n-- key: id'))]));
  await put('log/more.csv', `${HEAD}2026-01-03,4,1.00\n2026-01-03,5,1.00\n`);
  expect(await run('grown')).toMatchObject({ state: 'released', rows: 5, written: { inserted: 2 } });
  expect(await run('keyed')).toMatchObject({ state: 'released', rows: 5 });
  await put('log/late.csv', `${HEAD}2026-01-03,6,1.00\n`);
  expect(await run('grown')).toMatchObject({ state: 'failed', error: { code: 'pipeline.late-rows' } });
  expect(await run('keyed')).toMatchObject({
    state: 'released',
    rows: 6,
    written: { inserted: 1, unchanged: 2 },
  });
});

test('a pipeline that read everything for a while begins anew, and repeats nothing', async () => {
  const written = (settings: string) =>
    applied(ofSales('changed', [dataset('changed', `${settings}${select('moves')}`)]));
  await put('moves/a.csv', `${HEAD}2026-01-01,1,1.00\n`);
  await written('-- write: append\n-- incremental: files of shop.moves\n');
  await put('moves/b.csv', `${HEAD}2026-01-02,2,2.00\n`);
  await written('');
  await put('moves/c.csv', `${HEAD}2026-01-03,3,3.00\n`);
  await written('-- write: append\n-- incremental: files of shop.moves\n');
  expect(await seen('changed')).toEqual(['2026-01-01 1 1.00', '2026-01-02 2 2.00', '2026-01-03 3 3.00']);
});

test('a growing key whose type changes is refused, for its values may come in another order', async () => {
  await put('codes/a.csv', 'day,id,amount,code\n2026-01-01,1,1.00,8\n2026-01-01,2,1.00,9\n');
  const sql = `-- write: append\n-- incremental: growing code of shop.codes\n${select('codes')}`;
  await applied(ofSales('coded', [dataset('coded', sql)]));
  await put('codes/b.csv', 'day,id,amount,code\n2026-01-02,3,1.00,10\n2026-01-02,4,1.00,A1\n');
  const refused = await run('coded');
  expect(refused).toMatchObject({ state: 'failed', error: { code: 'pipeline.bookmark-column' } });
  expect(refused.error!.message).toMatch(/is string now and was long when it was read up to 9/);
  expect(await move('coded', 'reset')).toBe(200);
  expect(await run('coded')).toMatchObject({ state: 'released', rows: 4 });
});

test('parameters are values of their type and never SQL', async () => {
  const sql = `-- parameter: least decimal(9,2) = 0\n-- parameter: only text = NULL\n${select('orders')}
    WHERE CAST(amount AS DECIMAL(9,2)) >= $least AND ($only IS NULL OR CAST(id AS VARCHAR) = $only)`;
  await applied(ofSales('chosen', [dataset('chosen', sql)]));
  expect(await run('chosen', { least: '75.00' })).toMatchObject({
    rows: 1,
    parameters: { least: '75.00', only: null },
  });
  expect(await run('chosen', { only: "8' OR true --" })).toMatchObject({ state: 'released', rows: 0 });
  for (const [parameters, told] of [
    [{ leest: '1' }, /did you mean least/],
    [{ least: 'much' }, /is no decimal/],
  ] as const) {
    const { status, body } = await engineer.post('/api/v1/products/sales/chosen/run', { parameters });
    expect([status, body.code]).toEqual([422, 'pipeline.parameter-invalid']);
    expect(JSON.stringify(body.problems)).toMatch(told);
  }
});

/** Values and states of a backfill, and what it answers when it is not wanted. */
async function backfill(
  product: string,
  body: object,
): Promise<{ status: number; code?: string; group: string }> {
  const path = `/api/v1/products/sales/${product}/datasets/${product}/backfill`;
  const { status, body: answer } = await engineer.post(path, body);
  return { status, code: answer.code, group: answer.group };
}
async function statesOf(group: string): Promise<string[]> {
  const { body } = await engineer.get(`/api/v1/run-groups/${group}`);
  return body.steps.map(({ value, state }: { value: string; state: string }) => `${value} ${state}`);
}
/** Releases that readers of the backfilled dataset were told of. */
async function announced(): Promise<number> {
  const { reader } = mesh.mesh.parts.database;
  const events = reader.selectFrom('mesh_events').select('id').where('type', '=', 'dataset.released');
  return (await events.where('subject', '=', 'sales.filled.filled').execute()).length;
}
const days = { parameter: 'day', range: { from: '2026-01-01', to: '2026-01-04' } };
const all = (state: string) => [1, 2, 3, 4].map((day) => `2026-01-0${day} ${state}`);

test('a backfill runs value by value up to the first that is held back, and goes on from there', async () => {
  const year = [1, 2, 3, 4].map((day) => `2026-01-0${day},${day},${day}.00\n`);
  await put('year/all.csv', HEAD + year.join('').replace('3.00', '-3.00'));
  const where = 'WHERE CAST(day AS DATE) = $day';
  const sql = `-- write: replace partitions\n-- parameter: day date = '2026-01-01'\n${select('year')} ${where}`;
  const counted = 'SELECT count(*) AS n FROM sales.filled';
  const totals = { name: 'totals', columns: [{ name: 'n', type: 'bigint' }], sql: counted };
  await applied({ ...ofSales('filled', [dataset('filled', sql)]), ...ofSales('totals', [totals]) });
  const { group } = await backfill('filled', days);
  await mesh.settle();
  expect(await statesOf(group)).toEqual([
    '2026-01-01 released',
    '2026-01-02 released',
    '2026-01-03 blocked',
    '2026-01-04 skipped',
  ]);
  expect(await seen('filled')).toEqual(['2026-01-01 1 1.00', '2026-01-02 2 2.00']);
  await put('year/all.csv', HEAD + year.join(''));
  expect((await engineer.post(`/api/v1/runs/${group}/resume`)).body.runs).toHaveLength(2);
  await mesh.settle();
  expect(await statesOf(group)).toEqual(all('released'));
  expect(await seen('filled')).toHaveLength(4);
});

test('whoever reads it runs once a backfill, after the last value; a second one gives the same table', async () => {
  const runs = async () => (await engineer.get('/api/v1/products/sales/totals/runs')).body.runs;
  const before = { runs: (await runs()).length, rows: await seen('filled'), announced: await announced() };
  const argv = ['pipeline', 'backfill', 'sales.filled.filled', '--parameter', 'day'];
  const said = await crossdock([...argv, '--from', '2026-01-01', '--to', '2026-01-04', '--step', 'day'], {
    CROSSDOCK_URL: mesh.mesh.url,
    CROSSDOCK_TOKEN: engineer.token,
  });
  expect(said).toMatchObject({ code: 0, stdout: expect.stringMatching(/^grp_\w+: 4 of 4 released\n/) });
  await mesh.settle();
  expect(await seen('filled')).toEqual(before.rows);
  expect(await runs()).toHaveLength(before.runs + 1);
  expect((await analyst.rows('SELECT n FROM sales.totals'))[0]).toEqual({ n: 4 });
  expect(await announced()).toEqual(before.announced + 1);
});

test('a backfill is cancelled and resumed; two at once, of what would repeat rows, or of no values are refused', async () => {
  const { database } = mesh.mesh.parts;
  const filled = database.reader.selectFrom('datasets').select('id').where('name', '=', 'filled');
  const datasetIds = [(await filled.executeTakeFirstOrThrow()).id];
  // Held as an erasure holds it, so that no value has begun before it is cancelled.
  await database.transact((transaction) => holdDatasets(transaction, { heldBy: 'test', datasetIds }));
  const { group } = await backfill('filled', days);
  expect(await backfill('filled', days)).toMatchObject({ status: 409, code: 'pipeline.backfill-open' });
  expect((await engineer.post(`/api/v1/runs/${group}/cancel`)).status).toBe(200);
  expect(await statesOf(group)).toEqual(all('cancelled'));
  await database.transact((transaction) => releaseHolds(transaction, 'test'));
  expect((await engineer.post(`/api/v1/runs/${group}/resume`)).status).toBe(200);
  await mesh.settle();
  expect(await statesOf(group)).toEqual(all('released'));
  expect(await backfill('fed', days)).toMatchObject({ status: 409, code: 'pipeline.backfill-write' });
  expect(await backfill('filled', { parameter: 'dya', values: ['1'] })).toMatchObject({
    code: 'pipeline.parameter-invalid',
  });
  expect(await backfill('filled', { parameter: 'day', values: ['1'] })).toMatchObject({ status: 422 });
  expect(await backfill('filled', { parameter: 'day' })).toMatchObject({ code: 'pipeline.backfill-values' });
  const path = '/api/v1/products/sales/filled/datasets/filled/backfill';
  expect((await analyst.post(path, days)).status).toBe(403);
});

test('a backfill leaves the bookmark where it is, and what is new is read as if there had been none', async () => {
  await put('feed/a.csv', `${HEAD}2026-01-01,1,1.00\n2026-01-02,2,2.00\n`);
  const settings =
    '-- write: merge\n-- key: id\n-- incremental: files of shop.feed\n-- parameter: plus integer = 0';
  const sql = `${settings}\n${select('feed')} WHERE $plus IN (0, CAST(id AS INTEGER))`;
  await applied(ofSales('kept', [dataset('kept', sql)]));
  const before = (await engineer.get(bookmark('kept'))).body;
  await put('feed/b.csv', `${HEAD}2026-01-03,3,3.00\n`);
  await backfill('kept', { parameter: 'plus', range: { from: '1', to: '2' } });
  await mesh.settle();
  expect((await engineer.get(bookmark('kept'))).body).toEqual(before);
  expect(await seen('kept')).toHaveLength(2);
  expect(await run('kept')).toMatchObject({ state: 'released', rows: 3, written: { inserted: 1 } });
});

/** Each takes some seconds; fifty are a thorough search. */
const LIVES = Number(process.env['CROSSDOCK_TEST_LAW_RUNS'] ?? 1);

test(
  'whatever comes in which pieces, and whatever happens between: the rows are those of one run over everything',
  async () => {
    await put('ledger/0.csv', 'day,seq,id,amount,gone\n2026-01-01,1,0,1.00,false\n');
    const names = LIVES === 1 ? fc.sample(someNames(2), 1)[0]! : NAMES;
    await applied(lawFiles(names));
    await fc.assert(
      fc.asyncProperty(livesOf(names), (life) => live({ mesh, engineer }, life)),
      // To make a long life shorter takes longer than to read it.
      { numRuns: LIVES, endOnFailure: true },
    );
  },
  LIVES * 120_000,
);
