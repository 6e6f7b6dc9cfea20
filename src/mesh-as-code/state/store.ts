import { sql } from 'kysely';
import { MESH_SCOPE } from '../../audit/decisions.ts';
import { listPolicies } from '../../audit/store.ts';
import type { Column } from '../../base/data-type.ts';
import type { Reader } from '../../store/database.ts';
import type { WrittenForm } from '../../subscriptions/forms/request-form.ts';
import type { DeclaredGrant } from '../declaration.ts';
import type { DatasetState, Directory, DomainState, MeshState, ProductState, TagGrant } from '../state.ts';

export async function readDirectory(reader: Reader): Promise<Directory> {
  const domains = await reader
    .selectFrom('domains')
    .select(['id', 'name', 'closed_at', sql<WrittenForm | null>`document -> 'requests'`.as('form')])
    .execute();
  const products = await reader
    .selectFrom('products')
    .innerJoin('domains', 'domains.id', 'products.domain_id')
    .select(['products.id', 'products.domain_id as domainId', 'domains.name as domain', 'products.name'])
    .select(['products.status', 'products.grants', 'products.major', 'products.is_current as isCurrent'])
    .select(sql<boolean>`products.published_at IS NOT NULL`.as('published'))
    .select(sql<WrittenForm>`products.request_form`.as('requestForm'))
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
    domains: domains.map(({ id, name, closed_at, form }) => ({
      ...{ id, name, closed: closed_at !== null },
      requestForm: form ?? {},
    })),
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
  return { row: row ?? null, policies, restrictions: await listRestrictions(reader, [MESH_SCOPE]) };
}

/** Subscriptions that hold by a tag expression, requests of which a step was given by one, and delegations under one. */
export async function listTagGrants(reader: Reader): Promise<TagGrant[]> {
  const { rows } = await sql<TagGrant>`
    SELECT given.what || ' ' || given.id || coalesce(' of ' || consumers.name, '')
        || ' to ' || producers.name || '.' || products.name AS by,
      given.tags
    FROM (
      SELECT 'the subscription' AS what, id, domain_id, product_id, granted -> 'tags' AS tags
      FROM subscriptions WHERE state = 'active' AND granted -> 'tags' IS NOT NULL
      UNION ALL
      SELECT 'the request', waiting.id, waiting.domain_id, waiting.product_id, decided.granted -> 'tags'
      FROM subscriptions AS waiting JOIN request_decisions AS decided ON decided.request_id = waiting.id
      WHERE waiting.step IS NOT NULL AND decided.granted -> 'tags' IS NOT NULL
      UNION ALL
      SELECT 'the delegation', id, NULL, product_id, ceiling -> 'tags'
      FROM delegations WHERE ended_at IS NULL AND ceiling -> 'tags' IS NOT NULL
    ) AS given
    JOIN products ON products.id = given.product_id
    JOIN domains AS producers ON producers.id = products.domain_id
    LEFT JOIN domains AS consumers ON consumers.id = given.domain_id
    ORDER BY given.id`.execute(reader);
  return rows;
}

function listRestrictions(reader: Reader, scopeIds: string[]) {
  return reader
    .selectFrom('restrictions')
    .select(['id', 'scope_id as scopeId', 'name', 'document'])
    .where('scope_id', 'in', scopeIds)
    .orderBy('name')
    .execute();
}

/** An open domain of this name. */
export function findOpenDomain(reader: Reader, name: string) {
  return reader
    .selectFrom('domains')
    .select(['id', 'name'])
    .where('name', '=', name)
    .where('closed_at', 'is', null)
    .executeTakeFirst();
}

/** Everything the store holds of a domain, also of a closed one; null when there never was one. */
export async function findDomainState(reader: Reader, name: string): Promise<DomainState | null> {
  const row = await reader.selectFrom('domains').selectAll().where('name', '=', name).executeTakeFirst();
  if (row === undefined) return null;
  const members = await reader
    .selectFrom('memberships')
    .innerJoin('principals', 'principals.id', 'memberships.principal_id')
    .leftJoin('company_memberships', (given) =>
      given
        .onRef('company_memberships.domain_id', '=', 'memberships.domain_id')
        .onRef('company_memberships.principal_id', '=', 'memberships.principal_id'),
    )
    .select(['principals.id as principalId', 'principals.email', 'principals.name', 'memberships.role'])
    .where('memberships.domain_id', '=', row.id)
    .where('company_memberships.domain_id', 'is', null)
    .execute();
  const sources = await reader.selectFrom('sources').selectAll().where('domain_id', '=', row.id).execute();
  const crawled = await listCrawledNames(reader, row.id);
  const policies = (await listPolicies(reader, [row.id])).map(({ file, text }) => ({ name: file, text }));
  const restrictions = await listRestrictions(reader, [row.id]);
  const products = await listProductStates(reader, row.id);
  const subscriptions = await listHeld(reader, row.id);
  return { row, members, sources, crawled, policies, restrictions, products, subscriptions };
}

