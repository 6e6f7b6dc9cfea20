import { MeshError } from '../base/errors.ts';
import type { Caller } from './caller.ts';
import type { Parts } from './context.ts';
import { hashSecret } from './secret.ts';
import { findCaller } from './store.ts';

/**
 * The caller whose token this is.
 * @throws MeshError `auth.missing` without a secret, `auth.invalid` for one that does not count
 */
export async function authenticate(parts: Parts, secret: string | null): Promise<Caller> {
  if (secret === null || secret === '') throw new MeshError('auth.missing');
  const caller = await findCaller(parts.database.reader, hashSecret(secret), parts.clock.now());
  if (caller === undefined) throw new MeshError('auth.invalid');
  return caller;
}
