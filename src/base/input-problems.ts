import type { z } from 'zod';
import { MeshError, type Problem } from './errors.ts';
import { nearestName } from './nearest-name.ts';

/** What a schema makes of an input, or everything that is wrong with it, in words for whoever wrote it. */
export type ParsedInput<Output> = { data: Output; problems: null } | { data: null; problems: Problem[] };

/** Reads an input from outside. The one place where issues of the validator become problems. */
export function parseInput<Schema extends z.ZodType>(
  schema: Schema,
  value: unknown,
): ParsedInput<z.output<Schema>> {
  const result = schema.safeParse(value, { error: (issue) => describe(issue, schema) });
  if (result.success) return { data: result.data, problems: null };
  return { data: null, problems: result.error.issues.flatMap((issue) => problemsOf(issue, [])) };
}

/** As `parseInput`. @throws MeshError `input.invalid` with every problem */
export function needInput<Schema extends z.ZodType>(schema: Schema, value: unknown): z.output<Schema> {
  const { data, problems } = parseInput(schema, value);
  if (problems) throw new MeshError('input.invalid', { problems });
  return data as z.output<Schema>;
}

type Path = PropertyKey[];

function problemsOf(issue: z.core.$ZodIssue, base: Path): Problem[] {
  const path = [...base, ...issue.path];
  if (issue.code === 'unrecognized_keys') {
    const known = issue.message.split(SEPARATOR);
    return issue.keys.map((key) => ({ message: unknownKey(key, known), pointer: pointerOf([...path, key]) }));
  }
  if (issue.code === 'invalid_key' || issue.code === 'invalid_element') {
    return issue.issues.flatMap((inner) => problemsOf(inner, path));
  }
  const form = issue.code === 'invalid_union' ? fittingForm(issue.errors) : undefined;
  if (form) return form.flatMap((inner) => problemsOf(inner, path));
  return [{ message: withSubject(issue.message, path), pointer: pointerOf(path) }];
}

/** The form whose kind (object, list, text) was right and whose content was not; the nearest of several. */
function fittingForm(forms: z.core.$ZodIssue[][]): z.core.$ZodIssue[] | undefined {
  const fitting = forms.filter((issues) =>
    issues.every((issue) => issue.path.length > 0 || CONTENT.has(issue.code)),
  );
  return fitting.sort((a, b) => a.length - b.length)[0];
}

const CONTENT: ReadonlySet<string> = new Set(['unrecognized_keys', 'too_small', 'too_big', 'custom']);

/** `must be text` reads on from the name; a message that is a sentence of its own stays one. */
function withSubject(message: string, path: Path): string {
  if (!/^(must|is|has|needs) /.test(message)) return message;
  return `${subject(path)} ${message}`;
}

/** `grant.columns`, `item 2 of columns`, `name of item 1 of forms`. */
function subject(path: Path): string {
  if (path.length === 0) return 'the input';
  const index = path.findLastIndex((step) => typeof step === 'number');
  const names = path.slice(index + 1).map(String);
  if (index < 0) return names.join('.');
  const item = `item ${Number(path[index]) + 1}`;
  const within = index === 0 ? item : `${item} of ${subject(path.slice(0, index))}`;
  return names.length === 0 ? within : `${names.join('.')} of ${within}`;
}

