import { policyFactsOf, policySource, principalOf, traitsOf } from '../../audit/decisions.ts';
import { isoTime } from '../../base/clock.ts';
import { MeshError } from '../../base/errors.ts';
import type { Context } from '../../identity/context.ts';
import { decide } from '../../policy/decide.ts';
import { preparePolicies } from '../../policy/policies.ts';
import type { Transaction } from '../../store/database.ts';
import { findCandidate } from '../readers/store.ts';
import type { NamedSubscription } from '../store.ts';
import { findHolding, type Holding, lockDelegation } from './store.ts';

/** Under which names the caller may hold a delegation: their own, and those of their domains. */
export function holderIdsOf({ caller }: Context): string[] {
  return [caller.id, ...caller.domains.map(({ id }) => id)];
}

/** Whether the caller holds any delegation for the product. */
export async function holdsFor(context: Context, { product_id }: NamedSubscription): Promise<boolean> {
  const asked = { productId: product_id, holderIds: holderIdsOf(context), now: context.clock.now() };
  return (await findHolding(context.database.reader, asked)) !== undefined;
}

/**
 * The delegation under which the caller decides about a request; undefined for the producer's own deciders,
 * who need none, and for everybody who has none. It counts as far as its giver could give it today.
 * @throws MeshError `delegation.lapsed`, `delegation.own-request`
 */
export async function findDelegatedRight(
  context: Context,
  subscription: NamedSubscription,
): Promise<Holding | undefined> {
  const { caller, database, clock } = context;
  const decides = caller.domains.some(
    ({ id, role }) => id === subscription.producer_id && (role === 'owner' || role === 'steward'),
  );
  if (decides) return undefined;
  const asked = { productId: subscription.product_id, holderIds: holderIdsOf(context), now: clock.now() };
  const holding = await findHolding(database.reader, asked);
  if (holding === undefined) return undefined;
  const facts = { product: `${subscription.producer}.${subscription.product}`, owner: subscription.producer };
  if (!(await mayStillDelegate(context, holding, subscription))) {
    throw new MeshError('delegation.lapsed', { facts });
  }
  if (caller.domains.some(({ id }) => id === subscription.domain_id)) {
    throw new MeshError('delegation.own-request', { facts: { ...facts, consumer: subscription.consumer } });
  }
  return holding;
}

/** The delegation by which the caller reads a request: one that waits for them, or that was approved under it. */
export async function findReadingRight(
  context: Context,
  subscription: NamedSubscription,
): Promise<Holding | undefined> {
  const { product_id: productId, step, delegation_id: approvedUnder } = subscription;
  const asked = { productId, holderIds: holderIdsOf(context), now: context.clock.now() };
  const holding = await findHolding(context.database.reader, asked);
  if (holding === undefined || (step !== 'owner' && approvedUnder !== holding.id)) return undefined;
  return (await mayStillDelegate(context, holding, subscription)) ? holding : undefined;
}

/**
 * The delegation may have ended since it was found: looked at again with its row locked.
 * @throws MeshError `conflict`
 */
export async function needLiving(
  { clock }: Context,
  transaction: Transaction,
  { id }: Holding,
): Promise<void> {
  const { endedAt, until } = await lockDelegation(transaction, id);
  if (endedAt === null && (until === null || until > clock.now())) return;
  throw new MeshError('conflict', { facts: { what: `delegation ${id}` } });
}

/** By the policies as they are now, and the roles that the giver has now. */
async function mayStillDelegate(
  { database, clock }: Context,
  { delegatedBy }: Holding,
  { producer: domain, producer_id, product, product_id: productId }: NamedSubscription,
): Promise<boolean> {
  const giver = await findCandidate(database.reader, { name: delegatedBy, at: null });
  const facts = await policyFactsOf(database.reader, { domainId: producer_id, productId });
  const now = clock.now();
  const traits = traitsOf(facts, { domain, productId, now });
  if (giver === undefined || traits === undefined) return false;
  return decide({
    action: 'product.delegate',
    principal: principalOf(giver),
    resource: { type: 'Product', domain, product, ...traits },
    context: { now: isoTime(now) },
    domainTags: facts.domainTags,
    policies: preparePolicies(facts.policies.map(policySource)),
  }).allowed;
}
