import { duckdbType, quoteIdentifier, quoteLiteral, type Column } from '../base/data-type.ts';
import { LIMITS } from '../base/limits.ts';
import { buildTable, type SoundTable } from './build-table.ts';
import { packingDamage } from './content-stream.ts';
import type { CrawlContext } from './crawl-context.ts';
import { failure, warning, type FileGroup, type JsonReader } from './crawled-table.ts';
import { eachLimit } from './each-limit.ts';
import { readHead, SMALL_HEAD_BYTES } from './file-head.ts';
import { locateJsonDamage } from './json-damage.ts';
import { readablePath } from './prepare-files.ts';
import { readableFiles } from './readable-files.ts';
import { compressionSql, JSON_OPTIONS, listSql, packingOf } from './relation-sql.ts';
import type { PlannedFile, TablePlan } from './table-plan.ts';

interface JsonFile extends PlannedFile {
  reader: JsonReader;
  path: string;
  fingerprint: string;
}

/** Crawls JSON and NDJSON files: one statement reads every value for the types, one counts. */
export async function crawlJson(plan: TablePlan, context: CrawlContext): Promise<SoundTable> {
  const looked = await eachLimit(plan.files, 8, (file) => lookAt(file, plan, context));
  const refused: JsonFile[] = [];
  const files = await readableFiles(
    looked.filter((file) => file !== null),
    {
      attempt: async (some) => inferColumns(some, context),
      refuse: (file) => refused.push(file),
    },
  );
  for (const file of refused) await reportDamage(file, plan, context);
  const columns = files.length === 0 ? [] : usableColumns(await inferColumns(files, context), plan, context);
  const { counted, rows, nullCounts } = await countRows({ plan, context, files, columns });
  return buildTable(plan, {
    columns,
    dateFormats: {},
    groups: groupFiles(counted, columns),
    rows,
    fingerprints: new Map(files.map(({ key, fingerprint }) => [key, fingerprint])),
    nullCounts,
  });
}

async function lookAt(file: PlannedFile, plan: TablePlan, context: CrawlContext): Promise<JsonFile | null> {
  const path = await context.source.localFile(file.key);
  const head = await readHead(path, file.bytes, { headBytes: SMALL_HEAD_BYTES });
  const packing = { path, compression: head.compression };
  const damage = head.damage ?? (head.compression === 'none' ? null : await packingDamage(packing));
  const binary = head.binary === null ? null : `is ${head.binary}, not JSON, whatever its name says`;
  const refusal = damage ?? binary;
  if (refusal !== null) context.problems.push(failure(plan.name, `the file ${refusal}`, file.key));
  else if (head.text.trim() === '') context.problems.push(warning(plan.name, 'the file is empty', file.key));
  if (refusal !== null || head.text.trim() === '') return null;
  // DuckDB's JSON reader stumbles over a byte order mark: such a file is copied without it.
  const encoding = head.mark && head.encoding === 'utf-8' ? 'utf-8-mark' : head.encoding;
  const reader: JsonReader = { format: 'json', compression: head.compression, encoding };
  const readable = await readablePath({ key: file.key, reader }, context.source, context.scratch);
  return { ...file, reader, path: readable, fingerprint: head.fingerprint };
}

async function inferColumns(files: readonly JsonFile[], context: CrawlContext): Promise<Column[]> {
  const unions = [];
  for (const some of Map.groupBy(files, ({ reader }) => packingOf(reader)).values()) {
    const paths = some.map(({ path }) => path);
    const options = [
      ...JSON_OPTIONS,
      'sample_size = -1',
      'union_by_name = true',
      `maximum_sample_files = ${LIMITS.sourceFiles}`,
      `maximum_depth = ${LIMITS.jsonDepth}`,
      compressionSql(some[0]!.reader),
      'hive_partitioning = false',
    ];
    unions.push(`(SELECT * FROM read_json(${listSql(paths)}, ${options.join(', ')}) LIMIT 0)`);
  }
  const statement = unions.join(' UNION ALL BY NAME ');
  return (
    await context.runSql(
      statement,
      files.map(({ path }) => path),
    )
  ).columns;
}