function pointerOf(path: Path): string {
  return path.map((step) => `/${String(step).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
}

const MOST_NAMED = 12;
/** Between the known keys in the message of an issue, until `problemsOf` makes sentences of it. */
const SEPARATOR = '\n';

function unknownKey(key: string, known: string[]): string {
  const shown = key.length > 60 ? `${key.slice(0, 60)}…` : key;
  const near = key.length > 100 ? null : nearestName(key, known);
  if (near !== null) return `unknown key '${shown}'; did you mean ${near}?`;
  return `unknown key '${shown}'; ${known.length === 0 ? 'nothing is known here' : `known ${known.length === 1 ? 'is' : 'are'} ${someOf(known)}`}`;
}

function someOf(names: string[]): string {
  return `${names.slice(0, MOST_NAMED).join(', ')}${names.length > MOST_NAMED ? ', …' : ''}`;
}

/** The validator's error map: messages that a schema gives itself come before it. */
export function describe(issue: z.core.$ZodRawIssue, root?: z.ZodType): string | undefined {
  switch (issue.code) {
    case 'invalid_type':
      return issue.input === undefined ? 'is missing' : wrongType(issue, root);
    case 'too_small':
    case 'too_big':
      return outOfBounds(issue, root);
    case 'invalid_value':
      return issue.input === undefined ? 'is missing' : oneOf(issue.input, issue.values.map(String));
    case 'invalid_union':
      return describeUnion(issue);
    case 'invalid_format':
      return describeFormat(issue);
    case 'not_multiple_of':
      return `must be a multiple of ${String(issue.divisor)}`;
    case 'unrecognized_keys':
      return Object.keys(shapeOf(issue.inst)).join(SEPARATOR);
    case 'custom':
      return 'is not allowed here';
    default:
      return undefined;
  }
}

function oneOf(input: unknown, words: string[]): string {
  if (words.length === 1) return `must be ${words[0]}`;
  const near = typeof input === 'string' && input.length <= 100 ? nearestName(input, words) : null;
  return `must be one of ${someOf(words)}${near === null ? '' : `; did you mean ${near}?`}`;
}

const WANTED: Record<string, string> = {
  string: 'text',
  array: 'a list',
  object: 'an object',
  record: 'an object',
  boolean: 'true or false',
  date: 'a date',
};

function wrongType(issue: z.core.$ZodRawIssue<z.core.$ZodIssueInvalidType>, root?: z.ZodType): string {
  const { expected, inst } = issue;
  if (expected === 'number' || expected === 'int') {
    const { least, most, whole } = boundsOf(holderOf(issue, root) ?? inst);
    const kind = whole || expected === 'int' ? 'a whole number' : 'a number';
    return `must be ${kind}${rangeOf(least, most, ' ')}`;
  }
  return `must be ${WANTED[expected] ?? expected}`;
}

function outOfBounds(
  issue: z.core.$ZodRawIssue<z.core.$ZodIssueTooSmall | z.core.$ZodIssueTooBig>,
  root?: z.ZodType,
): string {
  const own = { least: numberOf(issue['minimum']), most: numberOf(issue['maximum']), whole: false };
  const holder = holderOf(issue, root);
  const { least, most } = holder ? boundsOf(holder) : own;
  if (issue.origin === 'number' || issue.origin === 'int') {
    if (issue.inclusive === false) {
      return own.least === null ? `must be below ${own.most}` : `must be above ${own.least}`;
    }
    return `must be${rangeOf(least, most, ' ')}`;
  }
  if (issue.code === 'too_small' && own.least === 1) return 'must not be empty';
  const what = issue.origin === 'string' ? 'characters' : 'entries';
  if (least !== null && most !== null && least > 1) {
    return least === most
      ? `must have ${least} ${what}`
      : `must have between ${least} and ${most.toLocaleString('en')} ${what}`;
  }
  return issue.code === 'too_small'
    ? `must have at least ${own.least} ${what}`
    : `must have at most ${own.most?.toLocaleString('en')} ${what}`;
}

/** The schema whose check failed. Within a union the path is not the whole one, and leads to another's. */
function holderOf({ path, inst }: z.core.$ZodRawIssue, root?: z.ZodType): z.ZodType | undefined {
  const found = root && schemaAt(root, path ?? []);
  return found && checksOf(found).includes(inst as never) ? found : undefined;
}

/** ` between 1 and 100`, ` at least 1`, or nothing. */
function rangeOf(least: number | null, most: number | null, before: string): string {
  if (least !== null && most !== null) return `${before}between ${least} and ${most}`;
  if (least !== null) return `${before}at least ${least}`;
  return most === null ? '' : `${before}at most ${most}`;
}

function numberOf(value: unknown): number | null {
  return typeof value === 'number' || typeof value === 'bigint' ? Number(value) : null;
}

function describeUnion(issue: z.core.$ZodRawIssue<z.core.$ZodIssueInvalidUnion>): string {
  const { discriminator, options } = issue as { discriminator?: string; options?: unknown[] };
  const input = issue.input as Record<string, unknown> | undefined;
  if (discriminator !== undefined && options !== undefined) {
    const value = input?.[discriminator];
    return value === undefined ? 'is missing' : oneOf(value, options.map(String));
  }
  if (input === undefined) return 'is missing';
  const forms = issue.errors.map((form) => form.find(({ path }) => path.length === 0)?.message ?? '');
  const wanted = [...new Set(forms)].filter((message) => message.startsWith('must be '));
  if (wanted.length === 0) return 'has none of the forms that are allowed here';
  return `must be ${wanted.map((message) => message.slice('must be '.length)).join(', or ')}`;
}

const FORMATS: Record<string, string> = {
  email: 'must be an e-mail address',
  datetime: 'must be a moment with its offset from UTC, such as 2026-01-31T12:30:00Z',
  date: 'must be a date such as 2026-01-31',
  uuid: 'must be a UUID',
};

function describeFormat(issue: z.core.$ZodRawIssue<z.core.$ZodIssueInvalidStringFormat>): string {
  if (issue.format === 'url') {
    const { protocol } = (issue.inst as { _zod?: { def?: { protocol?: RegExp } } })?._zod?.def ?? {};
    const scheme = ['https', 'http', 'postgres'].find((each) => protocol?.test(each)) ?? 'https';
    return `must be an address that begins with ${scheme}://`;
  }
  const known = FORMATS[issue.format];
  if (known !== undefined) return known;
  return issue.pattern === undefined ? 'has a form that is not allowed here' : `must match ${issue.pattern}`;
}

