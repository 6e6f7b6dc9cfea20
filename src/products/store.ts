import { MeshError } from '../base/errors.ts';
import type { Column } from '../base/data-type.ts';
import type { Reader } from '../store/database.ts';
import type { ProductRow } from '../store/schema.ts';

/** A product with its domain's name. */
export interface NamedProduct extends ProductRow {
  domain: string;
  domain_title: string;
}

/**
 * A product by `DOMAIN.PRODUCT`.
 * @throws MeshError `not-found`
 */
export async function readProduct(reader: Reader, fullName: string): Promise<NamedProduct> {
  const [domain = '', name = ''] = fullName.split('.');
  const product = await reader
    .selectFrom('products')
    .innerJoin('domains', 'domains.id', 'products.domain_id')
    .selectAll('products')
    .select(['domains.name as domain', 'domains.title as domain_title'])
    .where('domains.name', '=', domain)
    .where('products.name', '=', name)
    .executeTakeFirst();
  if (product === undefined) throw new MeshError('not-found', { facts: { what: `product ${fullName}` } });
  return product as NamedProduct;
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
