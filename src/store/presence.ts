import { sql } from 'kysely';
import pg from 'pg';
import { type Database, type Reader } from './database.ts';

/** A server's word that it lives, which ends with its process. */
export interface Presence {
  /** No other server of the mesh lived when this one came. */
  alone: boolean;
  /** From now on others may come; until then they wait. */
  settle(): Promise<void>;
  leave(): Promise<void>;
}

/**
 * Comes into the mesh. In the embedded database the folder's lock already says that nobody else is there. In
 * PostgreSQL every server holds a shared advisory lock in a session of its own, which the database gives up
 * by itself when the process dies; who gets it exclusively is alone. Where a pooler between them breaks
 * sessions the answer may be wrong: callers may use it only for what is safe either way.
 */
export async function comeIn({ origin, schema }: Database): Promise<Presence> {
  if ('pglite' in origin) return { alone: true, settle: async () => undefined, leave: async () => undefined };
  const client = new pg.Client({ connectionString: origin.url, keepAlive: true });
  // A session that the database closes must not end the process.
  client.on('error', () => undefined);
  await client.connect();
  try {
    const key = `hashtextextended('crossdock server ${schema}', 0)`;
    const { rows } = await client.query<{ alone: boolean }>(`SELECT pg_try_advisory_lock(${key}) AS alone`);
    const alone = rows[0]?.alone === true;
    await client.query(`SELECT pg_advisory_lock_shared(${key})`);
    return {
      alone,
      settle: async () => void (alone && (await client.query(`SELECT pg_advisory_unlock(${key})`))),
      leave: () => client.end(),
    };
  } catch (error) {
    await client.end();
    throw error;
  }
}

/** Jobs that servers have taken, by kind. */
export async function listTakenJobs(reader: Reader, jobsSchema: string): Promise<Map<string, string[]>> {
  const { rows } = await sql<{ kind: string; id: string }>`
    SELECT name AS kind, id FROM ${sql.table(`${jobsSchema}.job`)} WHERE state = 'active'`.execute(reader);
  const byKind = Map.groupBy(rows, ({ kind }) => kind);
  return new Map([...byKind].map(([kind, jobs]) => [kind, jobs.map(({ id }) => id)]));
}
