import { LIMITS } from '../base/limits.ts';
import type { Parts } from './context.ts';
import { maintainKeys } from './issuer/keys.ts';
import { deleteExpiredObjects } from './issuer/store.ts';
import { deleteStale } from './passwords/store.ts';
import { deleteSessions } from './sessions/store.ts';

const DAY_MS = 86_400_000;
/** Sessions that ended are kept this long, for whoever looks into what happened. */
const KEPT_DAYS = 31;

/** Removes sessions, links, failures and tokens whose time is over, and keeps the issuer's keys. Idempotent. */
export async function forgetSignIns(parts: Parts): Promise<void> {
  const { database, clock } = parts;
  const now = clock.now();
  await database.transact(async (transaction) => {
    await deleteSessions(transaction, new Date(now.getTime() - KEPT_DAYS * DAY_MS));
    await deleteExpiredObjects(transaction, now);
    await deleteStale(transaction, now, new Date(now.getTime() - LIMITS.signInWindowMs));
  });
  await maintainKeys(parts);
}
