import { sql } from 'kysely';
import type { Role } from '../../policy/action.ts';
import { asOf, pastRelations } from '../../store/as-of.ts';
import type { Reader } from '../../store/database.ts';
import type { PastOfProducts } from '../store.ts';

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

export interface Candidates {
  found: Candidate[];
  /** Where the next page starts; null when this is the last one. */
  next: string | null;
}

/** People and service accounts that are members of one of the domains, by the name they have today. */
export async function listCandidates(reader: Reader, page: CandidatePage): Promise<Candidates> {
  const { domainIds, after, limit, at } = page;
  const further =
    after === undefined
      ? sql`true`
      : sql`(principals.name, principals.id) > (SELECT name, id FROM principals WHERE id = ${after})`;
  const { rows } = await sql<{ id: string }>`
    ${at === null ? sql`` : asOf(at, { memberships: domainIds })}
    SELECT principals.id FROM principals
    WHERE principals.id IN (SELECT principal_id FROM memberships WHERE domain_id = ANY(${sql.val(domainIds)}::text[]))
      AND ${further}
    ORDER BY principals.name, principals.id LIMIT ${limit}`.execute(reader);
  const ids = rows.map(({ id }) => id);
  const found = ids.length === 0 ? [] : await selectCandidates(reader, ids, at);
  return { found, next: ids.length === limit ? ids.at(-1)! : null };
}

/** Who is called so: a person by e-mail address, a service account as `DOMAIN/NAME`, anybody by id. */
export async function findCandidate(
  reader: Reader,
  { name, at }: { name: string; at: Date | null },
): Promise<Candidate | undefined> {
  const [domain, account] = name.split('/');
  const { rows } = await sql<{ id: string }>`
    SELECT id FROM principals WHERE id = ${name} OR email = ${name}
      OR (name = ${account ?? ''} AND domain_id = (SELECT id FROM domains WHERE name = ${domain}))`.execute(
    reader,
  );
  const ids = rows.map(({ id }) => id);
  return (await selectCandidates(reader, ids, at))[0];
}

async function selectCandidates(reader: Reader, ids: string[], at: Date | null): Promise<Candidate[]> {
  const { rows } = await sql<Candidate>`
    ${at === null ? sql`` : asOf(at, { principals: ids, memberships: { of: ids }, company_people: ids })}
    SELECT principals.id, principals.kind, principals.name, principals.email, principals.administrator,
      principals.attributes, said.groups, said.claims,
      (SELECT coalesce(jsonb_agg(jsonb_build_object('id', domains.id, 'name', domains.name, 'role', role)
          ORDER BY domains.name), '[]')
        FROM memberships JOIN domains ON domains.id = memberships.domain_id
        WHERE memberships.principal_id = principals.id) AS domains
    FROM principals
    LEFT JOIN company_people AS said ON said.principal_id = principals.id
    WHERE principals.disabled_at IS NULL AND principals.id = ANY(${sql.val(ids)}::text[])
    ORDER BY array_position(${sql.val(ids)}::text[], principals.id)`.execute(reader);
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

/** Whose reading, as of this moment: `at` is null for now. */
interface Reading {
  domainIds: string[];
  principalId: string;
  now: Date;
  at: Date | null;
}

export interface Reachable {
  datasetIds: string[];
  /** What the past of these datasets is read by; null where it is about now. */
  past: PastOfProducts | null;
  /** Where the next page starts. */
  next: string | null;
}

/**
 * A page of the datasets that these domains offer or hold a grant for, or that are read in an emergency, by name. Whether any of their members
 * reads them the plan says.
 */
export async function listReachable(
  reader: Reader,
  page: Reading & { after?: string | undefined; limit: number },
): Promise<Reachable> {
  const { after, limit, at } = page;
  const products = await listReachableProducts(reader, page);
  const productIds = products.map(({ id }) => id);
  const producerIds = [...new Set(products.map(({ domainId }) => domainId))];
  const past = at === null ? null : { at, productIds, domainIds: producerIds };
  const further =
    after === undefined
      ? sql`true`
      : sql`(domain, product, major, name) > (SELECT domain, product, major, name FROM named WHERE id = ${after})`;
  const { rows } = await sql<{ id: string; productId: string }>`
    WITH ${at === null ? sql`` : sql`${pastRelations(at, { products: producerIds, datasets: productIds })},`}
    named AS (
      SELECT datasets.id, datasets.name, products.id AS product_id, domains.name AS domain, products.name AS product,
        products.major
      FROM datasets
      JOIN products ON products.id = datasets.product_id
      JOIN domains ON domains.id = products.domain_id
      WHERE datasets.product_id = ANY(${sql.val(productIds)}::text[])
    )
    SELECT id, product_id AS "productId" FROM named WHERE ${further}
    ORDER BY domain, product, major, name LIMIT ${limit}`.execute(reader);
  const shown = new Set(rows.map(({ productId }) => productId));
  const mine = products.filter(({ id }) => shown.has(id));
  return {
    datasetIds: rows.map(({ id }) => id),
    past:
      past === null
        ? null
        : { at: past.at, productIds: [...shown], domainIds: mine.map(({ domainId }) => domainId) },
    next: rows.length === limit ? rows.at(-1)!.id : null,
  };
}

/** Products of the domains, and those they hold a grant for or, at a past moment, ever had asked for. */
async function listReachableProducts(
  reader: Reader,
  { domainIds, principalId, now, at }: Reading,
): Promise<{ id: string; domainId: string }[]> {
  const held =
    at === null
      ? sql`SELECT product_id FROM subscriptions WHERE domain_id = ANY(${sql.val(domainIds)}::text[]) AND state = 'active'`
      : sql`SELECT about FROM access_history WHERE relation = 'subscriptions'
          AND image ->> 'domain_id' = ANY(${sql.val(domainIds)}::text[]) AND at <= ${at}`;
  const { rows } = await sql<{ id: string; domainId: string }>`
    SELECT id, domain_id AS "domainId" FROM products
    WHERE domain_id = ANY(${sql.val(domainIds)}::text[]) OR id IN (${held})
      OR id IN (SELECT product_id FROM elevations WHERE principal_id = ${principalId} AND until > ${now})`.execute(
    reader,
  );
  return rows;
}
