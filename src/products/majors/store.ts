import type { Column } from '../../base/data-type.ts';
import { newId } from '../../base/ids.ts';
import type { Granted } from '../../policy/decide.ts';
import { json, type Reader, type Transaction } from '../../store/database.ts';

/** The other majors of a product's name, newest first. */
export function listOtherMajors(reader: Reader, product: { id: string; domain_id: string; name: string }) {
  return reader
    .selectFrom('products')
    .select(['id', 'version', 'major', 'status', 'is_current', 'sunset_at', 'published_at'])
    .where('domain_id', '=', product.domain_id)
    .where('name', '=', product.name)
    .where('id', '<>', product.id)
    .orderBy('major', 'desc')
    .execute();
}

/** The name is this major's from now on; the one that had it goes on beside it until its sunset. */
export async function markCurrent(
  transaction: Transaction,
  _granted: Granted<'product.publish'>,
  change: { id: string; instead: string; sunsetAt: Date; at: Date },
): Promise<void> {
  const { id, instead, sunsetAt, at } = change;
  await transaction
    .updateTable('products')
    .set({ is_current: false, updated_at: at })
    .where('id', '=', instead)
    .execute();
  await transaction
    .updateTable('products')
    .set({ status: 'deprecated', sunset_at: sunsetAt })
    .where('id', '=', instead)
    .where('status', '<>', 'retired')
    .execute();
  await transaction.updateTable('products').set({ is_current: true }).where('id', '=', id).execute();
}

/** When a product, or a major of it, stops being served. */
export async function markSunset(
  transaction: Transaction,
  _granted: Granted<'product.publish'>,
  { id, sunsetAt }: { id: string; sunsetAt: Date },
): Promise<void> {
  await transaction.updateTable('products').set({ sunset_at: sunsetAt }).where('id', '=', id).execute();
}

/** Products whose sunset has come and that are not retired yet. */
export function listSunset(reader: Reader, now: Date) {
  return reader
    .selectFrom('products')
    .innerJoin('domains', 'domains.id', 'products.domain_id')
    .select(['products.id', 'products.domain_id', 'products.name', 'products.major', 'products.is_current'])
    .select('domains.name as domain')
    .where('products.sunset_at', '<=', now)
    .where('products.status', '<>', 'retired')
    .limit(100)
    .execute();
}

export type SunsetProduct = Awaited<ReturnType<typeof listSunset>>[number];

/** deprecated -> retired, by the date that was announced. */
export async function markSunsetDone(
  transaction: Transaction,
  { id, at }: { id: string; at: Date },
): Promise<void> {
  await transaction
    .updateTable('products')
    .set({ status: 'retired', updated_at: at })
    .where('id', '=', id)
    .execute();
}

/** The published versions of these majors, newest first. */
export function listVersionsOf(reader: Reader, productIds: string[]) {
  return reader
    .selectFrom('product_versions')
    .select(['version', 'published_at', 'changes'])
    .where('product_id', 'in', ['', ...productIds])
    .orderBy('published_at', 'desc')
    .orderBy('id', 'desc')
    .execute();
}

export function listVersions(reader: Reader, productId: string) {
  return reader
    .selectFrom('product_versions')
    .select(['version', 'hash', 'published_at'])
    .where('product_id', '=', productId)
    .orderBy('published_at', 'desc')
    .execute();
}

/** The texts of a contract's versions, newest first. */
export function listContractTexts(reader: Reader, datasetId: string, limit: number) {
  return reader
    .selectFrom('contract_versions')
    .select(['version', 'text', 'created_at'])
    .where('dataset_id', '=', datasetId)
    .orderBy('created_at', 'desc')
    .orderBy('version', 'desc')
    .limit(limit)
    .execute();
}

export interface NewVersion {
  productId: string;
  version: string;
  text: string;
  hash: string;
  by: string;
  at: Date;
  /** What differs from the version before, classified. */
  changes: unknown[];
}

/** The text of a version as it was published: never changed again. */
export async function insertVersion(transaction: Transaction, version: NewVersion): Promise<void> {
  await transaction
    .insertInto('product_versions')
    .values({
      id: newId('prv'),
      product_id: version.productId,
      version: version.version,
      text: version.text,
      hash: version.hash,
      published_at: version.at,
      published_by: version.by,
      changes: json(version.changes),
    })
    .execute();
}

/** The columns of the rows that consumers see, of each dataset with a release. */
export async function listReleasedColumns(
  reader: Reader,
  datasetIds: string[],
): Promise<Map<string, Column[]>> {
  if (datasetIds.length === 0) return new Map();
  const rows = await reader
    .selectFrom('releases')
    .distinctOn('dataset_id')
    .select(['dataset_id', 'columns'])
    .where('dataset_id', 'in', datasetIds)
    .orderBy('dataset_id')
    .orderBy('number', 'desc')
    .execute();
  return new Map(rows.map((row) => [row.dataset_id, row.columns as Column[]]));
}

/** The active subscriptions to a product, or to a major of it. */
export function listActive(reader: Reader, productId: string) {
  return reader
    .selectFrom('subscriptions')
    .select(['id', 'domain_id', 'purpose'])
    .where('product_id', '=', productId)
    .where('state', '=', 'active')
    .orderBy('id')
    .execute();
}
