import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Answer, openTestMesh, type Person, type TestMesh } from '../../test/fixtures/mesh.ts';
import {
  domainFiles,
  type Files,
  meshFiles,
  productFiles,
  sourceFile,
  type TestColumn,
} from '../../test/fixtures/mesh-files.ts';

let mesh: TestMesh;
let engineer: Person;

// Once there are rows, another classification breaks consumers; another tag does not.
const UNTAGGED = ['classification: restricted'];
const TAGGED = ["tags: ['personal-data:pseudonym']", ...UNTAGGED];
const SELECT = 'SELECT customer_id AS who, crates FROM deposits.crate_returns';
const SAYS =
  'club.copies.copies: `who` comes by value from personal data, `customer_id` of deposits.returns.crate_returns, ' +
  'and does not say so: give it the tag `personal-data:pseudonym` as there, leave it out of the SELECT, or if it ' +
  'is none any more say so by the tag `personal-data:none` on the column';

function returns(more: string[] = TAGGED, version = '1.0.0'): Files {
  const columns = [
    { name: 'customer_id', type: 'varchar', more },
    { name: 'crates', type: 'integer' },
  ];
  const sql = 'SELECT customer_id::VARCHAR AS customer_id, crates::INTEGER AS crates FROM depot.returns';
  return productFiles({
    domain: 'deposits',
    product: 'returns',
    version,
    datasets: [{ name: 'crate_returns', columns, sql, version }],
  });
}

interface Copy {
  sql?: string;
  who?: Partial<TestColumn>;
  status?: string;
}

function copies({ sql = SELECT, who = {}, status = 'active' }: Copy): Files {
  const columns = [
    { name: 'who', type: 'varchar', ...who },
    { name: 'crates', type: 'integer' },
  ];
  const datasets = [{ name: 'copies', columns, sql }];
  return productFiles({ domain: 'club', product: 'copies', datasets, status });
}

const files = (copy: Copy, more?: string[]) => ({
  ...meshFiles(),
  ...domainFiles('deposits'),
  ...domainFiles('club', 'subscriptions: [{ product: deposits.returns, purpose: copy }]\n'),
  ...sourceFile('deposits', 'depot', '  returns: { files: returns.csv, format: csv }\n'),
  ...returns(more),
  ...copies(copy),
});

function send(door: 'plan' | 'apply', all: Files): Promise<Answer> {
  const listed = Object.entries(all).map(([path, text]) => ({ path, text }));
  return mesh.administrator.post(`/api/v1/${door}`, { files: listed });
}

const told = (list: { message: string }[] = []) =>
  list
    .map(({ message }) => message)
    .filter((message) => /personal data/.test(message) && !/approve/.test(message));

beforeAll(async () => {
  mesh = await openTestMesh('derived-personal');
  await mesh.source('deposits/returns.csv', 'customer_id,crates\nC1,2\n');
}, 60_000);
afterAll(() => mesh.close());

test('a column made of personal data is not offered until it says so, at any door', async () => {
  const refused = await send('apply', files({}));
  expect(refused).toMatchObject({ status: 409, body: { code: 'mesh.refused' } });
  expect(told(refused.body.problems)).toEqual([SAYS]);
  const [problem] = refused.body.problems;
  expect(problem.place).toMatch(/^domains\/club\/products\/copies\/copies\.odcs\.yaml:\d+:\d+$/);
  expect((await send('plan', files({}))).body.problems).toEqual(refused.body.problems);

  const draft = files({ status: 'draft' });
  expect(told((await send('plan', draft)).body.warnings)).toEqual([SAYS]);
  const applied = await send('apply', draft);
  expect([applied.status, told(applied.body.warnings)]).toEqual([200, [SAYS]]);
  engineer = await mesh.person('owner@club.example');
  const published = await engineer.post('/api/v1/products/club/copies/publish', { dryRun: true });
  expect([published.status, published.body.code]).toEqual([422, 'product.not-ready']);
  expect(told(published.body.problems)).toEqual([SAYS]);
});

test.each<[string, Copy, boolean]>([
  ['a digest, which is a pseudonym', { sql: SELECT.replace('customer_id', 'md5(customer_id)') }, false],
  [
    'a value of somebody',
    { sql: `SELECT max(customer_id) AS who, 1 AS crates FROM deposits.crate_returns` },
    false,
  ],
  [
    'a value by way of another query',
    {
      sql: `WITH a AS (SELECT customer_id AS b FROM deposits.crate_returns) SELECT upper(b) AS who, 1 AS crates FROM a`,
    },
    false,
  ],
  ['a tag that says so', { who: { more: TAGGED } }, true],
  ['a tag that denies it', { who: { more: ["tags: ['personal-data:none']"] } }, true],
  ['a classification, which denies no tag', { who: { more: ['classification: internal'] } }, false],
  [
    'a number of people',
    {
      sql: `SELECT count(DISTINCT customer_id) AS who, 1 AS crates FROM deposits.crate_returns`,
      who: { type: 'bigint' },
    },
    true,
  ],
  [
    'a condition on it',
    { sql: `SELECT 'x' AS who, crates FROM deposits.crate_returns WHERE customer_id > 'C'` },
    true,
  ],
])('offered with %s', async (_, copy, offered) => {
  const { status, body } = await send('plan', files(copy));
  expect([status, told(body.problems).length]).toEqual(offered ? [200, 0] : [409, 1]);
});

test('what nobody can trace is not refused, and somebody has to look', async () => {
  const sql = 'SELECT * RENAME (customer_id AS who) FROM deposits.crate_returns';
  const { status, body } = await send('plan', files({ sql, status: 'draft' }));
  expect(status).toBe(200);
  expect(told(body.warnings)).toEqual([
    'club.copies.copies reads personal data of deposits.returns.crate_returns, and its columns cannot be traced: look that those which hold any of it are tagged',
  ]);
});

test('what is offered already is warned of when its input is tagged later, and refused when it changes', async () => {
  await mesh.settle();
  const untagged = await send('apply', { ...files({}), ...returns(UNTAGGED, '1.0.1') });
  const { problems, warnings } = untagged.body;
  expect([untagged.status, problems, told(warnings)]).toEqual([200, undefined, []]);
  const tagged = { ...files({}), ...returns(TAGGED, '1.1.0') };
  const applied = await send('apply', tagged);
  expect([applied.body.problems, told(applied.body.warnings)]).toEqual([undefined, [SAYS]]);
  const changed = { ...tagged, ...copies({ sql: `${SELECT} WHERE crates > 0` }) };
  expect(told((await send('plan', changed)).body.problems)).toEqual([SAYS]);
});
