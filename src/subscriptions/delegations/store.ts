import { sql } from 'kysely';
import { newId } from '../../base/ids.ts';
import { json, type Reader, type Transaction } from '../../store/database.ts';
import type { DelegationRow } from '../../store/rows/delegations.ts';
import type { GrantedAccess } from '../grant.ts';

/** A delegation with the names it is known by. */
export interface NamedDelegation {
  id: string;
  productId: string;
  product: string;
  major: number;
  producerId: string;
  producer: string;
  holderKind: DelegationRow['holder_kind'];
  holderId: string;
  /** E-mail address of a person, else the name; null when the holder is not there any more. */
  holder: string | null;
  ceiling: GrantedAccess;
  until: Date | null;
  delegatedBy: string;
  /** Name of the owner who gave it. */
  delegator: string | null;
  delegatedAt: Date;
  endedAt: Date | null;
  endedBy: string | null;
  endReason: string | null;
  /** Active subscriptions that were approved under it. */
  approvals: number;
}

function named(reader: Reader) {
  return reader
    .selectFrom('delegations')
    .innerJoin('products', 'products.id', 'delegations.product_id')
    .innerJoin('domains', 'domains.id', 'products.domain_id')
    .leftJoin('principals as holders', 'holders.id', 'delegations.holder_id')
    .leftJoin('domains as holding', 'holding.id', 'delegations.holder_id')
    .leftJoin('principals as delegators', 'delegators.id', 'delegations.delegated_by')
    .leftJoin('principals as enders', 'enders.id', 'delegations.ended_by')
    .select(['delegations.id', 'delegations.product_id as productId', 'products.name as product'])
    .select('products.major')
    .select(['domains.id as producerId', 'domains.name as producer'])
    .select(['delegations.holder_kind as holderKind', 'delegations.holder_id as holderId'])
    .select(sql<string | null>`coalesce(holders.email, holders.name, holding.name)`.as('holder'))
    .select(sql<GrantedAccess>`delegations.ceiling`.as('ceiling'))
    .select(['delegations.until', 'delegations.delegated_by as delegatedBy', 'delegators.name as delegator'])
    .select(['delegations.delegated_at as delegatedAt', 'delegations.ended_at as endedAt'])
    .select(['enders.name as endedBy', 'delegations.end_reason as endReason'])
    .select(
      sql<number>`(SELECT count(*)::int FROM subscriptions
        WHERE delegation_id = delegations.id AND state = 'active')`.as('approvals'),
    );
}

export function findDelegation(reader: Reader, id: string): Promise<NamedDelegation | undefined> {
  return named(reader).where('delegations.id', '=', id).executeTakeFirst();
}

export interface DelegationFilter {
  productId?: string | undefined;
  /** Those of products of these domains, or held by one of these; null is all of the mesh. */
  concerning: { producerIds: string[]; holderIds: string[] } | null;
  limit: number;
}

/** Living ones first, newest first. */
export function listDelegations(reader: Reader, filter: DelegationFilter): Promise<NamedDelegation[]> {
  let query = named(reader)
    .orderBy(sql`delegations.ended_at IS NOT NULL`)
    .orderBy('delegations.delegated_at', 'desc')
    .limit(filter.limit);
  if (filter.productId !== undefined) query = query.where('products.id', '=', filter.productId);
  const { concerning } = filter;
  if (concerning === null) return query.execute();
  return query
    .where((is) =>
      is.or([
        is('products.domain_id', 'in', ['', ...concerning.producerIds]),
        is('delegations.holder_id', 'in', ['', ...concerning.holderIds]),
      ]),
    )
    .execute();
}

export interface Holding {
  id: string;
  productId: string;
  ceiling: GrantedAccess;
  until: Date | null;
  delegatedBy: string;
}

/** What these principals and domains hold for a product now; of several the one that was given first. */
export async function findHolding(
  reader: Reader,
  { productId, holderIds, now }: { productId: string; holderIds: string[]; now: Date },
): Promise<Holding | undefined> {
  return living(reader, holderIds, now).where('product_id', '=', productId).executeTakeFirst();
}

