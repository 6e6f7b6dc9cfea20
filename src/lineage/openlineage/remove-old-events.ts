import { LIMITS } from '../../base/limits.ts';
import type { Parts } from '../../identity/context.ts';
import { removeRuns } from '../reported/store.ts';
import { removeEvents } from './store.ts';

/** Events are a log: the graph that they made stays when they go. */
export function removeOldEvents({ database, clock }: Parts): Promise<number> {
  const before = new Date(clock.now().getTime() - LIMITS.lineageEventMs);
  return database.transact(async (transaction) => {
    await removeRuns(transaction, before);
    return removeEvents(transaction, before);
  });
}