/** DuckDB gives keys that differ only in case numbered names, under which no reader finds them again. */
function usableColumns(found: Column[], plan: TablePlan, context: CrawlContext): Column[] {
  const names = new Set(found.map(({ name }) => name.toLowerCase()));
  const place = plan.files[0]!.key;
  const columns = found.filter(({ name }) => {
    const base = /^(.*)_\d+$/.exec(name)?.[1];
    const twin =
      base !== undefined && names.has(base.toLowerCase()) && !found.some((other) => other.name === base);
    if (twin)
      context.problems.push(
        warning(plan.name, `the key ${base} differs from another only in case and is left out`, place),
      );
    return !twin;
  });
  if (columns.length > LIMITS.columns) {
    const message = `the table has ${columns.length} columns, the limit is ${LIMITS.columns}`;
    context.problems.push(failure(plan.name, message, place));
  }
  return columns.map((column) => ({ ...column, required: false }));
}

interface CountTask {
  plan: TablePlan;
  context: CrawlContext;
  files: readonly JsonFile[];
  columns: readonly Column[];
}

interface Counts {
  /** The files that could be read with these columns. */
  counted: JsonFile[];
  rows: Map<string, number>;
  nullCounts: Record<string, number>;
}

const UNREADABLE =
  'the file cannot be read as JSON: a key stands twice in an object, or a value is larger than 16 MB';

/** Reads every value once with the columns found: what reads here reads in a pipeline. */
async function countRows({ plan, context, files, columns }: CountTask): Promise<Counts> {
  const counts: Counts = { counted: [], rows: new Map(), nullCounts: {} };
  if (columns.length === 0) return counts;
  for (const { name } of columns) counts.nullCounts[name] = 0;
  for (const some of Map.groupBy(files, ({ reader }) => packingOf(reader)).values()) {
    const sound = await readableFiles(some, {
      attempt: (part) => countFiles(part, columns, context),
      refuse: ({ key }) => context.problems.push(failure(plan.name, UNREADABLE, key)),
    });
    counts.counted.push(...sound);
    for (const { key } of sound) counts.rows.set(key, 0);
    const keys = new Map(sound.map(({ path, key }) => [path, key]));
    const answer = sound.length === 0 ? [] : await countFiles(sound, columns, context);
    for (const [path, rows, ...values] of answer) {
      counts.rows.set(keys.get(String(path))!, Number(rows));
      columns.forEach(({ name }, at) => (counts.nullCounts[name]! += Number(rows) - Number(values[at])));
    }
  }
  return counts;
}

async function countFiles(
  files: readonly JsonFile[],
  columns: readonly Column[],
  context: CrawlContext,
): Promise<unknown[][]> {
  const paths = files.map(({ path }) => path);
  const types = columns.map(({ name, type }) => `${quoteLiteral(name)}: ${quoteLiteral(duckdbType(type))}`);
  const options = [
    `columns = {${types.join(', ')}}`,
    ...JSON_OPTIONS,
    'filename = true',
    'hive_partitioning = false',
    compressionSql(files[0]!.reader),
  ];
  const counts = columns.map(({ name }) => `count(${quoteIdentifier(name)})`);
  const statement = `SELECT filename, count(*), ${counts.join(', ')} FROM read_json(${listSql(paths)}, ${options.join(', ')}) GROUP BY filename`;
  return (await context.runSql(statement, paths)).rows;
}

async function reportDamage(file: JsonFile, plan: TablePlan, context: CrawlContext): Promise<void> {
  const damages = await locateJsonDamage({ path: file.path, compression: packingOf(file.reader) });
  if (damages.length === 0) context.problems.push(failure(plan.name, UNREADABLE, file.key));
  for (const { line, column, message } of damages) {
    context.problems.push(failure(plan.name, message, `${file.key}:${line}:${column}`));
  }
}

function groupFiles(files: readonly JsonFile[], columns: readonly Column[]): FileGroup[] {
  const names = columns.map(({ name }) => name);
  const signature = ({ reader, partition }: JsonFile) => JSON.stringify([reader, Object.keys(partition)]);
  return [...Map.groupBy(files, signature).values()].map((some) => ({
    reader: some[0]!.reader,
    columns: names,
    keys: some.map(({ key }) => key),
  }));
}
