import { duckdbType, quoteIdentifier, quoteLiteral, type Column, type DataType } from '../base/data-type.ts';
import type { Lake, Table } from './lake.ts';
import { dataFiles, type ScanFile } from './scan.ts';
import type { Snapshot } from './metadata.ts';
import { columnsOf, fieldId } from './schema.ts';
import { tableColumns } from './table.ts';

/** A snapshot as an engine reads it. */
export interface TableRelation {
  /** A DuckDB query that gives the snapshot's rows under the columns. */
  sql: string;
  /** Local paths it reads. */
  files: string[];
  rows: number;
  bytes: number;
}

/**
 * The rows of a snapshot under the table's current columns, or under others of the table's history: columns
 * are found by field id, missing ones are null, narrower ones are widened (table spec, "Column Projection").
 */
export async function readRelation(
  lake: Lake,
  table: Table,
  read: { snapshot: Snapshot | null; columns?: Column[] },
): Promise<TableRelation> {
  const scan = await dataFiles(lake, table, read.snapshot);
  return filesRelation(lake, scan, { columns: read.columns ?? tableColumns(table) });
}

/** The same of some files of a table; `fileColumn` adds a column with the path that a row comes from. */
export async function filesRelation(
  lake: Lake,
  scan: ScanFile[],
  { columns, fileColumn }: { columns: Column[]; fileColumn?: string },
): Promise<TableRelation> {
  const files = await Promise.all(
    scan.map(async (one) => ({ ...one, path: await lake.objects.localFile(one.key) })),
  );
  return {
    sql: relationSql(columns, files, fileColumn),
    files: files.map((one) => one.path),
    rows: scan.reduce((rows, { file }) => rows + file.rows, 0),
    bytes: scan.reduce((bytes, { file }) => bytes + file.bytes, 0),
  };
}

/** See {@link readRelation} and {@link filesRelation}; pure. */
export function relationSql(
  columns: Column[],
  files: (Pick<ScanFile, 'schema'> & { path: string })[],
  fileColumn?: string,
): string {
  if (files.length === 0) {
    const nulls = columns.map((column) => `${nullOf(column.type)} AS ${quoteIdentifier(column.name)}`);
    if (fileColumn !== undefined) nulls.push(`CAST(NULL AS VARCHAR) AS ${quoteIdentifier(fileColumn)}`);
    return `SELECT ${nulls.join(', ')} WHERE false`;
  }
  const bySchema = Map.groupBy(files, ({ schema }) => schema['schema-id']);
  const scans = Array.from(bySchema.values(), (members) => ({
    ...project(columns, columnsOf(members[0]!.schema)),
    paths: members.map((member) => member.path),
  }));
  // Most steps of a schema change nothing in how files are read: those share one scan.
  const shared = Map.groupBy(scans, ({ schema, select }) => `${schema} ${select}`);
  return Array.from(shared.values(), (same) =>
    scanSql(same[0]!, { paths: same.flatMap((one) => one.paths), fileColumn }),
  ).join(' UNION ALL ');
}

interface Scan {
  paths: string[];
  fileColumn: string | undefined;
}

function scanSql({ schema, select }: Projection, { paths, fileColumn }: Scan): string {
  const list = paths.map(quoteLiteral).join(', ');
  const [more, option] =
    fileColumn === undefined
      ? ['', '']
      : [`, ${quoteIdentifier(fileColumn)}`, `filename => ${quoteLiteral(fileColumn)}, `];
  return `SELECT ${select}${more} FROM read_parquet([${list}], hive_partitioning => false, ${option}schema => MAP {${schema}})`;
}

/** How files of one schema become rows of the columns. */
interface Projection {
  /** DuckDB's `schema` parameter: it maps top-level columns by field id, but names inside them by name. */
  schema: string;
  select: string;
}

function project(columns: Column[], written: Column[]): Projection {
  const plans = columns.map((column) => {
    const old = written.find((one) => one.id === column.id);
    const name = quoteIdentifier(column.name);
    if (!old || sameNames(old.type, column.type)) return { column, type: column.type, sql: name };
    return {
      column,
      type: old.type,
      sql: `${convert(name, { from: old.type, to: column.type, depth: 0 })} AS ${name}`,
    };
  });
  const entries = plans.map(({ column, type }) => {
    const facts = `name: ${quoteLiteral(column.name)}, type: ${quoteLiteral(duckdbType(type))}, default_value: NULL`;
    return `${fieldId(column)}: {${facts}}`;
  });
  return { schema: entries.join(', '), select: plans.map((plan) => plan.sql).join(', ') };
}

/** Whether equal names inside the types always mean equal field ids, so that DuckDB's mapping by name is right. */
function sameNames(from: DataType, to: DataType): boolean {
  if (from.kind === 'list' && to.kind === 'list') return sameNames(from.element, to.element);
  if (from.kind === 'map' && to.kind === 'map')
    return sameNames(from.key, to.key) && sameNames(from.value, to.value);
  if (from.kind !== 'struct' || to.kind !== 'struct') return true;
  return to.fields.every((field) => {
    const byId = from.fields.find((one) => one.id === field.id);
    const byName = from.fields.find((one) => one.name.toLowerCase() === field.name.toLowerCase());
    return byId === byName && (!byId || sameNames(byId.type, field.type));
  });
}

interface Conversion {
  from: DataType;
  to: DataType;
  /** Lambdas inside lambdas need parameters of different names. */
  depth: number;
}

/** An expression of the new type from a value of the old one, fields matched by id. */
function convert(value: string, { from, to, depth }: Conversion): string {
  if (from.kind === 'struct' && to.kind === 'struct') {
    const fields = to.fields.map((field) => {
      const old = from.fields.find((one) => one.id === field.id);
      const inside = old
        ? convert(`struct_extract(${value}, ${quoteLiteral(old.name)})`, {
            from: old.type,
            to: field.type,
            depth,
          })
        : nullOf(field.type);
      return `${quoteIdentifier(field.name)} := ${inside}`;
    });
    return `CASE WHEN ${value} IS NULL THEN NULL ELSE struct_pack(${fields.join(', ')}) END`;
  }
  const item = `item_${depth}`;
  if (from.kind === 'list' && to.kind === 'list') {
    const inside = convert(item, { from: from.element, to: to.element, depth: depth + 1 });
    return `list_transform(${value}, lambda ${item}: ${inside})`;
  }
  if (from.kind === 'map' && to.kind === 'map') {
    const inside = convert(`${item}.value`, { from: from.value, to: to.value, depth: depth + 1 });
    const entries = `list_transform(map_entries(${value}), lambda ${item}: {'k': ${item}.key, 'v': ${inside}})`;
    return `CASE WHEN ${value} IS NULL THEN NULL ELSE map_from_entries(${entries}) END`;
  }
  return `CAST(${value} AS ${duckdbType(to)})`;
}

function nullOf(type: DataType): string {
  return `CAST(NULL AS ${duckdbType(type)})`;
}
