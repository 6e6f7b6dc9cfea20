import type { CsvDialect } from './crawled-table.ts';

/** Records of a piece of CSV text, each with the line it starts on (counted from 1). */
export interface CsvRecords {
  records: string[][];
  lines: number[];
  /** Records with text after a closing quote, or a quote that never closes. */
  malformed: number;
}

export interface ParseLimits {
  records: number;
  /** Whether the text is the whole file; if not, its last record may be cut and is left out. */
  complete: boolean;
}

type Quoting = Pick<CsvDialect, 'delimiter' | 'quote' | 'escape'>;

/** Parses the start of a CSV text (RFC 4180 §2, with any delimiter and LF, CRLF or CR). Blank lines are no records. */
export function parseRecords(text: string, quoting: Quoting, limits: ParseLimits): CsvRecords {
  const result: CsvRecords = { records: [], lines: [], malformed: 0 };
  const reader = new RecordReader(text, quoting);
  while (result.records.length < limits.records && !reader.ended) {
    const line = reader.line;
    const record = reader.next();
    if (reader.ended && !reader.closed && !limits.complete) break;
    if (record.length === 1 && record[0] === '') continue;
    result.records.push(record);
    result.lines.push(line);
    if (reader.malformed) result.malformed++;
  }
  return result;
}

/** Reads one record after the other from a text. */
export class RecordReader {
  line = 1;
  ended: boolean;
  /** Whether the last record ended with a line end. */
  closed = false;
  malformed = false;
  readonly #text: string;
  readonly #quoting: Quoting;
  #at = 0;

  constructor(text: string, quoting: Quoting) {
    this.#text = text;
    this.#quoting = quoting;
    this.ended = text.length === 0;
  }

  /** Where the next record begins. */
  get at(): number {
    return this.#at;
  }

  next(): string[] {
    const fields: string[] = [];
    this.closed = false;
    this.malformed = false;
    for (;;) {
      fields.push(this.#field());
      if (this.#text[this.#at] === this.#quoting.delimiter) this.#at++;
      else break;
    }
    this.#endOfLine();
    this.ended = this.#at >= this.#text.length;
    return fields;
  }

  #field(): string {
    const { quote } = this.#quoting;
    return quote !== '' && this.#text[this.#at] === quote ? this.#quoted() : this.#plain();
  }

  #plain(): string {
    const start = this.#at;
    while (this.#at < this.#text.length && !this.#isFieldEnd()) this.#at++;
    return this.#text.slice(start, this.#at);
  }

  #quoted(): string {
    const { quote, escape } = this.#quoting;
    let value = '';
    this.#at++;
    for (; this.#at < this.#text.length; this.#at++) {
      const character = this.#text[this.#at]!;
      const following = this.#text[this.#at + 1];
      if (character === escape && (following === quote || (escape !== quote && following === escape))) {
        value += following;
        this.#at++;
      } else if (character === quote) {
        this.#at++;
        return value + this.#afterQuote();
      } else {
        if (character === '\n' || (character === '\r' && following !== '\n')) this.line++;
        value += character;
      }
    }
    this.malformed = true;
    return value;
  }

  #afterQuote(): string {
    const rest = this.#plain();
    if (rest !== '') this.malformed = true;
    return rest;
  }

  #isFieldEnd(): boolean {
    const character = this.#text[this.#at];
    return character === this.#quoting.delimiter || character === '\n' || character === '\r';
  }

  #endOfLine(): void {
    if (this.#at >= this.#text.length) return;
    this.#at += this.#text.startsWith('\r\n', this.#at) ? 2 : 1;
    this.line++;
    this.closed = true;
  }
}

const DELIMITERS = [',', ';', '\t', '|'];
const QUOTINGS = [
  { quote: '"', escape: '"' },
  { quote: '"', escape: '\\' },
  { quote: '', escape: '' },
];
/** Enough records to see a pattern; more only costs time. */
const DIALECT_RECORDS = 200;

/**
 * The dialect under which the most records have the same number of fields. What the source's options
 * give is taken as given.
 */
export function findDialect(text: string, given: Partial<CsvDialect>, complete: boolean): CsvDialect {
  let best: { score: number; quoting: Quoting; parsed: CsvRecords } | null = null;
  for (const delimiter of given.delimiter === undefined ? DELIMITERS : [given.delimiter]) {
    for (const quoting of quotings(given)) {
      const candidate = { delimiter, ...quoting };
      const parsed = parseRecords(text, candidate, { records: DIALECT_RECORDS, complete });
      const score = dialectScore(parsed);
      if (best === null || score > best.score) best = { score, quoting: candidate, parsed };
      // A later quoting is only for text that the plain one cannot read.
      if (parsed.malformed === 0) break;
    }
  }
  return { ...best!.quoting, header: given.header ?? hasHeader(best!.parsed.records) };
}

function quotings(given: Partial<CsvDialect>): { quote: string; escape: string }[] {
  if (given.quote === undefined) return QUOTINGS;
  return given.quote === '"' ? QUOTINGS.slice(0, 2) : [{ quote: given.quote, escape: given.quote }];
}

/** Share of records with the most frequent width, above all malformed ones; a single column is the last resort. */
function dialectScore(parsed: CsvRecords): number {
  const widths = new Map<number, number>();
  for (const record of parsed.records) widths.set(record.length, (widths.get(record.length) ?? 0) + 1);
  const [width, count] = [...widths].sort((left, right) => right[1] - left[1] || right[0] - left[0])[0] ?? [
    1, 0,
  ];
  if (width === 1) return 0.001;
  const share = (count - parsed.malformed) / Math.max(1, parsed.records.length);
  return share + Math.min(width, 1_000) * 0.0005;
}

const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;
const DATE = /^\d{4}-\d{2}-\d{2}/;

/** No header where the first record holds a number or a date in a column of numbers or dates. */
function hasHeader(records: string[][]): boolean {
  const [first, ...rest] = records;
  if (first === undefined || rest.length === 0) return true;
  return !first.some((value, column) => {
    const shape = [NUMBER, DATE].find((pattern) => pattern.test(value));
    return shape !== undefined && rest.some((record) => shape.test(record[column] ?? ''));
  });
}

/** Column names of a header: trimmed, never empty, never twice (SQL names are equal without regard to case). */
export function columnNames(header: readonly string[]): {
  names: string[];
  repeated: string[];
  unnamed: number[];
} {
  const taken = new Set<string>();
  const repeated: string[] = [];
  const unnamed: number[] = [];
  const names = header.map((text, index) => {
    const trimmed = text.trim().normalize('NFC');
    if (trimmed === '') unnamed.push(index + 1);
    const wanted = trimmed === '' ? `column_${index + 1}` : trimmed;
    if (taken.has(wanted.toLowerCase())) repeated.push(wanted);
    const name = freeName(wanted, taken);
    taken.add(name.toLowerCase());
    return name;
  });
  return { names, repeated, unnamed };
}

function freeName(wanted: string, taken: Set<string>): string {
  let name = wanted;
  for (let count = 2; taken.has(name.toLowerCase()); count++) name = `${wanted}_${count}`;
  return name;
}
