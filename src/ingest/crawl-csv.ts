import { isDeepStrictEqual } from 'node:util';
import type { Column } from '../base/data-type.ts';
import { LIMITS } from '../base/limits.ts';
import { packingDamage } from './content-stream.ts';
import { isAboutFiles, type CrawlContext } from './crawl-context.ts';
import { failure, warning } from './crawled-table.ts';
import { settleColumns, type ColumnPlan, type KnownMeasure } from './csv-columns.ts';
import { removeDamaged } from './csv-damage.ts';
import type { CsvGroup } from './csv-group.ts';
import { inspectCsvFiles, type CsvFile } from './csv-file.ts';
import { measureSql, readMeasure, type MeasuredColumn, type MeasureTask } from './csv-measure.ts';
import { eachLimit } from './each-limit.ts';
import { STRING } from './infer-type.ts';
import { readablePath } from './prepare-files.ts';
import { buildTable, type SoundTable, type TableFacts } from './build-table.ts';
import type { KnownFiles } from './known-tables.ts';
import type { TablePlan } from './table-plan.ts';

/**
 * Crawls the CSV files of one table: heads, packing, one exact pass over the rows, types. Of a table that files were
 * added to only the new ones are passed over, as long as they bear out what is known.
 */
export async function crawlCsv(
  plan: TablePlan,
  context: CrawlContext,
  known: KnownFiles | null,
): Promise<SoundTable> {
  const inspected = await inspectCsvFiles(plan, context);
  const sound = await dropUnsoundPacking(plan, inspected, { context, known });
  const tooWide = sound.some(({ names }) => names.length > LIMITS.columns);
  const files = tooWide ? [] : sound;
  const groups = await groupFiles(files, context);
  const rows = new Map<string, number>();
  const measure = (group: CsvGroup, columns: MeasuredColumn[]) =>
    measureGroup({ plan, context, group, groups, columns, rows });
  const columns = await settleColumns({
    ...{ plan, context, groups, measure },
    known: known === null ? null : knownMeasure(known, { plan, context, groups, rows }),
  });
  noteSchemas(plan, groups, context);
  noteEmpty(plan, rows, context);
  return buildTable(plan, tableFacts(groups, columns, rows));
}

/** The counts of the files of before, where they are read now as they were then. */
function knownMeasure(known: KnownFiles, task: KnownTask): KnownMeasure | null {
  const { groups, rows, context } = task;
  if (!isReadAlike(known, groups)) return null;
  const columns = new Map(known.table.columns.map((column) => [column.name.toLowerCase(), column]));
  const inPath = new Set(known.table.partitionColumns.map((name) => name.toLowerCase()));
  for (const { key, rows: count } of known.table.files) if (count !== null) rows.set(key, count);
  return {
    valuesOf: ({ name, type, dateFormat }) => {
      const column = columns.get(name.toLowerCase());
      if (column === undefined) return inPath.has(name.toLowerCase()) ? null : 0;
      const nulls = known.table.nullCounts[column.name];
      const isSame =
        isDeepStrictEqual(column.type, type) && known.table.dateFormats[column.name] === dateFormat;
      return isSame && nulls !== undefined && !inPath.has(name.toLowerCase())
        ? known.table.rows - nulls
        : null;
    },
    measureNew: async (group, measured) => {
      const files = group.files.filter(({ key }) => !known.keys.has(key));
      const paths = new Map([...group.paths].filter(([, file]) => files.includes(file)));
      const before = context.problems.length;
      const some = { ...group, files, paths };
      const found = await measureGroup({ ...task, group: some, groups: [some], columns: measured });
      if (context.problems.length === before) return found;
      // What is wrong is found again, in its place among all files.
      context.problems.length = before;
      return null;
    },
  };
}

type KnownTask = Omit<GroupTask, 'group' | 'columns'>;

/** The same files in another dialect or under other names would count something else. */
function isReadAlike({ table }: KnownFiles, groups: readonly CsvGroup[]): boolean {
  const now = new Map(groups.flatMap(({ files }) => files.map((file) => [file.key, file])));
  const lower = (names: readonly string[]) => names.map((name) => name.toLowerCase());
  return table.groups.every(({ reader, columns, keys }) =>
    keys.every((key) => {
      const file = now.get(key);
      return (
        file !== undefined &&
        isDeepStrictEqual({ ...file.reader }, { ...reader }) &&
        isDeepStrictEqual(lower(file.names), lower(columns))
      );
    }),
  );
}

async function dropUnsoundPacking(
  plan: TablePlan,
  files: CsvFile[],
  { context, known }: { context: CrawlContext; known: KnownFiles | null },
): Promise<CsvFile[]> {
  const damages = await eachLimit(files, 4, async ({ key, reader }) =>
    reader.compression === 'none' || known?.keys.has(key) === true
      ? null
      : packingDamage({ path: await context.source.localFile(key), compression: reader.compression }),
  );
  return files.filter((file, index) => {
    const damage = damages[index];
    if (damage) context.problems.push(failure(plan.name, `the file ${damage}`, file.key));
    return !damage;
  });
}

