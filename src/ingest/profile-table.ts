import { quoteIdentifier, type Column } from '../base/data-type.ts';
import type { RunSql } from './crawl-context.ts';
import type { CrawledTable } from './crawled-table.ts';
import { relationSql, type LocalFile, type TableRelation } from './relation-sql.ts';

/** What all rows of a table say about its columns: exact counts, never estimates. */
export interface TableProfile {
  rows: number;
  columns: ColumnProfile[];
  /** Two columns that together identify a row, where no single one does. */
  pairKey: [string, string] | null;
}

export interface ColumnProfile {
  name: string;
  nulls: number;
  /** Every value differs and none is missing. */
  unique: boolean;
  /** All values of a column that has few; null for others. */
  values: string[] | null;
  /** Some values of the first rows. */
  samples: string[];
}

/** An enumeration longer than this is a reference table. */
const ENUM_VALUES = 25;
/** Below this number of rows everything looks unique. */
const KEY_ROWS = 20;
/** The estimate of distinct values errs by up to a quarter; a wrong guess only costs an exact count. */
const SAFE_SHARE = 0.6;
const SAMPLE_ROWS = 500;
const PAIR_COLUMNS = 4;

export async function profileTable(
  table: CrawledTable,
  tools: { runSql: RunSql; localFile: LocalFile },
): Promise<TableProfile> {
  const relation = relationSql(table, tools.localFile);
  const counted = await countColumns(table.columns, relation, tools.runSql);
  const samples = await sampleRows(table.columns, relation, tools.runSql);
  const keys = await uniqueColumns(table.columns, counted, { relation, runSql: tools.runSql });
  const values = await enumerations(table.columns, counted, { relation, runSql: tools.runSql });
  return {
    rows: counted.rows,
    columns: table.columns.map(({ name }, at) => ({
      name,
      nulls: counted.rows - counted.values[at]!,
      unique: keys.single.has(name),
      values: values.get(name) ?? null,
      samples: samples[at]!,
    })),
    pairKey: keys.pair,
  };
}

interface Counted {
  rows: number;
  /** Not NULL, by position. */
  values: number[];
  /** Estimated; only to choose which columns are worth an exact count. */
  distinct: number[];
}

interface Over {
  relation: TableRelation;
  runSql: RunSql;
}

async function countColumns(
  columns: readonly Column[],
  relation: TableRelation,
  runSql: RunSql,
): Promise<Counted> {
  const counts = columns.map(({ name }) => `count(${quoteIdentifier(name)})`);
  const distinct = columns.map((column) =>
    isScalar(column) ? `approx_count_distinct(${quoteIdentifier(column.name)})` : '0',
  );
  const statement = `SELECT count(*), ${[...counts, ...distinct].join(', ')} FROM (${relation.sql})`;
  const [row] = (await runSql(statement, relation.files)).rows;
  const numbers = row!.map(Number);
  return {
    rows: numbers[0]!,
    values: numbers.slice(1, columns.length + 1),
    distinct: numbers.slice(columns.length + 1),
  };
}

function isScalar({ type }: Column): boolean {
  return !['struct', 'list', 'map', 'binary'].includes(type.kind);
}

/** Amounts and times may happen to be unique; they identify nothing. */
function mayIdentify(column: Column): boolean {
  return ['int', 'long', 'string', 'uuid', 'date'].includes(column.type.kind);
}

async function sampleRows(
  columns: readonly Column[],
  relation: TableRelation,
  runSql: RunSql,
): Promise<string[][]> {
  const { rows } = await runSql(`SELECT * FROM (${relation.sql}) LIMIT ${SAMPLE_ROWS}`, relation.files);
  return columns.map((column, at) => {
    if (!isScalar(column)) return [];
    return rows.flatMap((row) => (row[at] === null || row[at] === undefined ? [] : [String(row[at])]));
  });
}

async function uniqueColumns(
  columns: readonly Column[],
  counted: Counted,
  { relation, runSql }: Over,
): Promise<{ single: Set<string>; pair: [string, string] | null }> {
  const none = { single: new Set<string>(), pair: null };
  if (counted.rows < KEY_ROWS) return none;
  const complete = columns
    .map((column, at) => ({ column, distinct: counted.distinct[at]!, values: counted.values[at]! }))
    .filter(({ column, values }) => values === counted.rows && mayIdentify(column));
  const likely = complete
    .filter(({ distinct }) => distinct > counted.rows * SAFE_SHARE)
    .map(({ column }) => [column.name]);
  const single = await distinctKeys(likely, counted.rows, { relation, runSql });
  if (single.length > 0) return { single: new Set(single.flat()), pair: null };
  const widest = [...complete].sort((left, right) => right.distinct - left.distinct).slice(0, PAIR_COLUMNS);
  const pairs = widest.flatMap((left, at) =>
    widest
      .slice(at + 1)
      .filter((right) => left.distinct * right.distinct > counted.rows * SAFE_SHARE)
      .map((right) => [left.column.name, right.column.name]),
  );
  const [pair] = await distinctKeys(pairs, counted.rows, { relation, runSql });
  return { ...none, pair: pair === undefined ? null : [pair[0]!, pair[1]!] };
}

/** The keys whose values differ in every row, by exact counts. */
async function distinctKeys(keys: string[][], rows: number, { relation, runSql }: Over): Promise<string[][]> {
  if (keys.length === 0) return [];
  const counts = keys.map((key) => `count(DISTINCT (${key.map(quoteIdentifier).join(', ')}))`);
  const answer = await runSql(`SELECT ${counts.join(', ')} FROM (${relation.sql})`, relation.files);
  return keys.filter((_, at) => Number(answer.rows[0]![at]) === rows);
}

async function enumerations(
  columns: readonly Column[],
  counted: Counted,
  { relation, runSql }: Over,
): Promise<Map<string, string[]>> {
  const few = columns.filter(
    ({ type }, at) =>
      type.kind === 'string' &&
      counted.distinct[at]! >= 2 &&
      counted.distinct[at]! <= ENUM_VALUES &&
      counted.values[at]! >= counted.distinct[at]! * 10,
  );
  if (few.length === 0) return new Map();
  const lists = few.map(({ name }) => `to_json(list(DISTINCT ${quoteIdentifier(name)}))`);
  const statement = `SELECT CAST(to_json([${lists.join(', ')}]) AS VARCHAR) FROM (${relation.sql})`;
  const answer = await runSql(statement, relation.files);
  const found = JSON.parse(String(answer.rows[0]![0])) as (string | null)[][];
  return new Map(
    few.map(({ name }, at) => [name, found[at]!.filter((value) => value !== null).sort()] as const),
  );
}
