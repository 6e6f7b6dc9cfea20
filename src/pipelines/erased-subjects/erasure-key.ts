import { randomBytes } from 'node:crypto';
import { MeshError } from '../../base/errors.ts';
import type { Parts } from '../../identity/context.ts';
import { findSealedKey, replaceSealedKey, saveSealedKey } from './store.ts';
import { SubjectHash } from './subject-hash.ts';

/** What the key is sealed for. */
const OWNER = 'erased subjects';

/**
 * The hashes of this mesh. Their key is made once and stays: with another one erased subjects would come back.
 * @throws MeshError `secret.no-key`, `secret.key-unknown`
 */
export async function openSubjectHash(parts: Pick<Parts, 'database' | 'secrets'>): Promise<SubjectHash> {
  const { database, secrets } = parts;
  if (secrets === null) throw new MeshError('secret.no-key');
  const fresh = () => secrets.seal(randomBytes(32).toString('base64'), OWNER);
  const sealed =
    (await findSealedKey(database.reader)) ??
    (await database.transact((transaction) => saveSealedKey(transaction, fresh())));
  return new SubjectHash(Buffer.from(secrets.open(sealed, OWNER), 'base64'));
}

/** Seals the key anew where an older key of the operator's sealed it. */
export async function renewErasureKey({ database, secrets }: Parts): Promise<void> {
  const sealed = await findSealedKey(database.reader);
  if (sealed === undefined || secrets === null || secrets.isCurrent(sealed)) return;
  const to = secrets.seal(secrets.open(sealed, OWNER), OWNER);
  await database.transact((transaction) => replaceSealedKey(transaction, { from: sealed, to }));
}
