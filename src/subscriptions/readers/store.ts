import { type RawBuilder, sql } from 'kysely';
import type { Role } from '../../policy/action.ts';
import { asOf } from '../../store/as-of.ts';
import type { Reader } from '../../store/database.ts';

/** Somebody who may have a path to the data, with every membership. */
export interface Candidate {
  id: string;
  kind: 'person' | 'service';
  name: string;
  email: string | null;
  administrator: boolean;
  attributes: Record<string, string | string[]>;
  /** Null for who never signed in by the company's identity provider. */
  groups: string[] | null;
  claims: Record<string, string | string[]> | null;
  domains: { id: string; name: string; role: Role }[];
}

export interface CandidatePage {
  /** Members of one of these domains. */
  domainIds: string[];
  /** The id of the last one of the page before. */
  after?: string | undefined;
  limit: number;
  /** As of this moment; null is now. */
  at: Date | null;
}

/** People and service accounts that are members of one of the domains, by name. */
export async function listCandidates(reader: Reader, page: CandidatePage): Promise<Candidate[]> {
  const { domainIds, after, limit, at } = page;
  const further =
    after === undefined
      ? sql`true`
      : sql`(principals.name, principals.id) > (SELECT name, id FROM principals WHERE id = ${after})`;
  const members = sql`principals.id IN (SELECT principal_id FROM memberships WHERE domain_id = ANY(${sql.val(domainIds)}::text[]))`;
  return selectCandidates(reader, { at, where: sql`${members} AND ${further}`, limit });
}

/** Who is called so: a person by e-mail address, anybody by id. */
export async function findCandidate(
  reader: Reader,
  { name, at }: { name: string; at: Date | null },
): Promise<Candidate | undefined> {
  const where = sql`(principals.id = ${name} OR principals.email = ${name})`;
  return (await selectCandidates(reader, { at, where, limit: 1 }))[0];
}

async function selectCandidates(
  reader: Reader,
  { at, where, limit }: { at: Date | null; where: RawBuilder<unknown>; limit: number },
): Promise<Candidate[]> {
  const { rows } = await sql<Candidate>`
    ${at === null ? sql`` : asOf(at, { principals: 'all', memberships: 'all', company_people: 'all' })}
    SELECT principals.id, principals.kind, principals.name, principals.email, principals.administrator,
      principals.attributes, said.groups, said.claims,
      (SELECT coalesce(jsonb_agg(jsonb_build_object('id', domains.id, 'name', domains.name, 'role', role)
          ORDER BY domains.name), '[]')
        FROM memberships JOIN domains ON domains.id = memberships.domain_id
        WHERE memberships.principal_id = principals.id) AS domains
    FROM principals
    LEFT JOIN company_people AS said ON said.principal_id = principals.id
    WHERE principals.disabled_at IS NULL AND ${where}
    ORDER BY principals.name, principals.id LIMIT ${limit}`.execute(reader);
  return rows;
}

/** Domains that held a grant for the product, and those of people who read it in an emergency. */
export async function listConsumerIds(
  reader: Reader,
  { productId, at }: { productId: string; at: Date | null },
): Promise<string[]> {
  const { rows } = await sql<{ id: string }>`
    ${at === null ? sql`` : asOf(at, { subscriptions: [productId] })}
    SELECT DISTINCT domain_id AS id FROM subscriptions
    WHERE product_id = ${productId} AND state = 'active'
    UNION SELECT memberships.domain_id FROM elevations
      JOIN memberships ON memberships.principal_id = elevations.principal_id
    WHERE product_id = ${productId} AND until > ${at ?? sql`now()`}`.execute(reader);
  return rows.map(({ id }) => id);
}

export async function listDomainIds(reader: Reader): Promise<string[]> {
  const rows = await reader.selectFrom('domains').select('id').where('closed_at', 'is', null).execute();
  return rows.map(({ id }) => id);
}

/** Datasets that hold rows somebody could read. */
export async function listReleasedDatasetIds(reader: Reader, limit: number): Promise<string[]> {
  const rows = await reader
    .selectFrom('datasets')
    .select('id')
    .where('id', 'in', reader.selectFrom('releases').select('dataset_id'))
    .orderBy('id')
    .limit(limit)
    .execute();
  return rows.map(({ id }) => id);
}
