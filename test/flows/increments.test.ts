import { afterAll, beforeAll, expect, test } from 'vitest';
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
    "  orders: { files: 'orders/*.csv', format: csv }\n  changes: { files: 'changes/*.csv', format: csv }\n",
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
  checks: { title: string; passed: boolean; failures: number; sample: { rows: unknown[][] } | null }[];
}

async function run(product: string): Promise<Run> {
  const started = await engineer.post(`/api/v1/products/sales/${product}/run`);
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
