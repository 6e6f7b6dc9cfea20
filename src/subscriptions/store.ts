import { type RawBuilder, sql } from 'kysely';
import { newId } from '../base/ids.ts';
import { asOf } from '../store/as-of.ts';
import { json, type Reader, type Transaction } from '../store/database.ts';
import type {
  AgreedTerms,
  Read,
  RequestAnswer,
  RequestStep,
  SubscriptionRow,
  SubscriptionState,
} from '../store/schema.ts';
import { IS_FORBIDDEN } from '../store/rows/proofs.ts';
import { livingElevations } from './elevation/store.ts';
import { decisionsOf, endedBy, type StepDecision } from './approval/store.ts';
import { lapseRenewal, type WaitingRenewal, waitingRenewal, waitsForRenewal } from './renewal/store.ts';
import type { AccessFacts } from './access-facts.ts';
import type { GrantedAccess } from './grant.ts';

export type { AccessFacts, AccessRelease, AccessSubscription } from './access-facts.ts';

export interface NewRequest {
  productId: string;
  /** The consumer domain. */
  domainId: string;
  purpose: string;
  requestedBy: string;
  at: Date;
  until: Date | null;
  /** The columns asked for; all where none are named. */
  columns?: string[] | null;
  answers?: RequestAnswer[];
  terms?: AgreedTerms | null;
  /** Requests that are sent together. */
  basketId?: string | null;
  /** The subscription to an earlier major that this one carries on. */
  follows?: string | null;
}

/** A request waits for the producer. Returns the subscription's id. */
export async function insertRequest(transaction: Transaction, request: NewRequest): Promise<string> {
  const id = newId('sub');
  await transaction
    .insertInto('subscriptions')
    .values({
      id,
      product_id: request.productId,
      domain_id: request.domainId,
      purpose: request.purpose,
      state: 'requested',
      step: 'owner',
      requested_by: request.requestedBy,
      requested_at: request.at,
      requested_until: request.until,
      granted: null,
      asked_columns: jsonOrNull(request.columns),
      answers: jsonOrNull(request.answers),
      terms: jsonOrNull(request.terms),
      basket_id: request.basketId ?? null,
      follows: request.follows ?? null,
    })
    .execute();
  return id;
}

function jsonOrNull(value: unknown) {
  return value == null ? null : json(value);
}

export interface Approval {
  id: string;
  granted: GrantedAccess;
  until: Date | null;
  decidedBy: string;
  at: Date;
}

/** requested -> active; false when it is not a request any more. */
export async function markApproved(transaction: Transaction, approval: Approval): Promise<boolean> {
  const result = await transaction
    .updateTable('subscriptions')
    .set({
      state: 'active',
      step: null,
      granted: json(approval.granted),
      until: approval.until,
      decided_by: approval.decidedBy,
      decided_at: approval.at,
    })
    .where('id', '=', approval.id)
    .where('state', '=', 'requested')
    .executeTakeFirst();
  return result.numUpdatedRows === 1n;
}

export interface Ending {
  id: string;
  from: SubscriptionState;
  to: 'rejected' | 'withdrawn' | 'revoked' | 'expired';
  reason: string | null;
  by: string;
  at: Date;
}

/** Ends a request or a grant; false when it is not in the state `from` any more. */
export async function markEnded(transaction: Transaction, ending: Ending): Promise<boolean> {
  const decided = ending.from === 'requested' ? { decided_by: ending.by, decided_at: ending.at } : {};
  const result = await transaction
    .updateTable('subscriptions')
    .set({ state: ending.to, step: null, reason: ending.reason, ended_at: ending.at, ...decided })
    .where('id', '=', ending.id)
    .where('state', '=', ending.from)
    .executeTakeFirst();
  if (result.numUpdatedRows !== 1n) return false;
  await lapseRenewal(transaction, ending);
  return true;
}

/** A subscription with the names people know it by. */
export interface NamedSubscription extends Omit<Read<SubscriptionRow>, 'granted'> {
  granted: GrantedAccess | null;
  product: string;
  product_title: string;
  major: number;
  is_current: boolean;
  sunset_at: Date | null;
  producer: string;
  producer_id: string;
  consumer: string;
  consumer_title: string;
  requester: string | null;
  decider: string | null;
  ended_by: string | null;
  /** The steps of its request that were decided. */
  decisions: StepDecision[];
  /** The renewal that waits. */
  renewal: WaitingRenewal | null;
  /** What canaries found of it; null before they looked, and for what is no grant. */
  proof: AccessProof | null;
}

