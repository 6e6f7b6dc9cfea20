import { type RawBuilder, sql } from 'kysely';
import { newId } from '../../base/ids.ts';
import { json, type Reader, type Transaction } from '../../store/database.ts';
import type { ElevationRow } from '../../store/rows/requests.ts';
import type { Read } from '../../store/schema.ts';
import type { GrantedAccess, Narrowing } from '../grant.ts';

/** What mesh, domain and product say about emergencies. */
export interface EmergencyRules {
  /** The longest time that the mesh gives at once. */
  minutes: number | null;
  /** What the producer gives; null where it gives nothing. */
  given: Narrowing | null;
}

interface WrittenRules {
  minutes: number | null;
  domain: { allow?: boolean } | null;
  product: ({ allow?: boolean } & Narrowing) | null;
}

/** A product's own word counts before that of its domain; without a word nothing is given. */
export async function readEmergencyRules(reader: Reader, productId: string): Promise<EmergencyRules> {
  const { rows } = await sql<WrittenRules>`
    SELECT (SELECT (document #>> '{breakGlass,minutes}')::int FROM meshes) AS minutes,
      domains.document -> 'breakGlass' AS domain, products.request_form -> 'breakGlass' AS product
    FROM products JOIN domains ON domains.id = products.domain_id WHERE products.id = ${productId}`.execute(
    reader,
  );
  const { minutes = null, domain = null, product = null } = rows[0] ?? {};
  const { allow = domain?.allow ?? false, ...narrowing } = product ?? {};
  return { minutes, given: allow ? narrowing : null };
}

export interface NewElevation {
  productId: string;
  principalId: string;
  reason: string;
  granted: GrantedAccess;
  at: Date;
  until: Date;
}

export async function insertElevation(transaction: Transaction, elevation: NewElevation): Promise<string> {
  const id = newId('elv');
  await transaction
    .insertInto('elevations')
    .values({
      id,
      product_id: elevation.productId,
      principal_id: elevation.principalId,
      reason: elevation.reason,
      granted: json(elevation.granted),
      started_at: elevation.at,
      until: elevation.until,
    })
    .execute();
  return id;
}

/** An elevation with its names, and what was read under it. */
export interface NamedElevation extends Read<ElevationRow> {
  who: string;
  ender: string | null;
  product: string;
  domain: string;
  domain_id: string;
  queries: number;
  rows: number;
}

function named(reader: Reader) {
  return reader
    .selectFrom('elevations')
    .innerJoin('products', 'products.id', 'elevations.product_id')
    .innerJoin('domains', 'domains.id', 'products.domain_id')
    .leftJoin('principals as elevated', 'elevated.id', 'elevations.principal_id')
    .leftJoin('principals as enders', 'enders.id', 'elevations.ended_by')
    .selectAll('elevations')
    .select(['products.name as product', 'domains.name as domain', 'domains.id as domain_id'])
    .select(['enders.name as ender', sql<string>`coalesce(elevated.name, elevations.principal_id)`.as('who')])
    .select([
      sql<number>`(SELECT count(DISTINCT query_id)::int FROM usage WHERE elevation_id = elevations.id)`.as(
        'queries',
      ),
      sql<number>`(SELECT coalesce(sum(rows), 0)::int FROM usage WHERE elevation_id = elevations.id)`.as(
        'rows',
      ),
    ]);
}

export function findElevation(reader: Reader, id: string): Promise<NamedElevation | undefined> {
  return named(reader).where('elevations.id', '=', id).executeTakeFirst();
}

export interface ElevationFilter {
  productId?: string;
  principalId?: string;
  /** Only those that count at this moment. */
  livingAt?: Date;
  limit: number;
}

/** Newest first. */
export function listElevations(reader: Reader, filter: ElevationFilter): Promise<NamedElevation[]> {
  let query = named(reader).orderBy('elevations.started_at', 'desc').limit(filter.limit);
  if (filter.productId !== undefined) query = query.where('elevations.product_id', '=', filter.productId);
  if (filter.principalId !== undefined) query = query.where('principal_id', '=', filter.principalId);
  if (filter.livingAt !== undefined) {
    query = query.where('elevations.until', '>', filter.livingAt).where('ended_at', 'is', null);
  }
  return query.execute();
}

/** Ends it; false when it had ended. */
export async function markElevationEnded(
  transaction: Transaction,
  { id, by, at }: { id: string; by: string; at: Date },
): Promise<boolean> {
  const result = await transaction
    .updateTable('elevations')
    .set({ ended_at: at, ended_by: by })
    .where('id', '=', id)
    .where('ended_at', 'is', null)
    .executeTakeFirst();
  return result.numUpdatedRows === 1n;
}

/** Those whose time is over and that do not say so yet. */
export function listOverElevations(reader: Reader, now: Date): Promise<NamedElevation[]> {
  return named(reader)
    .where('elevations.until', '<=', now)
    .where('ended_at', 'is', null)
    .limit(500)
    .execute();
}

const ISO = 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"';

/** What one person each may read in an emergency: the purpose by which a query names it. */
const EMERGENCY = 'break-glass';

/**
 * The elevations to a product that count at a moment, in the form of its subscriptions. Where the producer has
 * taken its word back, none count; what it said in the past is not kept, so of the past all count.
 */
export function livingElevations({ now, past }: { now: Date; past?: unknown }): RawBuilder<unknown> {
  const allowed = sql`coalesce((products.request_form #>> '{breakGlass,allow}')::boolean,
    (domains.document #>> '{breakGlass,allow}')::boolean, false)`;
  return sql`SELECT coalesce(jsonb_agg(jsonb_build_object('id', elevations.id, 'elevated', elevations.principal_id,
      'domainId', '', 'domain', '', 'purpose', ${sql.lit(EMERGENCY)}, 'granted', elevations.granted,
      'until', to_char(elevations.until, ${sql.lit(ISO)})) ORDER BY elevations.id), '[]')
    FROM elevations
    WHERE elevations.product_id = products.id AND elevations.started_at <= ${now} AND elevations.until > ${now}
      AND (elevations.ended_at IS NULL OR elevations.ended_at > ${now}) AND ${past === undefined ? allowed : sql`true`}`;
}
