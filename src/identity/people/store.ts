import { sql } from 'kysely';
import type { Reader, Transaction } from '../../store/database.ts';

/** A person by their e-mail address, whatever its case, also one who may not sign in any more. */
export function findPerson(reader: Reader, email: string) {
  return reader
    .selectFrom('principals')
    .select(['id', 'name', 'email', 'administrator', 'disabled_at'])
    .where(sql<string>`lower(email)`, '=', email.toLowerCase())
    .executeTakeFirst();
}

/** Locks the administrators, so that two of them cannot remove each other at once; gives their number. */
export async function lockAdministrators(transaction: Transaction): Promise<string[]> {
  const rows = await transaction
    .selectFrom('principals')
    .select('id')
    .where('administrator', '=', true)
    .where('disabled_at', 'is', null)
    .orderBy('id')
    .forUpdate()
    .execute();
  return rows.map(({ id }) => id);
}

export function listAllPeople(reader: Reader, limit: number, after: string) {
  return reader
    .selectFrom('principals')
    .leftJoin('passwords', 'passwords.principal_id', 'principals.id')
    .select(['principals.id', 'principals.name', 'principals.email', 'principals.administrator'])
    .select(['principals.disabled_at', 'passwords.changed_at'])
    .where('principals.kind', '=', 'person')
    .where('principals.email', '>', after)
    .orderBy('principals.email')
    .limit(limit)
    .execute();
}
