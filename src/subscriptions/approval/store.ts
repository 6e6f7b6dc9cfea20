import { type RawBuilder, sql } from 'kysely';
import type { Column } from '../../base/data-type.ts';
import { type PrivacyApprovers, ROLES } from '../../policy/action.ts';
import { json, type Reader, type Transaction } from '../../store/database.ts';
import type { RequestStep } from '../../store/schema.ts';
import { datasetTags, personalColumns, tagsWithin } from '../../policy/dataset-tags.ts';
import type { PersonalColumn } from './narrow.ts';
import type { GrantedAccess } from '../grant.ts';

/** A step that was decided, with the name of who did. */
export interface StepDecision {
  step: RequestStep;
  decision: 'approved' | 'rejected';
  /** What this step gave; null for a rejection. */
  granted: GrantedAccess | null;
  /** ISO 8601; null for no end of its own. */
  until: string | null;
  reason: string | null;
  byId: string;
  by: string;
  at: string;
}

const ISO = 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"';

/** The decided steps of a request in their order, as one value beside its row; `id` is its id's column. */
export function decisionsOf(id: 'subscriptions.id' | 'renewals.id'): RawBuilder<StepDecision[]> {
  return sql<StepDecision[]>`(SELECT coalesce(jsonb_agg(jsonb_build_object('step', decided.step,
      'decision', decided.decision, 'granted', decided.granted, 'reason', decided.reason,
      'until', to_char(decided.until, ${sql.lit(ISO)}), 'at', to_char(decided.decided_at, ${sql.lit(ISO)}),
      'byId', decided.decided_by, 'by', coalesce(who.name, decided.decided_by))
      ORDER BY decided.step), '[]')
    FROM request_decisions AS decided LEFT JOIN principals AS who ON who.id = decided.decided_by
    WHERE decided.request_id = ${sql.ref(id)})`;
}

export interface NewDecision {
  requestId: string;
  subscriptionId: string;
  step: RequestStep;
  decision: 'approved' | 'rejected';
  granted: GrantedAccess | null;
  until: Date | null;
  reason: string | null;
  by: string;
  at: Date;
}

export async function insertDecision(transaction: Transaction, decision: NewDecision): Promise<void> {
  await transaction
    .insertInto('request_decisions')
    .values({
      request_id: decision.requestId,
      subscription_id: decision.subscriptionId,
      step: decision.step,
      decision: decision.decision,
      granted: decision.granted === null ? null : json(decision.granted),
      until: decision.until,
      reason: decision.reason,
      decided_by: decision.by,
      decided_at: decision.at,
    })
    .execute();
}

/** The request waits for its next step. */
export async function markStep(
  transaction: Transaction,
  { id, step }: { id: string; step: RequestStep },
): Promise<void> {
  await transaction.updateTable('subscriptions').set({ step }).where('id', '=', id).execute();
}

/** The datasets of a product with all that tags their columns. */
export async function listTaggedDatasets(reader: Reader, productId: string) {
  const rows = await reader
    .selectFrom('datasets')
    .innerJoin('products', 'products.id', 'datasets.product_id')
    .innerJoin('domains', 'domains.id', 'products.domain_id')
    .select(['datasets.id', 'datasets.name', 'datasets.columns', 'datasets.contract'])
    .select(['products.tags as productTags', 'domains.tags as domainTags'])
    .where('datasets.product_id', '=', productId)
    .orderBy('datasets.name')
    .execute();
  return rows.map((row) => ({ ...row, columns: row.columns as Column[] }));
}

/** Columns with personal data of all datasets of a product: a grant counts for all of them. */
export async function listPersonalColumns(reader: Reader, productId: string): Promise<PersonalColumn[]> {
  const rows = await listTaggedDatasets(reader, productId);
  return rows.flatMap((facts) => {
    const tags = datasetTags(facts);
    return personalColumns(tags).map((name) => ({ name, tags: tagsWithin(tags, name) }));
  });
}

