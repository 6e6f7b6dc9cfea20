import { type Column, duckdbType, quoteIdentifier, typeName } from '../base/data-type.ts';
import { MeshError } from '../base/errors.ts';
import type { TableReference } from '../engines/engine.ts';
import type { Parts } from '../identity/context.ts';
import type { CrawledTable } from '../ingest/crawled-table.ts';
import { type Advance, compareFiles, type ReadFile } from './bookmarks/bookmark.ts';
import {
  growingColumn,
  growingFactsSql,
  growingRange,
  needOrder,
  rangeSql,
  readGrowingFacts,
} from './growing-key.ts';
import type { Increment } from './plan-reading.ts';
import { runStatement, type Worker } from './run-statement.ts';

/** Whether a table of the SELECT is the one that is read on. */
export function isRead(
  increment: Increment | null,
  { schema, name }: TableReference,
): increment is Increment {
  const input = increment?.incremental.input;
  return input?.schema === schema.toLowerCase() && input.name === name.toLowerCase();
}

/** Of a source's table only the files that are new, with what to keep and what to show of it. */
export interface NewFiles {
  table: CrawledTable;
  advance: Advance;
  record: object;
}

/** Enough to recognise them by on a run's page. */
const SHOWN_FILES = 50;

/** @throws MeshError `pipeline.file-changed` where the rows of a file would be written a second time */
export function newFiles(table: CrawledTable, increment: Increment): NewFiles {
  const changes = compareFiles(table.files, increment.seen);
  if (increment.repeats && changes.changed.length > 0) {
    const problems = changes.changed
      .slice(0, SHOWN_FILES)
      .map((place) => ({ message: 'has changed since it was read', place }));
    throw new MeshError('pipeline.file-changed', { facts: { table: table.name }, problems });
  }
  const read = new Set(changes.read);
  const files = table.files.filter(({ key }) => read.has(key));
  const groups = table.groups
    .map((group) => ({ ...group, keys: group.keys.filter((key) => read.has(key)) }))
    .filter(({ keys }) => keys.length > 0);
  const rows = files.reduce((sum, file) => sum + (file.rows ?? 0), 0);
  return {
    table: { ...table, files, groups, rows },
    advance: { reading: increment.reading, value: null, ties: 0, type: null, files: files.map(factsOf) },
    record: {
      read: changes.read.length,
      changed: changes.changed.length,
      gone: changes.gone.length,
      rows,
      names: changes.read.slice(0, SHOWN_FILES),
    },
  };
}

function factsOf({ key, bytes, modifiedAt }: ReadFile): ReadFile {
  return { key, bytes, modifiedAt };
}

/** A table without rows: none of its files is new. */
export function noRowsSql(columns: Column[]): string {
  const nulls = columns.map(
    ({ name, type }) => `CAST(NULL AS ${duckdbType(type)}) AS ${quoteIdentifier(name)}`,
  );
  return `SELECT ${nulls.join(', ')} WHERE false`;
}

/** A relation that is to be narrowed to the rows that are new. */
export interface GrowingInput {
  sql: string;
  files: string[];
  columns: Column[];
}

export interface NewRows {
  sql: string;
  advance: Advance;
  record: object;
}

/** The rows above the bookmark up to the greatest key there is now. */
export async function newRows(
  parts: Parts,
  worker: Worker,
  { input, increment }: { input: GrowingInput; increment: Increment },
): Promise<NewRows> {
  const { incremental, reading, step, repeats } = increment;
  const written = `${incremental.input.schema}.${incremental.input.name}`;
  const named = incremental.kind === 'growing' ? incremental.column : '';
  const column = growingColumn(named, written, input.columns);
  needOrder(column, step, written);
  const { rows } = await runStatement(parts, worker, {
    sql: growingFactsSql(input.sql, column, step),
    output: { kind: 'rows', maxRows: 1 },
    relations: [],
    files: input.files,
    trusted: true,
  });
  const facts = readGrowingFacts(rows?.[0] ?? []);
  const range = growingRange(facts, { step, column: named, input: written, repeats });
  return {
    sql: rangeSql(input.sql, column, range),
    advance: { reading, value: range.upper, ties: range.ties, type: typeName(column.type), files: [] },
    record: { above: range.lower, upTo: range.upper, rows: range.rows },
  };
}
