import { quoteIdentifier, quoteLiteral, type Column, type DataType } from '../base/data-type.ts';
import { MeshError } from '../base/errors.ts';
import { transformSql } from '../lake/partition-sql.ts';
import type { PartitionField } from '../lake/partition.ts';
import type { FileFormat, ParquetTableOutput } from './engine.ts';

/** Near this size a file is cut: large enough for scans, small enough to replace. */
const DEFAULT_FILE_BYTES = 128 * 1024 * 1024;

const FORMAT_OPTIONS: Record<Exclude<FileFormat, 'arrow'>, string> = {
  csv: "FORMAT csv, HEADER true, DELIMITER ','",
  json: 'FORMAT json, ARRAY true',
  ndjson: 'FORMAT json, ARRAY false',
  parquet: 'FORMAT parquet, COMPRESSION zstd',
};

/** COPY of a statement to one file. */
export function copyToFile(sql: string, path: string, format: Exclude<FileFormat, 'arrow'>): string {
  return `COPY (${sql}) TO ${quoteLiteral(path)} (${FORMAT_OPTIONS[format]})`;
}

/**
 * COPY of a statement to the data files of a table. Every table column stays in the files (Iceberg readers
 * take even identity partition values from there when they can), so files are cut by computed copies.
 */
export function copyToTable(sql: string, output: ParquetTableOutput): string {
  const partitions = output.partitions.map((field, at) => ({ field, name: partitionName(at) }));
  const columns = output.columns.map(({ name }) => quoteIdentifier(name));
  const keys = partitions.map(
    ({ field, name }) => `${partitionText(field, output.columns)} AS ${quoteIdentifier(name)}`,
  );
  const by = partitions.map(({ name }) => quoteIdentifier(name)).join(', ');
  const options = [
    'FORMAT parquet',
    'COMPRESSION zstd',
    'RETURN_STATS',
    `FIELD_IDS {${output.columns.map(fieldIds).join(', ')}}`,
    // DuckDB cannot cut by size and by partition in one COPY.
    by === '' ? `FILE_SIZE_BYTES ${output.fileBytes ?? DEFAULT_FILE_BYTES}` : `PARTITION_BY (${by})`,
    "FILENAME_PATTERN 'data_{uuidv7}'",
  ];
  const select = `SELECT ${[...columns, ...keys].join(', ')} FROM (${sql})`;
  return `COPY (${select}) TO ${quoteLiteral(output.folder)} (${options.join(', ')})`;
}

export function partitionName(at: number): string {
  return `~p${at}`;
}

/** A partition value as text that says null and empty apart: `-`, or `+` and the value. */
function partitionText({ column, transform }: PartitionField, columns: Column[]): string {
  const source = columns.find(({ name }) => name === column);
  if (!source)
    throw new MeshError('internal', { detail: `the partition column ${column} is not in the table` });
  const value = `CAST(${transformSql(column, transform, source.type)} AS VARCHAR)`;
  return `CASE WHEN ${quoteIdentifier(column)} IS NULL THEN '-' ELSE '+' || ${value} END`;
}

/** The value behind the text of {@link partitionText}. */
export function readPartitionText(text: string, { transform }: PartitionField): string | number | null {
  if (text === '-') return null;
  const value = text.slice(1);
  return transform === 'identity' || transform === 'day' ? value : Number(value);
}

/** DuckDB's FIELD_IDS form: nested types carry their own id beside their children's. */
function fieldIds(column: Column): string {
  return `${quoteLiteral(column.name)}: ${idsOf(requiredId(column.id, column.name), column.type)}`;
}

function idsOf(id: number, type: DataType): string {
  switch (type.kind) {
    case 'struct':
      return nestedIds(id, type.fields.map(fieldIds));
    case 'list':
      return nestedIds(id, [`'element': ${idsOf(requiredId(type.elementId, 'element'), type.element)}`]);
    case 'map':
      return nestedIds(id, [
        `'key': ${idsOf(requiredId(type.keyId, 'key'), type.key)}`,
        `'value': ${idsOf(requiredId(type.valueId, 'value'), type.value)}`,
      ]);
    default:
      return String(id);
  }
}

function nestedIds(id: number, children: string[]): string {
  return `{${[`__duckdb_field_id: ${id}`, ...children].join(', ')}}`;
}

function requiredId(id: number | undefined, name: string): number {
  if (id === undefined) throw new MeshError('internal', { detail: `the column ${name} has no field id` });
  return id;
}
