import { afterAll, beforeAll, expect, test } from 'vitest';
import { callerOf, openTestParts, type TestParts } from '../../test/fixtures/context.ts';
import { domainFiles } from '../../test/fixtures/mesh-files.ts';
import { edited, listFiles, sampleFiles, without } from '../../test/fixtures/sample-mesh.ts';
import { mayCaller, type Question, whichAllowed } from '../audit/decisions.ts';
import { isMeshError } from '../base/errors.ts';
import type { AnyOperation } from '../base/operation.ts';
import type { Context } from '../identity/context.ts';
import { OPERATIONS } from '../operations.ts';
import { ACTIONS, type Action } from '../policy/action.ts';

let mesh: TestParts;
let analyst: Context;
let owner: Context;

const EMBARGO = `
@id("an embargo hides a product from everybody but its domain")
forbid (principal, action in [Action::"product.discover", Action::"product.request", Action::"product.read"], resource)
when { resource.hasTag("embargo") && resource.getTag("embargo").contains("2027") }
unless { principal in resource.domain };
`;

/** Marketing has nothing of its own: what it finds of sales.sell-out it finds by the policies alone. */
function files(version: string, tags = '', zone = ''): { path: string; text: string }[] {
  const policed = edited(sampleFiles(), 'policies/discover.cedar', [
    'resource);\n',
    `resource);\n${EMBARGO}`,
  ]);
  const known = edited(policed, 'mesh.yaml', ['tags: { ', "tags: { embargo: ['2027'], zone: [europe], "]);
  const product = 'domains/sales/products/sell-out/product.odps.yaml';
  const tagged = edited(known, product, ['version: 1.0.0\n', `version: ${version}\n${tags}`]);
  const marketing = { ...without(tagged, 'domains/marketing/'), ...domainFiles('marketing') };
  return listFiles({ ...marketing, ...domainFiles('sales', zone) });
}

beforeAll(async () => {
  mesh = await openTestParts('tagged products');
  await operate(mesh.as(callerOf('admin', [], true)), 'mesh.apply', { files: files('1.0.0') });
  analyst = await member('marketing');
  owner = await member('sales');
});
afterAll(() => mesh.close());

async function member(domain: string): Promise<Context> {
  const row = await mesh.parts.database.reader
    .selectFrom('domains')
    .select(['id', 'name', 'title'])
    .where('name', '=', domain)
    .executeTakeFirstOrThrow();
  return mesh.as(callerOf(`member of ${domain}`, [{ ...row, role: 'owner' }]));
}

function operate(context: Context, name: string, input: object): Promise<any> {
  const operation = OPERATIONS.find((one: AnyOperation<Context>) => one.name === name)!;
  return operation.run(context, operation.input.parse(input));
}

/** What each door says of sales.sell-out. */
async function doors(context: Context): Promise<Record<string, boolean>> {
  const found = async (name: string, input: object, mark: string): Promise<boolean> => {
    try {
      return JSON.stringify(await operate(context, name, input)).includes(mark);
    } catch (error) {
      if (isMeshError(error) && ['not-found', 'query.unknown-table'].includes(error.code)) return false;
      if (isMeshError(error) && error.status < 500) return true;
      throw error;
    }
  };
  return {
    list: await found('product.list', {}, 'sell-out'),
    page: await found('product.get', { domain: 'sales', product: 'sell-out' }, 'sell-out'),
    search: await found('catalog.search', { text: 'sell-out' }, 'sell-out'),
    explain: await found('access.explain', { name: 'sales.sell-out' }, 'sell-out'),
    query: await found('query.run', { sql: 'SELECT * FROM sales.weeks' }, 'weeks'),
    lineage: await found('lineage.graph', { node: 'sales.sell-out.weeks' }, 'sell-out'),
  };
}

test('a policy by tags counts from the apply that tags the product, at every door', async () => {
  const open = await doors(analyst);
  expect(Object.keys(open).filter((door) => open[door] === false)).toEqual([]);
  const administrator = mesh.as(callerOf('admin', [], true));
  await operate(administrator, 'mesh.apply', { files: files('1.1.0', "tags: ['embargo:2027']\n") });
  const closed = await doors(analyst);
  expect(Object.keys(closed).filter((door) => closed[door] === true)).toEqual([]);
  const mine = await doors(owner);
  expect(Object.keys(mine).filter((door) => mine[door] === false)).toEqual([]);
  await operate(administrator, 'mesh.apply', { files: files('1.2.0') });
  expect(await doors(analyst)).toEqual(open);
});

