import { sql } from 'kysely';
import type { Reader } from '../../store/database.ts';
import { mergeForms, type RequestForm, type WrittenForm } from './request-form.ts';
import { type Terms, termsOf } from './terms.ts';

/** What whoever requests a product is asked now, with the terms of its contracts. */
export interface AskedForm extends RequestForm {
  product: string;
  agreement: Terms;
}

export async function readForm(reader: Reader, product: { id: string; name: string }): Promise<AskedForm> {
  const { rows } = await sql<{ forms: (WrittenForm | null)[] }>`
    SELECT jsonb_build_array((SELECT document -> 'requests' FROM meshes), domains.document -> 'requests',
      products.request_form) AS forms
    FROM products JOIN domains ON domains.id = products.domain_id WHERE products.id = ${product.id}`.execute(
    reader,
  );
  const forms = (rows[0]?.forms ?? []).filter((form) => form !== null);
  const datasets = await reader
    .selectFrom('datasets')
    .select(['name as dataset', 'contract_version as version', 'contract'])
    .where('product_id', '=', product.id)
    .execute();
  return { ...mergeForms(forms), product: product.name, agreement: termsOf(product.name, datasets) };
}
