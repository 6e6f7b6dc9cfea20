import { randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import { isMeshError } from '../../../src/base/errors.ts';
import { SecretBox } from '../../../src/base/secret-box.ts';
import type { Parts } from '../../../src/identity/context.ts';
import { cookieKeys, maintainKeys, openKeys, rotateKeys } from '../../../src/identity/issuer/keys.ts';
import { TestClock } from '../../fixtures/context.ts';
import { mesh } from '../../fixtures/identity-mesh.ts';

/** A clock of its own: the mesh's goes on. */
const ownClock = new TestClock('2030-03-02T09:00:00Z');
const ownParts = (): Parts => ({ ...mesh.mesh.parts, clock: ownClock });
const idsNow = async (parts = ownParts()) => (await openKeys(parts)).map(({ id }) => id);

test('the first key is made once, however many ask at once, and lies sealed', async () => {
  const { database } = mesh.mesh.parts;
  await database.transact((transaction) => transaction.deleteFrom('issuer_keys').execute());
  const asked = await Promise.all([1, 2, 3].map(() => openKeys(ownParts())));
  expect(new Set(asked.map((keys) => keys.map(({ id }) => id).join())).size).toBe(1);
  expect(asked[0]![0]!.jwk).toMatchObject({ kty: 'EC', crv: 'P-256', alg: 'ES256', use: 'sig' });
  const rows = await database.reader.selectFrom('issuer_keys').selectAll().execute();
  expect(rows).toHaveLength(1);
  expect(rows[0]!.sealed).not.toContain(asked[0]![0]!.jwk.d);
  expect(cookieKeys(asked[0]!)[0]).not.toContain(asked[0]![0]!.jwk.d);
});

test('a new key signs each quarter, and the old one verifies for a week more', async () => {
  const [first] = await idsNow();
  ownClock.set('2030-06-01T09:00:00Z');
  const two = await idsNow();
  expect([two.length, two[1]]).toEqual([2, first]);
  ownClock.set('2030-06-07T09:00:00Z');
  await maintainKeys(ownParts());
  expect(await idsNow()).toEqual(two);
  ownClock.set('2030-06-09T09:00:00Z');
  await maintainKeys(ownParts());
  expect(await idsNow()).toEqual([two[0]]);
});

test('of a key that was stolen nothing counts any more', async () => {
  const [kept] = await idsNow();
  const turn = (forget: boolean) =>
    mesh.mesh.parts.database.transact((transaction) => rotateKeys(ownParts(), transaction, { forget }));
  const next = await turn(false);
  expect(await idsNow()).toEqual([next, kept]);
  const last = await turn(true);
  expect(await idsNow()).toEqual([last]);
});

test('a new secret key seals them anew, and then the old one may go', async () => {
  const before = await idsNow();
  const [older, newer] = [randomBytes(32), randomBytes(32)];
  await reseal(new SecretBox([older]));
  await maintainKeys({ ...ownParts(), secrets: new SecretBox([newer, older]) });
  expect(await idsNow({ ...ownParts(), secrets: new SecretBox([newer]) })).toEqual(before);
  const refusal = openKeys({ ...ownParts(), secrets: new SecretBox([older]) }).catch(
    (error: unknown) => error,
  );
  expect(isMeshError(await refusal, 'secret.key-unknown')).toBe(true);
});

test('without a secret key there is no issuer', async () => {
  const refusal = await openKeys({ ...ownParts(), secrets: null }).catch((error: unknown) => error);
  expect(isMeshError(refusal, 'secret.no-key')).toBe(true);
});

/** What the box of the test's mesh sealed, sealed by another one. */
async function reseal(box: SecretBox): Promise<void> {
  const { database, secrets } = mesh.mesh.parts;
  const rows = await database.reader.selectFrom('issuer_keys').selectAll().execute();
  for (const { id, sealed } of rows) {
    const anew = box.seal(secrets!.open(sealed, `issuer key ${id}`), `issuer key ${id}`);
    await database.transact((transaction) =>
      transaction.updateTable('issuer_keys').set({ sealed: anew }).where('id', '=', id).execute(),
    );
  }
}