test('a policy beside a domain speaks for all its products, and for none of others', async () => {
  const administrator = mesh.as(callerOf('admin', [], true));
  const secret = `@id("nobody else")\nforbid (principal, action, resource) unless { principal in Domain::"sales" };\n`;
  const beside = (domain: string, text: string) => [
    ...files('1.2.0'),
    { path: `domains/${domain}/access.cedar`, text },
  ];
  await operate(administrator, 'mesh.apply', { files: beside('marketing', secret) });
  expect(Object.values(await doors(analyst))).not.toContain(false);
  await operate(administrator, 'mesh.apply', { files: beside('sales', secret) });
  const closed = await doors(analyst);
  expect(Object.keys(closed).filter((door) => closed[door] === true)).toEqual([]);
  expect(Object.values(await doors(owner))).not.toContain(false);
  const foreign = secret.replace('action,', 'action == Action::"domain.apply",');
  await expect(
    operate(administrator, 'mesh.apply', { files: beside('sales', foreign) }),
  ).rejects.toMatchObject({
    problems: [{ message: expect.stringMatching(/^a domain decides only about product.discover/) }],
  });
  await operate(administrator, 'mesh.apply', { files: files('1.2.0') });
  expect(Object.values(await doors(analyst))).not.toContain(false);
});

/** What is asked of each type, with the names and scope that operations give. */
function questionsOf(type: keyof typeof ACTIONS, ids: { domainId: string; productId: string }) {
  const named = { domain: 'sales', product: 'sell-out' };
  switch (type) {
    case 'Mesh':
    case 'Dataset':
      return null;
    case 'Domain':
      return { resource: { type, domain: 'sales' }, scope: { domainId: ids.domainId }, when: 'resource' };
    case 'Source':
      return {
        ...{ resource: { type, domain: 'sales', source: 'tills' }, when: 'resource.domain' },
        scope: { domainId: ids.domainId },
      };
    case 'Product':
      return { resource: { type, ...named }, scope: ids, when: 'resource' };
    case 'Subscription':
      return {
        resource: { type, ...named, id: 'sub_1', consumer: 'marketing' },
        scope: ids,
        when: 'resource.product',
      };
  }
}

async function sayPolicy(text: string): Promise<void> {
  await mesh.parts.database.transact((transaction) =>
    transaction
      .insertInto('policies')
      .values({ scope_id: 'mesh', name: 'said.cedar', text })
      .onConflict((conflict) => conflict.columns(['scope_id', 'name']).doUpdateSet({ text }))
      .execute(),
  );
}

const PERMIT = '@id("all") permit (principal, action, resource);';

test('a tag of a domain is asked of every action on what lies in it, as on what is offered and requested by an apply', async () => {
  const administrator = mesh.as(callerOf('admin', [], true));
  const zone = "tags: ['zone:europe']\n";
  await operate(administrator, 'mesh.apply', { files: files('1.2.0', '', zone) });
  const ids = await mesh.parts.database.reader
    .selectFrom('products')
    .select(['domain_id as domainId', 'id as productId'])
    .where('name', '=', 'sell-out')
    .executeTakeFirstOrThrow();
  // What gives access only the producer permits.
  await mesh.parts.database.transact((transaction) =>
    transaction
      .insertInto('policies')
      .values({ scope_id: ids.productId, name: 'all.cedar', text: PERMIT })
      .execute(),
  );
  const forbid = (action: string, when: string) =>
    `${PERMIT} @id("no") forbid (principal, action == Action::"${action}", resource)
     when { ${when}.hasTag("zone") && ${when}.getTag("zone").contains("europe") };`;
  for (const [type, actions] of Object.entries(ACTIONS)) {
    const about = questionsOf(type as keyof typeof ACTIONS, ids);
    for (const action of about === null ? [] : actions) {
      const question = { ...about, action } as unknown as Question<Action>;
      await sayPolicy(PERMIT);
      expect([action, await mayCaller(owner, question)]).toEqual([action, true]);
      await sayPolicy(forbid(action, about!.when));
      expect([action, await mayCaller(owner, question)]).toEqual([action, false]);
      expect([action, await whichAllowed(owner, [question])]).toEqual([action, [false]]);
    }
  }
  const policies = (action: string) => [
    ...files('1.3.0', '', zone),
    { path: 'policies/said.cedar', text: forbid(action, 'resource') },
  ];
  const subscribing = domainFiles(
    'marketing',
    'subscriptions:\n  - { product: sales.sell-out, purpose: plan more media }\n',
  )['domains/marketing/domain.yaml']!;
  const asking = (action: string) =>
    policies(action).map((file) =>
      file.path === 'domains/marketing/domain.yaml' ? { ...file, text: subscribing } : file,
    );
  await expect(
    operate(administrator, 'mesh.plan', { files: policies('product.publish') }),
  ).rejects.toMatchObject({
    code: 'mesh.refused',
    problems: [{ message: expect.stringMatching(/may not be published: forbidden by 'said.cedar: no'/) }],
  });
  await expect(
    operate(administrator, 'mesh.plan', { files: asking('product.request') }),
  ).rejects.toMatchObject({
    problems: [{ message: 'no policy lets marketing ask for sales.sell-out' }],
  });
  await expect(
    operate(administrator, 'mesh.plan', { files: asking('product.discover') }),
  ).rejects.toMatchObject({
    problems: [{ message: 'there is no product sales.sell-out' }],
  });
});
