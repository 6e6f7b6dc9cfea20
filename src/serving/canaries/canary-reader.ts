import { newId } from '../../base/ids.ts';
import type { Caller } from '../../identity/caller.ts';
import type { Context, Parts } from '../../identity/context.ts';
import { readDomainAttributes } from '../../products/store.ts';
import { mayDiscover } from '../../subscriptions/plan-access.ts';
import { type Candidate, listCandidates } from '../../subscriptions/readers/store.ts';
import { type NamedSubscription, readAccessFacts } from '../../subscriptions/store.ts';
import { readingOf } from '../query-plan.ts';
import { listDatasetIds } from './store.ts';

/** Members that are looked through for one who reads by this grant and no other right. */
const LOOKED_THROUGH = 20;
/** A canary is one small row: a door that takes longer has other worries. */
const CANARY_MS = 10_000;

/**
 * Somebody of the consumer domain, as they would ask themselves, and who finds the product if anybody does; where
 * everybody belongs to the producer too, or nobody to the domain, the domain as its pipelines read. Nothing of it
 * counts as use.
 */
export async function canaryContext(
  parts: Parts,
  subscription: NamedSubscription,
  signal: AbortSignal,
): Promise<Context> {
  const { found } = await listCandidates(parts.database.reader, {
    domainIds: [subscription.domain_id],
    limit: LOOKED_THROUGH,
    at: null,
  });
  const members = found
    .filter(({ domains }) => domains.every(({ id }) => id !== subscription.producer_id))
    .map(callerOf);
  const contextOf = (caller: Caller): Context => ({
    ...parts,
    caller,
    request: { id: newId('req'), door: 'job', address: null, signal },
    usage: { record: () => undefined },
    settings: { ...parts.settings, queryMs: Math.min(parts.settings.queryMs, CANARY_MS) },
  });
  const contexts = members.map(contextOf);
  return (
    (await firstWhoFinds(subscription, contexts)) ??
    contexts[0] ??
    contextOf(await domainAsCaller(parts, subscription))
  );
}

/** A policy may show the product to some of them only. */
async function firstWhoFinds(
  { product_id, domain_id }: NamedSubscription,
  contexts: Context[],
): Promise<Context | undefined> {
  const [context] = contexts;
  if (context === undefined) return undefined;
  const { reader } = context.database;
  const datasetIds = (await listDatasetIds(reader, product_id)).slice(0, 1);
  const asked = { datasetIds, domainIds: [domain_id], now: context.clock.now(), releasesAt: null };
  const [facts] = datasetIds.length === 0 ? [] : await readAccessFacts(reader, asked);
  return facts && contexts.find((one) => mayDiscover(facts, readingOf(one)));
}

function callerOf({ groups, claims, domains, ...candidate }: Candidate): Caller {
  return {
    ...candidate,
    ...(groups === null ? {} : { groups }),
    ...(claims === null ? {} : { claims }),
    // Who runs the mesh reads nothing by that.
    administrator: false,
    domains: domains.map((domain) => ({ ...domain, title: domain.name })),
    scopes: ['query'],
    tokenId: '',
  };
}

async function domainAsCaller({ database }: Parts, subscription: NamedSubscription): Promise<Caller> {
  const { domain_id: id, consumer: name } = subscription;
  return {
    id: `pipeline of ${name}`,
    kind: 'service',
    name,
    email: null,
    administrator: false,
    attributes: await readDomainAttributes(database.reader, { domain: name, at: null }),
    domains: [{ id, name, title: name, role: 'engineer' }],
    scopes: ['query'],
    tokenId: '',
  };
}