export interface AccessProof {
  wanted: 'open' | 'closed';
  state: 'proven' | 'forbidden' | 'drift' | 'pending';
  /** ISO 8601: when the doors last were as wanted. */
  provenAt: string | null;
}

/** Subscriptions with the names that belong to them, to be narrowed down. */
export function named(reader: Reader) {
  return reader
    .selectFrom('subscriptions')
    .innerJoin('products', 'products.id', 'subscriptions.product_id')
    .innerJoin('domains as producers', 'producers.id', 'products.domain_id')
    .innerJoin('domains as consumers', 'consumers.id', 'subscriptions.domain_id')
    .leftJoin('principals as requesters', 'requesters.id', 'subscriptions.requested_by')
    .leftJoin('principals as deciders', 'deciders.id', 'subscriptions.decided_by')
    .selectAll('subscriptions')
    .select(['products.name as product', 'products.title as product_title'])
    .select(['products.major', 'products.is_current', 'products.sunset_at'])
    .select(['producers.name as producer', 'producers.id as producer_id', 'consumers.name as consumer'])
    .select('consumers.title as consumer_title')
    .select(['requesters.name as requester', 'deciders.name as decider', endedBy().as('ended_by')])
    .select([decisionsOf('subscriptions.id').as('decisions'), waitingRenewal().as('renewal')])
    .select(
      sql<AccessProof | null>`(SELECT jsonb_build_object('wanted', wanted,
        'state', CASE WHEN ${sql.raw(IS_FORBIDDEN)} THEN 'forbidden' ELSE proofs.state END,
        'provenAt', to_char(proven_at, ${sql.lit(ISO)}))
        FROM access_proofs AS proofs WHERE proofs.subscription_id = subscriptions.id)`.as('proof'),
    );
}

export async function findSubscription(reader: Reader, id: string): Promise<NamedSubscription | undefined> {
  return (await named(reader).where('subscriptions.id', '=', id).executeTakeFirst()) as
    NamedSubscription | undefined;
}

/** The same with its row locked: two decisions about it do not interleave. */
export async function lockSubscription(
  transaction: Transaction,
  id: string,
): Promise<NamedSubscription | undefined> {
  // A statement of its own: what the decided steps say is read after the lock is there.
  await transaction.selectFrom('subscriptions').select('id').where('id', '=', id).forUpdate().execute();
  return findSubscription(transaction, id);
}

export interface SubscriptionFilter {
  states?: SubscriptionState[] | undefined;
  /** Either the consumer is one of these … */
  consumerIds?: string[];
  /** … or the producer is, or the product is one of these. */
  producerIds?: string[];
  delegatedIds?: string[];
  productId?: string;
  /** Requests that wait for this step. */
  step?: RequestStep;
  /** Those with a renewal that waits for this step. */
  renewalStep?: RequestStep;
  basketId?: string;
  limit: number;
}

/** Subscriptions and requests, newest first. */
export async function listSubscriptions(
  reader: Reader,
  filter: SubscriptionFilter,
): Promise<NamedSubscription[]> {
  let query = named(reader).orderBy('subscriptions.requested_at', 'desc').limit(filter.limit);
  if (filter.states !== undefined) query = query.where('subscriptions.state', 'in', filter.states);
  if (filter.consumerIds !== undefined)
    query = query.where('subscriptions.domain_id', 'in', noneOr(filter.consumerIds));
  const { producerIds, delegatedIds = [] } = filter;
  if (producerIds !== undefined)
    query = query.where((is) =>
      is.or([
        is('products.domain_id', 'in', noneOr(producerIds)),
        is('subscriptions.product_id', 'in', noneOr(delegatedIds)),
      ]),
    );
  if (filter.renewalStep !== undefined) query = query.where(waitsForRenewal(filter.renewalStep));
  if (filter.basketId !== undefined) query = query.where('subscriptions.basket_id', '=', filter.basketId);
  if (filter.step !== undefined) query = query.where('subscriptions.step', '=', filter.step);
  if (filter.productId !== undefined) query = query.where('subscriptions.product_id', '=', filter.productId);
  return (await query.execute()) as unknown as NamedSubscription[];
}

