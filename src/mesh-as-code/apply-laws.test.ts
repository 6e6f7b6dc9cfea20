import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { callerOf, openTestParts, type TestParts } from '../../test/fixtures/context.ts';
import { type Files, productFiles } from '../../test/fixtures/mesh-files.ts';
import { edited, listFiles, sampleFiles, without } from '../../test/fixtures/sample-mesh.ts';
import { dumpStore } from '../../test/fixtures/store-dump.ts';
import type { Context } from '../identity/context.ts';
import { applyMesh } from './apply.ts';
import { planMesh } from './plan.ts';

const SALES = 'domains/sales/domain.yaml';
const PRODUCT = 'domains/sales/products/sell-out';

let mesh: TestParts;
let admin: Context;
beforeAll(async () => {
  mesh = await openTestParts('apply laws');
  admin = mesh.as(callerOf('admin', [], true));
});
afterAll(() => mesh.close());

const dump = () => dumpStore(mesh.parts.database);
const changesOf = async (files: Files) =>
  (await applyMesh.run(admin, { files: listFiles(files) })).changes.filter(
    ({ action }) => action !== 'unchanged',
  );

/** Sales reads what marketing makes of sales' own data: the domains wait for each other, the datasets do not. */
function circle(files: Files): Files {
  const sql = 'SELECT region FROM marketing.plan\n';
  const reach = { name: 'reach', columns: [{ name: 'region', type: 'varchar' }], sql };
  const subscription = 'subscriptions:\n  - { product: marketing.media-plan, purpose: measure reach }\n';
  return {
    ...files,
    ...productFiles({ domain: 'sales', product: 'reach', datasets: [reach] }),
    [SALES]: files[SALES] + subscription,
  };
}

/** Edits that may be made to the sample in any combination and order. */
const EDITS: ((files: Files) => Files)[] = [
  circle,
  (files) => edited(files, 'mesh.yaml', ['[NORTH]', '[NORTH, EAST]']),
  (files) => edited(files, 'mesh.yaml', ['secrets-hidden', 'secrets-away']),
  (files) => edited(files, SALES, ['role: analyst', 'role: engineer']),
  (files) => without(files, `${PRODUCT}/restrictions.yaml`),
  (files) => edited(files, `${PRODUCT}/weeks.sql`, ['units,', 'units + 1 AS units,']),
  (files) => edited(files, `${PRODUCT}/grants.yaml`, ["'NORTH'", "'SOUTH'"]),
  (files) => edited(files, 'domains/marketing/domain.yaml', ['plan media', 'buy media']),
  (files) => without(files, 'domains/marketing/products/'),
];

test('a mesh from nothing settles in one apply, also where domains wait for each other', async () => {
  const files = circle(sampleFiles());
  await changesOf(files);
  const state = await dump();
  expect([state['runs']?.length, state['subscriptions']?.length]).toEqual([3, 2]);
  const open = state['dataset_inputs']?.filter((row) => !/"(src|dts)_[^"]*"[^}]*"(src|dts)_/.test(row));
  expect(open).toEqual([]);
  expect(await changesOf(files)).toEqual([]);
  expect(await dump()).toEqual(state);
});

test('whatever stood before: a plan changes nothing and tells the apply, and a second apply changes nothing', async () => {
  const folder = fc.uniqueArray(fc.nat(EDITS.length - 1), { maxLength: 4 });
  await fc.assert(
    fc.asyncProperty(folder, async (chosen) => {
      // The circle reads what the last edit removes.
      const fitting = chosen.includes(0) ? chosen.filter((edit) => edit !== EDITS.length - 1) : chosen;
      const files = fitting.sort().reduce((all, edit) => EDITS[edit]!(all), sampleFiles());
      const before = await dump();
      const plan = await planMesh.run(admin, { files: listFiles(files) });
      expect(await dump()).toEqual(before);
      expect(await changesOf(files)).toEqual(plan.changes.filter(({ action }) => action !== 'unchanged'));
      const after = await dump();
      expect(await changesOf(files)).toEqual([]);
      expect(await dump()).toEqual(after);
    }),
    { numRuns: 12, seed: 8420 },
  );
});
