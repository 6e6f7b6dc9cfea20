import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { callerOf, openTestParts, type TestParts } from '../../test/fixtures/context.ts';
import { readSources } from '../../test/fixtures/source-tree.ts';
import { sha256Hex } from '../base/canonical.ts';
import { BUILT_IN_POLICIES } from '../policy/built-in-policies.ts';
import { authorize } from './decisions.ts';
import { listAudit } from './list-audit.ts';
import { showPolicies } from './policies/show-policies.ts';
import { recordChange, ruledBy } from './record-change.ts';
import { verifyChain } from './verify-audit.ts';

let mesh: TestParts;
const DENY = '@id("no audits today")\nforbid (principal, action == Action::"mesh.audit", resource);\n';

beforeAll(async () => {
  mesh = await openTestParts('audit/origin');
});
afterAll(() => mesh.close());

const administrator = () => {
  const context = mesh.as(callerOf('usr_admin', [], true));
  return { ...context, request: { ...context.request, address: '192.0.2.7' } };
};

const lastRow = async () => (await listAudit.run(administrator(), { limit: 1 })).entries[0]!;

test('a row tells from where and which policies ruled, and their texts are kept as they were', async () => {
  const context = administrator();
  const granted = await authorize(context, { action: 'mesh.administer', resource: { type: 'Mesh' } });
  await context.database.transact((transaction) =>
    recordChange(context, transaction, {
      action: 'mesh.administer',
      object: 'msh_1',
      domainId: null,
      ...ruledBy(granted),
    }),
  );
  const row = await lastRow();
  expect(row).toMatchObject({
    door: 'rest',
    address: '192.0.2.7',
    policies: expect.stringMatching(/^[0-9a-f]{64}$/),
  });
  const { policies } = await showPolicies.run(context, { version: row.policies! });
  expect(policies).toEqual([
    { level: 'mesh', name: 'built in', hash: sha256Hex(BUILT_IN_POLICIES), text: BUILT_IN_POLICIES },
  ]);
});

test('a refusal names the version that refused, which is another one after a change', async () => {
  const before = (await lastRow()).policies;
  await mesh.parts.database.transact((transaction) =>
    sql`INSERT INTO policies (scope_id, name, text) VALUES ('mesh', 'deny.cedar', ${DENY})`.execute(
      transaction,
    ),
  );
  const context = administrator();
  await expect(
    authorize(context, { action: 'mesh.audit', resource: { type: 'Mesh' } }),
  ).rejects.toMatchObject({
    code: 'auth.policy-forbids',
    message: 'a policy of the mesh forbids you to audit the mesh',
  });
  const row = await lastRow();
  expect([row.allowed, row.reasons]).toEqual([false, ["forbidden by 'deny.cedar: no audits today'"]]);
  expect(row.policies).not.toBe(before);
  const { policies } = await showPolicies.run(context, { version: row.policies! });
  expect(policies.find(({ name }) => name === 'deny.cedar')?.text).toBe(DENY);
});

test('only who reads a row with it reads a version, and both are part of the chain', async () => {
  const { policies: version } = await lastRow();
  const nobody = mesh.as(callerOf('usr_nobody'));
  await expect(showPolicies.run(nobody, { version: version! })).rejects.toMatchObject({ code: 'not-found' });
  const signal = new AbortController().signal;
  expect(await verifyChain(mesh.parts.database.reader, { noted: null, signal })).toMatchObject({
    intact: true,
  });
});

test('every change that a permission allowed is recorded with the policies that ruled', () => {
  const silent = readSources(['src'])
    .filter(({ path }) => !path.endsWith('.test.ts'))
    .filter(({ text }) => /reasons: [\w.]*granted\.reasons/.test(text))
    .map(({ path }) => path);
  expect(silent).toEqual([]);
});