async function listCrawledNames(reader: Reader, domainId: string): Promise<Map<string, string[]>> {
  const rows = await reader
    .selectFrom('source_tables')
    .innerJoin('sources', 'sources.id', 'source_tables.source_id')
    .select(['sources.name as source', 'source_tables.name as table'])
    .where('sources.domain_id', '=', domainId)
    .orderBy('source_tables.name')
    .execute();
  const bySource = Map.groupBy(rows, ({ source }) => source);
  return new Map([...bySource].map(([source, found]) => [source, found.map(({ table }) => table)]));
}

async function listProductStates(reader: Reader, domainId: string): Promise<ProductState[]> {
  const products = await reader
    .selectFrom('products')
    .selectAll()
    .where('domain_id', '=', domainId)
    .execute();
  // `IN ()` is no SQL; an id that nobody has stands for the empty list.
  const ids = ['', ...products.map(({ id }) => id)];
  const policies = await listPolicies(reader, ids);
  const restrictions = await listRestrictions(reader, ids);
  const datasets = await listDatasetStates(reader, ids);
  const versions = await reader
    .selectFrom('product_versions')
    .select(['product_id', 'version', 'hash'])
    .where('product_id', 'in', ids)
    .execute();
  const asked = await reader
    .selectFrom('subscriptions')
    .innerJoin('domains', 'domains.id', 'subscriptions.domain_id')
    .select(['subscriptions.id', 'subscriptions.product_id', 'subscriptions.state', 'subscriptions.purpose'])
    .select(['domains.name as domain', 'subscriptions.step', 'subscriptions.asked_columns as columns'])
    .where('subscriptions.product_id', 'in', ids)
    .execute();
  return products.map((row): ProductState => {
    const requests = asked.filter(({ product_id }) => product_id === row.id);
    const active = requests.filter(({ state }) => state === 'active').map(({ domain }) => domain);
    return {
      row,
      policies: policies
        .filter(({ scopeId }) => scopeId === row.id)
        .map(({ file, text }) => ({ name: file, text })),
      restrictions: restrictions.filter(({ scopeId }) => scopeId === row.id),
      datasets: datasets.filter((dataset) => dataset.row.product_id === row.id),
      versions: versions.filter(({ product_id }) => product_id === row.id),
      consumers: [...new Set(active)].sort(),
      requests: requests.filter(({ step }) => step === 'owner'),
      hasHistory: requests.length > 0,
    };
  });
}

async function listDatasetStates(reader: Reader, productIds: string[]): Promise<DatasetState[]> {
  const datasets = await reader
    .selectFrom('datasets')
    .selectAll()
    .where('product_id', 'in', productIds)
    .execute();
  const ids = ['', ...datasets.map(({ id }) => id)];
  const inputs = await reader
    .selectFrom('dataset_inputs')
    .selectAll()
    .where('dataset_id', 'in', ids)
    .execute();
  const versions = await reader
    .selectFrom('contract_versions')
    .select(['dataset_id', 'version', 'hash'])
    .where('dataset_id', 'in', ids)
    .execute();
  return datasets.map((row) => ({
    row,
    inputs: inputs.filter(({ dataset_id }) => dataset_id === row.id),
    versions: versions.filter(({ dataset_id }) => dataset_id === row.id),
  }));
}

function listHeld(reader: Reader, domainId: string) {
  return reader
    .selectFrom('subscriptions')
    .innerJoin('products', 'products.id', 'subscriptions.product_id')
    .innerJoin('domains', 'domains.id', 'products.domain_id')
    .select(['subscriptions.id', 'subscriptions.product_id as productId', 'subscriptions.purpose'])
    .select(['subscriptions.state', 'subscriptions.until', 'products.major'])
    .select(sql<string>`domains.name || '.' || products.name`.as('product'))
    .where('subscriptions.domain_id', '=', domainId)
    .orderBy('subscriptions.requested_at', 'desc')
    .orderBy('subscriptions.id', 'desc')
    .execute();
}

/** The columns of the tables of a domain's sources, by `source.table`; of tables that nobody has read there are none. */
export async function listSourceColumns(reader: Reader, domain: string): Promise<Map<string, Column[]>> {
  const rows = await reader
    .selectFrom('source_tables')
    .innerJoin('sources', 'sources.id', 'source_tables.source_id')
    .innerJoin('domains', 'domains.id', 'sources.domain_id')
    .select(['sources.name as source', 'source_tables.name as table', 'source_tables.facts'])
    .where('domains.name', '=', domain)
    .execute();
  return new Map(
    rows.flatMap(({ source, table, facts }) => {
      const { columns } = facts as { columns?: Column[] };
      return columns === undefined ? [] : [[`${source}.${table}`.toLowerCase(), columns] as const];
    }),
  );
}
