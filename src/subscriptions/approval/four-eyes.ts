import { MeshError } from '../../base/errors.ts';
import type { Context } from '../../identity/context.ts';
import type { RequestStep } from '../../store/schema.ts';
import type { NamedSubscription } from '../store.ts';
import { isAloneIn } from './store.ts';

/**
 * Whoever asked does not approve, at no step; only where a domain has nobody else who decides for it, its last
 * owner or steward may, at the owner's step. Decision 20.
 * @throws MeshError `subscription.four-eyes`
 */
export async function needOtherThanRequester(
  { caller, database }: Context,
  request: Pick<NamedSubscription, 'id' | 'requested_by' | 'producer_id'>,
  step: RequestStep,
): Promise<void> {
  if (request.requested_by !== caller.id) return;
  if (step === 'owner' && (await isAloneIn(database.reader, request.producer_id, caller.id))) return;
  throw new MeshError('subscription.four-eyes', { facts: { id: request.id } });
}
