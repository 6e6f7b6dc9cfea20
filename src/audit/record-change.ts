import type { Context } from '../identity/context.ts';
import { actorFacts } from '../identity/record-identity-change.ts';
import type { Action } from '../policy/action.ts';
import type { Granted } from '../policy/decide.ts';
import type { Transaction } from '../store/database.ts';
import { insertChange } from '../store/changes.ts';
import { keepPolicies } from './policy-versions.ts';

/** One change, as the audit keeps it. */
export interface Change {
  /** What was done, e.g. `subscription.approve`: the action that was decided. */
  action: string;
  /** Id of the thing that changed; of what has a name the audit keeps both. */
  object: string;
  /** The domain whose people may read this row; null for mesh-wide changes. */
  domainId: string | null;
  reasons: readonly string[];
  /** The version of the policies that ruled; absent where none were asked. */
  policies?: string | null;
  /** Old and new values, as far as they are public to the domain. */
  facts?: Record<string, unknown>;
}

/** Why a change was allowed, and by which policies: what a permission says of itself. */
export function ruledBy({ reasons, policies }: Granted<Action>): Pick<Change, 'reasons' | 'policies'> {
  return { reasons, policies };
}

/** Writes the audit row of a change, in the transaction that makes the change. */
export async function recordChange(
  context: Context,
  transaction: Transaction,
  change: Change,
): Promise<void> {
  await record(context, transaction, { change, allowed: true });
}

/** Writes the audit row of a refusal: there is no change, so it stands in a transaction of its own. */
export async function recordRefusal(context: Context, change: Change): Promise<void> {
  await context.database.transact((transaction) => record(context, transaction, { change, allowed: false }));
}

async function record(
  context: Context,
  transaction: Transaction,
  { change, allowed }: { change: Change; allowed: boolean },
): Promise<void> {
  const at = context.clock.now();
  const policies = change.policies ?? null;
  if (policies !== null) await keepPolicies(context.database, transaction, { version: policies, at });
  await insertChange(transaction, {
    at,
    actor: context.caller.id,
    door: context.request.door,
    address: context.request.address,
    requestId: context.request.id,
    action: change.action,
    object: change.object,
    domainId: change.domainId,
    allowed,
    reasons: change.reasons,
    policies,
    facts: { ...change.facts, ...actorFacts(context) },
  });
}
