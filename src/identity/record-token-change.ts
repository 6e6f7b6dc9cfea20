import { insertChange } from '../store/changes.ts';
import type { Transaction } from '../store/database.ts';
import type { Context } from './context.ts';

/** The audit row of a token made or revoked; of the secret itself nothing is kept. */
export async function recordTokenChange(
  context: Context,
  transaction: Transaction,
  change: { action: 'token.create' | 'token.revoke'; id: string; principalId: string },
): Promise<void> {
  await insertChange(transaction, {
    at: context.clock.now(),
    actor: context.caller.id,
    door: context.request.door,
    requestId: context.request.id,
    action: change.action,
    object: change.id,
    domainId: null,
    allowed: true,
    reasons: [],
    facts: { principal: change.principalId },
  });
}