/** Products for which these principals and domains may decide about requests now. */
export async function listHeldProductIds(reader: Reader, holderIds: string[], now: Date): Promise<string[]> {
  const rows = await living(reader, holderIds, now).execute();
  return [...new Set(rows.map(({ productId }) => productId))];
}

function living(reader: Reader, holderIds: string[], now: Date) {
  return reader
    .selectFrom('delegations')
    .select(['id', 'product_id as productId', 'until', 'delegated_by as delegatedBy'])
    .select(sql<GrantedAccess>`ceiling`.as('ceiling'))
    .where('holder_id', 'in', holderIds)
    .where('ended_at', 'is', null)
    .where((is) => is.or([is('until', 'is', null), is('until', '>', now)]))
    .orderBy('delegated_at')
    .orderBy('id');
}

/** Who decides about a request under a delegation, by name: nobody of the domains that are told of it anyway. */
export async function listDelegateIds(
  reader: Reader,
  { productId, now, except }: { productId: string; now: Date; except: string[] },
): Promise<string[]> {
  const rows = await reader
    .selectFrom('delegations')
    .innerJoin('memberships', (join) =>
      join.on((is) =>
        is.or([
          is('memberships.principal_id', '=', is.ref('delegations.holder_id')),
          is('memberships.domain_id', '=', is.ref('delegations.holder_id')),
        ]),
      ),
    )
    .select('memberships.principal_id as id')
    .distinct()
    .where('delegations.product_id', '=', productId)
    .where('delegations.ended_at', 'is', null)
    .where((is) => is.or([is('delegations.until', 'is', null), is('delegations.until', '>', now)]))
    .where('memberships.principal_id', 'not in', (members) =>
      members.selectFrom('memberships').select('principal_id').where('domain_id', 'in', except),
    )
    .execute();
  return rows.map(({ id }) => id);
}

export interface NewDelegation {
  productId: string;
  holder: { kind: DelegationRow['holder_kind']; id: string };
  ceiling: GrantedAccess;
  until: Date | null;
  by: string;
  at: Date;
}

export async function insertDelegation(
  transaction: Transaction,
  { productId, holder, ceiling, until, by, at }: NewDelegation,
): Promise<string> {
  const id = newId('dlg');
  await transaction
    .insertInto('delegations')
    .values({
      id,
      product_id: productId,
      holder_kind: holder.kind,
      holder_id: holder.id,
      ceiling: json(ceiling),
      until,
      delegated_by: by,
      delegated_at: at,
    })
    .execute();
  return id;
}

/** The row locked: an approval under it and its end do not pass each other. */
export function lockDelegation(transaction: Transaction, id: string) {
  return transaction
    .selectFrom('delegations')
    .select(['ended_at as endedAt', 'until'])
    .where('id', '=', id)
    .forUpdate()
    .executeTakeFirstOrThrow();
}

/** False when it had ended before. */
export async function markDelegationEnded(
  transaction: Transaction,
  { id, by, reason, at }: { id: string; by: string; reason: string; at: Date },
): Promise<boolean> {
  const { numUpdatedRows } = await transaction
    .updateTable('delegations')
    .set({ ended_at: at, ended_by: by, end_reason: reason })
    .where('id', '=', id)
    .where('ended_at', 'is', null)
    .executeTakeFirst();
  return numUpdatedRows === 1n;
}

export async function markDelegated(
  transaction: Transaction,
  id: string,
  delegationId: string,
): Promise<void> {
  await transaction
    .updateTable('subscriptions')
    .set({ delegation_id: delegationId })
    .where('id', '=', id)
    .execute();
}

/** What was approved under it and lives, or waits for its next step: for whoever ends them all. */
export function listApproved(transaction: Transaction, id: string) {
  return transaction
    .selectFrom('subscriptions')
    .innerJoin('domains', 'domains.id', 'subscriptions.domain_id')
    .select(['subscriptions.id', 'subscriptions.state', 'subscriptions.purpose', 'domains.name as consumer'])
    .where('subscriptions.delegation_id', '=', id)
    .where('subscriptions.state', 'in', ['active', 'requested'])
    .orderBy('subscriptions.id')
    .execute();
}
