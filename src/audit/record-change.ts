import type { Context } from '../identity/context.ts';
import { actorFacts } from '../identity/record-identity-change.ts';
import type { Transaction } from '../store/database.ts';
import { insertChange } from '../store/changes.ts';

/** One change, as the audit keeps it. */
export interface Change {
  /** What was done, e.g. `subscription.approve`: the action that was decided. */
  action: string;
  /** Id of the thing that changed. */
  object: string;
  /** The domain whose people may read this row; null for mesh-wide changes. */
  domainId: string | null;
  reasons: readonly string[];
  /** Old and new values, as far as they are public to the domain. */
  facts?: Record<string, unknown>;
}

/** Writes the audit row of a change, in the transaction that makes the change. */
export async function recordChange(
  context: Context,
  transaction: Transaction,
  change: Change,
): Promise<void> {
  await insertChange(transaction, {
    at: context.clock.now(),
    actor: context.caller.id,
    door: context.request.door,
    requestId: context.request.id,
    action: change.action,
    object: change.object,
    domainId: change.domainId,
    allowed: true,
    reasons: change.reasons,
    facts: { ...change.facts, ...actorFacts(context) },
  });
}

/** Writes the audit row of a refusal: there is no change, so it stands in a transaction of its own. */
export async function recordRefusal(context: Context, change: Change): Promise<void> {
  await context.database.transact((transaction) =>
    insertChange(transaction, {
      at: context.clock.now(),
      actor: context.caller.id,
      door: context.request.door,
      requestId: context.request.id,
      action: change.action,
      object: change.object,
      domainId: change.domainId,
      allowed: false,
      reasons: change.reasons,
      facts: { ...change.facts, ...actorFacts(context) },
    }),
  );
}
