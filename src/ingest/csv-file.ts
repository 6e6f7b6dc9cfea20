import { LIMITS } from '../base/limits.ts';
import { packingDamage } from './content-stream.ts';
import type { CrawlContext } from './crawl-context.ts';
import { failure, warning, type CrawlProblem, type CsvReader, type Encoding } from './crawled-table.ts';
import { columnNames, findDialect, parseRecords } from './csv-dialect.ts';
import { looksLikeCommaNumbers } from './decimal-comma.ts';
import { eachLimit } from './each-limit.ts';
import { HEAD_BYTES, readHead, SMALL_HEAD_BYTES, type FileHead } from './file-head.ts';
import { fileTypeOf, type FileType } from './infer-type.ts';
import type { PlannedFile, TablePlan } from './table-plan.ts';
import type { TableOptions } from './source.ts';

/** A CSV file after a look at its start. */
export interface CsvFile extends PlannedFile {
  fingerprint: string;
  reader: CsvReader;
  names: string[];
  /** Types of the first rows, by column; null for files that were not sampled. */
  sample: (FileType | null)[] | null;
}

/** Files of a table whose first rows are read for types; the full pass checks what they suggest. */
const SAMPLED_FILES = 8;
const SAMPLE_RECORDS = 500;

/**
 * Looks at the start of every file: one per folder is sniffed, the others get its dialect when their
 * header is the same (sniffing is what makes a crawl of many files slow).
 */
export async function inspectCsvFiles(plan: TablePlan, context: CrawlContext): Promise<CsvFile[]> {
  const folders = new Map<string, FolderDialect>();
  const sampled = sampleKeys(plan.files);
  const inspected = await eachLimit(plan.files, 8, async (file) => {
    const folder = file.key.slice(0, file.key.lastIndexOf('/') + 1);
    const known = folders.get(folder);
    const view = await viewFile(file, {
      plan,
      context,
      known,
      sample: sampled.has(file.key) || known === undefined,
    });
    if (view !== null && !folders.has(folder))
      folders.set(folder, { headerLine: view.headerLine, file: view.file });
    return view;
  });
  return inspected.flatMap((view) => (view === null ? [] : [view.file]));
}

interface FolderDialect {
  headerLine: string;
  file: CsvFile;
}

interface ViewTask {
  plan: TablePlan;
  context: CrawlContext;
  known: FolderDialect | undefined;
  sample: boolean;
}

function sampleKeys(files: readonly PlannedFile[]): Set<string> {
  const step = Math.max(1, (files.length - 1) / (SAMPLED_FILES - 1));
  const keys = new Set<string>();
  for (let at = 0; at < files.length; at += step) keys.add(files[Math.round(at)]!.key);
  if (files.length > 0) keys.add(files.at(-1)!.key);
  return keys;
}

async function viewFile(file: PlannedFile, task: ViewTask): Promise<FolderDialect | null> {
  const path = await task.context.source.localFile(file.key);
  const encoding = givenEncoding(task.plan.options);
  const size = task.sample ? HEAD_BYTES : SMALL_HEAD_BYTES;
  let head = await readHead(path, file.bytes, { encoding, headBytes: size });
  if (size < HEAD_BYTES && !head.complete && firstLine(head) === null) {
    head = await readHead(path, file.bytes, { encoding, headBytes: HEAD_BYTES });
  }
  const packed = head.compression !== 'none' && head.text.trim() === '';
  // A start that unpacks to nothing says nothing: only the whole file tells damage from emptiness.
  const damage = packed ? await packingDamage({ path, compression: head.compression }) : null;
  const refusal = refusalOf(file, { ...head, damage: head.damage ?? damage }, task.plan.name);
  if (refusal !== null) {
    task.context.problems.push(refusal);
    return null;
  }
  const line = firstLine(head) ?? head.text;
  const reuse =
    task.known?.headerLine === line && task.known.file.reader.header ? task.known.file : undefined;
  return { headerLine: line, file: describeCsv(file, head, { ...task, reuse }) };
}

function givenEncoding(options: TableOptions | undefined): Encoding | undefined {
  if (options?.encoding === 'latin-1') return 'windows-1252';
  // Which of the two UTF-16 it is, its bytes tell.
  return options?.encoding === 'utf-8' ? 'utf-8' : undefined;
}

function firstLine(head: FileHead): string | null {
  const end = head.text.search(/[\r\n]/);
  return end < 0 ? null : head.text.slice(0, end);
}

/** What keeps a file from being CSV at all. */
function refusalOf(file: PlannedFile, head: FileHead, table: string): CrawlProblem | null {
  if (file.bytes === 0) return warning(table, 'the file is empty', file.key);
  if (head.damage !== null) return failure(table, `the file ${head.damage}`, file.key);
  if (head.binary !== null) {
    return failure(table, `the file is ${head.binary}, not text, whatever its name says`, file.key);
  }
  const zero = head.text.indexOf('\0');
  if (zero >= 0) {
    return failure(
      table,
      'a zero byte stands here: the file is damaged or is no text',
      placeOf(file.key, head.text, zero),
    );
  }
  if (head.text.trim() === '') return warning(table, 'the file holds nothing but blanks', file.key);
  if (!head.complete && firstLine(head) === null) {
    return failure(
      table,
      `the first line is longer than ${HEAD_BYTES} bytes: this is no table`,
      `${file.key}:1:1`,
    );
  }
  return null;
}

export function placeOf(key: string, text: string, at: number): string {
  const lines = text.slice(0, at).split(/\r\n|\r|\n/);
  return `${key}:${lines.length}:${lines.at(-1)!.length + 1}`;
}

