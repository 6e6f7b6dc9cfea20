import type { Column } from '../../base/data-type.ts';
import type { Reader } from '../../store/database.ts';

/** Every dataset of the mesh with what tags it, for whom a rule of the mesh has a say. */
export function listTagged(reader: Reader) {
  return reader
    .selectFrom('datasets')
    .innerJoin('products', 'products.id', 'datasets.product_id')
    .innerJoin('domains', 'domains.id', 'products.domain_id')
    .select(['datasets.id', 'datasets.name', 'datasets.contract', 'datasets.columns'])
    .select(['products.name as product', 'products.tags as productTags'])
    .select(['domains.id as domainId', 'domains.name as domain', 'domains.tags as domainTags'])
    .where('domains.closed_at', 'is', null)
    .$narrowType<{ columns: Column[] }>()
    .execute();
}

/** Open domains with products, by name. */
export function listProducers(reader: Reader) {
  return reader
    .selectFrom('domains')
    .select(['id', 'name'])
    .where('closed_at', 'is', null)
    .where((is) => is.exists(is.selectFrom('products').select('id').whereRef('domain_id', '=', 'domains.id')))
    .orderBy('name')
    .execute();
}

/** Owners of all open domains. */
export async function listOwnerIds(reader: Reader): Promise<string[]> {
  const rows = await reader
    .selectFrom('memberships')
    .innerJoin('domains', 'domains.id', 'memberships.domain_id')
    .select('memberships.principal_id as id')
    .distinct()
    .where('memberships.role', '=', 'owner')
    .where('domains.closed_at', 'is', null)
    .execute();
  return rows.map(({ id }) => id);
}
