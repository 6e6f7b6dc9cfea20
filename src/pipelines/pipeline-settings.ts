import type { Problem } from '../base/errors.ts';
import { suggest } from '../contracts/suggest.ts';
import { type Parameter, readParameter } from './read-parameter.ts';
import { readTrigger, type Trigger } from './read-trigger.ts';

/** How a pipeline starts and writes: the comment lines `-- key: value` at the top of its SQL file. */
export interface PipelineSettings {
  /** Which subscription to read under where several would apply. */
  purpose: string | null;
  /** What starts a run; any of them does. */
  triggers: Trigger[];
  write: WriteMode;
  /** Columns by which `merge` finds a row. */
  key: string[];
  /** Boolean column of the SELECT that deletes by key instead of writing. */
  deleteWhere: string | null;
  incremental: Incremental | null;
  parameters: Parameter[];
  /** How often a failed run is tried again. */
  retries: number;
}

export const WRITE_MODES = ['overwrite', 'append', 'merge', 'replace partitions'] as const;
export type WriteMode = (typeof WRITE_MODES)[number];

/** What a run reads beyond the one before it. `input` is the name as SQL writes it, in lower case. */
export type Incremental =
  { kind: 'files'; input: InputName } | { kind: 'growing'; column: string; input: InputName };

/** A table as SQL names it: `tills.receipts`, `sales.weeks` or `"sales.sell-out".weeks`. */
export interface InputName {
  schema: string;
  name: string;
}

const KEYS = [
  'purpose',
  'when',
  'write',
  'key',
  'delete where',
  'incremental',
  'parameter',
  'retries',
] as const;
export type SettingKey = (typeof KEYS)[number];
const REPEATABLE: readonly SettingKey[] = ['when', 'parameter'];

/** Where in the file a setting stands. */
export interface SettingLine {
  key: SettingKey;
  value: string;
  /** Both from 1; `column` is that of the value. */
  line: number;
  column: number;
}

export interface ReadSettings {
  settings: PipelineSettings;
  lines: SettingLine[];
  /** With `file:line:column`; settings with problems keep their default. */
  problems: Problem[];
}

/** More would be a program; a long list of parameters is the longest we can think of. */
const MAX_LINES = 200;
const MAX_PURPOSE = 500;
const MAX_RETRIES = 10;
const MAX_KEY_COLUMNS = 32;

/**
 * Reads the settings at the top of a pipeline's SQL: comment lines and empty ones before anything else.
 * `-- word: value` is a setting, an unknown word is a problem; every other comment is a comment.
 */
export function readPipelineSettings(text: string, file = ''): ReadSettings {
  const reading = new Reading(file);
  const rows = text.split('\n');
  const top = rows.findIndex((row) => !/^\s*(--.*)?$/.test(row));
  const end = top === -1 ? rows.length : top;
  for (const [index, row] of rows.entries()) {
    if (index < Math.min(end, MAX_LINES)) reading.readLine(row, index + 1);
    else reading.judgeLate(row, index + 1);
  }
  reading.judgeWhole();
  return reading.result();
}

/** `delete where` is the one key of two words; a first word alone is one that somebody meant as a key. */
const SETTING = /^(\s*--\s*)(delete\s+where|[\p{L}\p{N}_-]+)(\s*:[^\S\n]*)(.*?)\s*$/iu;

class Reading {
  readonly #file: string;
  readonly #problems: Problem[] = [];
  readonly #lines: SettingLine[] = [];
  readonly #settings: PipelineSettings = defaultSettings();

  constructor(file: string) {
    this.#file = file;
  }

  result(): ReadSettings {
    const { triggers } = this.#settings;
    if (triggers.length === 0) triggers.push({ kind: 'release', of: 'any', datasets: null });
    return { settings: this.#settings, lines: this.#lines, problems: this.#problems };
  }

  readLine(row: string, line: number): void {
    const found = SETTING.exec(row);
    if (found === null) return;
    const [, before = '', word = '', colon = '', value = ''] = found;
    const key = keyOf(word);
    if (key === null) return this.#add(line, before.length + 1, unknownKey(word));
    const column = before.length + word.length + colon.length + 1;
    const first = this.#lines.find((one) => one.key === key);
    if (first !== undefined && !REPEATABLE.includes(key)) {
      return this.#add(line, before.length + 1, `${key} is set on line ${first.line} already: keep one`);
    }
    this.#lines.push({ key, value, line, column });
    const fault = value === '' ? `${key} has no value` : READERS[key](value, this.#settings);
    if (fault !== null) this.#add(line, column, fault);
  }

  /** A setting below the first statement would silently not count. */
  judgeLate(row: string, line: number): void {
    const found = SETTING.exec(row);
    if (found === null || keyOf(found[2] ?? '') === null) return;
    const column = (found[1] ?? '').length + 1;
    this.#add(line, column, 'settings stand at the top of the file: move this line above the SELECT');
  }

  judgeWhole(): void {
    const { write, key, deleteWhere, triggers } = this.#settings;
    if (write === 'merge' && key.length === 0)
      this.#addAt('write', 'merge finds rows by their key: add `-- key: COLUMN`');
    if (write !== 'merge' && key.length > 0)
      this.#addAt('key', 'only `-- write: merge` has a key: add that line or remove this one');
    if (write !== 'merge' && deleteWhere !== null)
      this.#addAt('delete where', 'only `-- write: merge` deletes by key: add that line or remove this one');
    if (triggers.length > 1 && triggers.some(({ kind }) => kind === 'on demand'))
      this.#addAt(
        'when',
        '`on demand` says that nothing else starts a run: keep it alone, or remove it; any pipeline can be run on demand',
      );
  }

  #addAt(key: SettingKey, message: string): void {
    const at = this.#lines.find((one) => one.key === key);
    this.#add(at?.line ?? 1, at?.column ?? 1, message);
  }

