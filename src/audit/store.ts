import { sql } from 'kysely';
import { isoTime } from '../base/clock.ts';
import type { DomainTags, ProductTraits } from '../policy/action.ts';
import { readTags } from '../policy/tags.ts';
import { idsOfName, nameOfId } from '../store/changes.ts';
import type { Reader } from '../store/database.ts';
import type { ChainHead, ChainLink } from './chain.ts';

/** What rows are about: written by its name, or as before names were written by its ids. */
export interface About {
  names: string[];
  /** Only rows about this one of several with the name. */
  id: string | null;
}

/** By its name or by its id. */
export async function readAbout(reader: Reader, object: string): Promise<About> {
  const name = await nameOfId(reader, object);
  if (name !== null) return { names: [object, name], id: object };
  return { names: [object, ...(await idsOfName(reader, object))], id: null };
}

/**
 * Who is meant by an e-mail address or DOMAIN/NAME of a service account; what is neither is an id. Looked up first, for
 * the index by actor serves ids and no condition that finds them.
 */
export async function findActors(reader: Reader, person: string): Promise<string[]> {
  const [domain = '', account = ''] = person.split('/');
  const { rows } = await sql<{ id: string }>`
    SELECT id FROM principals WHERE lower(email) = ${person.toLowerCase()}
      OR (name = ${account} AND domain_id = (SELECT id FROM domains WHERE name = ${domain}))`.execute(reader);
  return rows.length === 0 ? [person] : rows.map(({ id }) => id);
}

export interface ChangeFilter {
  /** Rows about these domains; null for all of the mesh. */
  domainIds: string[] | null;
  about?: About | undefined;
  /** Who did it: ids. */
  actors?: string[] | undefined;
  /** An action, or with `.*` at the end all that begin so. */
  action?: string | undefined;
  /** From this moment on, and before that one. */
  since?: Date | undefined;
  until?: Date | undefined;
  /** Only rows before this id: the cursor. */
  before?: number | undefined;
  limit: number;
}

/** Audit rows, newest first. */
export function listChanges(reader: Reader, filter: ChangeFilter) {
  let query = reader
    .selectFrom('changes')
    .leftJoin('principals', 'principals.id', 'changes.actor')
    .selectAll('changes')
    .select('principals.name as actor_name')
    .select(
      sql<string | null>`coalesce(
        (SELECT coalesce(domains.name || '/', '') || agents.name FROM principals AS agents
          LEFT JOIN domains ON domains.id = agents.domain_id
          WHERE agents.id = changes.facts ->> 'via'),
        changes.facts ->> 'via')`.as('via'),
    )
    .orderBy('changes.id', 'desc')
    .limit(filter.limit);
  if (filter.domainIds !== null) query = query.where('changes.domain_id', 'in', filter.domainIds);
  if (filter.about !== undefined) query = query.where(isAbout(filter.about));
  if (filter.before !== undefined) query = query.where('changes.id', '<', filter.before);
  if (filter.since !== undefined) query = query.where('changes.at', '>=', filter.since);
  if (filter.until !== undefined) query = query.where('changes.at', '<', filter.until);
  if (filter.action?.endsWith('*') === true) {
    query = query.where(sql<boolean>`starts_with(changes.action, ${filter.action.slice(0, -1)})`);
  } else if (filter.action !== undefined) query = query.where('changes.action', '=', filter.action);
  if (filter.actors !== undefined) query = query.where('changes.actor', 'in', filter.actors);
  return query.execute();
}

function isAbout({ names, id }: About) {
  const about = sql<boolean>`changes.object IN (${sql.join(names)})`;
  return id === null
    ? about
    : sql<boolean>`(${about} AND ${id} IN (changes.object, changes.facts ->> 'objectId'))`;
}

/** The last of these acts on any of these objects since a time. */
export function findLastAct(
  reader: Reader,
  { objects, actions, since }: { objects: string[]; actions: string[]; since: Date },
): Promise<{ action: string; at: Date } | undefined> {
  return reader
    .selectFrom('changes')
    .select(['action', 'at'])
    .where('object', 'in', objects)
    .where('action', 'in', actions)
    .where('allowed', '=', true)
    .where('at', '>=', since)
    .orderBy('id', 'desc')
    .limit(1)
    .executeTakeFirst();
}

