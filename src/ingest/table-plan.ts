import { matchesGlob } from 'node:path';
import type { TableFormat } from './crawled-table.ts';
import type { SourceFile } from './raw-source.ts';
import type { SourceDocument, TableOptions } from './source.ts';

/** The files of one table, before any of them was opened. */
export interface TablePlan {
  name: string;
  format: TableFormat;
  options: TableOptions | undefined;
  files: PlannedFile[];
}

export interface PlannedFile extends SourceFile {
  partition: Record<string, string | null>;
}

export interface PlannedSource {
  plans: TablePlan[];
  ignored: { key: string; reason: string }[];
}

const EXTENSIONS: Record<string, TableFormat> = {
  csv: 'csv',
  tsv: 'csv',
  tab: 'csv',
  psv: 'csv',
  txt: 'csv',
  json: 'json',
  jsonl: 'json',
  ndjson: 'json',
  geojson: 'json',
  parquet: 'parquet',
  parq: 'parquet',
  pq: 'parquet',
};

/** Gives each file to its table: by the globs of the document, or by folder and name where it has none. */
export function planTables(document: SourceDocument, files: readonly SourceFile[]): PlannedSource {
  return document.tables === undefined ? groupByName(files) : groupByGlob(document.tables, files);
}

function groupByGlob(
  tables: NonNullable<SourceDocument['tables']>,
  files: readonly SourceFile[],
): PlannedSource {
  const taken = new Set<string>();
  const plans = Object.entries(tables).map(([name, table]) => {
    const matching = files.filter((file) => matchesGlob(file.key, table.files));
    for (const file of matching) taken.add(file.key);
    const format = table.format ?? formatOf(matching[0]?.key ?? table.files) ?? 'csv';
    return { name, format, options: table.options, files: matching.map(planFile) };
  });
  const ignored = files
    .filter((file) => !taken.has(file.key))
    .map((file) => ({ key: file.key, reason: 'no table of the source takes it' }));
  return { plans, ignored };
}

function groupByName(files: readonly SourceFile[]): PlannedSource {
  const ignored: PlannedSource['ignored'] = [];
  const groups = new Map<
    string,
    { short: string; format: TableFormat; family: string; files: SourceFile[] }
  >();
  for (const file of files) {
    const format = formatOf(file.key);
    if (format === null || isProse(file.key)) {
      ignored.push({ key: file.key, reason: 'is not in a table format that is read without being named' });
      continue;
    }
    const short = tableName(file.key);
    const family = extensionOf(file.key);
    const group = groups.get(`${short} ${family}`) ?? { short, format, family, files: [] };
    group.files.push(file);
    groups.set(`${short} ${family}`, group);
  }
  return { plans: namePlans([...groups.values()]), ignored };
}

/** Groups of several formats under one name keep the full names of their files, so that no two are called alike. */
function namePlans(
  groups: { short: string; format: TableFormat; family: string; files: SourceFile[] }[],
): TablePlan[] {
  const shared = new Set<string>();
  const seen = new Set<string>();
  for (const { short } of groups) (seen.has(short) ? shared : seen).add(short);
  const taken = new Set<string>();
  return groups.map((group) => {
    const single =
      group.files.length === 1 ? sqlName(stemOf(group.files[0]!.key)) : `${group.short}_${group.family}`;
    const wanted = shared.has(group.short) ? single : group.short;
    let name = wanted;
    for (let count = 2; taken.has(name); count++) name = `${wanted.slice(0, 59)}_${count}`;
    taken.add(name);
    return { name, format: group.format, options: undefined, files: group.files.map(planFile) };
  });
}

/** Text that accompanies data rather than being data. */
function isProse(key: string): boolean {
  return /(^|\/)(readme|license|licence|changelog|notes?)[^/]*\.txt$/i.test(key);
}

function extensionOf(key: string): string {
  const name = key.toLowerCase().replace(/\.(gz|zst)$/, '');
  return name.slice(name.lastIndexOf('.') + 1);
}

function formatOf(key: string): TableFormat | null {
  return EXTENSIONS[extensionOf(key)] ?? null;
}

function stemOf(key: string): string {
  const name = key.slice(key.lastIndexOf('/') + 1).replace(/\.(gz|zst)$/i, '');
  const dot = name.lastIndexOf('.');
  return dot > 0 ? name.slice(0, dot) : name;
}

/** Names that writers give to parts, which say nothing about the table (Spark, Hive, Athena, dbt). */
const PART_NAME = /^(part|data|chunk|file|export|output|[\da-f-]{32,36})([-_. ]|$)/i;
const NUMBERS_AT_END = /([-_. ]+|^)v?\d+(?=$)/;

/**
 * The table a file belongs to: its folders and its name without partitions, dates, numbers and part names.
 * `orders/year=2026/x.csv` is `orders`, as in Hive: below a partitioned folder all files are one table;
 * `sales_2012-01.parquet` is `sales`.
 */
export function tableName(key: string): string {
  const folders = key.split('/').slice(0, -1);
  const meaning = folders
    .filter((folder) => !folder.includes('='))
    .map((folder) => withoutNumbers(folder.replace(/\.(csv|json|parquet)$/i, '')))
    .filter((folder) => folder !== '');
  const partitioned = meaning.length > 0 && folders.some((folder) => folder.includes('='));
  const stem = stemOf(key);
  const name = partitioned || PART_NAME.test(stem) ? '' : withoutNumbers(stem);
  return sqlName([...meaning, ...(name === '' ? [] : [name])].join('_'));
}

function withoutNumbers(text: string): string {
  let short = text;
  for (let before = ''; before !== short;) {
    before = short;
    short = short.replace(NUMBERS_AT_END, '');
  }
  return short;
}

function sqlName(text: string): string {
  const name = text
    .normalize('NFKD')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '_')
    .replace(/^_+|_+$/g, '')
    .slice(0, 63);
  return name === '' ? 'data' : /^[a-z]/.test(name) ? name : `t_${name}`.slice(0, 63);
}

function planFile(file: SourceFile): PlannedFile {
  return { ...file, partition: partitionOf(file.key) };
}

/** Hive's form of a partition without value. */
const NO_VALUE = '__HIVE_DEFAULT_PARTITION__';

/** `month=2026-01/store=7/x.csv` has the partition month 2026-01, store 7; values are percent-encoded. */
export function partitionOf(key: string): Record<string, string | null> {
  const partition: Record<string, string | null> = {};
  for (const folder of key.split('/').slice(0, -1)) {
    const at = folder.indexOf('=');
    if (at <= 0) continue;
    const value = decodePercent(folder.slice(at + 1));
    partition[folder.slice(0, at)] = value === NO_VALUE ? null : value;
  }
  return partition;
}

function decodePercent(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
