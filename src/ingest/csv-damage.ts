import { contentHash } from '../base/canonical.ts';
import { openContent } from './content-stream.ts';
import type { CrawlContext } from './crawl-context.ts';
import type { CsvGroup } from './csv-group.ts';
import { failure, warning, type CsvReader } from './crawled-table.ts';
import { parseRecords } from './csv-dialect.ts';
import type { CsvFile } from './csv-file.ts';
import { measureSql } from './csv-measure.ts';
import { STRING } from './infer-type.ts';
import { readablePath } from './prepare-files.ts';
import { readableFiles } from './readable-files.ts';
import { packingOf } from './relation-sql.ts';
import { scanCsv, type CsvScan } from './scan-csv.ts';
import type { TablePlan } from './table-plan.ts';

export interface DamageTask {
  plan: TablePlan;
  context: CrawlContext;
  group: CsvGroup;
  /** All groups of the table; a file that is put right may need a group of its own. */
  groups: CsvGroup[];
  /** What the engine said about the group. */
  error: unknown;
}

/**
 * Finds the files of a group that the engine refuses, reports where they are broken and takes them out of
 * the group. A file that is only in another encoding is read in that one instead.
 * @throws the engine's error when no file of the group is to blame.
 */
export async function removeDamaged(task: DamageTask): Promise<void> {
  const { context, group } = task;
  const { reader, names } = group.files[0]!;
  const columns = names.map((_, index) => ({ index, type: STRING }));
  const refused: string[] = [];
  await readableFiles([...group.paths.keys()], {
    attempt: (paths) =>
      context.runSql(measureSql({ reader, width: names.length, paths, columns }), [...paths]),
    refuse: (path) => refused.push(path),
  });
  if (refused.length === 0) throw task.error;
  for (const path of refused) await repairOrRemove(task, path, group.paths.get(path)!);
}

async function repairOrRemove(task: DamageTask, path: string, file: CsvFile): Promise<void> {
  const { plan, context, group } = task;
  const scan = await scanFile(path, file.reader, file.names.length);
  group.paths.delete(path);
  group.files.splice(group.files.indexOf(file), 1);
  const repaired = repairedReader(task, { file, scan });
  if (repaired !== null) return regroup(task, { ...file, reader: repaired });
  if (scan.damages.length === 0) {
    const message = `the file cannot be read as CSV with the delimiter ${JSON.stringify(file.reader.delimiter)}`;
    context.problems.push(failure(plan.name, message, file.key));
  }
  for (const { line, column, message } of scan.damages) {
    context.problems.push(failure(plan.name, message, `${file.key}:${line}:${column}`));
  }
}

async function scanFile(path: string, reader: CsvReader, width: number): Promise<CsvScan> {
  return scanCsv(openContent({ path, compression: packingOf(reader) }), { ...reader, width });
}

interface Refused {
  file: CsvFile;
  scan: CsvScan;
}

function repairedReader({ plan, context }: DamageTask, refused: Refused): CsvReader | null {
  const { file, scan } = refused;
  const { reader } = file;
  const badByte = scan.damages.find(({ kind }) => kind === 'encoding');
  if (badByte !== undefined && reader.encoding === 'utf-8' && plan.options?.encoding === undefined) {
    const message = `${badByte.message}: the file is read as Windows-1252; set options.encoding to make this certain`;
    context.problems.push(warning(plan.name, message, `${file.key}:${badByte.line}:${badByte.column}`));
    return { ...reader, encoding: 'windows-1252' };
  }
  return null;
}

async function regroup({ context, groups, group }: DamageTask, file: CsvFile): Promise<void> {
  const path = await readablePath(file, context.source, context.scratch);
  const same = groups.find(
    (other) =>
      other.files[0]?.names === file.names && contentHash(other.files[0].reader) === contentHash(file.reader),
  );
  if (same) {
    same.files.push(file);
    same.paths.set(path, file);
  } else groups.push({ files: [file], paths: new Map([[path, file]]), position: group.position });
}

/** Content that is searched for the place of a value; larger files are named without it. */
const SEARCHED_BYTES = 64 * 1024 * 1024;

/** `file:line` of the first record with this value, or the file alone where it is not found. */
export async function locateValue(task: {
  context: CrawlContext;
  file: CsvFile;
  path: string;
  index: number;
  value: string;
}): Promise<string> {
  const { file, path } = task;
  if (file.bytes > SEARCHED_BYTES) return file.key;
  const { reader } = file;
  const text = await unpackText(path, reader);
  const { records, lines } = parseRecords(text, reader, { records: Infinity, complete: true });
  const at = records.findIndex(
    (record, row) => record[task.index] === task.value && (row > 0 || !reader.header),
  );
  if (at < 0) return file.key;
  return `${file.key}:${lines[at]}`;
}

async function unpackText(path: string, reader: CsvReader): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of openContent({ path, compression: packingOf(reader) }))
    chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
}
