import { createInterface } from 'node:readline';
import { openContent, type Packed } from './content-stream.ts';
import { faultPosition } from './json-grammar.ts';

export interface JsonDamage {
  line: number;
  column: number;
  message: string;
}

/** A document larger than this is not read again for the place of its damage. */
const SEARCHED_BYTES = 64 * 1024 * 1024;
const MOST_DAMAGES = 20;

/**
 * Where JSON is broken: every bad line of a file of lines, or the one place where a document stops making
 * sense. DuckDB has refused the file; this finds the place, in characters as people count them.
 */
export async function locateJsonDamage(file: Packed): Promise<JsonDamage[]> {
  const lines = await badLines(file);
  return lines ?? badDocument(file);
}

/** Null when the file is not one of lines: its first line is no whole JSON value. */
async function badLines(file: Packed): Promise<JsonDamage[] | null> {
  const damages: JsonDamage[] = [];
  const content = openContent(file);
  const reader = createInterface({ input: content, crlfDelay: Infinity });
  let number = 0;
  let values = 0;
  for await (const line of reader) {
    number++;
    if (line.trim() === '') continue;
    const fault = parseFault(line);
    if (fault === null) values++;
    else if (values === 0) return stop(content, null);
    else damages.push({ line: number, column: fault.position + 1, message: fault.message });
    if (damages.length >= MOST_DAMAGES) return stop(content, damages);
  }
  return damages.length > 0 || values > 1 ? damages : null;
}

function stop<Result>(content: { destroy(): unknown }, result: Result): Result {
  content.destroy();
  return result;
}

async function badDocument(file: Packed): Promise<JsonDamage[]> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of openContent(file)) {
    chunks.push(chunk as Buffer);
    bytes += (chunk as Buffer).length;
    if (bytes > SEARCHED_BYTES) return [];
  }
  const text = Buffer.concat(chunks).toString('utf8');
  const fault = parseFault(text);
  if (fault === null) return [];
  const lines = text.slice(0, fault.position).split('\n');
  return [{ line: lines.length, column: lines.at(-1)!.length + 1, message: fault.message }];
}

function parseFault(text: string): { position: number; message: string } | null {
  const position = faultPosition(text);
  if (position === null) return null;
  return {
    position,
    message: position >= text.length ? 'the JSON ends too early' : 'this is not valid JSON',
  };
}
