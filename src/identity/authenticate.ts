import { MeshError } from '../base/errors.ts';
import type { Caller } from './caller.ts';
import { authenticateCompanyToken, isJwt } from './company/verify-bearer.ts';
import type { Parts } from './context.ts';
import { findTokenCaller } from './issuer/store.ts';
import { hashSecret, TOKEN_PREFIX } from './secret.ts';
import { findSessionCaller, markSessionSeen } from './sessions/store.ts';
import { findCaller } from './store.ts';

/**
 * The caller whose token this is.
 * @throws MeshError `auth.invalid` for one that does not count; of a company's token also why it is not admitted
 */
export async function authenticate(parts: Parts, secret: string): Promise<Caller> {
  if (parts.settings.company !== null && isJwt(secret)) return authenticateCompanyToken(parts, secret);
  // An API token is recognised by its prefix; what the issuer gives has none.
  const find = secret.startsWith(TOKEN_PREFIX) ? findCaller : findTokenCaller;
  const caller = await find(parts.database.reader, hashSecret(secret), parts.clock.now());
  if (caller === undefined) throw new MeshError('auth.invalid');
  return caller;
}

/** How stale the note of a session's last use may be: a page's requests do not write a row each. */
const SEEN_MS = 5 * 60_000;

/**
 * The caller whose session cookie this is.
 * @throws MeshError `auth.invalid` for one that does not count
 */
export async function authenticateSession(parts: Parts, secret: string): Promise<Caller> {
  const { database, clock } = parts;
  const now = clock.now();
  const found = await findSessionCaller(database.reader, hashSecret(secret), now);
  if (found === undefined) throw new MeshError('auth.invalid');
  if (now.getTime() - found.seenAt.getTime() > SEEN_MS)
    await database.transact((transaction) => markSessionSeen(transaction, found.caller.tokenId, now));
  return found.caller;
}
