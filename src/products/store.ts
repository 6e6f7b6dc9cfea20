import { type Expression, sql, type SqlBool } from 'kysely';
import type { Column } from '../base/data-type.ts';
import { MeshError } from '../base/errors.ts';
import type { Granted } from '../policy/decide.ts';
import { asOf } from '../store/as-of.ts';
import { json, type Reader, type Transaction } from '../store/database.ts';
import { parseProductName } from './product-name.ts';
import type {
  DatasetRow,
  DomainRow,
  ProductRow,
  ProductStatus,
  Read,
  SubscriptionState,
} from '../store/schema.ts';
import { IS_FORBIDDEN } from '../store/rows/proofs.ts';

/** A product with its domain's name. */
export interface NamedProduct extends Read<ProductRow> {
  domain: string;
  domain_title: string;
  /** The name it was asked for by: all that a refusal may repeat. */
  addressed: string;
}

/**
 * A product by `DOMAIN.PRODUCT`, or one of its majors by `DOMAIN.PRODUCT@MAJOR`.
 * @throws MeshError `not-found`
 */
export async function readProduct(reader: Reader, fullName: string): Promise<NamedProduct> {
  const { domain = '', product: name = '', major = null } = parseProductName(fullName) ?? {};
  let query = reader
    .selectFrom('products')
    .innerJoin('domains', 'domains.id', 'products.domain_id')
    .selectAll('products')
    .select(['domains.name as domain', 'domains.title as domain_title'])
    .where('domains.name', '=', domain)
    .where('products.name', '=', name);
  query =
    major === null
      ? query.where('products.is_current', '=', true)
      : query.where('products.major', '=', major);
  const product = await query.executeTakeFirst();
  if (product === undefined) throw new MeshError('not-found', { facts: { what: `product ${fullName}` } });
  return { ...product, addressed: fullName };
}

/** The product once more, with its row locked: two changes of its state do not interleave. */
export async function lockProduct(transaction: Transaction, id: string): Promise<Read<ProductRow>> {
  return transaction
    .selectFrom('products')
    .selectAll()
    .where('id', '=', id)
    .forUpdate()
    .executeTakeFirstOrThrow();
}

export interface NamedDataset {
  id: string;
  name: string;
  columns: Column[];
}

/** The datasets of a product with their contracts' columns. */
export async function listDatasets(reader: Reader, productId: string): Promise<NamedDataset[]> {
  const rows = await reader
    .selectFrom('datasets')
    .select(['id', 'name', 'columns'])
    .where('product_id', '=', productId)
    .orderBy('name')
    .execute();
  return rows.map((row) => ({ ...row, columns: row.columns as Column[] }));
}

/** The datasets of a product with everything declared about them. */
export function listDatasetRows(reader: Reader, productId: string): Promise<Read<DatasetRow>[]> {
  return reader
    .selectFrom('datasets')
    .selectAll()
    .where('product_id', '=', productId)
    .orderBy('name')
    .execute();
}

/**
 * A domain of the mesh by its name.
 * @throws MeshError `not-found`, also for a closed one
 */
export async function readDomain(reader: Reader, name: string): Promise<Read<DomainRow>> {
  const domain = await reader
    .selectFrom('domains')
    .selectAll()
    .where('name', '=', name)
    .where('closed_at', 'is', null)
    .executeTakeFirst();
  if (domain === undefined) throw new MeshError('not-found', { facts: { what: `domain ${name}` } });
  return domain;
}

export function listDomains(reader: Reader) {
  return reader
    .selectFrom('domains')
    .select(['id', 'name', 'title', 'description'])
    .where('closed_at', 'is', null)
    .orderBy('name')
    .execute();
}

/** The sources of a domain with how many tables their last crawl found. */
export function listSources(reader: Reader, domainId: string) {
  return reader
    .selectFrom('sources')
    .leftJoin('source_tables', 'source_tables.source_id', 'sources.id')
    .select(['sources.id', 'sources.name', 'sources.document'])
    .select((of) => of.fn.count<number>('source_tables.id').as('tables'))
    .where('sources.domain_id', '=', domainId)
    .groupBy(['sources.id', 'sources.name', 'sources.document'])
    .orderBy('sources.name')
    .execute();
}

export interface ProductPage {
  domain?: string | undefined;
  /** `DOMAIN.PRODUCT` of the last one of the page before. */
  after?: string | undefined;
  limit: number;
}

/** Products by domain and name, without their documents. Retired ones are history and left out. */
export function listProducts(reader: Reader, page: ProductPage) {
  const [afterDomain = '', afterName = ''] = (page.after ?? '').split('.');
  let query = reader
    .selectFrom('products')
    .innerJoin('domains', 'domains.id', 'products.domain_id')
    .select(['products.id', 'products.domain_id', 'products.name', 'products.title', 'products.description'])
    .select(['products.tags', 'products.status', 'products.version', 'domains.name as domain'])
    .where('products.is_current', '=', true)
    .where('products.status', '<>', 'retired')
    .orderBy('domains.name')
    .orderBy('products.name')
    .limit(page.limit);
  if (page.domain !== undefined) query = query.where('domains.name', '=', page.domain);
  if (page.after === undefined) return query.execute();
  const beyond: Expression<SqlBool> = sql`(domains.name, products.name) > (${afterDomain}, ${afterName})`;
  return query.where(beyond).execute();
}

export type ListedProduct = Awaited<ReturnType<typeof listProducts>>[number];