/** `IN ()` is no SQL; an id that nobody has stands for the empty list. */
function noneOr(ids: string[]): string[] {
  return ids.length === 0 ? [''] : ids;
}

/** The active subscription to another major of a product that a request for the same purpose carries on. */
export async function findEarlier(
  reader: Reader,
  asked: {
    product: { id: string; domain_id: string; name: string };
    domainId: string;
    purpose: string;
  },
): Promise<string | null> {
  const row = await reader
    .selectFrom('subscriptions')
    .innerJoin('products', 'products.id', 'subscriptions.product_id')
    .select('subscriptions.id')
    .where('products.domain_id', '=', asked.product.domain_id)
    .where('products.name', '=', asked.product.name)
    .where('products.id', '<>', asked.product.id)
    .where('subscriptions.domain_id', '=', asked.domainId)
    .where('subscriptions.purpose', '=', asked.purpose)
    .where('subscriptions.state', '=', 'active')
    .orderBy('products.major', 'desc')
    .executeTakeFirst();
  return row?.id ?? null;
}

/** What to read: datasets by SQL name or by id, for these consumer domains. */
export interface AccessQuestion {
  /** `schema` is `domain` or `domain.product`, `name` the dataset; lower case. */
  names?: { schema: string; name: string }[];
  datasetIds?: string[];
  domainIds: string[];
  now: Date;
  /** The releases as of this time; everything else is as of now. */
  releasesAt: Date | null;
  /** Policies, grants and contracts too as of a past moment. */
  past?: PastOfProducts;
}

/** A past moment of these products, with the domains that offer them. */
export interface PastOfProducts {
  at: Date;
  productIds: string[];
  domainIds: string[];
}

/** One statement, so that policies, grants and releases are of one moment. */
export async function readAccessFacts(reader: Reader, question: AccessQuestion): Promise<AccessFacts[]> {
  const { rows } = await sql<AccessFacts>`
    ${pastOf(question)}
    SELECT datasets.id AS "datasetId", datasets.name AS dataset, products.id AS "productId",
      products.name AS product, products.major, products.is_current AS "isCurrent",
      CASE WHEN products.sunset_at <= ${question.now} THEN 'retired' ELSE products.status END AS status,
      to_char(products.sunset_at, ${ISO}) AS "sunsetAt", (${heldToTheEnd(question)}) AS "heldToTheEnd", domains.id AS "domainId", domains.name AS domain,
      datasets.contract, products.tags AS "productTags",
      (SELECT coalesce(jsonb_object_agg(name, tags), '{}') FROM domains WHERE tags <> '[]') AS "taggedDomains",
      CASE WHEN tables.id IS NULL THEN NULL
        ELSE jsonb_build_object('id', tables.id, 'metadataKey', tables.metadata_key) END AS table,
      (${releaseOf(question.releasesAt)}) AS release,
      (${subscriptionsOf(question)}) || (${livingElevations(question)}) AS subscriptions,
      (SELECT coalesce(jsonb_agg(jsonb_build_object('id', id, 'scopeId', scope_id, 'name', name,
          'document', document)), '[]')
        FROM restrictions WHERE scope_id IN ('mesh', domains.id, products.id)) AS restrictions,
      (SELECT coalesce(jsonb_agg(jsonb_build_object('scopeId', scope_id, 'file', name, 'text', text,
          'scope', CASE scope_id WHEN products.id THEN domains.name || '.' || products.name
            WHEN domains.id THEN domains.name END)
          ORDER BY scope_id, name), '[]')
        FROM policies WHERE scope_id IN ('mesh', domains.id, products.id)) AS policies,
      (SELECT coalesce(jsonb_agg(jsonb_build_object('id', id, 'kind', kind, 'severity', severity,
          'summary', summary, 'openedAt', to_char(opened_at, 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'))
          ORDER BY severity, opened_at, id), '[]')
        FROM incidents WHERE dataset_id = datasets.id AND state <> 'closed') AS incidents
    FROM datasets
    JOIN products ON products.id = datasets.product_id
    JOIN domains ON domains.id = products.domain_id
    LEFT JOIN tables ON tables.dataset_id = datasets.id
    WHERE ${wanted(question)}
    ORDER BY domains.name, products.name, products.major, datasets.name`.execute(reader);
  return rows;
}

