import { sql } from 'kysely';
import { MESH_SCOPE } from '../../audit/decisions.ts';
import { listPolicies } from '../../audit/store.ts';
import type { Reader, Transaction } from '../../store/database.ts';
import type { DeclaredGrant } from '../declaration.ts';
import type { Directory, DomainState, MeshState, ProductState, RestrictionState } from '../state.ts';

/** Only one apply at a time changes what this key names, on all servers; the transaction's end frees it. */
export async function lockForApply(transaction: Transaction, key: string): Promise<void> {
  await sql`SELECT pg_advisory_xact_lock(hashtextextended(current_schema() || ':apply:' || ${key}, 0))`.execute(
    transaction,
  );
}

export async function readDirectory(reader: Reader): Promise<Directory> {
  const domains = await reader.selectFrom('domains').select(['id', 'name', 'closed_at']).execute();
  const products = await reader
    .selectFrom('products')
    .innerJoin('domains', 'domains.id', 'products.domain_id')
    .select(['products.id', 'products.domain_id as domainId', 'domains.name as domain', 'products.name'])
    .select(['products.status', 'products.grants'])
    .select(sql<string>`products.document->>'id'`.as('documentId'))
    .execute();
  const datasets = await reader
    .selectFrom('datasets')
    .innerJoin('products', 'products.id', 'datasets.product_id')
    .innerJoin('domains', 'domains.id', 'products.domain_id')
    .select(['datasets.id', 'datasets.product_id as productId', 'domains.name as domain'])
    .select(['products.name as product', 'datasets.name'])
    .select(sql<string>`datasets.contract->>'id'`.as('contractId'))
    .where('products.status', '<>', 'retired')
    .execute();
  const edges = await reader
    .selectFrom('dataset_inputs')
    .select(['dataset_id as from', 'input_dataset_id as to'])
    .where('input_dataset_id', 'is not', null)
    .execute();
  return {
    domains: domains.map(({ id, name, closed_at }) => ({ id, name, closed: closed_at !== null })),
    products: products.map((product) => ({
      ...product,
      grants: product.grants as unknown as DeclaredGrant[],
    })),
    datasets,
    edges: edges.map(({ from, to }) => ({ from, to: to ?? '' })),
  };
}

export async function readMeshState(reader: Reader): Promise<MeshState> {
  const row = await reader.selectFrom('meshes').selectAll().executeTakeFirst();
  const policies = await listPolicies(reader, [MESH_SCOPE]);
  return { row: row ?? null, policies, restrictions: await listRestrictions(reader, MESH_SCOPE) };
}

function listRestrictions(reader: Reader, scopeId: string): Promise<RestrictionState[]> {
  return reader
    .selectFrom('restrictions')
    .select(['id', 'name', 'document'])
    .where('scope_id', '=', scopeId)
    .orderBy('name')
    .execute();
}

/** Everything the store holds of a domain, also of a closed one; null when there never was one. */
export async function findDomainState(reader: Reader, name: string): Promise<DomainState | null> {
  const row = await reader.selectFrom('domains').selectAll().where('name', '=', name).executeTakeFirst();
  if (row === undefined) return null;
  const members = await reader
    .selectFrom('memberships')
    .innerJoin('principals', 'principals.id', 'memberships.principal_id')
    .select(['principals.id as principalId', 'principals.email', 'principals.name', 'memberships.role'])
    .where('memberships.domain_id', '=', row.id)
    .execute();
  const sources = await reader.selectFrom('sources').selectAll().where('domain_id', '=', row.id).execute();
  const products = await reader.selectFrom('products').selectAll().where('domain_id', '=', row.id).execute();
  const states: ProductState[] = [];
  for (const product of products)
    states.push({ row: product, ...(await readProductParts(reader, product.id)) });
  const restrictions = await listRestrictions(reader, row.id);
  return {
    row,
    members,
    sources,
    restrictions,
    products: states,
    subscriptions: await listHeld(reader, row.id),
  };
}

async function readProductParts(reader: Reader, id: string): Promise<Omit<ProductState, 'row'>> {
  const policies = await listPolicies(reader, [id]);
  const datasets = await reader.selectFrom('datasets').selectAll().where('product_id', '=', id).execute();
  const inputs = await reader
    .selectFrom('dataset_inputs')
    .innerJoin('datasets', 'datasets.id', 'dataset_inputs.dataset_id')
    .selectAll('dataset_inputs')
    .where('datasets.product_id', '=', id)
    .execute();
  const contracts = await reader
    .selectFrom('contract_versions')
    .innerJoin('datasets', 'datasets.id', 'contract_versions.dataset_id')
    .select(['contract_versions.dataset_id', 'contract_versions.version', 'contract_versions.hash'])
    .where('datasets.product_id', '=', id)
    .execute();
  const versions = await reader
    .selectFrom('product_versions')
    .select(['version', 'hash'])
    .where('product_id', '=', id)
    .execute();
  const asked = await reader
    .selectFrom('subscriptions')
    .innerJoin('domains', 'domains.id', 'subscriptions.domain_id')
    .select(['subscriptions.id', 'subscriptions.state', 'subscriptions.purpose', 'domains.name as domain'])
    .select('subscriptions.requested_until as until')
    .where('subscriptions.product_id', '=', id)
    .execute();
  const active = asked.filter(({ state }) => state === 'active').map(({ domain }) => domain);
  return {
    policies: policies.map(({ file, text }) => ({ name: file, text })),
    restrictions: await listRestrictions(reader, id),
    datasets: datasets.map((dataset) => ({
      row: dataset,
      inputs: inputs.filter(({ dataset_id }) => dataset_id === dataset.id),
      versions: contracts.filter(({ dataset_id }) => dataset_id === dataset.id),
    })),
    versions,
    consumers: [...new Set(active)].sort(),
    requests: asked.filter(({ state }) => state === 'requested'),
    hasHistory: asked.length > 0,
  };
}

function listHeld(reader: Reader, domainId: string) {
  return reader
    .selectFrom('subscriptions')
    .innerJoin('products', 'products.id', 'subscriptions.product_id')
    .innerJoin('domains', 'domains.id', 'products.domain_id')
    .select(['subscriptions.id', 'subscriptions.product_id as productId', 'subscriptions.purpose'])
    .select(['subscriptions.state', 'subscriptions.until'])
    .select(sql<string>`domains.name || '.' || products.name`.as('product'))
    .where('subscriptions.domain_id', '=', domainId)
    .orderBy('subscriptions.requested_at', 'desc')
    .orderBy('subscriptions.id', 'desc')
    .execute();
}

/** Everybody with their memberships and attributes, or only these principals. */
export function listAttributes(reader: Reader, principalIds: string[] | null) {
  let query = reader
    .selectFrom('principals')
    .leftJoin('memberships', 'memberships.principal_id', 'principals.id')
    .leftJoin('domains', 'domains.id', 'memberships.domain_id')
    .select(['principals.id', 'principals.email', 'principals.attributes', 'domains.name as domain']);
  if (principalIds !== null) query = query.where('principals.id', 'in', ['', ...principalIds]);
  return query.execute();
}
