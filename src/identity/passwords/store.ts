import { sql } from 'kysely';
import type { Reader, Transaction } from '../../store/database.ts';
import type { OneTimeLinkRow } from '../../store/rows/identity.ts';
import type { Failures } from './judge-attempt.ts';

/** A person by their e-mail address, whatever its case, with the hash of their password. */
export function findSignIn(reader: Reader, email: string) {
  return reader
    .selectFrom('principals')
    .leftJoin('passwords', 'passwords.principal_id', 'principals.id')
    .select(['principals.id', 'passwords.hash'])
    .where(sql<string>`lower(principals.email)`, '=', email.toLowerCase())
    .where('principals.disabled_at', 'is', null)
    .executeTakeFirst();
}

export async function findPasswordHash(reader: Reader, principalId: string): Promise<string | undefined> {
  const row = await reader
    .selectFrom('passwords')
    .select('hash')
    .where('principal_id', '=', principalId)
    .executeTakeFirst();
  return row?.hash;
}

export async function savePassword(
  transaction: Transaction,
  { principalId, hash, at }: { principalId: string; hash: string; at: Date },
): Promise<void> {
  await transaction
    .insertInto('passwords')
    .values({ principal_id: principalId, hash, changed_at: at })
    .onConflict((conflict) => conflict.column('principal_id').doUpdateSet({ hash, changed_at: at }))
    .execute();
}

/** The failures of a subject, locked until the transaction ends; made when there are none yet. */
export async function lockFailures(transaction: Transaction, subject: string, at: Date): Promise<Failures> {
  await transaction
    .insertInto('sign_in_failures')
    .values({ subject, failures: 0, since: at })
    .onConflict((conflict) => conflict.column('subject').doNothing())
    .execute();
  const row = await transaction
    .selectFrom('sign_in_failures')
    .select(['failures', 'since', 'locked_until as lockedUntil'])
    .where('subject', '=', subject)
    .forUpdate()
    .executeTakeFirstOrThrow();
  return row;
}

export async function saveFailures(
  transaction: Transaction,
  subject: string,
  { failures, since, lockedUntil }: Failures,
): Promise<void> {
  await transaction
    .updateTable('sign_in_failures')
    .set({ failures, since, locked_until: lockedUntil })
    .where('subject', '=', subject)
    .execute();
}

/** A success: the person starts anew, and the address gets back the one that was counted ahead. */
export async function forgetFailures(
  transaction: Transaction,
  { person, address }: { person: string; address: string },
): Promise<void> {
  await transaction.deleteFrom('sign_in_failures').where('subject', '=', person).execute();
  await transaction
    .updateTable('sign_in_failures')
    .set((is) => ({ failures: is('failures', '-', 1) }))
    .where('subject', '=', address)
    .where('failures', '>', 0)
    .execute();
}

export type NewLink = Omit<OneTimeLinkRow, 'created_at' | 'expires_at'> & {
  created_at: Date;
  expires_at: Date;
};

/** A new link takes the place of those made before for the same person and purpose. */
export async function replaceLink(transaction: Transaction, link: NewLink): Promise<void> {
  await transaction
    .deleteFrom('one_time_links')
    .where('principal_id', '=', link.principal_id)
    .where('purpose', '=', link.purpose)
    .execute();
  await transaction.insertInto('one_time_links').values(link).execute();
}

interface GivenLink {
  hash: string;
  purpose: OneTimeLinkRow['purpose'];
  now: Date;
}

/** The person whom a link that still counts was made for. */
export function findLink(reader: Reader, { hash, purpose, now }: GivenLink) {
  return reader
    .selectFrom('one_time_links')
    .innerJoin('principals', 'principals.id', 'one_time_links.principal_id')
    .select(['principals.id', 'principals.email', 'principals.name'])
    .where('one_time_links.hash', '=', hash)
    .where('one_time_links.purpose', '=', purpose)
    .where('one_time_links.expires_at', '>', now)
    .where('principals.disabled_at', 'is', null)
    .executeTakeFirst();
}

/** Takes a link away; of two who use it at once one gets false. */
export async function takeLink(transaction: Transaction, { hash, purpose }: GivenLink): Promise<boolean> {
  const taken = await transaction
    .deleteFrom('one_time_links')
    .where('hash', '=', hash)
    .where('purpose', '=', purpose)
    .returning('hash')
    .executeTakeFirst();
  return taken !== undefined;
}

export async function deleteLinksOf(transaction: Transaction, principalId: string): Promise<void> {
  await transaction.deleteFrom('one_time_links').where('principal_id', '=', principalId).execute();
}

/** Links and failures whose time is over. */
export async function deleteStale(transaction: Transaction, now: Date, failedBefore: Date): Promise<void> {
  await transaction.deleteFrom('one_time_links').where('expires_at', '<', now).execute();
  await transaction
    .deleteFrom('sign_in_failures')
    .where('since', '<', failedBefore)
    .where((is) => is.or([is('locked_until', 'is', null), is('locked_until', '<', now)]))
    .execute();
}
