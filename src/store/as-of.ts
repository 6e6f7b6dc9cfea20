import { type RawBuilder, sql } from 'kysely';
import type { Reader } from './database.ts';

/** Tables whose past is kept, and the column by whose values it is looked up (`0013-access-history.ts`, `0016-domain-tags.ts`, `0019-identity.ts`). */
export interface Past {
  /** Ids of principals. */
  principals?: string[] | 'all';
  /** Ids of domains. */
  memberships?: string[] | 'all';
  /** Ids of domains. */
  products?: string[];
  /** Ids of products. */
  datasets?: string[];
  subscriptions?: string[];
  /** `mesh`, or ids of domains and products. */
  policies?: string[];
  restrictions?: string[];
  domains?: 'all';
  /** Groups and claims. */
  company_people?: 'all';
}

/**
 * `WITH …`: what comes before a statement for it to read these tables as they were at that moment. The names
 * hide the tables, so that the past is read by the very SQL that reads the present.
 */
export function asOf(at: Date, past: Past): RawBuilder<unknown> {
  const relations = Object.entries(past).map(([relation, about]) => relationAsOf({ relation, about, at }));
  return sql`WITH ${sql.join(relations)}`;
}

function relationAsOf({ relation, about, at }: { relation: string; about: string[] | 'all'; at: Date }) {
  const looked = about === 'all' ? sql`true` : sql`about = ANY(${sql.val(about)}::text[])`;
  return sql`${sql.raw(relation)} AS MATERIALIZED (
    SELECT past.* FROM (
      SELECT DISTINCT ON (about, key) image, removed FROM access_history
      WHERE relation = ${relation} AND ${looked} AND at <= ${at}
      ORDER BY about, key, id DESC
    ) AS newest, jsonb_populate_record(NULL::${sql.raw(relation)}, newest.image) AS past
    WHERE NOT newest.removed)`;
}

/** Since when the past is kept; undefined in a mesh where nothing ever was. */
export async function startOfHistory(reader: Reader): Promise<Date | undefined> {
  const row = await reader
    .selectFrom('access_history')
    .select('at')
    .orderBy('at')
    .limit(1)
    .executeTakeFirst();
  return row?.at;
}
