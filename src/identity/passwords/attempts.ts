import { MeshError } from '../../base/errors.ts';
import { LIMITS } from '../../base/limits.ts';
import { insertChange } from '../../store/changes.ts';
import { NOBODY } from '../caller.ts';
import type { Parts } from '../context.ts';
import { hashSecret } from '../secret.ts';
import { judgeAttempt } from './judge-attempt.ts';
import { findSignIn, forgetFailures, lockFailures, saveFailures } from './store.ts';

/** Who tries to sign in, from where. */
export interface Attempt {
  email: string;
  address: string;
  requestId: string;
  /** Who is signed in already and says a password once more; else nobody knows who it is. */
  by?: string;
}

function subjectsOf({ email, address }: Attempt) {
  return { person: hashSecret(`person ${email.toLowerCase()}`), address: hashSecret(`address ${address}`) };
}

/**
 * Counts an attempt ahead, by person and by network address. People who do not exist are counted and locked
 * like those who do: the limit says nothing about who is known.
 * @throws MeshError `limit.sign-in`
 */
export async function takeAttempt(parts: Parts, attempt: Attempt): Promise<void> {
  const subjects = subjectsOf(attempt);
  const now = parts.clock.now();
  const refusedUntil = await parts.database.transact(async (transaction) => {
    const limits: [string, number][] = [
      [subjects.address, LIMITS.failuresOfAddress],
      [subjects.person, LIMITS.failuresOfPerson],
    ];
    for (const [subject, limit] of limits) {
      const known = await lockFailures(transaction, subject, now);
      const judged = judgeAttempt(known, limit, now);
      if (judged.next !== known) await saveFailures(transaction, subject, judged.next);
      if (judged.allowed) continue;
      const isNew = known.lockedUntil?.getTime() !== judged.until.getTime();
      const person = isNew ? await findSignIn(transaction, attempt.email) : undefined;
      if (person !== undefined) await insertChange(transaction, lockedRow(attempt, person.id, now));
      return judged.until;
    }
    return null;
  });
  if (refusedUntil === null) return;
  const seconds = Math.max(1, Math.ceil((refusedUntil.getTime() - now.getTime()) / 1000));
  throw new MeshError('limit.sign-in', { facts: { seconds } });
}

function lockedRow({ address, requestId, by }: Attempt, principalId: string, at: Date) {
  return {
    at,
    actor: by ?? NOBODY.id,
    door: 'web',
    requestId,
    action: 'session.start',
    object: principalId,
    domainId: null,
    allowed: false,
    reasons: ['too many sign-ins have failed'],
    facts: {},
    address,
  };
}

/** The attempt was a success. */
export async function forgetAttempts(parts: Parts, attempt: Attempt): Promise<void> {
  await parts.database.transact((transaction) => forgetFailures(transaction, subjectsOf(attempt)));
}
