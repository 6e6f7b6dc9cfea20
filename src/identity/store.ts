import type { InferResult } from 'kysely';
import { newId } from '../base/ids.ts';
import { json, type Reader, type Transaction } from '../store/database.ts';
import type { PrincipalRow, Read, Role } from '../store/schema.ts';
import type { Caller, CallerDomain, TokenScope } from './caller.ts';

/** Principals that count, a row for each of their domains. */
export function callers(reader: Reader) {
  return reader
    .selectFrom('principals')
    .leftJoin('memberships', 'memberships.principal_id', 'principals.id')
    .leftJoin('domains', 'domains.id', 'memberships.domain_id')
    .leftJoin('company_people', 'company_people.principal_id', 'principals.id')
    .select(['principals.id', 'principals.kind', 'principals.name', 'principals.email'])
    .select(['principals.administrator', 'principals.attributes', 'memberships.role'])
    .select(['company_people.groups', 'company_people.claims'])
    .select(['domains.id as domain_id', 'domains.name as domain_name', 'domains.title as domain_title'])
    .where('principals.disabled_at', 'is', null)
    .orderBy('domains.name');
}

type CallerRow = InferResult<ReturnType<typeof callers>>[number];

/** The principal that these rows of `callers` are about; undefined when there are none. */
export function principalOfRows(rows: CallerRow[]): Omit<Caller, 'scopes' | 'tokenId'> | undefined {
  const first = rows[0];
  if (first === undefined) return undefined;
  const domains = rows.flatMap((row): CallerDomain[] =>
    row.domain_id === null || row.role === null
      ? []
      : [{ id: row.domain_id, name: row.domain_name ?? '', title: row.domain_title ?? '', role: row.role }],
  );
  const { id, kind, name, email, administrator, attributes, groups, claims } = first;
  const known = groups === null || claims === null ? {} : { groups, claims };
  return { id, kind, name, email, administrator, attributes, ...known, domains };
}

/** A principal that counts, by id. */
export async function findAnybody(reader: Reader, id: string) {
  return principalOfRows(await callers(reader).where('principals.id', '=', id).execute());
}

/** The caller a token's hash belongs to, with its domains; undefined when the token no longer counts. */
export async function findCaller(reader: Reader, hash: string, now: Date): Promise<Caller | undefined> {
  const rows = await callers(reader)
    .innerJoin('tokens', 'tokens.principal_id', 'principals.id')
    .select(['tokens.id as token_id', 'tokens.scopes'])
    .where('tokens.hash', '=', hash)
    .where('tokens.revoked_at', 'is', null)
    .where((is) => is.or([is('tokens.expires_at', 'is', null), is('tokens.expires_at', '>', now)]))
    .execute();
  const principal = principalOfRows(rows);
  if (principal === undefined) return undefined;
  const { scopes, token_id: tokenId } = rows[0]!;
  return { ...principal, scopes: scopes as TokenScope[], tokenId };
}

export function findPersonByEmail(reader: Reader, email: string): Promise<Read<PrincipalRow> | undefined> {
  return reader.selectFrom('principals').selectAll().where('email', '=', email).executeTakeFirst();
}

export function findServiceAccount(
  reader: Reader,
  domainId: string,
  name: string,
): Promise<Read<PrincipalRow> | undefined> {
  return reader
    .selectFrom('principals')
    .selectAll()
    .where('domain_id', '=', domainId)
    .where('name', '=', name)
    .executeTakeFirst();
}

export interface NewPrincipal {
  name: string;
  email: string | null;
  domainId: string | null;
  administrator?: boolean;
  at: Date;
}

/** A person (with an e-mail address) or a service account (of a domain). Returns its id. */
export async function insertPrincipal(transaction: Transaction, principal: NewPrincipal): Promise<string> {
  const kind = principal.email === null ? 'service' : 'person';
  const id = newId(kind === 'person' ? 'usr' : 'svc');
  await transaction
    .insertInto('principals')
    .values({
      id,
      kind,
      name: principal.name,
      email: principal.email,
      domain_id: principal.domainId,
      attributes: json({}),
      administrator: principal.administrator ?? false,
      created_at: principal.at,
    })
    .execute();
  return id;
}

export async function hasAdministrator(reader: Reader): Promise<boolean> {
  const row = await reader
    .selectFrom('principals')
    .select('id')
    .where('administrator', '=', true)
    .where('disabled_at', 'is', null)
    .executeTakeFirst();
  return row !== undefined;
}

export interface NewToken {
  id: string;
  principalId: string;
  name: string;
  hash: string;
  scopes: TokenScope[];
  createdAt: Date;
  expiresAt: Date | null;
}

export async function insertToken(transaction: Transaction, token: NewToken): Promise<void> {
  await transaction
    .insertInto('tokens')
    .values({
      id: token.id,
      principal_id: token.principalId,
      name: token.name,
      hash: token.hash,
      scopes: json(token.scopes),
      created_at: token.createdAt,
      expires_at: token.expiresAt,
    })
    .execute();
}

