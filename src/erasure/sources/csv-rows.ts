import { MeshError } from '../../base/errors.ts';
import { openContent } from '../../ingest/content-stream.ts';
import type { CsvReader, Encoding } from '../../ingest/crawled-table.ts';
import { RecordReader } from '../../ingest/csv-dialect.ts';
import { pointNumber } from '../../ingest/decimal-comma.ts';
import { type BeforeReplacing, replaceContent } from './kept-content.ts';
import type { RowTest } from './row-test.ts';

export interface CsvRows {
  path: string;
  reader: CsvReader;
  /** The columns of the file in their order, under the names of the table. */
  columns: string[];
  isSubject: RowTest;
}

/** A record beyond this is a quote that never closes. */
const LONGEST_RECORD = 16 * 1024 * 1024;

/** How many rows of a file are the subject's. */
export async function countCsvRows(rows: CsvRows): Promise<number> {
  let count = 0;
  for await (const { isSubject } of recordsOf(rows)) if (isSubject) count++;
  return count;
}

/** Takes the subject's rows out of a file; every other byte of it stays. */
export async function eraseCsvRows(rows: CsvRows, before: BeforeReplacing): Promise<void> {
  const { encode } = codecOf(rows.reader.encoding);
  async function* kept(): AsyncGenerator<Buffer> {
    for await (const { text, isSubject } of recordsOf(rows)) if (!isSubject) yield encode(text);
  }
  await replaceContent(rows.path, { compression: rows.reader.compression, content: kept(), before });
}

interface FileRecord {
  /** With its line end. */
  text: string;
  isSubject: boolean;
}

async function* recordsOf({ path, reader, columns, isSubject }: CsvRows): AsyncGenerator<FileRecord> {
  const { decoder, valueOf } = codecOf(reader.encoding);
  const position = new Map(columns.map((name, index) => [name, index]));
  let isHeader = reader.header;
  let rest = '';
  const judge = (text: string, fields: string[]): FileRecord => {
    const isBlank = fields.length === 1 && fields[0] === '';
    if (isBlank || isHeader) {
      isHeader = isHeader && isBlank;
      return { text, isSubject: false };
    }
    const textsOf = (column: string) => {
      const field = fields[position.get(column) ?? -1];
      if (field === undefined) return [];
      const value = valueOf(field);
      return reader.decimal === ',' ? [value, pointNumber(value)] : [value];
    };
    return { text, isSubject: isSubject(textsOf) };
  };
  for await (const chunk of openContent({ path, compression: reader.compression })) {
    const taken = take(rest + decoder.decode(chunk as Buffer, { stream: true }), reader, false);
    rest = taken.rest;
    if (rest.length > LONGEST_RECORD)
      throw new MeshError('source.unreadable', { facts: { table: 'a record without an end' } });
    for (const { text, fields } of taken.records) yield judge(text, fields);
  }
  for (const { text, fields } of take(rest + decoder.decode(), reader, true).records)
    yield judge(text, fields);
}

/** The whole records of a text, and what may go on in the next piece. */
function take(text: string, reader: CsvReader, isEnd: boolean) {
  // A CR at the end may be the half of a CRLF.
  const held = !isEnd && text.endsWith('\r') ? 1 : 0;
  const whole = text.slice(0, text.length - held);
  const records: { text: string; fields: string[] }[] = [];
  const read = new RecordReader(whole, reader);
  let from = 0;
  while (!read.ended) {
    const fields = read.next();
    if (read.ended && !read.closed && !isEnd) break;
    records.push({ text: whole.slice(from, read.at), fields });
    from = read.at;
  }
  return { records, rest: text.slice(from) };
}

/**
 * Bytes as text and back without a loss. What has ASCII in it is read byte by byte, so that damaged
 * characters stay as they are; only values are decoded.
 */
function codecOf(encoding: Encoding) {
  if (encoding === 'utf-16le' || encoding === 'utf-16be') {
    const swap = (bytes: Buffer) => (encoding === 'utf-16be' ? Buffer.from(bytes).swap16() : bytes);
    return {
      decoder: new TextDecoder(encoding, { ignoreBOM: true }),
      valueOf: (field: string) => field.replace(/^\uFEFF/, ''),
      encode: (text: string) => swap(Buffer.from(text, 'utf16le')),
    };
  }
  const values = new TextDecoder(encoding === 'utf-8-mark' ? 'utf-8' : encoding);
  return {
    decoder: {
      decode: (bytes?: Buffer, _options?: { stream: boolean }) => bytes?.toString('latin1') ?? '',
    },
    valueOf: (field: string) => values.decode(Buffer.from(field, 'latin1')),
    encode: (text: string) => Buffer.from(text, 'latin1'),
  };
}