/** One group per dialect, packing, encoding, list of columns and list of partitions. */
async function groupFiles(files: CsvFile[], context: CrawlContext): Promise<CsvGroup[]> {
  const groups = new Map<string, CsvGroup>();
  const paths = await eachLimit(files, 4, (file) => readablePath(file, context.source, context.scratch));
  files.forEach((file, index) => {
    const signature = JSON.stringify([file.reader, file.names, Object.keys(file.partition)]);
    const position = new Map(file.names.map((name, at) => [name.toLowerCase(), at]));
    const group = groups.get(signature) ?? { files: [], paths: new Map<string, CsvFile>(), position };
    group.files.push(file);
    group.paths.set(paths[index]!, file);
    groups.set(signature, group);
  });
  return [...groups.values()];
}

interface GroupTask {
  plan: TablePlan;
  context: CrawlContext;
  group: CsvGroup;
  groups: CsvGroup[];
  columns: MeasuredColumn[];
  /** Rows by key; set by the first pass over a file. */
  rows: Map<string, number>;
}

/** Runs the pass over a group; files that it refuses are found, reported and left out, and it runs again. */
async function measureGroup(task: GroupTask): Promise<ReturnType<typeof readMeasure>> {
  const { group, context, columns, rows } = task;
  const empty = { files: [], columns: new Map() };
  while (group.paths.size > 0) {
    const paths = [...group.paths.keys()];
    const { reader, names } = group.files[0]!;
    const statement: MeasureTask = { reader, width: names.length, paths, columns };
    try {
      const answer = await context.runSql(measureSql(statement), paths);
      const measured = readMeasure(statement, answer.rows[0]?.[0]);
      for (const file of group.files) rows.set(file.key, 0);
      for (const { path, rows: count } of measured.files) rows.set(group.paths.get(path)!.key, count);
      return measured;
    } catch (error) {
      if (!isAboutFiles(error)) throw error;
      await removeDamaged({ ...task, error });
    }
  }
  return empty;
}

function noteEmpty(plan: TablePlan, rows: Map<string, number>, context: CrawlContext): void {
  for (const { key } of plan.files) {
    if (rows.get(key) === 0)
      context.problems.push(warning(plan.name, 'the file has a header and no rows', key));
  }
}

/** Files of one table with other columns than the first group: they are read by name, and said so. */
function noteSchemas(plan: TablePlan, groups: readonly CsvGroup[], context: CrawlContext): void {
  const [first, ...others] = [...groups].sort((left, right) => right.files.length - left.files.length);
  for (const group of others) {
    const missing = [...first!.position.keys()].filter((name) => !group.position.has(name));
    const more = [...group.position.keys()].filter((name) => !first!.position.has(name));
    if (missing.length + more.length === 0) continue;
    const parts = [
      ...(missing.length > 0 ? [`lacks ${shorten(missing)}`] : []),
      ...(more.length > 0 ? [`has ${shorten(more)} in addition`] : []),
    ];
    const count = group.files.length;
    const subject = count === 1 ? 'this file' : `this file and ${count - 1} others`;
    const message = `${subject} ${count === 1 ? '' : 'each '}${parts.join(' and ')} compared with ${first!.files[0]!.key}; columns are matched by name`;
    context.problems.push({
      severity: 'warning',
      message: message.replace(/\s+/g, ' '),
      place: `${group.files[0]!.key}:1:1`,
      table: plan.name,
    });
  }
}

function shorten(names: readonly string[]): string {
  const shown = names.slice(0, 8).join(', ');
  return names.length > 8 ? `${shown} and ${names.length - 8} more` : shown;
}

function tableFacts(
  groups: readonly CsvGroup[],
  columns: readonly ColumnPlan[],
  rows: Map<string, number>,
): TableFacts {
  const names = new Map(columns.map((column) => [column.name.toLowerCase(), column.name]));
  const dateFormats = columns.flatMap(({ name, dateFormat }) =>
    dateFormat === undefined ? [] : [[name, dateFormat] as const],
  );
  const total = [...rows.values()].reduce((sum, count) => sum + count, 0);
  return {
    columns: columns.map(({ name, type }): Column => ({ name, type: type ?? STRING, required: false })),
    dateFormats: Object.fromEntries(dateFormats),
    groups: groups
      .filter((group) => group.files.length > 0)
      .map(({ files }) => ({
        reader: files[0]!.reader,
        columns: files[0]!.names.map((name) => names.get(name.toLowerCase())!),
        keys: files.map(({ key }) => key),
      })),
    rows,
    fingerprints: new Map(
      groups.flatMap(({ files }) => files.map(({ key, fingerprint }) => [key, fingerprint])),
    ),
    nullCounts: Object.fromEntries(columns.map(({ name, values }) => [name, total - values])),
  };
}
