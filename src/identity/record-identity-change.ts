import { insertChange } from '../store/changes.ts';
import type { Transaction } from '../store/database.ts';
import type { Context } from './context.ts';

/** The audit row of a change to tokens, sessions, passwords and people; of a secret itself nothing is kept. */
export async function recordIdentityChange(
  context: Context,
  transaction: Transaction,
  change: { action: string; object: string; facts?: Record<string, unknown> },
): Promise<void> {
  await insertChange(transaction, {
    at: context.clock.now(),
    actor: context.caller.id,
    door: context.request.door,
    address: context.request.address,
    requestId: context.request.id,
    action: change.action,
    object: change.object,
    domainId: null,
    allowed: true,
    reasons: [],
    facts: { ...change.facts, ...actorFacts(context) },
  });
}

/** Who acts for the caller, where somebody does: the audit names both. */
export function actorFacts({ caller }: Context): { via?: string } {
  return caller.actor === undefined ? {} : { via: caller.actor.id };
}
