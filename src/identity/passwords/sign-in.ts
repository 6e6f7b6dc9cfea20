import { MeshError } from '../../base/errors.ts';
import type { Parts } from '../context.ts';
import { type Browser, startSession } from '../sessions/start-session.ts';
import { forgetAttempts, takeAttempt } from './attempts.ts';
import { verifyPassword } from './hash-password.ts';
import { findSignIn } from './store.ts';

/**
 * Signs a person in by address and password; gives the secret of the session.
 * @throws MeshError `auth.sign-in` alike for a wrong password and for nobody, `limit.sign-in`
 */
export async function signInByPassword(
  parts: Parts,
  { email, password }: { email: string; password: string },
  browser: Browser,
): Promise<string> {
  const attempt = { email, address: browser.address, requestId: browser.requestId };
  await takeAttempt(parts, attempt);
  const person = await findSignIn(parts.database.reader, email);
  const fits = await verifyPassword(person?.hash ?? undefined, password);
  if (person === undefined || !fits) throw new MeshError('auth.sign-in');
  await forgetAttempts(parts, attempt);
  const at = parts.clock.now();
  return parts.database.transact((transaction) =>
    startSession(transaction, { principalId: person.id, method: 'password', browser, at }),
  );
}
