import { DuckDBInstance, type DuckDBConnection } from '@duckdb/node-api';
import { quoteIdentifier, quoteLiteral } from '../base/data-type.ts';
import type { Relation } from './engine.ts';

/** One in-memory database for one task; made ahead of time, locked when the task is known. */
export interface Database {
  connection: DuckDBConnection;
  /** What it was given ahead of its task; null where that was not known. */
  room: Room | null;
  close(): void;
}

/** What a database may use of the machine. */
export interface Room {
  memoryBytes: number;
  threads: number;
  /** Where it may spill, and how much. */
  spillFolder: string;
  spillBytes: number;
}

/** What a locked database may touch and use. */
export interface Lock extends Room {
  /** Files it may read (and, for an output, write). */
  paths: string[];
  /** Folders it may read and write below. */
  folders: string[];
  relations: Relation[];
  /** Keep the consumer's expressions from rows that a relation hides, see `barrier.ts`. */
  barrier: boolean;
}

/** Nothing is installed or loaded from outside, and no answer depends on the machine's time zone. */
const ALWAYS = [
  'SET autoinstall_known_extensions = false',
  'SET autoload_known_extensions = false',
  'SET allow_community_extensions = false',
  "SET TimeZone = 'UTC'",
  'SET parquet_metadata_cache = true',
  // The system keeps files in memory better than each database for itself.
  'SET enable_external_file_cache = false',
].join(';');

/** The costly half (about 8 ms): done before the task is there, for the room that the next will probably have. */
export async function openDatabase(room: Room | null = null): Promise<Database> {
  const instance = await DuckDBInstance.create(':memory:', { threads: '1' });
  const connection = await instance.connect();
  await connection.run([ALWAYS, ...(room === null ? [] : giveRoom(room))].join(';'));
  return {
    connection,
    room,
    close() {
      connection.closeSync();
      instance.closeSync();
    },
  };
}

function giveRoom({ threads, memoryBytes, spillFolder, spillBytes }: Room): string[] {
  return [
    `SET threads = ${threads}`,
    `SET memory_limit = '${memoryBytes}B'`,
    `SET temp_directory = ${quoteLiteral(spillFolder)}`,
    `SET max_temp_directory_size = '${spillBytes}B'`,
  ];
}

/** Each statement costs a task a quarter of a millisecond. */
function missingRoom(given: Room | null, wanted: Room): string[] {
  const known = new Set(given === null ? [] : giveRoom(given));
  return giveRoom(wanted).filter((statement) => !known.has(statement));
}

/**
 * Gives the task's views and takes everything else away. The order matters: paths before external access is
 * switched off, views before the lock (a view opens its files once to learn its columns), the lock last.
 */
export async function lockDatabase({ connection, room }: Database, lock: Lock): Promise<void> {
  await connection.run(
    [
      ...missingRoom(room, lock),
      `SET allowed_paths = [${lock.paths.map(quoteLiteral).join(', ')}]`,
      ...(lock.folders.length === 0
        ? []
        : [`SET allowed_directories = [${lock.folders.map(quoteLiteral).join(', ')}]`]),
      'SET enable_external_access = false',
      ...(lock.barrier ? ['SET preserve_insertion_order = false'] : []),
      ...createViews(lock),
      'SET lock_configuration = true',
    ].join(';'),
  );
}

function createViews({ relations, barrier }: Lock): string[] {
  const schemas = new Set(relations.map((relation) => quoteIdentifier(relation.schema)));
  const views = relations.map((relation) => {
    const name = `${quoteIdentifier(relation.schema)}.${quoteIdentifier(relation.name)}`;
    return `CREATE VIEW ${name} AS ${barrier && relation.filtered !== false ? behindBarrier(relation.sql) : relation.sql}`;
  });
  return [...[...schemas].map((schema) => `CREATE SCHEMA IF NOT EXISTS ${schema}`), ...views];
}

/**
 * The barrier. DuckDB merges a view's filter with the consumer's and may test the consumer's first, so that
 * `WHERE CAST(code AS INT) > 0` fails on (and thereby tells of) a row the view hides. No predicate is moved
 * below a LIMIT, so a limit larger than any table lets the view's own filter reach the files while the
 * consumer's expressions see only rows that passed it. With `preserve_insertion_order = false` the limit
 * streams in parallel and costs nothing measurable; what is lost is that the consumer's own filters no longer
 * skip row groups, which `barrier.ts` avoids for the predicates that cannot tell anything.
 *
 * One thing stays: a function of a single text column that cannot fail may be worked out once for each entry
 * of the column's dictionary in the file, entries of hidden rows among them. Its results for those are dropped.
 */
function behindBarrier(sql: string): string {
  return `SELECT * FROM (${sql}) LIMIT 9223372036854775807`;
}

export interface ParsedText {
  canonical: string;
  /** Syntax tree of the canonical text, as JSON text: numbers above 2^53 do not survive `JSON.parse`. */
  tree: string;
}

/**
 * Parses a consumer's text in DuckDB and gives the canonical text with its own tree: what is guarded is
 * exactly what will run. Runs nothing.
 */
export async function parseText(
  connection: DuckDBConnection,
  sql: string,
): Promise<ParsedText | ParseFailure> {
  const reader = await connection.runAndReadAll(PARSE, [sql]);
  const [first, canonical, tree] = [0, 1, 2].map((column) => reader.value(column, 0) as string | null);
  if (canonical === null || canonical === undefined) return parseFailure(String(first));
  return String(tree).startsWith(PARSE_ERROR)
    ? parseFailure(String(tree))
    : { canonical, tree: String(tree) };
}

const PARSE_ERROR = '{"error":true';

/** The text's tree, the canonical text of that tree, and the canonical text's own tree, in one trip. */
const PARSE = `
  SELECT tree, canonical, json_serialize_sql(canonical) FROM (
    SELECT tree, CASE WHEN NOT starts_with(tree, '${PARSE_ERROR}') THEN json_deserialize_sql(tree::JSON) END AS canonical
    FROM (SELECT json_serialize_sql($1::VARCHAR)::VARCHAR AS tree))`;

export interface ParseFailure {
  failure: string;
  kind: string;
  /** Offset in the text in code points, where DuckDB knows it. */
  position: number | null;
}

function parseFailure(json: string): ParseFailure {
  const answer = JSON.parse(json) as { error_type?: string; error_message?: string; position?: string };
  return {
    failure: answer.error_message ?? 'not understood',
    kind: answer.error_type ?? '',
    position: answer.position === undefined ? null : Number(answer.position),
  };
}
