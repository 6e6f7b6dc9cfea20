import { z } from 'zod';
import { MeshError } from '../../base/errors.ts';
import { LIMITS } from '../../base/limits.ts';
import { insertChange } from '../../store/changes.ts';
import type { Transaction } from '../../store/database.ts';
import { hasScope, needOwnHand, TOKEN_SCOPES } from '../caller.ts';
import { operation } from '../context.ts';
import { deleteObjectsOf } from '../issuer/store.ts';
import { endSessions } from '../sessions/store.ts';
import { forgetAttempts, takeAttempt } from './attempts.ts';
import { hashPassword, verifyPassword } from './hash-password.ts';
import { weaknessOf } from './password-rules.ts';
import { findPasswordHash, savePassword } from './store.ts';

export const PASSWORD = z.string().min(1).max(LIMITS.passwordCharacters);

export const setPassword = operation({
  name: 'person.set-password',
  summary: 'Set your password. Other browsers of yours are signed out.',
  effect: 'write',
  http: { method: 'POST', path: '/person/password' },
  scope: 'write',
  input: z.object({
    password: PASSWORD,
    current: PASSWORD.optional().describe('the password so far, where there is one'),
  }),
  output: z.object({ changed: z.literal(true) }),
  async run(context, { password, current }) {
    const { caller, clock, database, request } = context;
    if (caller.email === null)
      throw new MeshError('not-found', { facts: { what: 'a person of this token' } });
    needOwnHand(caller, 'set your password');
    // A password opens everything its person may do: a token for less must not make one.
    const missing = TOKEN_SCOPES.find((scope) => !hasScope(caller, scope));
    if (missing !== undefined) throw new MeshError('auth.scope', { facts: { scope: missing } });
    const hash = await findPasswordHash(database.reader, caller.id);
    if (hash !== undefined) {
      const attempt = {
        email: caller.email,
        address: request.address ?? caller.id,
        requestId: request.id,
        by: caller.id,
      };
      await takeAttempt(context, attempt);
      if (!(await verifyPassword(hash, current ?? ''))) throw new MeshError('auth.password-current');
      await forgetAttempts(context, attempt);
    }
    judgePassword(password, caller);
    const change = { principalId: caller.id, hash: await hashPassword(password), at: clock.now() };
    await database.transact((transaction) =>
      replacePassword(transaction, { ...change, requestId: request.id, kept: caller.tokenId }),
    );
    return { changed: true as const };
  },
});

/** @throws MeshError `auth.password-weak` */
export function judgePassword(password: string, person: { email: string | null; name: string }): void {
  const reason = weaknessOf(password, person);
  if (reason !== null) throw new MeshError('auth.password-weak', { facts: { reason } });
}

interface Replacement {
  principalId: string;
  hash: string;
  at: Date;
  requestId: string;
  /** The session that goes on. */
  kept?: string;
}

/** The new password, and the end of what was begun with the old one. */
export async function replacePassword(transaction: Transaction, replacement: Replacement): Promise<void> {
  const { principalId, hash, at, requestId, kept } = replacement;
  await savePassword(transaction, { principalId, hash, at });
  const others = { principalId, at, ...(kept === undefined ? {} : { but: kept }) };
  const ended = await endSessions(transaction, others);
  await deleteObjectsOf(transaction, principalId);
  await insertChange(transaction, {
    at,
    actor: principalId,
    door: 'web',
    requestId,
    action: 'person.set-password',
    object: principalId,
    domainId: null,
    allowed: true,
    reasons: [],
    facts: { endedSessions: ended.length },
  });
}
