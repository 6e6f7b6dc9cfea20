import { join } from 'node:path';
import { duckdbType, quoteIdentifier, quoteLiteral, type Column } from '../base/data-type.ts';
import { MeshError } from '../base/errors.ts';
import { castCommaNumberSql } from './decimal-comma.ts';
import { isNumber } from './infer-type.ts';
import type { Compression, CrawledTable, CsvReader, FileGroup, JsonReader, Reader } from './crawled-table.ts';

/** Trusted SQL that gives a source's table with its crawled columns and types, and the files it reads. */
export interface TableRelation {
  sql: string;
  files: string[];
}

/** Local path of a file's readable form: the file itself, or its copy in UTF-8. */
export type LocalFile = (key: string) => string;

/** For files that DuckDB reads as they are; see `prepareFiles` for the others. */
export function filesBelow(folder: string): LocalFile {
  return (key) => join(folder, key);
}

/**
 * The table as a relation for DuckDB: explicit reader options, columns and types, nothing sniffed.
 * Reading is strict: a row that does not fit fails the statement.
 * @throws MeshError `source.unreadable` with the places where the crawl found damage, `source.empty` without files.
 */
export function relationSql(table: CrawledTable, localFile: LocalFile): TableRelation {
  if (table.damage.length > 0) {
    throw new MeshError('source.unreadable', { facts: { table: table.name }, problems: table.damage });
  }
  if (table.groups.length === 0) throw new MeshError('source.empty', { facts: { table: table.name } });
  const selects = table.groups.map((group) => groupSql(table, group, localFile));
  return {
    sql: selects.join('\nUNION ALL BY NAME\n'),
    files: table.groups.flatMap((group) => group.keys.map(localFile)),
  };
}

function groupSql(table: CrawledTable, group: FileGroup, localFile: LocalFile): string {
  const paths = group.keys.map(localFile);
  const position = new Map(group.columns.map((name, index) => [name, index]));
  const columns = table.columns.map((column) => {
    const index = position.get(column.name);
    const target = duckdbType(column.type);
    if (index !== undefined)
      return `${readSql(table, group, { column, index })} AS ${quoteIdentifier(column.name)}`;
    const value = table.partitionColumns.includes(column.name) ? quoteIdentifier(column.name) : 'NULL';
    return `CAST(${value} AS ${target}) AS ${quoteIdentifier(column.name)}`;
  });
  return `SELECT ${columns.join(', ')} FROM ${readerSql(group, paths, table)}`;
}

/** One column of a reader as its final type. CSV columns come as text under their position. */
function readSql(table: CrawledTable, group: FileGroup, at: { column: Column; index: number }): string {
  const target = duckdbType(at.column.type);
  if (group.reader.format !== 'csv') return `CAST(${quoteIdentifier(at.column.name)} AS ${target})`;
  const text = positionName(at.index);
  const format = table.dateFormats[at.column.name];
  if (format !== undefined) return `CAST(strptime(${text}, ${quoteLiteral(format)}) AS ${target})`;
  if (group.reader.decimal === ',' && isNumber(at.column.type)) return castCommaNumberSql(text, target);
  return target === 'VARCHAR' ? text : `CAST(${text} AS ${target})`;
}

/** Position names keep the files' own names, whatever they hold, out of the reader's options. */
export function positionName(index: number): string {
  return `c${index}`;
}

function readerSql(group: FileGroup, paths: readonly string[], table: CrawledTable): string {
  const { reader } = group;
  const partitions = hiveOptions(table.partitionColumns);
  if (reader.format === 'csv')
    return readCsvSql(reader, { paths, width: group.columns.length, more: partitions });
  if (reader.format === 'parquet') {
    return `read_parquet(${listSql(paths)}, union_by_name = true${withComma(partitions)})`;
  }
  const columns = table.columns
    .filter((column) => group.columns.includes(column.name))
    .map((column) => `${quoteLiteral(column.name)}: ${quoteLiteral(duckdbType(column.type))}`);
  const options = [`columns = {${columns.join(', ')}}`, ...JSON_OPTIONS, compressionSql(reader)];
  return `read_json(${listSql(paths)}, ${[...options, ...partitions].join(', ')})`;
}

/** DuckDB reads UTF-8 and little else (its Latin-1 refuses 0x80 to 0x9F): other files are read from a copy. */
export function needsCopy(reader: Reader): boolean {
  return reader.format !== 'parquet' && reader.encoding !== 'utf-8';
}

/** `auto` tells arrays, lines and single documents apart per file. Values above 16 MB are refused: their buffers are per thread. */
export const JSON_OPTIONS = ["format = 'auto'", 'maximum_object_size = 16777216'];

export interface CsvRead {
  paths: readonly string[];
  width: number;
  /** Further options, such as `filename = true`. */
  more?: string[];
}

/** `read_csv` over files of one dialect, every column as text. */
export function readCsvSql(reader: CsvReader, read: CsvRead): string {
  const columns = Array.from({ length: read.width }, (_, index) => `'${positionName(index)}': 'VARCHAR'`);
  const nulls = ['', ...reader.nullValues].map(quoteLiteral);
  const options = [
    `columns = {${columns.join(', ')}}`,
    'auto_detect = false',
    'strict_mode = true',
    `header = ${reader.header}`,
    `delim = ${quoteLiteral(reader.delimiter)}`,
    `quote = ${quoteLiteral(reader.quote)}`,
    `escape = ${quoteLiteral(reader.escape)}`,
    `nullstr = [${nulls.join(', ')}]`,
    compressionSql(reader),
    ...(read.more ?? []),
  ];
  return `read_csv(${listSql(read.paths)}, ${options.join(', ')})`;
}

/** How the readable form of a file is packed: a copy in UTF-8 is not, whatever its original was. */
export function packingOf(reader: CsvReader | JsonReader): Compression {
  return needsCopy(reader) ? 'none' : reader.compression;
}

/** DuckDB's two readers call the same thing by two names. */
export function compressionSql(reader: CsvReader | JsonReader): string {
  const packing = packingOf(reader);
  const plain = reader.format === 'json' ? 'uncompressed' : 'none';
  return `compression = ${quoteLiteral(packing === 'none' ? plain : packing)}`;
}

/** Partition values stay text in the reader, so that `01` stays `01`; the relation casts them. */
export function hiveOptions(partitionColumns: readonly string[]): string[] {
  return partitionColumns.length === 0
    ? ['hive_partitioning = false']
    : ['hive_partitioning = true', 'hive_types_autocast = false'];
}

/** A name with `*`, `?` or `[` is taken for a pattern only where no file is called exactly so (DuckDB `Glob`). */
export function listSql(paths: readonly string[]): string {
  return `[${paths.map(quoteLiteral).join(', ')}]`;
}

function withComma(options: readonly string[]): string {
  return options.map((option) => `, ${option}`).join('');
}