  #add(line: number, column: number, message: string): void {
    this.#problems.push({ message, place: `${this.#file}:${line}:${column}` });
  }
}

function defaultSettings(): PipelineSettings {
  return {
    purpose: null,
    triggers: [],
    write: 'overwrite',
    key: [],
    deleteWhere: null,
    incremental: null,
    parameters: [],
    retries: 0,
  };
}

function keyOf(word: string): SettingKey | null {
  const plain = word.toLowerCase().replaceAll(/\s+/g, ' ');
  return KEYS.find((key) => key === plain) ?? null;
}

function unknownKey(word: string): string {
  const near = suggest(word.toLowerCase(), KEYS);
  const what = near === null ? `the settings are ${KEYS.join(', ')}` : `did you mean ${near}?`;
  return `there is no setting ${word}; ${what} (a comment may not begin with one word and a colon)`;
}

/** Writes the value into the settings, or says what is wrong with it. */
type ReadValue = (value: string, settings: PipelineSettings) => string | null;

const READERS: Record<SettingKey, ReadValue> = {
  purpose: (value, settings) => {
    if (value.length > MAX_PURPOSE) return `a purpose has at most ${MAX_PURPOSE} characters`;
    settings.purpose = value;
    return null;
  },
  when: (value, settings) => {
    const trigger = readTrigger(value);
    if (typeof trigger === 'string') return trigger;
    settings.triggers.push(trigger);
    return null;
  },
  write: (value, settings) => {
    const mode = WRITE_MODES.find((one) => one === value.toLowerCase().replaceAll(/\s+/g, ' '));
    if (mode === undefined) return `write is ${WRITE_MODES.join(', ')}${didYouMean(value, WRITE_MODES)}`;
    settings.write = mode;
    return null;
  },
  key: (value, settings) => {
    const columns = value.split(',').map(readColumn);
    if (columns.some((column) => column === null)) return 'the key is a list of columns: `a, b`';
    if (columns.length > MAX_KEY_COLUMNS) return `a key has at most ${MAX_KEY_COLUMNS} columns`;
    if (new Set(columns).size < columns.length) return 'the key names a column twice';
    settings.key = columns as string[];
    return null;
  },
  'delete where': (value, settings) => {
    settings.deleteWhere = readColumn(value);
    return settings.deleteWhere === null ? 'name one boolean column of the SELECT' : null;
  },
  incremental: (value, settings) => {
    settings.incremental = readIncremental(value);
    return settings.incremental === null
      ? 'incremental is `files of SOURCE.TABLE`, or `growing COLUMN of` a table of a source or a dataset'
      : null;
  },
  parameter: (value, settings) => {
    const parameter = readParameter(value);
    if (typeof parameter === 'string') return parameter;
    if (settings.parameters.some(({ name }) => name === parameter.name))
      return `the parameter ${parameter.name} is declared already`;
    settings.parameters.push(parameter);
    return null;
  },
  retries: (value, settings) => {
    if (!/^\d{1,2}$/.test(value) || Number(value) > MAX_RETRIES)
      return `retries is a number from 0 to ${MAX_RETRIES}`;
    settings.retries = Number(value);
    return null;
  },
};

function didYouMean(value: string, candidates: readonly string[]): string {
  const near = suggest(value.toLowerCase(), candidates);
  return near === null ? '' : `; did you mean ${near}?`;
}

const COLUMN = /^\s*(?:"((?:[^"]|"")+)"|([\p{L}_][\p{L}\p{N}_]*))\s*$/u;

/** A column as SQL writes it; what is not quoted is in lower case, as contracts have it. */
function readColumn(text: string): string | null {
  const found = COLUMN.exec(text);
  if (found === null) return null;
  return found[1]?.replaceAll('""', '"') ?? found[2]!.toLowerCase();
}

const INPUT = /^(?:"([^"]+)"|([\w-]+))\s*\.\s*(?:"([^"]+)"|([\w-]+))$/;

function readInput(text: string): InputName | null {
  const found = INPUT.exec(text.trim());
  if (found === null) return null;
  const [, quoted, plain, quotedName, plainName] = found;
  return {
    schema: (quoted ?? plain ?? '').toLowerCase(),
    name: (quotedName ?? plainName ?? '').toLowerCase(),
  };
}

function readIncremental(value: string): Incremental | null {
  const files = /^files\s+of\s+(.+)$/i.exec(value);
  const growing = /^growing\s+(\S+|"(?:[^"]|"")+")\s+of\s+(.+)$/i.exec(value);
  const input = readInput(files?.[1] ?? growing?.[2] ?? '');
  if (input === null) return null;
  if (files !== null) return { kind: 'files', input };
  const column = readColumn(growing?.[1] ?? '');
  return column === null ? null : { kind: 'growing', column, input };
}
