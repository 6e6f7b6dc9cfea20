import type { Parts } from '../identity/context.ts';
import { deleteEvents, deleteRead } from './store.ts';

const DAY_MS = 86_400_000;

/** An event is remembered for a quarter, read or not; what was read, or sent, for a month. */
export const KEPT_DAYS = { events: 92, read: 31 };

/** Removes what nobody looks for any more. Idempotent. */
export async function forgetOldEvents({ database, clock }: Parts): Promise<number> {
  const ago = (days: number) => new Date(clock.now().getTime() - days * DAY_MS);
  return database.transact(
    async (transaction) =>
      (await deleteRead(transaction, ago(KEPT_DAYS.read))) +
      (await deleteEvents(transaction, ago(KEPT_DAYS.events))),
  );
}