/** Use of subscriptions since a time: queries, rows, bytes and the last use of each. */
export function sumUsage(reader: Reader, subscriptionIds: string[]) {
  return reader
    .selectFrom('usage')
    .select(['subscription_id'])
    .select((sum) => [
      sum.fn.count<number>('query_id').distinct().as('queries'),
      sum.fn.sum<number>('rows').as('rows'),
      sum.fn.sum<number>('bytes').as('bytes'),
      sum.fn.max('at').as('last_used_at'),
    ])
    .where('subscription_id', 'in', subscriptionIds)
    .groupBy('subscription_id')
    .execute();
}

/** How often one subscription, or the own domain, read one column of a dataset. */
export interface ColumnUse {
  /** Null for the dataset's own domain. */
  subscriptionId: string | null;
  domain: string;
  purpose: string | null;
  datasetId: string;
  column: string;
  uses: number;
  lastUsedAt: Date;
}

/** Who read which columns of these datasets since a time. */
export async function listColumnUse(reader: Reader, datasetIds: string[], since: Date): Promise<ColumnUse[]> {
  if (datasetIds.length === 0) return [];
  const { rows } = await sql<Omit<ColumnUse, 'uses'> & { uses: number | string }>`
    SELECT usage.subscription_id AS "subscriptionId", domains.name AS domain, subscriptions.purpose,
      usage.dataset_id AS "datasetId", read.name AS column, count(*) AS uses, max(usage.at) AS "lastUsedAt"
    FROM usage
    CROSS JOIN LATERAL jsonb_array_elements_text(usage.columns) AS read(name)
    LEFT JOIN subscriptions ON subscriptions.id = usage.subscription_id
    JOIN domains ON domains.id = coalesce(subscriptions.domain_id, usage.domain_id)
    WHERE usage.dataset_id IN (${sql.join(datasetIds)}) AND usage.at >= ${since}
      AND usage.elevation_id IS NULL AND (usage.subscription_id IS NULL OR subscriptions.state = 'active')
    GROUP BY 1, 2, 3, 4, 5
    ORDER BY 2, 3, 5`.execute(reader);
  return rows.map((row) => ({ ...row, uses: Number(row.uses) }));
}

export interface PolicyText {
  /** The mesh, or the id of the domain or product it stands beside. */
  scopeId: string;
  /** `domain`, or `domain.product`, that it stands beside; null for policies of the mesh. */
  scope: string | null;
  file: string;
  text: string;
}

/** What decisions about some scopes are made from, beside who asks and what for. */
export interface PolicyFacts {
  policies: PolicyText[];
  /** By id: tags as documents write them, and what else policies may read. */
  products: ReadonlyMap<string, { tags: string[]; status: ProductTraits['status']; sunsetAt: Date | null }>;
  domainTags: DomainTags;
}

/** The policies of these scopes in a stable order, and what they may read of the products among them. */
export async function listPolicyFacts(reader: Reader, scopeIds: string[]): Promise<PolicyFacts> {
  const products = reader
    .selectFrom('products')
    .select(['id', 'tags', 'status', 'sunset_at'])
    .where('id', 'in', scopeIds)
    .execute();
  const [rows, policies, domainTags] = await Promise.all([
    products,
    listPolicies(reader, scopeIds),
    readDomainTags(reader),
  ]);
  return {
    policies,
    products: new Map(
      rows.map(({ id, tags, status, sunset_at }) => [id, { tags, status, sunsetAt: sunset_at }]),
    ),
    domainTags,
  };
}

/** Of all domains that have any: a policy may ask for those of the owner, of the consumer, of the caller. */
export async function readDomainTags(reader: Reader): Promise<DomainTags> {
  const rows = await reader
    .selectFrom('domains')
    .select(['name', 'tags'])
    .where(sql<boolean>`tags <> '[]'`)
    .execute();
  return new Map(rows.map(({ name, tags }) => [name, readTags(tags)]));
}