function describeCsv(
  file: PlannedFile,
  head: FileHead,
  task: ViewTask & { reuse: CsvFile | undefined },
): CsvFile {
  const facts = { compression: head.compression, encoding: head.encoding };
  const fingerprint = head.fingerprint;
  if (task.reuse !== undefined && !task.sample) {
    return {
      ...file,
      fingerprint,
      reader: { ...task.reuse.reader, ...facts },
      names: task.reuse.names,
      sample: null,
    };
  }
  const { plan, context } = task;
  const dialect = task.reuse?.reader ?? findDialect(head.text, plan.options ?? {}, head.complete);
  const reader: CsvReader = {
    format: 'csv',
    delimiter: dialect.delimiter,
    quote: dialect.quote,
    escape: dialect.escape,
    header: dialect.header,
    ...facts,
    nullValues: plan.options?.nullValues ?? [],
    ...(plan.options?.decimal === ',' && { decimal: ',' }),
  };
  const limits = { records: SAMPLE_RECORDS, complete: head.complete };
  const { records } = parseRecords(head.text, reader, limits);
  const header = reader.header ? (records.shift() ?? []) : (records[0] ?? []).map(() => '');
  const { names, repeated, unnamed } = columnNames(header);
  noteHeader(context.problems, {
    file,
    table: plan.name,
    names,
    repeated,
    unnamed: reader.header ? unnamed : [],
  });
  noteTagRow(context.problems, { file, table: plan.name, records });
  noteDecimalComma(context.problems, { file, plan, names, reader, records });
  noteQuotes(context.problems, {
    file,
    table: plan.name,
    reader,
    text: head.text,
    given: plan.options?.quote,
  });
  noteEncoding(context.problems, { file, head, table: plan.name, given: plan.options?.encoding });
  return {
    ...file,
    fingerprint,
    reader,
    names,
    sample: sampleTypes(records, names.length, reader),
  };
}

interface HeaderNote {
  file: PlannedFile;
  table: string;
  names: string[];
  repeated: string[];
  unnamed: number[];
}

function noteHeader(problems: CrawlProblem[], note: HeaderNote): void {
  const place = `${note.file.key}:1:1`;
  if (note.names.length > LIMITS.columns) {
    const message = `the file has ${note.names.length} columns, the limit is ${LIMITS.columns}`;
    problems.push(failure(note.table, message, place));
  }
  if (note.repeated.length > 0) {
    const shown = note.repeated.slice(0, 5).join(', ');
    const message = `the header names several columns alike (${shown}); the later ones got a number`;
    problems.push(warning(note.table, message, place));
  }
  if (note.unnamed.length > 0) {
    const message = `the header leaves columns without a name (${note.unnamed.slice(0, 10).join(', ')})`;
    problems.push(warning(note.table, message, place));
  }
}

interface QuoteNote {
  file: PlannedFile;
  table: string;
  reader: CsvReader;
  text: string;
  given: string | undefined;
}

function noteQuotes(problems: CrawlProblem[], note: QuoteNote): void {
  if (note.reader.quote !== '' || note.given !== undefined) return;
  const at = Math.max(0, note.text.indexOf('"'));
  const message =
    'quotes here do not enclose fields and are read as ordinary text; set options.quote to make this certain';
  problems.push(warning(note.table, message, placeOf(note.file.key, note.text, at)));
}

function noteEncoding(
  problems: CrawlProblem[],
  note: { file: PlannedFile; head: FileHead; table: string; given: string | undefined },
): void {
  if (note.head.encoding !== 'windows-1252' || note.given !== undefined) return;
  const at = note.head.text.search(/[^\0-\x7f]/);
  const message =
    'this is not UTF-8: the file is read as Windows-1252; set options.encoding to make this certain';
  problems.push(
    warning(note.table, message, at < 0 ? note.file.key : placeOf(note.file.key, note.head.text, at)),
  );
}

/** The Humanitarian Exchange Language writes a row of #tags under the header (HXL 1.1 §2). */
function noteTagRow(
  problems: CrawlProblem[],
  note: { file: PlannedFile; table: string; records: string[][] },
): void {
  const first = note.records[0];
  if (first === undefined || first.length < 2 || !first.every((value) => /^#[a-z]/i.test(value))) return;
  const message = 'the first row holds HXL tags, so that every column is text: leave it out in the pipeline';
  problems.push(warning(note.table, message, `${note.file.key}:2:1`));
}

function sampleTypes(records: string[][], width: number, reader: CsvReader): (FileType | null)[] {
  return Array.from({ length: width }, (_, column) =>
    fileTypeOf(valuesOf(records, column, reader), reader.decimal),
  );
}

function valuesOf(records: string[][], column: number, { nullValues }: CsvReader): string[] {
  const nulls = new Set(['', ...nullValues]);
  return records.map((record) => record[column] ?? '').filter((value) => !nulls.has(value));
}

/** Only whoever gave the file knows: `1,5` may be two sizes. Said once of a table, and not of types that were given. */
function noteDecimalComma(
  problems: CrawlProblem[],
  note: { file: PlannedFile; plan: TablePlan; names: string[]; reader: CsvReader; records: string[][] },
): void {
  const { file, plan, names, reader, records } = note;
  if (plan.options?.decimal !== undefined || reader.delimiter !== ';') return;
  const typed = Object.keys(plan.options?.types ?? {});
  const found = names.filter(
    (name, column) => !typed.includes(name) && looksLikeCommaNumbers(valuesOf(records, column, reader)),
  );
  if (found.length === 0) return;
  const shown = found.slice(0, 5).join(', ') + (found.length > 5 ? ', …' : '');
  const message = `${shown}: numbers with a decimal comma are taken as text; set options.decimal: ',' to read them as numbers, or to '.' to leave it so`;
  if (problems.some((one) => one.table === plan.name && one.message === message)) return;
  problems.push(warning(plan.name, message, `${file.key}:1:1`));
}
