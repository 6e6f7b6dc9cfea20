import { join } from 'node:path';
import { PGlite } from '@electric-sql/pglite';
import { pg_trgm } from '@electric-sql/pglite/contrib/pg_trgm';
import { Kysely, PostgresDialect, type RawBuilder, sql, type Transaction as KyselyTransaction } from 'kysely';
import pg from 'pg';
import { migrate } from './migrations.ts';
import { OwnTables } from './own-tables.ts';
import { ExclusivePGliteDialect } from './pglite-dialect.ts';
import type { Schema } from './schema.ts';

/** A transaction that is open: the only thing state changes are written with. */
export type Transaction = KyselyTransaction<Schema>;
/** What reads need: the database itself or an open transaction. */
export type Reader = Kysely<Schema>;

export interface Database {
  readonly kind: 'embedded' | 'postgresql';
  readonly schema: string;
  /** For reads. Never use it inside `transact`: the embedded database has one connection. */
  readonly reader: Reader;
  /** Runs `work` in one transaction: all of it or nothing. */
  transact<Result>(work: (transaction: Transaction) => Promise<Result>): Promise<Result>;
  /** The embedded database or the connection string, for the job queue beside it. */
  readonly origin: { pglite: PGlite } | { url: string };
  /** Resolves when the database answers. */
  ping(): Promise<void>;
  close(): Promise<void>;
}

export type DatabaseOptions = { folder: string } | { url: string; schema?: string; poolSize?: number };

/**
 * Serialization failure, deadlock, and a key that another transaction made between our look and our write: the
 * transaction did nothing, and one that runs again looks again (PostgreSQL 13.5).
 */
const RETRYABLE = new Set(['40001', '40P01', '23505']);
const MAX_ATTEMPTS = 5;

/** Opens (and creates) the mesh's database: the embedded one in a folder that is locked, or PostgreSQL by URL. */
export async function openDatabase(options: DatabaseOptions): Promise<Database> {
  return 'url' in options ? openPostgres(options) : openEmbedded(options.folder);
}

async function openEmbedded(folder: string): Promise<Database> {
  const pglite = await PGlite.create(join(folder, 'database'), { extensions: { pg_trgm } });
  return embeddedDatabase(pglite, 'public');
}

/** The mesh's database inside an open PGlite, in one schema of it. */
export async function embeddedDatabase(pglite: PGlite, schema: string): Promise<Database> {
  const reader = new Kysely<Schema>({ dialect: new ExclusivePGliteDialect(pglite) });
  // Segments of the log that are kept for reuse would keep what is in them: see `forget-pages.ts`.
  await sql`SELECT set_config('wal_recycle', 'off', false)`.execute(reader);
  await prepareSchema(reader, schema);
  await migrate(reader, schema);
  return {
    kind: 'embedded',
    schema,
    reader,
    transact: (work) => transact(reader, work),
    origin: { pglite },
    ping: () => ping(reader),
    close: () => reader.destroy(),
  };
}

async function openPostgres(options: { url: string; schema?: string; poolSize?: number }): Promise<Database> {
  const schema = options.schema ?? 'crossdock';
  const pool = new pg.Pool({
    connectionString: options.url,
    max: options.poolSize ?? 10,
    options: `-c search_path=${schema},public -c timezone=UTC -c statement_timeout=60000 -c pg_trgm.word_similarity_threshold=0.45`,
    types: { getTypeParser: parserOf },
  });
  // An idle connection that the server closes must not end the process: the next query opens a new one.
  pool.on('error', () => undefined);
  const dialect = new PostgresDialect({ pool });
  dialect.createIntrospector = (of) => new OwnTables(of);
  const reader = new Kysely<Schema>({ dialect });
  try {
    await prepareSchema(reader, schema);
    await migrate(reader, schema);
  } catch (error) {
    await reader.destroy();
    throw error;
  }
  return {
    kind: 'postgresql',
    schema,
    reader,
    transact: (work) => transact(reader, work),
    origin: { url: options.url },
    ping: () => ping(reader),
    close: () => reader.destroy(),
  };
}

async function ping(reader: Reader): Promise<void> {
  await sql`SELECT 1`.execute(reader);
}

async function prepareSchema(reader: Reader, schema: string): Promise<void> {
  await sql`CREATE SCHEMA IF NOT EXISTS ${sql.id(schema)}`.execute(reader);
  await sql`SELECT set_config('search_path', ${`${schema}, public`}, false)`.execute(reader);
  await sql`SELECT set_config('timezone', 'UTC', false)`.execute(reader);
  await sql`SELECT set_config('pg_trgm.word_similarity_threshold', '0.45', false)`.execute(reader);
}

/** int8 as number: every bigint of ours counts rows, bytes or audit entries, far below 2^53. */
function parserOf(oid: number, format?: 'text' | 'binary'): (value: string) => unknown {
  if (oid === pg.types.builtins.INT8) return Number;
  return pg.types.getTypeParser(oid, format as 'text') as (value: string) => unknown;
}

const actsAfter = new WeakMap<Transaction, (() => void)[]>();

/** Does something when the transaction has committed, and never when it has not. It must not throw. */
export function afterCommit(transaction: Transaction, act: () => void): void {
  actsAfter.get(transaction)?.push(act);
}

async function transact<Result>(
  reader: Reader,
  work: (transaction: Transaction) => Promise<Result>,
): Promise<Result> {
  for (let attempt = 1; ; attempt++) {
    try {
      const acts: (() => void)[] = [];
      const result = await reader.transaction().execute((transaction) => {
        actsAfter.set(transaction, acts);
        return work(transaction);
      });
      for (const act of acts) act();
      return result;
    } catch (error) {
      const code = (error as { code?: string }).code ?? '';
      if (!RETRYABLE.has(code) || attempt === MAX_ATTEMPTS) throw error;
    }
  }
}

/** A value for a jsonb column. Drivers would turn arrays into PostgreSQL arrays, so it goes as JSON text. */
export function json(value: unknown): RawBuilder<unknown> {
  return sql`${JSON.stringify(value)}::jsonb`;
}

/** True when `error` is the violation of a unique index (SQLSTATE 23505), of this one if named. */
export function isUniqueViolation(error: unknown, constraint?: string): boolean {
  const failure = error as { code?: string; constraint?: string };
  return failure.code === '23505' && (constraint === undefined || failure.constraint === constraint);
}