export function listTokens(reader: Reader, principalId: string) {
  return reader
    .selectFrom('tokens')
    .select(['id', 'name', 'scopes', 'created_at', 'expires_at', 'revoked_at'])
    .where('principal_id', '=', principalId)
    .orderBy('created_at')
    .execute();
}

export function findToken(reader: Reader, id: string) {
  return reader
    .selectFrom('tokens')
    .innerJoin('principals', 'principals.id', 'tokens.principal_id')
    .select(['tokens.id', 'tokens.principal_id', 'tokens.revoked_at', 'principals.domain_id'])
    .where('tokens.id', '=', id)
    .executeTakeFirst();
}

export async function markTokenRevoked(transaction: Transaction, id: string, at: Date): Promise<void> {
  await transaction
    .updateTable('tokens')
    .set({ revoked_at: at })
    .where('id', '=', id)
    .where('revoked_at', 'is', null)
    .execute();
}

export async function listMembers(reader: Reader, domainId: string) {
  return reader
    .selectFrom('memberships')
    .innerJoin('principals', 'principals.id', 'memberships.principal_id')
    .select(['principals.id', 'principals.kind', 'principals.name', 'principals.email', 'memberships.role'])
    .where('memberships.domain_id', '=', domainId)
    .where('principals.disabled_at', 'is', null)
    .orderBy('principals.name')
    .execute();
}

/** People of the mesh with the domains they belong to, for the demo's sign-in page. */
export function listPeople(reader: Reader) {
  return reader
    .selectFrom('principals')
    .leftJoin('memberships', 'memberships.principal_id', 'principals.id')
    .leftJoin('domains', 'domains.id', 'memberships.domain_id')
    .select(['principals.id', 'principals.name', 'principals.email', 'principals.administrator'])
    .select(['memberships.role', 'domains.name as domain', 'domains.title as domain_title'])
    .where('principals.kind', '=', 'person')
    .where('principals.disabled_at', 'is', null)
    .orderBy('principals.name')
    .orderBy('domains.name')
    .execute();
}

export function findMesh(reader: Reader): Promise<{ name: string; title: string } | undefined> {
  return reader.selectFrom('meshes').select(['name', 'title']).executeTakeFirst();
}

export async function findDomainId(reader: Reader, name: string): Promise<string | undefined> {
  const row = await reader.selectFrom('domains').select('id').where('name', '=', name).executeTakeFirst();
  return row?.id;
}

/** Everybody with their memberships and attributes, or only these principals. */
export function listAttributes(reader: Reader, principalIds: string[] | null) {
  let query = reader
    .selectFrom('principals')
    .leftJoin('memberships', 'memberships.principal_id', 'principals.id')
    .leftJoin('domains', 'domains.id', 'memberships.domain_id')
    .select(['principals.id', 'principals.email', 'principals.attributes', 'domains.name as domain']);
  if (principalIds !== null) query = query.where('principals.id', 'in', ['', ...principalIds]);
  return query.execute();
}

export async function markAttributes(
  transaction: Transaction,
  { principalId, attributes }: { principalId: string; attributes: Record<string, string | string[]> },
): Promise<void> {
  await transaction
    .updateTable('principals')
    .set({ attributes: json(attributes) })
    .where('id', '=', principalId)
    .execute();
}

/** Whether a principal counts: `at` ends it, null brings it back. */
export async function markDisabled(
  transaction: Transaction,
  { principalId, kind, at }: { principalId: string; kind: PrincipalRow['kind']; at: Date | null },
): Promise<void> {
  await transaction
    .updateTable('principals')
    .set({ disabled_at: at })
    .where('id', '=', principalId)
    .where('kind', '=', kind)
    .execute();
}

export async function revokeTokensOf(transaction: Transaction, principalId: string, at: Date): Promise<void> {
  await transaction
    .updateTable('tokens')
    .set({ revoked_at: at })
    .where('principal_id', '=', principalId)
    .where('revoked_at', 'is', null)
    .execute();
}

/** Makes somebody a member, or gives a member this role. */
export async function saveRole(
  transaction: Transaction,
  { domainId, principalId, role }: { domainId: string; principalId: string; role: Role },
): Promise<void> {
  await transaction
    .insertInto('memberships')
    .values({ domain_id: domainId, principal_id: principalId, role })
    .onConflict((conflict) => conflict.columns(['domain_id', 'principal_id']).doUpdateSet({ role }))
    .execute();
}

export async function removeMembership(
  transaction: Transaction,
  { domainId, principalId }: { domainId: string; principalId: string },
): Promise<void> {
  await transaction
    .deleteFrom('memberships')
    .where('domain_id', '=', domainId)
    .where('principal_id', '=', principalId)
    .execute();
}
