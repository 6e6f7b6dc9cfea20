import { sql } from 'kysely';

/**
 * `DOMAIN.PRODUCT`, or `DOMAIN.PRODUCT@MAJOR` for a major that is not the current one: the name by which what
 * happens to it is told, where `products` and `domains` are joined.
 */
export const addressedName = sql<string>`domains.name || '.' || products.name ||
  CASE WHEN products.is_current THEN '' ELSE '@' || products.major END`;
