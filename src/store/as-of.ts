import { type RawBuilder, sql } from 'kysely';
import type { Reader } from './database.ts';

/** Tables whose past is kept, and the column by whose values it is looked up (`0013-access-history.ts`, `0016-domain-tags.ts`, `0017-permissions.ts`, `0019-identity.ts`). */
export interface Past {
  /** The id of the mesh. */
  meshes?: string[];
  /** Ids of principals. */
  principals?: string[];
  /** Ids of domains, or of the principals who were members. */
  memberships?: string[] | { of: string[] };
  /** Ids of domains. */
  products?: string[];
  /** Ids of products. */
  datasets?: string[];
  /** Ids of products, or of the consumer domains. */
  subscriptions?: string[] | { of: string[] };
  /** `mesh`, or ids of domains and products. */
  policies?: string[];
  restrictions?: string[];
  domains?: 'all';
  /** Groups and claims. */
  /** Ids of principals. */
  company_people?: string[];
}

/**
 * `WITH …`: what comes before a statement for it to read these tables as they were at that moment. The names
 * hide the tables, so that the past is read by the very SQL that reads the present.
 */
export function asOf(at: Date, past: Past): RawBuilder<unknown> {
  return sql`WITH ${pastRelations(at, past)}`;
}

/** The same for a statement that has a `WITH` of its own. */
export function pastRelations(at: Date, past: Past): RawBuilder<unknown> {
  return sql.join(Object.entries(past).map(([relation, about]) => relationAsOf({ relation, about, at })));
}

interface Looked {
  relation: string;
  about: string[] | { of: string[] } | 'all';
  at: Date;
}

function relationAsOf({ relation, about, at }: Looked) {
  const looked = about === 'all' ? sql`true` : lookedUp(relation, about);
  return sql`${sql.raw(relation)} AS MATERIALIZED (
    SELECT past.* FROM (
      SELECT DISTINCT ON (about, key) image, removed FROM access_history
      WHERE relation = ${sql.lit(relation)} AND ${looked} AND at <= ${at}
      ORDER BY about, key, id DESC
    ) AS newest, jsonb_populate_record(NULL::${sql.raw(relation)}, newest.image) AS past
    WHERE NOT newest.removed)`;
}

/** Expressions as the indexes have them: `access_history_member`, `access_history_consumer`. */
function lookedUp(relation: string, about: string[] | { of: string[] }): RawBuilder<unknown> {
  if (Array.isArray(about)) return sql`about = ANY(${sql.val(about)}::text[])`;
  const key = sql.lit(relation === 'memberships' ? 'principal_id' : 'domain_id');
  return sql`image ->> ${key} = ANY(${sql.val(about.of)}::text[])`;
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