/** `tags` of mesh.yaml, as it was written. */
export async function readMeshTags(reader: Reader): Promise<unknown> {
  const row = await reader.selectFrom('meshes').select('document').executeTakeFirst();
  return row?.document['tags'];
}

/** What mesh.yaml names people for, and where. */
const DUTIES = { privacy: '{privacy,approvers}', breakGlass: '{breakGlass,people}' } as const;

/** Who is named in mesh.yaml as it is now; nobody where it says nothing. */
export async function readNamedPeople(reader: Reader, duty: keyof typeof DUTIES): Promise<PrivacyApprovers> {
  const { rows } = await sql<{ role: string | null; person: string | null }>`
    SELECT (listed.one ->> 'domain') || '/' || coalesce(listed.one ->> 'role', 'steward') AS role,
      principals.id AS person
    FROM meshes
    CROSS JOIN LATERAL jsonb_array_elements(meshes.document #> ${DUTIES[duty]}) AS listed(one)
    LEFT JOIN principals ON principals.email = lower(listed.one ->> 'person')`.execute(reader);
  return {
    roles: rows.flatMap(({ role }) => role ?? []),
    people: rows.flatMap(({ person }) => person ?? []),
  };
}

/** Who approves the use of personal data. */
export function readPrivacyApprovers(reader: Reader): Promise<PrivacyApprovers> {
  return readNamedPeople(reader, 'privacy');
}

/** The people among them, for those who have to be told: members by a role that includes one of these. */
export async function listApproverIds(
  reader: Reader,
  { roles, people }: PrivacyApprovers,
): Promise<string[]> {
  const including = roles.flatMap((named) => {
    const [domain, role] = named.split('/');
    return Object.entries(ROLES).flatMap(([one, all]) =>
      (all as readonly string[]).includes(role ?? '') ? [`${domain}/${one}`] : [],
    );
  });
  const { rows } = await sql<{ id: string }>`
    SELECT DISTINCT memberships.principal_id AS id
    FROM memberships JOIN domains ON domains.id = memberships.domain_id
    WHERE domains.name || '/' || memberships.role = ANY(${sql.val(including)}::text[])`.execute(reader);
  return [...new Set([...people, ...rows.map(({ id }) => id)])];
}

/** Who decides for a producer's domain: its owners and stewards. */
export async function listDeciderIds(reader: Reader, domainId: string): Promise<string[]> {
  const rows = await reader
    .selectFrom('memberships')
    .innerJoin('principals', 'principals.id', 'memberships.principal_id')
    .select('principals.id')
    .where('memberships.domain_id', '=', domainId)
    .where('memberships.role', 'in', ['owner', 'steward'])
    .where('principals.disabled_at', 'is', null)
    .execute();
  return rows.map(({ id }) => id);
}

/** Names of people and service accounts that count still. */
export async function listNames(reader: Reader, ids: string[]): Promise<string[]> {
  const rows = await reader
    .selectFrom('principals')
    .select('name')
    .where('id', 'in', ['', ...ids])
    .where('disabled_at', 'is', null)
    .orderBy('name')
    .execute();
  return rows.map(({ name }) => name);
}

/** Whether nobody but this member could decide for the producer's domain: the last owner or steward. */
export async function isAloneIn(reader: Reader, domainId: string, principalId: string): Promise<boolean> {
  return (await listDeciderIds(reader, domainId)).every((id) => id === principalId);
}

/** Who ended a subscription, as the audit has it: a person, or `crossdock` at its end date. */
export function endedBy(): RawBuilder<string | null> {
  return sql`CASE WHEN subscriptions.ended_at IS NULL THEN NULL ELSE (
    SELECT coalesce(actors.name, changes.actor) FROM changes
    LEFT JOIN principals AS actors ON actors.id = changes.actor
    WHERE changes.object = subscriptions.id AND changes.allowed AND changes.action IN
      ('subscription.revoke', 'subscription.withdraw', 'subscription.reject', 'subscription.expire')
    ORDER BY changes.id DESC LIMIT 1) END`;
}
