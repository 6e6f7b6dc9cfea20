import { newId } from '../../base/ids.ts';
import { LIMITS } from '../../base/limits.ts';
import { insertChange } from '../../store/changes.ts';
import type { Transaction } from '../../store/database.ts';
import type { SignInMethod } from '../../store/rows/identity.ts';
import { hashSecret, newSecret } from '../secret.ts';
import { endSessionOf, endSessions, insertSession, listOpenSessions } from './store.ts';

/** Who signs in how, from where. */
export interface SessionStart {
  principalId: string;
  method: SignInMethod;
  /** The token that was given for it. */
  tokenId?: string;
  browser: Browser;
  at: Date;
}

/** The other end of a sign-in. */
export interface Browser {
  device: string;
  address: string;
  requestId: string;
  /** The session cookie that it had before: a sign-in always makes a new one, and ends that. */
  former: string | null;
}

/** Starts a session; the secret in the answer is for the cookie and stored nowhere. */
export async function startSession(transaction: Transaction, start: SessionStart): Promise<string> {
  const { principalId, method, browser, at } = start;
  if (browser.former !== null) await endSessionOf(transaction, hashSecret(browser.former), at);
  const open = await listOpenSessions(transaction, principalId, at);
  const surplus = open.slice(LIMITS.sessions - 1).map(({ id }) => id);
  if (surplus.length > 0) await endSessions(transaction, { principalId, at, ids: surplus });
  const secret = newSecret('session');
  const id = newId('ses');
  await insertSession(transaction, {
    id,
    hash: hashSecret(secret),
    principalId,
    method,
    tokenId: start.tokenId ?? null,
    device: browser.device.slice(0, 200),
    address: browser.address,
    at,
    expiresAt: new Date(at.getTime() + LIMITS.sessionMs),
  });
  await insertChange(transaction, {
    at,
    actor: principalId,
    door: 'web',
    requestId: browser.requestId,
    action: 'session.start',
    object: id,
    domainId: null,
    allowed: true,
    reasons: [],
    facts: { method },
    address: browser.address,
  });
  return secret;
}
