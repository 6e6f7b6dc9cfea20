import { MeshError } from '../../base/errors.ts';
import { openContent } from '../../ingest/content-stream.ts';
import type { JsonReader } from '../../ingest/crawled-table.ts';
import { type BeforeReplacing, replaceContent } from './kept-content.ts';
import type { RowTest } from './row-test.ts';

export interface JsonRows {
  path: string;
  reader: JsonReader;
  isSubject: RowTest;
}

/** A document is held in memory, as text and as spans of it. */
const MOST_BYTES = 256 * 1024 * 1024;

/** How many objects of a file are the subject's. */
export async function countJsonRows(rows: JsonRows): Promise<number> {
  const text = await readText(rows);
  return objectsOf(text).filter(({ from, to }) => isSubject(rows, text.slice(from, to))).length;
}

/** Takes the subject's objects out of a list or of lines; every other byte stays. */
export async function eraseJsonRows(rows: JsonRows, before: BeforeReplacing): Promise<void> {
  const text = await readText(rows);
  const parts = partsWithout(text, (span) => isSubject(rows, span));
  async function* kept(): AsyncGenerator<Buffer> {
    for (const part of parts) yield encode(part, rows.reader);
  }
  await replaceContent(rows.path, { compression: rows.reader.compression, content: kept(), before });
}

function encode(text: string, { encoding }: JsonReader): Buffer {
  if (encoding === 'utf-16le') return Buffer.from(text, 'utf16le');
  if (encoding === 'utf-16be') return Buffer.from(text, 'utf16le').swap16();
  return Buffer.from(text, encoding === 'windows-1252' ? 'latin1' : 'utf8');
}

async function readText({ path, reader }: JsonRows): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of openContent({ path, compression: reader.compression })) {
    bytes += (chunk as Buffer).length;
    if (bytes > MOST_BYTES)
      throw new MeshError('source.unreadable', { facts: { table: 'a document of more than 256 MiB' } });
    chunks.push(chunk as Buffer);
  }
  const whole = Buffer.concat(chunks);
  if (reader.encoding === 'windows-1252') return whole.toString('latin1');
  const encoding = reader.encoding === 'utf-8-mark' ? 'utf-8' : reader.encoding;
  return new TextDecoder(encoding, { ignoreBOM: true, fatal: true }).decode(whole);
}

function isSubject({ isSubject: test }: JsonRows, text: string): boolean {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return false;
  }
  if (typeof value !== 'object' || value === null) return false;
  const fields = new Map(
    Object.entries(value).map(([name, field]) => [name.toLowerCase(), field as unknown]),
  );
  return test((column) => textsIn(fields.get(column.toLowerCase())));
}

/** Every text and number at or below a value. */
function textsIn(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  if (typeof value === 'number') return [String(value)];
  if (typeof value !== 'object' || value === null) return [];
  return Object.values(value).flatMap(textsIn);
}

/** The pieces of a text without the values that are to go; pure. */
export function partsWithout(text: string, goes: (value: string) => boolean): string[] {
  const spans = objectsOf(text);
  const [first] = spans;
  if (first === undefined) return [text];
  const isList = text[skip(text, 0, SPACE)] === '[';
  const nextOf = (index: number) => spans[index + 1]?.from;
  const kept = spans.flatMap(({ from, to }, index) =>
    goes(text.slice(from, to)) ? [] : [{ from, to, index }],
  );
  const parts = [text.slice(0, first.from)];
  for (const [place, { from, to, index }] of kept.entries()) {
    // What separates two values goes with the first of them; the last of a list has nothing behind it.
    const isLast = isList && place === kept.length - 1;
    parts.push(text.slice(from, isLast ? to : (nextOf(index) ?? to)));
  }
  const last = spans.at(-1)!;
  const endsKept = kept.at(-1)?.index === spans.length - 1;
  parts.push(text.slice(last.to).replace(isList || endsKept ? /^/ : /^[ \t\r]*\n/, ''));
  return parts;
}

interface Span {
  from: number;
  to: number;
}

/** The elements of a list, or the values that follow one another; pure. */
export function objectsOf(text: string): Span[] {
  const start = skip(text, 0, SPACE);
  const isList = text[start] === '[';
  const spans: Span[] = [];
  for (let at = skip(text, isList ? start + 1 : start, SPACE); at < text.length && text[at] !== ']';) {
    const to = endOfValue(text, at);
    if (to === at) break;
    spans.push({ from: at, to });
    const after = skip(text, to, SPACE);
    at = text[after] === ',' && isList ? skip(text, after + 1, SPACE) : after;
  }
  return spans;
}

const SPACE = ' \t\r\n\uFEFF';

function skip(text: string, from: number, of: string): number {
  let at = from;
  while (at < text.length && of.includes(text[at]!)) at++;
  return at;
}

function endOfValue(text: string, from: number): number {
  let depth = 0;
  for (let at = from; at < text.length; at++) {
    const character = text[at]!;
    if (character === '"') {
      for (at++; at < text.length && text[at] !== '"'; at++) if (text[at] === '\\') at++;
    } else if (character === '{' || character === '[') depth++;
    else if (character === '}' || character === ']') {
      if (depth === 0) return at;
      depth--;
    } else if (depth === 0 && (character === ',' || SPACE.includes(character))) return at;
    if (depth === 0 && '"}]'.includes(text[at] ?? '')) return at + 1;
  }
  return text.length;
}
