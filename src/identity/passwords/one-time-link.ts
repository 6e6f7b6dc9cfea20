import { LIMITS } from '../../base/limits.ts';
import { MeshError } from '../../base/errors.ts';
import type { Transaction } from '../../store/database.ts';
import type { Parts } from '../context.ts';
import { hashSecret, newSecret } from '../secret.ts';
import { type Browser, startSession } from '../sessions/start-session.ts';
import { hashPassword } from './hash-password.ts';
import { judgePassword, replacePassword } from './set-password.ts';
import { findLink, replaceLink, takeLink } from './store.ts';

/** Where the web app takes the codes. They stand behind `#`, so that no server and no log ever sees them. */
const PATHS = { enter: '/enter', password: '/welcome' } as const;

/** A link that counts once: `enter` opens the web signed in, `password` lets a new one be set. */
export async function makeLink(
  transaction: Transaction,
  link: { principalId: string; purpose: keyof typeof PATHS; at: Date },
): Promise<{ path: string; expiresAt: Date }> {
  const { principalId, purpose, at } = link;
  const code = newSecret('link');
  const lasts = purpose === 'enter' ? LIMITS.entryLinkMs : LIMITS.linkMs;
  const expiresAt = new Date(at.getTime() + lasts);
  await replaceLink(transaction, {
    hash: hashSecret(code),
    principal_id: principalId,
    purpose,
    created_at: at,
    expires_at: expiresAt,
  });
  return { path: `${PATHS[purpose]}#${code}`, expiresAt };
}

/** Signs in by a link; gives the secret of the session. @throws MeshError `auth.link` */
export async function signInByLink(parts: Parts, code: string, browser: Browser): Promise<string> {
  const at = parts.clock.now();
  return parts.database.transact(async (transaction) => {
    const link = { hash: hashSecret(code), purpose: 'enter' as const, now: at };
    const person = await findLink(transaction, link);
    if (person === undefined || !(await takeLink(transaction, link))) throw new MeshError('auth.link');
    return startSession(transaction, { principalId: person.id, method: 'link', browser, at });
  });
}

/**
 * Sets the password that a link was made for, and signs in with it. A password that may not be taken leaves
 * the link as it is.
 * @throws MeshError `auth.link`, `auth.password-weak`
 */
export async function setPasswordByLink(
  parts: Parts,
  { code, password }: { code: string; password: string },
  browser: Browser,
): Promise<string> {
  const at = parts.clock.now();
  const link = { hash: hashSecret(code), purpose: 'password' as const, now: at };
  const person = await findLink(parts.database.reader, link);
  if (person === undefined) throw new MeshError('auth.link');
  judgePassword(password, person);
  const hash = await hashPassword(password);
  return parts.database.transact(async (transaction) => {
    if (!(await takeLink(transaction, link))) throw new MeshError('auth.link');
    const { requestId } = browser;
    await replacePassword(transaction, { principalId: person.id, hash, at, requestId });
    return startSession(transaction, { principalId: person.id, method: 'link', browser, at });
  });
}