/** The datasets of these products with the release that consumers see. */
export function listReleasedDatasets(reader: Reader, productIds: string[]) {
  return reader
    .selectFrom('datasets')
    .leftJoin('releases', (join) =>
      join.onRef('releases.dataset_id', '=', 'datasets.id').on('releases.number', '=', (of) =>
        of
          .selectFrom('releases as newest')
          .select((max) => max.fn.max('newest.number').as('number'))
          .whereRef('newest.dataset_id', '=', 'datasets.id'),
      ),
    )
    .select(['datasets.id', 'datasets.product_id', 'datasets.name', 'releases.id as release_id'])
    .select(['releases.number', 'releases.released_at', 'releases.rows', 'releases.bytes', 'releases.checks'])
    .select(sql<number>`jsonb_array_length(datasets.columns)`.as('column_count'))
    .where('datasets.product_id', 'in', noneOr(productIds))
    .orderBy('datasets.name')
    .execute();
}

/** When each release of a dataset that was made came out, oldest first, and its snapshot. */
export function listReleaseTimes(reader: Reader, datasetId: string) {
  return reader
    .selectFrom('releases')
    .select(['snapshot_id as snapshotId', 'released_at as releasedAt'])
    .where('dataset_id', '=', datasetId)
    .orderBy('number')
    .execute();
}

/** How these domains stand to these products: the state of every request and grant. */
export function listStandings(reader: Reader, productIds: string[], domainIds: string[]) {
  return reader
    .selectFrom('subscriptions')
    .leftJoin('access_proofs as proofs', 'proofs.subscription_id', 'subscriptions.id')
    .select(['product_id', 'domain_id', 'subscriptions.state', 'until'])
    .select(sql<boolean>`coalesce(${sql.raw(IS_FORBIDDEN)}, false)`.as('forbidden'))
    .where('product_id', 'in', noneOr(productIds))
    .where('domain_id', 'in', noneOr(domainIds))
    .execute();
}

/** Names of the domains that hold a subscription in one of these states, each once. */
export async function listConsumers(
  reader: Reader,
  productId: string,
  states: SubscriptionState[],
): Promise<string[]> {
  const rows = await reader
    .selectFrom('subscriptions')
    .innerJoin('domains', 'domains.id', 'subscriptions.domain_id')
    .select('domains.name')
    .distinct()
    .where('subscriptions.product_id', '=', productId)
    .where('subscriptions.state', 'in', states)
    .orderBy('domains.name')
    .execute();
  return rows.map(({ name }) => name);
}

/** The products that a product's datasets read, without itself. */
export function listInputProducts(reader: Reader, productId: string) {
  return reader
    .selectFrom('dataset_inputs')
    .innerJoin('datasets', 'datasets.id', 'dataset_inputs.dataset_id')
    .innerJoin('datasets as read', 'read.id', 'dataset_inputs.input_dataset_id')
    .innerJoin('products', 'products.id', 'read.product_id')
    .innerJoin('domains', 'domains.id', 'products.domain_id')
    .select(['products.id', 'products.domain_id', 'products.name', 'domains.name as domain'])
    .distinct()
    .where('datasets.product_id', '=', productId)
    .where('products.id', '<>', productId)
    .orderBy('domain')
    .orderBy('products.name')
    .execute();
}

/** SQL names are unambiguous when no other product of the domain offers a dataset of that name. */
export async function listAmbiguousNames(reader: Reader, domainIds: string[]): Promise<Set<string>> {
  const rows = await reader
    .selectFrom('datasets')
    .innerJoin('products', 'products.id', 'datasets.product_id')
    .innerJoin('domains', 'domains.id', 'products.domain_id')
    .select(['domains.name as domain', 'datasets.name'])
    .where('products.domain_id', 'in', noneOr(domainIds))
    .where('products.is_current', '=', true)
    .where('products.status', '<>', 'retired')
    .groupBy(['domains.name', 'datasets.name'])
    .having((of) => of.fn.countAll(), '>', 1)
    .execute();
  return new Set(rows.map(({ domain, name }) => `${domain}.${name}`));
}

/** draft or deprecated -> published; the permission that was decided is what allows it. */
export async function markPublished(
  transaction: Transaction,
  _granted: Granted<'product.publish'>,
  product: { id: string; at: Date },
): Promise<void> {
  await transaction
    .updateTable('products')
    .set({ status: 'published', published_at: product.at, updated_at: product.at, sunset_at: null })
    .where('id', '=', product.id)
    .execute();
}

/** published -> deprecated -> retired. */
export async function markStatus(
  transaction: Transaction,
  _granted: Granted<'product.publish'>,
  product: { id: string; status: Exclude<ProductStatus, 'published'>; at: Date },
): Promise<void> {
  await transaction
    .updateTable('products')
    .set({ status: product.status, updated_at: product.at })
    .where('id', '=', product.id)
    .execute();
}

/** `IN ()` is no SQL; an id that nobody has stands for the empty list. */
function noneOr(ids: string[]): string[] {
  return ids.length === 0 ? [''] : ids;
}

/** Row filter attributes of a domain as the mesh's administrators set them: now (null), or as of a past moment. */
export async function readDomainAttributes(
  reader: Reader,
  { domain, at }: { domain: string; at: Date | null },
): Promise<Record<string, string | string[]>> {
  const mesh = await reader.selectFrom('meshes').select('id').executeTakeFirst();
  const { rows } = await sql<{ attributes: Record<string, string | string[]> | null }>`
    ${at === null ? sql`` : asOf(at, { meshes: mesh === undefined ? [] : [mesh.id] })}
    SELECT document -> 'attributes' -> 'domains' -> ${domain} AS attributes FROM meshes`.execute(reader);
  return rows[0]?.attributes ?? {};
}