interface Check {
  check: string;
  value?: number;
  minimum?: number;
  maximum?: number;
  format?: string;
  inclusive?: boolean;
}

interface Definition {
  checks?: { _zod: { def: Check } }[];
  innerType?: z.ZodType;
  in?: z.ZodType;
  element?: z.ZodType;
  valueType?: z.ZodType;
  shape?: Record<string, z.ZodType>;
}

function definitionOf(schema: unknown): Definition {
  return (schema as { _zod?: { def?: Definition } } | undefined)?._zod?.def ?? {};
}

function shapeOf(schema: unknown): Record<string, z.ZodType> {
  return definitionOf(schema).shape ?? {};
}

function checksOf(schema: unknown): { _zod: { def: Check } }[] {
  return definitionOf(schema).checks ?? [];
}

/** What a number, or the length of a text or list, may be. */
function boundsOf(schema: unknown): { least: number | null; most: number | null; whole: boolean } {
  const checks = checksOf(schema)
    .map((check) => check._zod.def)
    .filter(({ inclusive }) => inclusive !== false);
  const least = checks.map(({ check, value, minimum }) => (check === 'greater_than' ? value : minimum));
  const most = checks.map(({ check, value, maximum }) => (check === 'less_than' ? value : maximum));
  const whole = checks.some(({ check, format }) => check === 'number_format' && format === 'safeint');
  return { least: lastOf(least), most: lastOf(most), whole };
}

function lastOf(values: (number | undefined)[]): number | null {
  return values.findLast((value) => value !== undefined) ?? null;
}

/** The schema of the part at a path: through what is optional, has a default or is read further. */
function schemaAt(schema: z.ZodType, path: Path): z.ZodType | undefined {
  const { innerType, in: read, element, valueType, shape } = definitionOf(schema);
  const inner = innerType ?? read;
  if (inner) return schemaAt(inner, path);
  const [step, ...rest] = path;
  if (step === undefined) return schema;
  const part = shape?.[String(step)] ?? element ?? valueType;
  return part && schemaAt(part, rest);
}
