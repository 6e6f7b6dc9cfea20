import { sql } from 'kysely';
import type { Transaction } from './database.ts';

/**
 * Only one transaction at a time changes what this key names, on all servers; its end frees it. `shared`: many
 * may hold it at once, and none while somebody changes it.
 */
export async function lockForApply(
  transaction: Transaction,
  key: string,
  how: 'exclusive' | 'shared' = 'exclusive',
): Promise<void> {
  const lock = sql.raw(how === 'shared' ? 'pg_advisory_xact_lock_shared' : 'pg_advisory_xact_lock');
  await sql`SELECT ${lock}(hashtextextended(current_schema() || ':apply:' || ${key}, 0))`.execute(
    transaction,
  );
}
