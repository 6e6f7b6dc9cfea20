import type { Parts } from '../../identity/context.ts';
import { proveSubscription } from './prove-subscription.ts';
import { listDueProofs } from './store.ts';

/** Grants of one round, and how long it may take: the next one comes in a minute. */
const ROUND = { grants: 50, ms: 20_000 };
/** A grant that nothing has touched is looked at this often, as far as the rounds reach. */
const STALE_MS = 6 * 3_600_000;

export interface ProvenRound {
  proven: number;
  drift: number;
}

/**
 * One round of comparing what is granted with what the doors give: bounded, newest changes first. What a round
 * does not reach the next one does; killed at any point nothing is lost but the question.
 */
export async function proveAccess(parts: Parts, stopping: AbortSignal): Promise<ProvenRound> {
  const now = parts.clock.now();
  const staleBefore = new Date(now.getTime() - STALE_MS);
  const due = await listDueProofs(parts.database.reader, { now, staleBefore, limit: ROUND.grants });
  const round = { proven: 0, drift: 0 };
  const ends = performance.now() + ROUND.ms;
  for (const id of due) {
    if (stopping.aborted || performance.now() > ends) break;
    const state = await proveSubscription(parts, id, stopping);
    if (state === 'proven') round.proven++;
    if (state === 'drift') round.drift++;
  }
  return round;
}
