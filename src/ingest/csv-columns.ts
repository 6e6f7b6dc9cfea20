import { typeName, type DataType } from '../base/data-type.ts';
import type { CrawlContext } from './crawl-context.ts';
import { failure, warning } from './crawled-table.ts';
import type { CsvGroup } from './csv-group.ts';
import { locateValue } from './csv-damage.ts';
import type { CsvFile } from './csv-file.ts';
import type { CsvMeasure, MeasuredColumn } from './csv-measure.ts';
import { pointNumber } from './decimal-comma.ts';
import { joinFileTypes, STRING, widerType, type FileType } from './infer-type.ts';
import { declaredTypes } from './source.ts';
import type { TablePlan } from './table-plan.ts';

/** A column of a table while its type is being settled. */
export interface ColumnPlan {
  name: string;
  /** Null while no value was seen. */
  type: DataType | null;
  /** Given by the source's options: a misfit is then a problem, not a reason to widen. */
  declared: boolean;
  dateFormat?: string | undefined;
  /** Values over all files that are not NULL. */
  values: number;
  settled: boolean;
}

export interface ColumnTask {
  plan: TablePlan;
  context: CrawlContext;
  groups: CsvGroup[];
  measure(group: CsvGroup, columns: MeasuredColumn[]): Promise<CsvMeasure>;
  /** Where most rows are known from the crawl before. */
  known?: KnownMeasure | null;
}

/** What the crawl before counted in the files that have not changed. */
export interface KnownMeasure {
  /** Values of a column that fit this type in the files of before; null where nobody knows. */
  valuesOf(column: { name: string; type: DataType; dateFormat?: string | undefined }): number | null;
  /** Measures the other files; null when one of them turned out to be damaged. */
  measureNew(group: CsvGroup, columns: MeasuredColumn[]): Promise<CsvMeasure | null>;
}

/**
 * Types that every value of every file fits. They start from the first rows of some files; each pass over
 * all rows confirms them or shows a value that needs a wider one. At most four passes, usually one.
 */
export async function settleColumns(task: ColumnTask): Promise<ColumnPlan[]> {
  const columns = await plannedColumns(task);
  if (task.known != null && (await confirmKnown(task, columns, task.known))) return columns;
  let open = columns;
  while (open.length > 0) {
    const misfits = await measureColumns(task, open);
    for (const column of open) await settle(task, column, misfits.get(column));
    open = columns.filter((column) => !column.settled);
  }
  return columns;
}

/**
 * Whether the first pass would confirm every type: the files of before were confirmed by the crawl before, so only
 * the new ones are read. False leaves the columns to passes over all files.
 */
async function confirmKnown(task: ColumnTask, columns: ColumnPlan[], known: KnownMeasure): Promise<boolean> {
  const before = columns.map(({ name, type, dateFormat }) =>
    known.valuesOf({ name, type: type ?? STRING, dateFormat }),
  );
  if (before.includes(null)) return false;
  let isSound = true;
  const measure = async (group: CsvGroup, measured: MeasuredColumn[]): Promise<CsvMeasure> => {
    const found = isSound ? await known.measureNew(group, measured) : null;
    isSound = found !== null;
    return found ?? { files: [], columns: new Map() };
  };
  const misfits = await measureColumns({ ...task, measure }, columns);
  if (!isSound || misfits.size > 0) return false;
  for (const [index, column] of columns.entries()) {
    column.values += before[index]!;
    column.type ??= STRING;
    column.settled = true;
  }
  return true;
}

interface SampledColumn extends ColumnPlan {
  sample: FileType | null;
  /** The first file whose first rows had another type than the files before, so that only string holds both. */
  drift?: { file: CsvFile; before: FileType; here: FileType };
}

async function plannedColumns(task: ColumnTask): Promise<ColumnPlan[]> {
  const { plan } = task;
  const declared = declaredTypes(plan.options);
  const columns = new Map<string, SampledColumn>();
  for (const { files } of task.groups) {
    for (const file of files) {
      // Names are the same within a group; types only come from sampled files.
      if (file.sample === null && file !== files[0]) continue;
      file.names.forEach((name, index) => {
        const known = columns.get(name.toLowerCase()) ?? {
          ...newColumn(name, declared.get(name)),
          sample: null,
        };
        columns.set(name.toLowerCase(), joinSample(known, file, index));
      });
    }
  }
  for (const column of columns.values()) await reportSampleDrift(task, column);
  return [...columns.values()].map(({ sample, drift: _reported, ...column }) => ({
    ...column,
    type: column.type ?? sample?.type ?? null,
    dateFormat: formatFor(column, plan.options?.dateFormat),
  }));
}

function joinSample(column: SampledColumn, file: CsvFile, index: number): SampledColumn {
  const here = file.sample?.[index] ?? null;
  const sample = joinFileTypes(column.sample, here);
  const drifted = column.sample !== null && here !== null && sample?.type.kind === 'string';
  const before = column.sample;
  const isNew =
    drifted &&
    column.drift === undefined &&
    (here.type.kind === 'string') !== (before!.type.kind === 'string');
  const clash =
    drifted && column.drift === undefined && here.type.kind !== 'string' && before!.type.kind !== 'string';
  return { ...column, sample, ...(isNew || clash ? { drift: { file, before: before!, here } } : {}) };
}

