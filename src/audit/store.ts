import type { Reader } from '../store/database.ts';

export interface ChangeFilter {
  /** Rows about these domains; null for all of the mesh. */
  domainIds: string[] | null;
  object?: string | undefined;
  /** Only rows before this id: the cursor. */
  before?: number | undefined;
  limit: number;
}

/** Audit rows, newest first. */
export function listChanges(reader: Reader, filter: ChangeFilter) {
  let query = reader
    .selectFrom('changes')
    .leftJoin('principals', 'principals.id', 'changes.actor')
    .selectAll('changes')
    .select('principals.name as actor_name')
    .orderBy('changes.id', 'desc')
    .limit(filter.limit);
  if (filter.domainIds !== null) query = query.where('changes.domain_id', 'in', filter.domainIds);
  if (filter.object !== undefined) query = query.where('changes.object', '=', filter.object);
  if (filter.before !== undefined) query = query.where('changes.id', '<', filter.before);
  return query.execute();
}

/** Use of subscriptions since a time: queries, rows, bytes and the last use of each. */
export function sumUsage(reader: Reader, subscriptionIds: string[]) {
  return reader
    .selectFrom('usage')
    .select(['subscription_id'])
    .select((sum) => [
      sum.fn.count<number>('query_id').distinct().as('queries'),
      sum.fn.sum<number>('rows').as('rows'),
      sum.fn.sum<number>('bytes').as('bytes'),
      sum.fn.max('at').as('last_used_at'),
    ])
    .where('subscription_id', 'in', subscriptionIds)
    .groupBy('subscription_id')
    .execute();
}

export interface PolicyText {
  /** The mesh, or the id of the product it stands beside. */
  scopeId: string;
  /** `domain.product` of the product it stands beside; null for policies of the mesh. */
  product: string | null;
  file: string;
  text: string;
}

/** Policies of these scopes, in a stable order. */
export async function listPolicies(reader: Reader, scopeIds: string[]): Promise<PolicyText[]> {
  const rows = await reader
    .selectFrom('policies')
    .leftJoin('products', 'products.id', 'policies.scope_id')
    .leftJoin('domains', 'domains.id', 'products.domain_id')
    .select([
      'policies.scope_id',
      'policies.name',
      'policies.text',
      'products.name as product',
      'domains.name as domain',
    ])
    .where('policies.scope_id', 'in', scopeIds)
    .orderBy('policies.scope_id')
    .orderBy('policies.name')
    .execute();
  return rows.map(({ scope_id, name, text, domain, product }) => ({
    scopeId: scope_id,
    product: domain === null || product === null ? null : `${domain}.${product}`,
    file: name,
    text,
  }));
}
