import { LIMITS } from '../../base/limits.ts';
import type { Reader, Transaction } from '../../store/database.ts';
import type { SignInMethod } from '../../store/rows/identity.ts';
import { type Caller, TOKEN_SCOPES, type TokenScope } from '../caller.ts';
import { findAnybody } from '../store.ts';

export interface NewSession {
  id: string;
  hash: string;
  principalId: string;
  method: SignInMethod;
  tokenId: string | null;
  device: string;
  address: string;
  at: Date;
  expiresAt: Date;
}

export async function insertSession(transaction: Transaction, session: NewSession): Promise<void> {
  await transaction
    .insertInto('sessions')
    .values({
      id: session.id,
      hash: session.hash,
      principal_id: session.principalId,
      method: session.method,
      token_id: session.tokenId,
      device: session.device,
      address: session.address,
      created_at: session.at,
      seen_at: session.at,
      expires_at: session.expiresAt,
    })
    .execute();
}

/** Sessions that count at this moment: neither ended, nor too old, nor unused for too long. */
function openSessions(reader: Reader, now: Date) {
  return reader
    .selectFrom('sessions')
    .where('sessions.ended_at', 'is', null)
    .where('sessions.expires_at', '>', now)
    .where('sessions.seen_at', '>', new Date(now.getTime() - LIMITS.sessionIdleMs));
}

/** The caller whose session this is, and when it was used last; undefined when it no longer counts. */
export async function findSessionCaller(
  reader: Reader,
  hash: string,
  now: Date,
): Promise<{ caller: Caller; seenAt: Date } | undefined> {
  const session = await openSessions(reader, now)
    .leftJoin('tokens', 'tokens.id', 'sessions.token_id')
    .select(['sessions.id', 'sessions.principal_id', 'sessions.seen_at', 'tokens.scopes'])
    .where('sessions.hash', '=', hash)
    .where('tokens.revoked_at', 'is', null)
    .where((is) => is.or([is('tokens.expires_at', 'is', null), is('tokens.expires_at', '>', now)]))
    .executeTakeFirst();
  if (session === undefined) return undefined;
  const principal = await findAnybody(reader, session.principal_id);
  if (principal === undefined) return undefined;
  const scopes = (session.scopes as TokenScope[] | null) ?? TOKEN_SCOPES;
  return { caller: { ...principal, scopes, tokenId: session.id }, seenAt: session.seen_at };
}

export async function markSessionSeen(transaction: Transaction, id: string, at: Date): Promise<void> {
  await transaction.updateTable('sessions').set({ seen_at: at }).where('id', '=', id).execute();
}

export function listOpenSessions(reader: Reader, principalId: string, now: Date) {
  return openSessions(reader, now)
    .select(['id', 'method', 'device', 'address', 'created_at', 'seen_at', 'expires_at'])
    .where('principal_id', '=', principalId)
    .orderBy('seen_at', 'desc')
    .orderBy('id', 'desc')
    .execute();
}

/** Ends a person's sessions: those named, or all of them but one. Gives the ids of those that ended now. */
export async function endSessions(
  transaction: Transaction,
  { principalId, at, ids, but }: { principalId: string; at: Date; ids?: string[]; but?: string },
): Promise<string[]> {
  let query = transaction
    .updateTable('sessions')
    .set({ ended_at: at })
    .where('principal_id', '=', principalId)
    .where('ended_at', 'is', null);
  if (ids !== undefined) query = query.where('id', 'in', ['', ...ids]);
  if (but !== undefined) query = query.where('id', '!=', but);
  const rows = await query.returning('id').execute();
  return rows.map(({ id }) => id);
}

/** Ends the session that a cookie stands for, whosever it is. */
export async function endSessionOf(transaction: Transaction, hash: string, at: Date) {
  return transaction
    .updateTable('sessions')
    .set({ ended_at: at })
    .where('hash', '=', hash)
    .where('ended_at', 'is', null)
    .returning(['id', 'principal_id'])
    .executeTakeFirst();
}

/** What ended long ago is remembered in the audit alone. */
export async function deleteSessions(transaction: Transaction, before: Date): Promise<void> {
  await transaction
    .deleteFrom('sessions')
    .where((is) => is.or([is('ended_at', '<', before), is('expires_at', '<', before)]))
    .execute();
}
