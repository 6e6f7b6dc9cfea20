import { z } from 'zod';
import type { DataType } from '../base/data-type.ts';
import { closed, oneOf } from '../contracts/model-elements.ts';
import type { Finding } from '../contracts/finding.ts';
import { readDocument, type DocumentKind, type ReadDocument } from '../contracts/read-document.ts';
import type { SourceText } from '../contracts/parse-document.ts';
import type { TableFormat } from './crawled-table.ts';
import { staysInside } from './file-source.ts';
import { parseTypeName } from './infer-type.ts';

const TABLE_FORMATS = ['csv', 'json', 'parquet'] as const satisfies readonly TableFormat[];

/** The encodings of the document; `latin-1` also reads Windows-1252, as all browsers do. */
const ENCODINGS = ['utf-8', 'latin-1', 'utf-16'] as const;

const DECIMAL_MARKS = ['.', ','] as const;

const oneCharacter = z.string().length(1, 'must be one character');

const tableOptions = closed({
  delimiter: oneCharacter.optional(),
  /** Empty: quotes are ordinary text. */
  quote: z.string().max(1, 'must be one character, or empty').optional(),
  encoding: oneOf(ENCODINGS).optional(),
  header: z.boolean().optional(),
  /** What stands before the fraction of a number; with `,` points group thousands: `1.234,56`. */
  decimal: oneOf(DECIMAL_MARKS).optional(),
  /** Texts that mean NULL, beside the empty text. */
  nullValues: z.array(z.string()).max(20, 'may hold at most 20 texts').optional(),
  /** strptime format of dates that are not ISO 8601, such as `%d/%m/%Y`. */
  dateFormat: z.string().regex(/%/, 'must be a strptime format such as %d/%m/%Y').optional(),
  /** Types by column, such as `decimal(12,2)`, instead of those found. */
  types: z.record(z.string(), z.string()).optional(),
});

const sourceName = /^[a-z][a-z0-9_-]{0,62}$/;

const sourceTable = closed({
  /** A glob below the source's path: `*`, `**`, `?`, `{a,b}`. */
  files: z.string().min(1, 'must name the files'),
  format: oneOf(TABLE_FORMATS).optional(),
  options: tableOptions.optional(),
});

/** `sources/<source>.yaml`. */
export const sourceDocument = closed({
  kind: oneOf(['files']),
  title: z.string().optional(),
  description: z.string().optional(),
  /** Folder below the domain's folder of raw data. */
  path: z.string(),
  /** Without tables the crawl groups the files by folder and name. */
  tables: z.record(z.string(), sourceTable).optional(),
});

export type SourceDocument = z.infer<typeof sourceDocument>;
export type SourceTable = z.infer<typeof sourceTable>;
export type TableOptions = z.infer<typeof tableOptions>;

export const sourceKind: DocumentKind<SourceDocument> = {
  code: 'source.invalid',
  model: sourceDocument,
  rules: [checkPaths, checkTableNames, checkTypes],
};

/** Reads `sources/<source>.yaml`. @throws MeshError `source.invalid` with every problem and its place. */
export function readSource(source: SourceText): ReadDocument<SourceDocument> {
  return readDocument(source, sourceKind);
}

/** Types of the option `types`, by column. */
export function declaredTypes(options: TableOptions | undefined): Map<string, DataType> {
  const entries = Object.entries(options?.types ?? {});
  return new Map(
    entries.flatMap(([column, text]) => {
      const type = parseTypeName(text);
      return type ? [[column, type] as const] : [];
    }),
  );
}

function checkPaths(document: SourceDocument): Finding[] {
  const findings: Finding[] = [];
  const message = "must stay inside the domain's folder: a relative path with `/` and without `..`";
  if (document.path === '')
    findings.push({ path: ['path'], message: 'must name a folder, `.` for the whole' });
  if (!staysInside(document.path)) findings.push({ path: ['path'], message });
  for (const [name, table] of Object.entries(document.tables ?? {})) {
    if (!staysInside(table.files)) findings.push({ path: ['tables', name, 'files'], message });
  }
  return findings;
}

function checkTableNames(document: SourceDocument): Finding[] {
  return Object.keys(document.tables ?? {})
    .filter((name) => !sourceName.test(name))
    .map((name) => ({
      path: ['tables', name],
      at: 'key' as const,
      message: `the name ${name} must start with a lower-case letter and hold only a-z, 0-9, _ and - (at most 63)`,
    }));
}

function checkTypes(document: SourceDocument): Finding[] {
  return Object.entries(document.tables ?? {}).flatMap(([name, table]) =>
    Object.entries(table.options?.types ?? {})
      .filter(([, text]) => parseTypeName(text) === null)
      .map(([column, text]) => ({
        path: ['tables', name, 'options', 'types', column],
        message: `${text} is not a type; there are ${DOCUMENT_TYPES}`,
      })),
  );
}

const DOCUMENT_TYPES =
  'boolean, int, long, decimal(p,s), float, double, date, timestamp, timestamptz, string';
