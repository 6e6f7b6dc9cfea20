import { afterAll, beforeAll, expect, test } from 'vitest';
import { callerOf, openTestParts, type TestParts } from '../../test/fixtures/context.ts';
import { edited, listFiles, sampleFiles } from '../../test/fixtures/sample-mesh.ts';
import type { Context } from '../identity/context.ts';
import { applyMesh } from '../mesh-as-code/apply.ts';
import { getProduct } from './get-product.ts';

let mesh: TestParts;
beforeAll(async () => {
  mesh = await openTestParts('get product');
  const admin = mesh.as(callerOf('admin', [], true));
  const hidden =
    '\n@id("media plans are secret")\nforbid (principal, action == Action::"product.discover", resource == Product::"marketing.media-plan")\nunless { principal in Domain::"marketing" };\n';
  const files = edited(sampleFiles(), 'policies/discover.cedar', ['resource);\n', `resource);\n${hidden}`]);
  await applyMesh.run(admin, { files: listFiles(files) });
});
afterAll(() => mesh.close());

async function member(domain: string, role: 'owner' | 'analyst'): Promise<Context> {
  const row = await mesh.parts.database.reader
    .selectFrom('domains')
    .select(['id', 'name', 'title'])
    .where('name', '=', domain)
    .executeTakeFirstOrThrow();
  return mesh.as(callerOf(`${role}-${domain}`, [{ ...row, role }]));
}

const page = async (context: Context, domain: string, product: string) =>
  getProduct.output.parse(await getProduct.run(context, { domain, product }));

test('a subscriber sees what the grant and the restrictions leave', async () => {
  const { datasets, access, myDomains, may, subscriptions, owner } = await page(
    await member('marketing', 'analyst'),
    'sales',
    'sell-out',
  );
  expect([access, myDomains, may]).toEqual([
    'active',
    [{ domain: 'marketing', access: 'active' }],
    {
      publish: false,
      run: false,
      approve: false,
      request: true,
      elevate: false,
      delegate: false,
      audit: false,
    },
  ]);
  expect(subscriptions).toBeUndefined();
  expect(owner.members).toEqual([
    { name: 'owner of sales', role: 'owner' },
    { name: 'steward of sales', role: 'steward' },
  ]);
  const [dataset] = datasets;
  expect(dataset?.columns.map(({ name, access: mark }) => `${name} ${mark}`)).toEqual([
    'region visible',
    'units visible',
    'cost hidden',
  ]);
  expect(dataset?.rowFilter).toMatch(/region = 'NORTH'/);
  expect(dataset?.rowFilter).toMatch(/units > 0/);
  expect(dataset?.sqlNames).toEqual(['sales.weeks', '"sales.sell-out".weeks']);
  expect(dataset?.release).toBeNull();
});

test('an owner sees the own product whole, and who uses it', async () => {
  const mine = await page(await member('sales', 'owner'), 'sales', 'sell-out');
  expect([mine.access, mine.may]).toEqual([
    'own',
    { publish: true, run: true, approve: true, request: false, elevate: false, delegate: true, audit: true },
  ]);
  expect(mine.subscriptions).toMatchObject([
    { domain: 'marketing', state: 'active', rowFilter: "region = 'NORTH'", usage: { queries: 0, rows: 0 } },
  ]);
  expect(mine.versions.map(({ version }) => version)).toEqual(['1.0.0']);
  expect(mine.owner.members.map(({ role }) => role).sort()).toEqual([
    'analyst',
    'engineer',
    'owner',
    'steward',
  ]);
});

test('somebody without a right sees the promise, not the access', async () => {
  const stranger = mesh.as(callerOf('stranger'));
  const { access, datasets, may } = await page(stranger, 'sales', 'sell-out');
  expect([access, may.request]).toEqual(['none', false]);
  expect(datasets[0]?.columns.every((column) => column.access === 'not-granted')).toBe(true);
  expect(datasets[0]?.rowFilter).toBeNull();
});

test('a product that one may not discover is not there, also not as an input or by name', async () => {
  const owner = await member('sales', 'owner');
  await expect(page(owner, 'marketing', 'media-plan')).rejects.toMatchObject({ code: 'not-found' });
  await expect(page(owner, 'marketing', 'nothing')).rejects.toMatchObject({ code: 'not-found' });
  const inputs = (await page(await member('marketing', 'analyst'), 'marketing', 'media-plan')).inputs;
  expect(inputs).toEqual([{ domain: 'sales', product: 'sell-out' }]);
});
