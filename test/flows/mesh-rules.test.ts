import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openTestMesh, type TestMesh } from '../fixtures/mesh.ts';
import { domainFiles, type Files, meshFiles, productFiles, sourceFile } from '../fixtures/mesh-files.ts';

let mesh: TestMesh;
/** What is applied, and what a test has added to it. */
let files: Files;

const START: Files = {
  ...meshFiles(),
  ...domainFiles('sales'),
  ...domainFiles('marketing'),
  ...domainFiles('finance'),
  ...sourceFile('sales', 'shop', "  orders: { files: 'orders/*.csv', format: csv }\n"),
  ...['sales', 'marketing']
    .map((domain) =>
      productFiles({
        ...{ domain, product: 'orders' },
        datasets: [
          {
            name: 'orders',
            columns: [
              { name: 'id', type: 'integer' },
              { name: domain === 'sales' ? 'note' : 'amount', type: 'varchar' },
            ],
            sql: `SELECT 1 AS id, 'a' AS ${domain === 'sales' ? 'note' : 'amount'}`,
          },
        ],
      }),
    )
    .reduce((all, one) => ({ ...all, ...one })),
};

async function apply(change: Files): Promise<void> {
  files = { ...files, ...change };
  await mesh.apply(files);
  await mesh.settle();
}

beforeAll(async () => {
  mesh = await openTestMesh('flows/mesh-rules');
  files = START;
  await apply({});
});
afterAll(() => mesh.close());

test('a policy that names what is not there, or permits what it cannot give, is warned of', async () => {
  const text = `@id("typo")
forbid (principal in Domain::"marketin", action == Action::"product.read", resource == Product::"sales.order");
@id("roles")
forbid (principal in Role::"sales/onwer", action == Action::"product.read", resource in Domain::"sales");
@id("nothing")
permit (principal, action == Action::"product.read", resource);
`;
  const list = Object.entries({ ...START, 'policies/typo.cedar': text });
  const planned = await mesh.administrator.post('/api/v1/plan', {
    files: list.map(([path, one]) => ({ path, text: one })),
  });
  expect([planned.status, planned.body.warnings]).toEqual([
    200,
    [
      ['2:22', 'there is no domain marketin, so the policy never matches by it; did you mean marketing?'],
      [
        '2:88',
        'there is no product sales.order, so the policy never matches by it; did you mean sales.orders?',
      ],
      [
        '4:22',
        expect.stringMatching(
          /^there is no role onwer, so the policy never matches by it; there are owner, /,
        ),
      ],
      ['5:1', expect.stringMatching(/^permitting product\.read gives nobody data/)],
    ].map(([place, message]) => ({ place: `policies/typo.cedar:${place}`, message })),
  ]);
});

test('whoever takes a role, lifts a rule of the mesh or names themselves for a duty is told of, with old and new value', async () => {
  const root = mesh.administrator;
  const me = { email: 'root@mesh.example', name: 'root of all' };
  await sql`UPDATE principals SET email = ${me.email}, name = ${me.name} WHERE administrator`.execute(
    mesh.mesh.parts.database.reader,
  );
  const meshOf = (more: string) => ({ 'mesh.yaml': `${START['mesh.yaml']}${more}` });
  const rule =
    'restrictions:\n  - name: notes-stay-secret\n    appliesTo: { columns: [note] }\n    hide: true\n';
  const former = 'privacy: { approvers: [{ person: steward@finance.example }] }\n';
  const policy =
    '@id("agents wait")\nforbid (principal, action == Action::"product.read", resource)\nwhen { context.agent };\n';
  await apply({ ...meshOf(rule + former), 'policies/agents.cedar': policy });
  const { 'policies/agents.cedar': _gone, ...rest } = files;
  files = rest;
  const mine = `  - { person: ${me.email}, name: ${me.name}, role: owner }\n`;
  await apply({
    ...meshOf(`privacy: { approvers: [{ person: ${me.email} }] }\n`),
    ...domainFiles('sales', mine),
  });
  await mesh.told();
  const told = async (email: string, title: string) => {
    const { entries } = (await (await mesh.person(email)).get('/api/v1/inbox?limit=20')).body;
    return entries.find((one: { title: string }) => one.title.includes(title));
  };
  const rules = await told('owner@sales.example', 'changed rules of the mesh for the data of sales');
  expect(rules.data.changes).toMatchObject([
    { change: 'remove policy policies/agents.cedar', from: policy, to: null },
    { change: 'remove restriction mesh/notes-stay-secret', from: { hide: true }, to: null },
  ]);
  expect(
    await told('steward@sales.example', 'changed rules of the mesh for the data of sales'),
  ).toBeDefined();
  // None of its data was under the restriction; who offers nothing is under neither.
  const others = await told('owner@marketing.example', 'changed rules of the mesh for the data of marketing');
  expect(others.data.changes.map(({ change }: any) => change)).toEqual([rules.data.changes[0].change]);
  expect(await told('owner@finance.example', 'changed rules of the mesh')).toBeUndefined();
  expect(await told('analyst@sales.example', 'changed rules of the mesh')).toBeUndefined();
  for (const email of ['steward@finance.example', 'owner@sales.example', 'owner@marketing.example'])
    expect([email, (await told(email, 'changed who approves the use of personal data'))?.title]).toEqual([
      email,
      `${me.name} changed who approves the use of personal data: steward@finance.example -> ${me.email}`,
    ]);
  const own = await told('steward@sales.example', `${me.name} gave themselves the role owner in sales`);
  expect(own.data.changes).toEqual([expect.stringMatching(/^create member .* in sales \(role.*owner\)$/)]);
  const { body } = await root.get('/api/v1/audit?limit=50');
  const changed = (name: string) =>
    body.entries.find(({ facts }: any) => facts.name === name && facts.change !== 'create').facts;
  expect(changed('mesh/notes-stay-secret')).toMatchObject({ from: { hide: true }, to: null });
  expect(body.entries.find(({ facts }: any) => facts.kind === 'mesh').facts).toMatchObject({
    from: { privacy: ['steward@finance.example'] },
    to: { privacy: [me.email] },
  });
});
