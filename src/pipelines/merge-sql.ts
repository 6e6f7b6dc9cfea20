import { type Column, duckdbType, quoteIdentifier, quoteLiteral } from '../base/data-type.ts';
import { type ColumnRange, columnRange } from '../lake/column-range.ts';
import type { DataFile } from '../lake/data-file.ts';
import type { PartitionTransform } from '../lake/partition.ts';
import { transformSql } from '../lake/partition-sql.ts';
import { valueSql } from '../lake/value-sql.ts';

/** Where the statements below read: the batch, and files of the table with the path of each row. */
export const BATCH = { schema: 'merge', name: 'batch' } as const;
export const TABLE = { schema: 'merge', name: 'rows' } as const;
export const UNTOUCHED = { schema: 'merge', name: 'untouched' } as const;

/** Columns of ours beside those of the contract; no contract can name a column so. */
const GONE = '~gone';
export const FILE = '~file';

/** The table's columns, and those by which a row is found. */
export interface MergeShape {
  columns: Column[];
  key: Column[];
}

/** The pipeline's rows with the table's columns and whether a row deletes. */
export function batchSql(sql: string, columns: Column[], deleteWhere: string | null): string {
  const gone = deleteWhere === null ? 'false' : `coalesce(${quoteIdentifier(deleteWhere)}, false)`;
  // Cast, so that what is compared with the table is what will be written to it.
  const casts = columns.map(({ name, type }) => {
    return `CAST(${quoteIdentifier(name)} AS ${duckdbType(type)}) AS ${quoteIdentifier(name)}`;
  });
  return `SELECT ${casts.join(', ')}, ${gone} AS ${quoteIdentifier(GONE)} FROM (${sql})`;
}

export function batchRelation(path: string): string {
  return `SELECT * FROM read_parquet([${quoteLiteral(path)}], hive_partitioning => false)`;
}

/** The batch alone: what a table that is written anew consists of. */
export function upsertsSql(columns: Column[]): string {
  return `SELECT ${listOf(columns)} FROM ${named(BATCH)} WHERE NOT ${quoteIdentifier(GONE)}`;
}

/**
 * The places, in the given list, of the files whose bounds of a key column hold a value of the batch; one
 * row with a list. The nearest value above the lower bound decides (`ASOF`), so that the cost is that of
 * sorting and not that of comparing every file with every value. Null when no bounds say anything.
 */
export function hitsSql(files: DataFile[], column: Column): string | null {
  const bounds = files.flatMap((file, place) => {
    const range = rangeSql(columnRange(file, column), column);
    return range === null ? [] : [`(${place}, ${range})`];
  });
  if (bounds.length === 0) return null;
  const key = quoteIdentifier(column.name);
  return `SELECT list(f.place) FROM (VALUES ${bounds.join(', ')}) AS f (place, low, high)
    ASOF JOIN (SELECT DISTINCT ${key} AS value FROM ${named(BATCH)}) AS b ON f.low <= b.value
    WHERE b.value <= f.high`;
}

function rangeSql(range: ColumnRange, { type }: Column): string | null {
  if (range.kind !== 'between') return null;
  const [low, high] = [valueSql(type, range.low), valueSql(type, range.high)];
  return low === null || high === null ? null : `${low}, ${high}`;
}

/** Whether the bounds of a file say where its values of a column lie, so that `hitsSql` judges it. */
export function isBounded(file: DataFile, column: Column): boolean {
  return rangeSql(columnRange(file, column), column) !== null;
}

/** For each file that holds keys of the batch: rows that go, that change, and that stay as they are. */
export function comparisonSql({ columns, key }: MergeShape): string {
  const differs = columns
    .filter((column) => !key.includes(column))
    .map(({ name }) => `t.${quoteIdentifier(name)} IS DISTINCT FROM b.${quoteIdentifier(name)}`);
  const changes = differs.length === 0 ? 'false' : differs.join(' OR ');
  const gone = `b.${quoteIdentifier(GONE)}`;
  return `SELECT t.${quoteIdentifier(FILE)},
      count(*) FILTER (WHERE ${gone}),
      count(*) FILTER (WHERE NOT ${gone} AND (${changes})),
      count(*) FILTER (WHERE NOT ${gone} AND NOT (${changes}))
    FROM ${named(TABLE)} AS t JOIN ${named(BATCH)} AS b ON ${sameKey('t', key)} GROUP BY ALL`;
}

/**
 * The rows in the place of the touched files: theirs that the batch does not name, and the batch's that do
 * not stand in an untouched file as they are.
 */
export function mergedSql({ columns, key }: MergeShape): string {
  const list = listOf(columns);
  return `SELECT ${list} FROM ${named(TABLE)} AS t
      WHERE NOT EXISTS (SELECT 1 FROM ${named(BATCH)} AS b WHERE ${sameKey('t', key)})
    UNION ALL SELECT ${list} FROM ${named(BATCH)} AS b
      WHERE NOT b.${quoteIdentifier(GONE)}
        AND NOT EXISTS (SELECT 1 FROM ${named(UNTOUCHED)} AS t WHERE ${sameKey('t', key)})`;
}

/** Rows of the batch, and how many of them delete. */
export const BATCH_COUNTS = `SELECT count(*), count(*) FILTER (WHERE ${quoteIdentifier(GONE)}) FROM ${named(BATCH)}`;

/** Keys are never NULL, so plain equality is exact. */
function sameKey(left: string, key: Column[]): string {
  return key.map(({ name }) => `${left}.${quoteIdentifier(name)} = b.${quoteIdentifier(name)}`).join(' AND ');
}

function listOf(columns: Column[]): string {
  return columns.map(({ name }) => quoteIdentifier(name)).join(', ');
}

function named({ schema, name }: { schema: string; name: string }): string {
  return `${quoteIdentifier(schema)}.${quoteIdentifier(name)}`;
}

/** The partition values of the batch's rows, for transforms that no bounds follow (buckets); one row with a list. */
export function batchPartitionsSql(column: Column, transform: PartitionTransform): string {
  return `SELECT list(DISTINCT ${transformSql(column.name, transform, column.type)}) FROM ${named(BATCH)}`;
}
