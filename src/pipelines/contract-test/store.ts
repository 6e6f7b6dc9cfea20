import { createWriteStream } from 'node:fs';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import pg from 'pg';
import { to as copyTo } from 'pg-copy-streams';
import { quoteIdentifier, quoteLiteral } from '../../base/data-type.ts';
import { isMeshError, MeshError } from '../../base/errors.ts';
import { LIMITS } from '../../base/limits.ts';
import { type CatalogColumn, postgresType } from './postgres-types.ts';

export interface PostgresPlace {
  host: string;
  port: number;
  database: string;
  user: string | undefined;
  password: string | undefined;
  /** Whether the connection must be encrypted; certificates are checked. */
  tls: boolean;
}

export interface PostgresTable {
  schema: string;
  name: string;
}

const CONNECT_MS = 10_000;

/**
 * Copies a table of PostgreSQL into a CSV file, in one read-only transaction and one moment of the database.
 * Rows stream from socket to file; nothing is held in memory.
 * @throws MeshError `test.database`, `test.too-large`, `query.cancelled`
 */
export async function copyTable(
  place: PostgresPlace,
  table: PostgresTable,
  { path, signal }: { path: string; signal: AbortSignal },
): Promise<CatalogColumn[]> {
  const { tls, ...address } = place;
  const client = new pg.Client({
    ...address,
    ...(tls ? { ssl: true } : {}),
    connectionTimeoutMillis: CONNECT_MS,
    application_name: 'crossdock contract test',
  });
  // A connection that breaks while nobody waits for it would end the process.
  client.on('error', () => undefined);
  try {
    await client.connect();
    await client.query('BEGIN TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY');
    await client.query(SETTINGS);
    const columns = await readColumns(client, table);
    await copyRows(client, { table, columns, path, signal });
    return columns;
  } catch (error) {
    throw signal.aborted ? new MeshError('query.cancelled') : refusal(place, error);
  } finally {
    // An open COPY would keep a polite goodbye waiting.
    if (signal.aborted)
      (client as unknown as { connection: { stream: Transform } }).connection.stream.destroy();
    else await client.end().catch(() => undefined);
  }
}

/** Every type in the one text form that is read back, whatever the database's own settings are. */
const SETTINGS = [
  `SET LOCAL statement_timeout = ${LIMITS.pipelineMs}`,
  "SET LOCAL DateStyle = 'ISO, YMD'",
  "SET LOCAL IntervalStyle = 'iso_8601'",
  "SET LOCAL TimeZone = 'UTC'",
  'SET LOCAL extra_float_digits = 3',
  "SET LOCAL bytea_output = 'hex'",
].join('; ');

function refusal({ host }: PostgresPlace, error: unknown): MeshError {
  if (isMeshError(error)) return error;
  const reason = error instanceof Error ? error.message : String(error);
  return new MeshError('test.database', { facts: { host, reason: reason || 'no connection' }, cause: error });
}

/** The columns by the catalog, a domain as the type below it. */
const COLUMNS = `
  WITH RECURSIVE types AS (
    SELECT attnum, attname, attnotnull, atttypid AS type, atttypmod AS modifier
    FROM pg_catalog.pg_attribute
    WHERE attrelid = pg_catalog.to_regclass($1) AND attnum > 0 AND NOT attisdropped
    UNION ALL
    SELECT attnum, attname, attnotnull, typbasetype, CASE WHEN modifier < 0 THEN typtypmod ELSE modifier END
    FROM types JOIN pg_catalog.pg_type ON oid = type WHERE typtype = 'd'
  )
  SELECT DISTINCT ON (attnum) attname AS name, attnotnull AS required, typname AS type, modifier
  FROM types JOIN pg_catalog.pg_type ON oid = type AND typtype <> 'd'
  ORDER BY attnum`;

async function readColumns(client: pg.Client, table: PostgresTable): Promise<CatalogColumn[]> {
  const { rows } = await client.query(COLUMNS, [nameOf(table)]);
  if (rows.length === 0) {
    const problems = [{ message: 'there is no such table, or it has no columns' }];
    throw new MeshError('test.data', { facts: { data: `${table.schema}.${table.name}` }, problems });
  }
  return (rows as { name: string; required: boolean; type: string; modifier: number }[]).map((row) => ({
    name: row.name,
    required: row.required,
    ...postgresType(row.type, row.modifier),
  }));
}

interface Copy {
  table: PostgresTable;
  columns: CatalogColumn[];
  path: string;
  signal: AbortSignal;
}

/** The last field is always filled: a row of one NULL would be an empty line, which readers of CSV skip. */
async function copyRows(client: pg.Client, { table, columns, path, signal }: Copy): Promise<void> {
  const list = columns.map(({ name }) => quoteIdentifier(name)).join(', ');
  const copy = copyTo(`COPY (SELECT ${list}, 1 FROM ${nameOf(table)}) TO STDOUT (FORMAT csv)`);
  await pipeline(client.query(copy), atMost(LIMITS.testCopyBytes), createWriteStream(path), { signal });
}

function atMost(limit: number): Transform {
  let bytes = 0;
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      bytes += chunk.length;
      if (bytes <= limit) return done(null, chunk);
      done(new MeshError('test.too-large', { facts: { limit: `${Math.round(limit / 1024 ** 3)} GiB` } }));
    },
  });
}

function nameOf({ schema, name }: PostgresTable): string {
  return `${quoteIdentifier(schema)}.${quoteIdentifier(name)}`;
}

/** The copied file as typed rows: an empty field is NULL, a quoted one is an empty text. */
export function copiedRows(path: string, columns: CatalogColumn[]): string {
  const names = [...columns.map((_, at) => `c${at}`), 'filled'];
  const fields = names.map((name) => `'${name}': 'VARCHAR'`).join(', ');
  const options = [
    `columns = {${fields}}`,
    'auto_detect = false',
    'header = false',
    `delim = ','`,
    `quote = '"'`,
    `escape = '"'`,
    `nullstr = ''`,
    'allow_quoted_nulls = false',
    // A row of more is no row of a table; the buffers are per thread.
    'max_line_size = 16777216',
    'buffer_size = 33554432',
  ];
  const select = columns.map(({ name, read }, at) => `${read(`c${at}`)} AS ${quoteIdentifier(name)}`);
  return `SELECT ${select.join(', ')} FROM read_csv(${quoteLiteral(path)}, ${options.join(', ')})`;
}