/** Policies of these scopes, in a stable order. */
export async function listPolicies(reader: Reader, scopeIds: string[]): Promise<PolicyText[]> {
  const rows = await reader
    .selectFrom('policies')
    .leftJoin('products', 'products.id', 'policies.scope_id')
    .leftJoin('domains', (join) =>
      join.on((on) =>
        on.or([
          on('domains.id', '=', on.ref('products.domain_id')),
          on('domains.id', '=', on.ref('policies.scope_id')),
        ]),
      ),
    )
    .select(['policies.scope_id', 'policies.name', 'policies.text'])
    .select(['products.name as product', 'domains.name as domain'])
    .where('policies.scope_id', 'in', scopeIds)
    .orderBy('policies.scope_id')
    .orderBy('policies.name')
    .execute();
  return rows.map(({ scope_id, name, text, domain, product }) => ({
    scopeId: scope_id,
    scope: domain === null || product === null ? domain : `${domain}.${product}`,
    file: name,
    text,
  }));
}

/** The end of the audit's chain. */
export async function readChainHead(reader: Reader): Promise<ChainHead> {
  return reader.selectFrom('audit_chain').select(['sequence', 'hash']).executeTakeFirstOrThrow();
}

/** Rows of the chain in its order, each with the text that was hashed, made anew from what stands there. */
export async function listLinks(
  reader: Reader,
  { after, upTo, limit }: { after: number; upTo: number; limit: number },
): Promise<ChainLink[]> {
  const { rows } = await sql<ChainLink>`
    SELECT sequence, hash, audit_entry(changes, sequence) AS entry FROM changes
    WHERE sequence > ${after} AND sequence <= ${upTo} ORDER BY sequence LIMIT ${limit}`.execute(reader);
  return rows;
}

export function findLink(reader: Reader, sequence: number) {
  return reader.selectFrom('changes').select('hash').where('sequence', '=', sequence).executeTakeFirst();
}

/** Committed rows that never got a place, or one beyond the end: nobody can write those but around the database. */
export async function countUnlinked(reader: Reader, end: number): Promise<number> {
  const { rows } = await sql<{ unlinked: number }>`
    SELECT count(*) AS unlinked FROM changes, audit_chain
    WHERE changes.sequence IS NULL OR (audit_chain.sequence = ${end} AND changes.sequence > ${end})`.execute(
    reader,
  );
  return Number(rows[0]?.unlinked ?? 0);
}

export interface ExportedChange extends ChainLink {
  at: string;
  actor: string;
  door: string;
  requestId: string;
  action: string;
  object: string;
  domainId: string | null;
  allowed: boolean;
  reasons: string[];
  address: string | null;
  policies: string | null;
  /** JSON, for facts differ from action to action. */
  facts: string;
}

export interface ExportPage {
  after: number;
  upTo: number;
  limit: number;
  domainIds: string[] | null;
  since: Date | undefined;
}

/** Rows of the audit in the order of their chain, with what verifies them. */
export async function listForExport(reader: Reader, page: ExportPage): Promise<ExportedChange[]> {
  if (page.domainIds?.length === 0) return [];
  let query = reader
    .selectFrom('changes')
    .select(['at', 'actor', 'door', 'request_id as requestId', 'action', 'object', 'domain_id as domainId'])
    .select(['allowed', 'reasons', 'address', 'policies'])
    .select([
      sql<number>`sequence`.as('sequence'),
      sql<string>`facts::text`.as('facts'),
      sql<string>`hash`.as('hash'),
      sql<string>`audit_entry(changes, sequence)`.as('entry'),
    ])
    .where('sequence', '>', page.after)
    .where('sequence', '<=', page.upTo)
    .orderBy('sequence')
    .limit(page.limit);
  if (page.domainIds !== null) query = query.where('domain_id', 'in', page.domainIds);
  if (page.since !== undefined) query = query.where('at', '>=', page.since);
  const rows = await query.execute();
  return rows.map(({ sequence, at, ...row }) => ({ sequence, at: isoTime(at), ...row }));
}
