import { sql } from 'kysely';
import { json, type Reader, type Transaction } from '../../store/database.ts';
import type { Role } from '../../store/schema.ts';
import { saveRole } from '../store.ts';
import type { CompanyPerson } from './company-claims.ts';

export function findKnown(reader: Reader, { issuer, subject }: { issuer: string; subject: string }) {
  return reader
    .selectFrom('company_people')
    .select(['principal_id', 'groups', 'claims'])
    .where('issuer', '=', issuer)
    .where('subject', '=', subject)
    .executeTakeFirst();
}

/** Two sign-ins of one person at once wait for each other. */
export async function lockSubject(
  transaction: Transaction,
  { issuer, subject }: CompanyPerson,
): Promise<void> {
  await sql`SELECT pg_advisory_xact_lock(hashtextextended(${`${issuer} ${subject}`}, 19))`.execute(
    transaction,
  );
}

/** A person of this address whom the company has not named by another subject. */
export function findUnlinked(reader: Reader, email: string) {
  return reader
    .selectFrom('principals')
    .leftJoin('company_people', 'company_people.principal_id', 'principals.id')
    .select(['principals.id', 'principals.disabled_at', 'company_people.subject'])
    .where(sql<string>`lower(principals.email)`, '=', email)
    .executeTakeFirst();
}

export async function saveKnown(
  transaction: Transaction,
  person: CompanyPerson,
  { principalId, at }: { principalId: string; at: Date },
): Promise<void> {
  const said = { groups: json(person.groups), claims: json(person.claims), seen_at: at };
  await transaction
    .insertInto('company_people')
    .values({ principal_id: principalId, issuer: person.issuer, subject: person.subject, ...said })
    .onConflict((conflict) => conflict.column('principal_id').doUpdateSet(said))
    .execute();
}

/** The person's memberships, and which of them the company gave. */
export function listMemberships(reader: Reader, principalId: string) {
  return reader
    .selectFrom('memberships')
    .leftJoin('company_memberships', (given) =>
      given
        .onRef('company_memberships.domain_id', '=', 'memberships.domain_id')
        .onRef('company_memberships.principal_id', '=', 'memberships.principal_id'),
    )
    .select(['memberships.domain_id', 'memberships.role'])
    .select(sql<boolean>`company_memberships.domain_id IS NOT NULL`.as('is_given'))
    .where('memberships.principal_id', '=', principalId)
    .execute();
}

export function listOpenDomains(reader: Reader, names: string[]) {
  return reader
    .selectFrom('domains')
    .select(['id', 'name'])
    .where('name', 'in', ['', ...names])
    .where('closed_at', 'is', null)
    .execute();
}

export async function giveMembership(
  transaction: Transaction,
  { domainId, principalId, role }: { domainId: string; principalId: string; role: Role },
): Promise<void> {
  await saveRole(transaction, { domainId, principalId, role });
  await transaction
    .insertInto('company_memberships')
    .values({ domain_id: domainId, principal_id: principalId })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
}

/** What mesh.yaml gives to people and members of domains. */
export async function readDeclaredAttributes(reader: Reader): Promise<object> {
  const row = await reader.selectFrom('meshes').select('document').executeTakeFirst();
  return row?.document ?? {};
}
