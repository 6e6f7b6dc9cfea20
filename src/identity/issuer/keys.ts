import { generateKeyPairSync, hkdfSync, type JsonWebKey, randomBytes } from 'node:crypto';
import { MeshError } from '../../base/errors.ts';
import type { SecretBox } from '../../base/secret-box.ts';
import type { Transaction } from '../../store/database.ts';
import type { Parts } from '../context.ts';
import { deleteKeys, insertKey, listKeys, lockKeys, resealKey } from './store.ts';

/** A key signs for a quarter. */
const SIGNS_MS = 90 * 86_400_000;
/** And verifies for another week: longer than anything it signed, and than anybody keeps the key list. */
const VERIFIES_MS = 7 * 86_400_000;

export interface IssuerKey {
  id: string;
  jwk: JsonWebKey;
}

/** Whose secrets these are, for the box: a sealed key opens as this key alone. */
const ownerOf = (id: string) => `issuer key ${id}`;

/**
 * The issuer's keys, the one that signs first. The first is made when somebody first asks; a new one takes
 * its place each quarter, and the old one verifies for a week more.
 * @throws MeshError `secret.no-key`
 */
export async function openKeys(parts: Parts): Promise<IssuerKey[]> {
  const { database, secrets, clock } = parts;
  if (secrets === null) throw new MeshError('secret.no-key');
  const now = clock.now().getTime();
  const known = await listKeys(database.reader);
  const isDue = (rows: typeof known) => now - (rows[0]?.created_at.getTime() ?? -Infinity) >= SIGNS_MS;
  if (!isDue(known)) return known.map(opened(secrets));
  return database.transact(async (transaction) => {
    const locked = await lockKeys(transaction);
    if (!isDue(locked)) return locked.map(opened(secrets));
    const made = sealedKey(secrets);
    await insertKey(transaction, { ...made, at: clock.now() });
    return [made, ...locked].map(opened(secrets));
  });
}

function opened(secrets: SecretBox) {
  return ({ id, sealed }: { id: string; sealed: string }): IssuerKey => ({
    id,
    jwk: JSON.parse(secrets.open(sealed, ownerOf(id))) as JsonWebKey,
  });
}

function sealedKey(secrets: SecretBox): { id: string; sealed: string } {
  const id = randomBytes(12).toString('base64url');
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const jwk = { ...privateKey.export({ format: 'jwk' }), kid: id, alg: 'ES256', use: 'sig' };
  return { id, sealed: secrets.seal(JSON.stringify(jwk), ownerOf(id)) };
}

/** A new key from now on; with `forget` what older ones signed counts no more: for a key that was stolen. */
export async function rotateKeys(
  { secrets, clock }: Pick<Parts, 'secrets' | 'clock'>,
  transaction: Transaction,
  { forget }: { forget: boolean },
): Promise<string> {
  if (secrets === null) throw new MeshError('secret.no-key');
  const made = sealedKey(secrets);
  const known = await lockKeys(transaction);
  const ids = known.map(({ id }) => id);
  if (forget) await deleteKeys(transaction, ids);
  await insertKey(transaction, { ...made, at: clock.now() });
  return made.id;
}

/** Removes keys that verify nothing any more, and seals the others with the newest secret key. Idempotent. */
export async function maintainKeys({ database, secrets, clock }: Parts): Promise<void> {
  if (secrets === null) return;
  const now = clock.now().getTime();
  await database.transact(async (transaction) => {
    const keys = await lockKeys(transaction);
    // What a key signed is as old as its successor at least.
    const over = keys.filter(
      (_, index) => now - (keys[index - 1]?.created_at.getTime() ?? now) > VERIFIES_MS,
    );
    await deleteKeys(
      transaction,
      over.map(({ id }) => id),
    );
    for (const { id, sealed } of keys) {
      if (secrets.isCurrent(sealed)) continue;
      await resealKey(transaction, {
        id,
        sealed: secrets.seal(secrets.open(sealed, ownerOf(id)), ownerOf(id)),
      });
    }
  });
}

/** Keys that sign the issuer's cookies, one for each of its keys. */
export function cookieKeys(keys: IssuerKey[]): string[] {
  return keys.map(({ jwk }) =>
    Buffer.from(hkdfSync('sha256', String(jwk.d), '', 'cookies of the issuer', 32)).toString('base64url'),
  );
}