async function reportSampleDrift(
  { plan, context, groups }: ColumnTask,
  column: SampledColumn,
): Promise<void> {
  const { drift } = column;
  if (drift === undefined || column.declared) return;
  const group = groups.find(({ files }) => files.includes(drift.file))!;
  const [path] = [...group.paths].find(([, file]) => file === drift.file)!;
  const index = group.position.get(column.name.toLowerCase())!;
  const place = await locateValue({ context, file: drift.file, path, index, value: drift.here.example });
  const message = `column ${column.name} is ${typeName(drift.here.type)} here, such as ${quoted(drift.here.example)}, and ${typeName(drift.before.type)} in files before; the table takes it as string`;
  context.problems.push(warning(plan.name, message, place));
}

function newColumn(name: string, declared: DataType | undefined): ColumnPlan {
  return { name, type: declared ?? null, declared: declared !== undefined, values: 0, settled: false };
}

/** The format applies to the columns that are declared as dates or times. */
function formatFor(column: ColumnPlan, format: string | undefined): string | undefined {
  const temporal = column.type?.kind === 'date' || column.type?.kind === 'timestamp';
  return column.declared && temporal ? format : undefined;
}

interface Misfits {
  count: number;
  /** Path and group of the first file that does not fit. */
  at: { group: CsvGroup; path: string };
  files: number;
  filesWithValues: number;
  example: string;
}

async function measureColumns(
  task: ColumnTask,
  open: readonly ColumnPlan[],
): Promise<Map<ColumnPlan, Misfits>> {
  const misfits = new Map<ColumnPlan, Misfits>();
  const filesWithValues = new Map<ColumnPlan, number>();
  for (const column of open) column.values = 0;
  for (const group of task.groups) {
    const present = open.filter((column) => group.position.has(column.name.toLowerCase()));
    const positions = present.map((column) => group.position.get(column.name.toLowerCase())!);
    const measured = await task.measure(
      group,
      present.map(({ type, dateFormat }, at) => ({
        index: positions[at]!,
        type: type ?? STRING,
        dateFormat,
      })),
    );
    present.forEach((column, at) => {
      const found = measured.columns.get(positions[at]!);
      if (found === undefined) return;
      column.values += found.values;
      filesWithValues.set(column, (filesWithValues.get(column) ?? 0) + found.filesWithValues);
      if (found.misfits > 0 && !misfits.has(column)) {
        misfits.set(column, {
          count: found.misfits,
          at: { group, path: found.misfitFiles[0]! },
          files: found.misfitFiles.length,
          filesWithValues: 0,
          example: found.example!,
        });
      }
    });
  }
  for (const [column, found] of misfits) found.filesWithValues = filesWithValues.get(column) ?? 0;
  return misfits;
}

async function settle(task: ColumnTask, column: ColumnPlan, misfits: Misfits | undefined): Promise<void> {
  column.settled = true;
  if (column.type === null) column.type = STRING;
  if (misfits === undefined) return;
  if (column.declared) return reportMisfit(task, column, misfits);
  const before = column.type;
  const { decimal } = misfits.at.group.files[0]!.reader;
  column.type = widerType(before, decimal === ',' ? pointNumber(misfits.example) : misfits.example);
  // A string fits everything: no further pass is needed.
  column.settled = column.type.kind === 'string';
  const drifted = misfits.files < misfits.filesWithValues;
  if (column.settled && drifted) await reportDrift(task, { column, before, misfits });
}

async function reportMisfit(
  { plan, context }: ColumnTask,
  column: ColumnPlan,
  misfits: Misfits,
): Promise<void> {
  const { count, example } = misfits;
  const wanted = column.dateFormat ?? typeName(column.type!);
  const message = `column ${column.name} holds ${count} ${count === 1 ? 'value' : 'values'} that ${count === 1 ? 'is' : 'are'} not ${wanted}, such as ${quoted(example)}`;
  context.problems.push(failure(plan.name, message, await placeOfMisfit(context, column, misfits)));
}

interface Drift {
  column: ColumnPlan;
  before: DataType;
  misfits: Misfits;
}

async function reportDrift({ plan, context }: ColumnTask, { column, before, misfits }: Drift): Promise<void> {
  const message = `column ${column.name} is ${typeName(before)} in other files and holds ${quoted(misfits.example)} here; the table takes it as string`;
  context.problems.push(warning(plan.name, message, await placeOfMisfit(context, column, misfits)));
}

async function placeOfMisfit(context: CrawlContext, column: ColumnPlan, misfits: Misfits): Promise<string> {
  const { group, path } = misfits.at;
  const file = group.paths.get(path)!;
  const index = group.position.get(column.name.toLowerCase())!;
  return locateValue({ context, file, path, index, value: misfits.example });
}

function quoted(value: string): string {
  return `"${value.length > 40 ? `${value.slice(0, 40)}…` : value}"`;
}
