import { z } from 'zod';
import { authorize, mayCaller } from '../../audit/decisions.ts';
import { recordChange, ruledBy } from '../../audit/record-change.ts';
import { MeshError } from '../../base/errors.ts';
import { type Context, operation } from '../../identity/context.ts';
import type { Granted } from '../../policy/decide.ts';
import { productQuestion } from '../../products/visible-products.ts';
import type { Transaction } from '../../store/database.ts';
import { announceSubscription } from '../announce-subscription.ts';
import { markEnded } from '../store.ts';
import {
  findDelegation,
  listApproved,
  lockDelegation,
  markDelegationEnded,
  type NamedDelegation,
} from './store.ts';
import { DELEGATION_VIEW, viewDelegation } from './views.ts';

export const revokeDelegation = operation({
  name: 'delegation.revoke',
  summary:
    'End a delegation and, unless they are kept, every subscription approved under it: the very next query is refused.',
  effect: 'write',
  http: { method: 'POST', path: '/delegations/:id/revoke' },
  scope: 'write',
  input: z.object({
    id: z.string(),
    reason: z.string().trim().min(3).max(2_000),
    keep: z.boolean().default(false).describe('whether what was approved under it stays'),
  }),
  output: DELEGATION_VIEW.extend({
    revoked: z.array(z.string()).describe('subscriptions that ended with it'),
  }),
  async run(context, input) {
    const { database, clock } = context;
    const delegation = await findDelegation(database.reader, input.id);
    if (delegation === undefined) throw unknown(input.id);
    const granted = await permit(context, delegation);
    const revoked = await database.transact((transaction) =>
      end(context, transaction, { delegation, granted, ...input }),
    );
    const ended = (await findDelegation(database.reader, input.id))!;
    return { ...viewDelegation(ended, clock.now()), revoked };
  },
});

/** Who may not discover the product learns of no delegation either. */
async function permit(
  context: Context,
  { id, productId, product, producerId, producer }: NamedDelegation,
): Promise<Granted<'product.delegate'>> {
  const named = { id: productId, domain_id: producerId, domain: producer, name: product };
  if (!(await mayCaller(context, productQuestion('product.discover', named)))) throw unknown(id);
  return authorize(context, productQuestion('product.delegate', named));
}

function unknown(id: string): MeshError {
  return new MeshError('not-found', { facts: { what: `delegation ${id}` } });
}

interface End {
  delegation: NamedDelegation;
  granted: Granted<'product.delegate'>;
  reason: string;
  keep: boolean;
}

/**
 * In one transaction, whether or not the holder is still there. Done again it finishes what is left: nothing,
 * or what was kept the first time.
 */
async function end(
  context: Context,
  transaction: Transaction,
  { delegation, granted, reason, keep }: End,
): Promise<string[]> {
  const { id, producerId, holder, holderId } = delegation;
  const by = context.caller.id;
  const at = context.clock.now();
  await lockDelegation(transaction, id);
  const ended = await markDelegationEnded(transaction, { id, by, reason, at });
  const approved = keep ? [] : await listApproved(transaction, id);
  for (const subscription of approved) {
    const isActive = subscription.state === 'active';
    const to = isActive ? 'revoked' : 'rejected';
    await markEnded(transaction, { id: subscription.id, from: subscription.state, to, reason, by, at });
    await recordChange(context, transaction, {
      action: isActive ? 'subscription.revoke' : 'subscription.reject',
      object: subscription.id,
      domainId: producerId,
      ...ruledBy(granted),
      facts: { consumer: subscription.consumer, purpose: subscription.purpose, reason, delegation: id },
    });
    await announceSubscription(context, transaction, {
      id: subscription.id,
      type: isActive ? 'subscription.revoked' : 'subscription.rejected',
      at,
      actor: by,
    });
  }
  const revoked = approved.map((subscription) => subscription.id);
  if (!ended && revoked.length === 0) return revoked;
  await recordChange(context, transaction, {
    action: 'product.delegate',
    object: id,
    domainId: producerId,
    ...ruledBy(granted),
    facts: { ended: true, from: holder ?? holderId, reason, kept: keep, revoked },
  });
  return revoked;
}
