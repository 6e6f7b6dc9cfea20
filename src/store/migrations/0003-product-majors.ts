import { type Kysely, sql } from 'kysely';

/**
 * A product lives in major versions, each a row with its own datasets, tables and pipelines, so that two of
 * them are served side by side until the older one's sunset. Exactly one of a name is the current one.
 */
export async function up(database: Kysely<unknown>): Promise<void> {
  for (const statement of STATEMENTS) await sql.raw(statement).execute(database);
}

const STATEMENTS = [
  `ALTER TABLE products
    ADD COLUMN major integer NOT NULL DEFAULT 1,
    ADD COLUMN is_current boolean NOT NULL DEFAULT true,
    ADD COLUMN sunset_at timestamptz`,
  `UPDATE products SET major = substring(version from '^v?([0-9]{1,9})[.]')::integer
    WHERE version ~ '^v?[0-9]{1,9}[.]'`,
  `ALTER TABLE products DROP CONSTRAINT products_domain_id_name_key`,
  `ALTER TABLE products ADD UNIQUE (domain_id, name, major)`,
  `CREATE UNIQUE INDEX products_current ON products (domain_id, name) WHERE is_current`,
  `CREATE INDEX products_sunset ON products (sunset_at) WHERE sunset_at IS NOT NULL AND status <> 'retired'`,
  // What differs from the version before, as it was judged then.
  `ALTER TABLE product_versions ADD COLUMN changes jsonb NOT NULL DEFAULT '[]'`,
  // The subscription to an earlier major that this one carries on.
  `ALTER TABLE subscriptions ADD COLUMN follows text`,
];
