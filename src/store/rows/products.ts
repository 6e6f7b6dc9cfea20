import type { Generated } from 'kysely';
import type { Json, NullableTime, Time } from './column-types.ts';

export type ProductStatus = 'draft' | 'published' | 'deprecated' | 'retired';

export interface ProductRow {
  id: string;
  domain_id: string;
  name: string;
  title: string;
  description: string;
  status: ProductStatus;
  tags: Json<string[]>;
  version: string;
  document: Json<Record<string, unknown>>;
  text: string;
  /** Requests approved beforehand, as `mesh-as-code` reads them from `grants.yaml`. */
  grants: Json<Record<string, unknown>[]>;
  /** What is asked of whoever wants the product, as its `request.yaml` says. */
  request_form: Json<Record<string, unknown>>;
  created_at: Time;
  updated_at: Time;
  published_at: NullableTime;
  /** The major version this row is; each has its own datasets. */
  major: Generated<number>;
  /** Whether the product's name alone means this major. */
  is_current: Generated<boolean>;
  /** When a major that was superseded stops being served; from then on it counts as retired. */
  sunset_at: NullableTime;
}

export interface ProductVersionRow {
  id: string;
  product_id: string;
  version: string;
  text: string;
  hash: string;
  published_at: Time;
  published_by: string;
  /** What differs from the version before it, classified (`products/publication.ts`). */
  changes: Json<unknown[]>;
}
