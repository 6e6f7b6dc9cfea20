import { sql } from 'kysely';
import { type Database, type Reader, type Transaction } from '../../store/database.ts';
import { plainCase } from './without-values.ts';

/**
 * Tables of what the mesh has noted by itself: rows of samples, messages, statistics. They are changed. What
 * people wrote (contracts, policies, names), and the audit, which nothing changes, is told of instead.
 */
const NOTED = new Set([
  'runs',
  'releases',
  'crawls',
  'source_tables',
  'observations',
  'incidents',
  'incident_events',
  'mesh_events',
  'webhook_attempts',
  'webhook_deliveries',
  'contract_tests',
  'lineage_events',
  'lineage_runs',
  'lineage_nodes',
  'job',
  'job_common',
]);

export interface TextColumn {
  schema: string;
  table: string;
  column: string;
  isJson: boolean;
  /** Whether the mesh may change it. */
  isNoted: boolean;
}

/** Every column of text or JSON of the mesh and of its queue. */
export async function listTextColumns({ reader, schema }: Database): Promise<TextColumn[]> {
  const { rows } = await sql<{ schema: string; table: string; column: string; type: string }>`
    SELECT spaces.nspname AS schema, tables.relname AS table, columns.attname AS column, types.typname AS type
    FROM pg_catalog.pg_class AS tables
    JOIN pg_catalog.pg_namespace AS spaces ON spaces.oid = tables.relnamespace
    JOIN pg_catalog.pg_attribute AS columns ON columns.attrelid = tables.oid AND columns.attnum > 0
    JOIN pg_catalog.pg_type AS types ON types.oid = columns.atttypid
    WHERE tables.relkind = 'r' AND NOT columns.attisdropped AND columns.attgenerated = ''
      AND types.typname IN ('text', 'varchar', 'json', 'jsonb')
      AND spaces.nspname IN (${schema}, ${`${schema}_jobs`})
    ORDER BY 1, 2, columns.attnum`.execute(reader);
  return rows.map(({ type, ...column }) => ({
    ...column,
    isJson: type.startsWith('json'),
    isNoted: NOTED.has(column.table),
  }));
}

export interface FoundRecord {
  /** The row's place in its table, as long as the transaction holds it. */
  place: string;
  text: string;
}

/** Rows of a table whose column holds one of the values, locked. */
export async function lockHolding(
  transaction: Transaction,
  column: TextColumn,
  values: string[],
): Promise<FoundRecord[]> {
  const { rows } = await sql<FoundRecord>`
    SELECT ctid::text AS place, ${sql.ref(column.column)}::text AS text FROM ${tableOf(column)}
    WHERE ${holding(column, values)} FOR UPDATE`.execute(transaction);
  return rows;
}

/** How many rows of one table hold one of the values, by column; columns without any are left out. */
export async function countHolding(
  reader: Reader,
  columns: TextColumn[],
  values: string[],
): Promise<{ column: TextColumn; rows: number }[]> {
  const [first] = columns;
  if (first === undefined) return [];
  const counts = columns.map(
    (column, place) => sql`count(*) FILTER (WHERE ${holding(column, values)})::int AS ${sql.id(`c${place}`)}`,
  );
  const { rows } = await sql<Record<string, number>>`
    SELECT ${sql.join(counts)} FROM ${tableOf(first)}`.execute(reader);
  return columns
    .map((column, place) => ({ column, rows: rows[0]?.[`c${place}`] ?? 0 }))
    .filter((one) => one.rows > 0);
}

export async function replaceText(
  transaction: Transaction,
  column: TextColumn,
  { place, text }: FoundRecord,
): Promise<void> {
  const value = column.isJson ? sql`${text}::jsonb` : sql`${text}::text`;
  await sql`UPDATE ${tableOf(column)} SET ${sql.ref(column.column)} = ${value} WHERE ctid = ${place}::tid`.execute(
    transaction,
  );
}

function tableOf({ schema, table }: TextColumn) {
  return sql.table(`${schema}.${table}`);
}

/** JSON writes some characters of a text in another way. */
function holding({ column, isJson }: TextColumn, values: string[]) {
  const text = sql`translate(${sql.ref(column)}::text, 'ABCDEFGHIJKLMNOPQRSTUVWXYZ', 'abcdefghijklmnopqrstuvwxyz')`;
  const written = values.map((value) => plainCase(isJson ? JSON.stringify(value).slice(1, -1) : value));
  return sql.join(
    written.map((value) => sql`position(${value} IN ${text}) > 0`),
    sql` OR `,
  );
}