function pastOf({ past, domainIds: consumerIds }: AccessQuestion): RawBuilder<unknown> {
  if (past === undefined) return sql``;
  const { at, productIds, domainIds } = past;
  const scopes = ['mesh', ...domainIds, ...productIds];
  return asOf(at, {
    products: domainIds,
    datasets: productIds,
    // Many products of few consumers, or one product of many.
    subscriptions: productIds.length > 1 ? { of: consumerIds } : productIds,
    policies: scopes,
    restrictions: scopes,
    domains: 'all',
  });
}

const ISO = 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"';

function heldToTheEnd({ domainIds }: AccessQuestion): RawBuilder<unknown> {
  return sql`SELECT count(*) > 0 FROM subscriptions AS held
    WHERE held.product_id = products.id AND products.sunset_at IS NOT NULL
      AND (held.state = 'active' OR held.state = 'expired' AND held.ended_at >= products.sunset_at)
      AND held.domain_id IN (${sql.join(noneOr(domainIds))})`;
}

function releaseOf(at: Date | null): RawBuilder<unknown> {
  return sql`SELECT jsonb_build_object('id', id, 'number', number, 'snapshotId', snapshot_id, 'rows', rows,
      'releasedAt', to_char(released_at, 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'), 'columns', columns, 'columnTags', column_tags, 'partTags', part_tags)
    FROM releases
    WHERE dataset_id = datasets.id ${at === null ? sql`` : sql`AND released_at <= ${at}`}
    ORDER BY number DESC LIMIT 1`;
}

function subscriptionsOf({ domainIds, now }: AccessQuestion): RawBuilder<unknown> {
  return sql`SELECT coalesce(jsonb_agg(jsonb_build_object('id', held.id, 'domainId', held.domain_id,
      'domain', consumers.name, 'purpose', held.purpose, 'granted', held.granted,
      'until', to_char(held.until, 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')) ORDER BY held.id), '[]')
    FROM subscriptions AS held
    JOIN domains AS consumers ON consumers.id = held.domain_id
    WHERE held.product_id = products.id AND held.state = 'active' AND (held.until IS NULL OR held.until > ${now})
      AND held.domain_id IN (${sql.join(noneOr(domainIds))})`;
}

function wanted({ names, datasetIds }: AccessQuestion): RawBuilder<unknown> {
  if (datasetIds !== undefined) return sql`datasets.id IN (${sql.join(noneOr(datasetIds))})`;
  const pairs = (names ?? []).map(({ schema, name }) => sql`(${schema}, ${name})`);
  if (pairs.length === 0) return sql`false`;
  const list = sql.join(pairs);
  return sql`((domains.name, datasets.name) IN (${list})
    OR (domains.name || '.' || products.name, datasets.name) IN (${list})
    OR (domains.name || '.' || products.name || '@' || products.major, datasets.name) IN (${list}))`;
}

/** A dataset by the names it is addressed with. */
export interface LikeNamed {
  domain: string;
  product: string;
  dataset: string;
}

/** How alike two names are (pg_trgm), at the least, to be looked at; and how many of them. */
const LIKE = 0.25;
const MOST_LIKE = 200;

/** Datasets of these domains, or where none is given those spelt like the name, whoever may discover them. */
export async function findLikeNamed(
  reader: Reader,
  { domains, name }: { domains: string[] | null; name: string },
): Promise<LikeNamed[]> {
  const bound =
    domains === null
      ? sql`similarity(datasets.name, ${name}) >= ${LIKE}::float4`
      : sql`domains.name IN (${sql.join(noneOr(domains))})`;
  const { rows } = await sql<LikeNamed>`
    SELECT domains.name AS domain, products.name AS product, datasets.name AS dataset
    FROM datasets
    JOIN products ON products.id = datasets.product_id AND products.is_current AND products.status <> 'retired'
    JOIN domains ON domains.id = products.domain_id
    WHERE ${bound}
    ORDER BY similarity(products.name || '.' || datasets.name, ${name}) DESC, domains.name, products.name, datasets.name
    LIMIT ${MOST_LIKE}`.execute(reader);
  return rows;
}

export async function listDomainNames(reader: Reader): Promise<string[]> {
  const rows = await reader.selectFrom('domains').select('name').where('closed_at', 'is', null).execute();
  return rows.map(({ name }) => name);
}
