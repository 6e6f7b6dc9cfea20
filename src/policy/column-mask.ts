import { createHash } from 'node:crypto';
import { canonicalJson } from '../base/canonical.ts';
import { typeName, type DataType, type PrimitiveName } from '../base/data-type.ts';
import { MeshError, type Problem } from '../base/errors.ts';
import { aTypeName, fitConstant } from './row-filter-fit.ts';
import { comparableOf, decimalText, microsOf, timestampText, type RowValue } from './row-value.ts';

/**
 * The closed set of the Iceberg REST catalog's read-restriction actions. Every action keeps the column's
 * type and keeps NULL as NULL, but for mask-to-fixed-value: where a value stands in the place of all, an empty
 * one that stayed empty would still tell itself apart.
 */
export const PLAIN_MASK_ACTIONS = [
  'mask-alphanum',
  'show-first-4',
  'show-last-4',
  'replace-with-null',
  'truncate-to-year',
  'truncate-to-month',
  'sha-256-global',
  'sha-256-query-local',
] as const;

export type ColumnMask =
  | { action: (typeof PLAIN_MASK_ACTIONS)[number] }
  /**
   * `value` in the form of a row value of the column's type: decimals, dates, longs as text; without one it is
   * what the standard fixes for the type (`standardValue`).
   */
  | { action: 'mask-to-fixed-value'; value?: string | number | boolean };

export type MaskAction = ColumnMask['action'];

export const MASK_ACTIONS: readonly MaskAction[] = [...PLAIN_MASK_ACTIONS, 'mask-to-fixed-value'];

type Kinds = readonly DataType['kind'][];

const TEXT: Kinds = ['string'];
const CALENDAR: Kinds = ['date', 'timestamp', 'timestamptz'];
const HASHED: Kinds = ['string', 'int', 'long', 'binary'];

/** The types an action is defined for; null and the standard's fixed values are of every type. */
const MASKED_KINDS: Partial<Record<MaskAction, Kinds>> = {
  'mask-alphanum': TEXT,
  'show-first-4': TEXT,
  'show-last-4': TEXT,
  'truncate-to-year': CALENDAR,
  'truncate-to-month': CALENDAR,
  'sha-256-global': HASHED,
  'sha-256-query-local': HASHED,
};

/** The actions that are defined for a type. */
export function masksFor(type: DataType): MaskAction[] {
  return MASK_ACTIONS.filter((action) => fits(action, type));
}

function fits(action: MaskAction, { kind }: DataType): boolean {
  return MASKED_KINDS[action]?.includes(kind) ?? MASK_ACTIONS.includes(action);
}

/** What is wrong with masking a column of this type so, or `null`. */
export function checkMask(mask: ColumnMask, type: DataType): Problem | null {
  if (!fits(mask.action, type)) {
    const choices = masksFor(type).join(', ');
    const message = `${mask.action} cannot mask ${aTypeName(type)}; choose ${choices} or hide the column`;
    return { message };
  }
  if (mask.action !== 'mask-to-fixed-value' || mask.value === undefined) return null;
  const fitted = fitConstant({ value: mask.value }, type);
  return typeof fitted === 'string' ? { message: `the fixed value ${fitted}` } : null;
}

export interface MaskScope {
  type: DataType;
  /** For sha-256-query-local: secret, new for each query, at least 16 characters. */
  querySalt?: string;
}

/** What a mask makes of one value: the meaning that every door is tested against. */
export function evaluateMask(mask: ColumnMask, value: RowValue, scope: MaskScope): RowValue {
  if (checkMask(mask, scope.type)) throw misfit(mask, scope.type);
  if (mask.action === 'mask-to-fixed-value') return fixedValue(mask.value, scope.type);
  if (value === null) return null;
  switch (mask.action) {
    case 'replace-with-null':
      return null;
    case 'mask-alphanum':
      return maskText(String(value));
    case 'show-first-4':
      return showFirst4(String(value));
    case 'show-last-4':
      return showLast4(String(value));
    case 'truncate-to-year':
      return truncate(String(value), scope.type, 4);
    case 'truncate-to-month':
      return truncate(String(value), scope.type, 7);
    case 'sha-256-global':
      return hashValue(value, scope.type, '');
    case 'sha-256-query-local':
      return hashValue(value, scope.type, checkedSalt(scope.querySalt));
  }
}

function misfit(mask: ColumnMask, type: DataType): MeshError {
  return new MeshError('internal', { detail: `${mask.action} on ${typeName(type)} was not checked` });
}

function fixedValue(value: string | number | boolean | undefined, type: DataType): RowValue {
  if (value === undefined) return standardValue(type);
  const fitted = fitConstant({ value }, type);
  if (typeof fitted === 'string') throw new MeshError('internal', { detail: fitted });
  return type.kind === 'float' || type.kind === 'double'
    ? (comparableOf(type, fitted.value) as number)
    : fitted.value;
}

/** The value that the read restrictions' text fixes for each type under mask-to-fixed-value. */
export function standardValue(type: DataType): Exclude<RowValue, null> {
  switch (type.kind) {
    case 'decimal':
      return decimalText(0n, type.scale);
    case 'list':
      return [];
    case 'map':
      return {};
    case 'struct':
      return Object.fromEntries(type.fields.map((field) => [field.name, standardValue(field.type)]));
    case 'binary':
      return new Uint8Array();
    default:
      return STANDARD_VALUES[type.kind];
  }
}

const STANDARD_VALUES: Record<Exclude<PrimitiveName, 'binary'>, string | number | boolean> = {
  boolean: false,
  int: 0,
  long: 0,
  float: 0,
  double: 0,
  date: '1970-01-01',
  time: '00:00:00',
  timestamp: '1970-01-01 00:00:00',
  timestamptz: '1970-01-01 00:00:00Z',
  // Not empty, so that it cannot be taken for a text that is.
  string: 'XXXXXXXX',
  uuid: '00000000-0000-0000-0000-000000000000',
};

/** Digits become n, the signs `( ) , . - @` stay, every other code point becomes x. */
function maskText(text: string): string {
  return text.replace(/[^0-9(),.@-]/gu, 'x').replace(/[0-9]/g, 'n');
}

/** Four code points stay; a text of four or fewer stays whole, as the standard has it. */
function showFirst4(text: string): string {
  const points = [...text];
  return points.slice(0, 4).join('') + maskText(points.slice(4).join(''));
}

function showLast4(text: string): string {
  const points = [...text];
  const shown = Math.max(0, points.length - 4);
  return maskText(points.slice(0, shown).join('')) + points.slice(shown).join('');
}

/** The first day of the year or month, in UTC; `kept` characters of the date stay. */
function truncate(text: string, type: DataType, kept: 4 | 7): string {
  const utc = type.kind === 'date' ? text : timestampText(microsOf(text)!)!;
  const day = utc.slice(0, kept) + '0001-01-01'.slice(kept);
  if (type.kind === 'date') return day;
  return `${day} 00:00:00${type.kind === 'timestamptz' ? 'Z' : ''}`;
}

/**
 * SHA-256 over salt and value. Text gives lower-case hex, bytes give bytes; int and long are hashed as their
 * little-endian bytes and take back as many bytes of the digest.
 */
function hashValue(value: NonNullable<RowValue>, type: DataType, salt: string): RowValue {
  const digest = createHash('sha256').update(salt).update(bytesOf(value, type)).digest();
  if (type.kind === 'int') return digest.readInt32LE();
  if (type.kind === 'long') return digest.readBigInt64LE();
  return type.kind === 'binary' ? new Uint8Array(digest) : digest.toString('hex');
}

function bytesOf(value: NonNullable<RowValue>, type: DataType): Uint8Array {
  if (value instanceof Uint8Array) return value;
  if (type.kind === 'string') return Buffer.from(String(value));
  const bytes = Buffer.alloc(8);
  bytes.writeBigInt64LE(BigInt(value as string | number | bigint));
  return type.kind === 'int' ? bytes.subarray(0, 4) : bytes;
}

const SALT_CHARACTERS_MIN = 16;

/** Refuses a salt that could be guessed. */
export function checkedSalt(salt: string | undefined): string {
  if (salt === undefined || salt.length < SALT_CHARACTERS_MIN) {
    throw new MeshError('internal', { detail: 'sha-256-query-local needs a salt of 16 characters or more' });
  }
  return salt;
}

/**
 * What each action still shows, as families: within one, the first shows least. Members of two families
 * cannot be compared, so together only NULL shows no more than both.
 */
const FAMILIES: readonly (readonly MaskAction[])[] = [
  ['mask-alphanum', 'show-first-4', 'show-last-4'],
  ['sha-256-query-local', 'sha-256-global'],
  ['truncate-to-year', 'truncate-to-month'],
];

/**
 * The mask that shows no more than any of these, whatever their order: null, then a fixed value, then the
 * strictest of one family; `null` for none. First and last 4 together leave mask-alphanum, since each
 * hides what the other shows.
 */
export function strictestMask(masks: ColumnMask[]): ColumnMask | null {
  const actions = new Set(masks.map((mask) => mask.action));
  if (actions.size === 0) return null;
  if (actions.size === 1 && !actions.has('mask-to-fixed-value')) return masks[0]!;
  const families = FAMILIES.filter((family) => family.some((action) => actions.has(action)));
  if (actions.has('replace-with-null') || families.length > 1) return { action: 'replace-with-null' };
  const fixed = masks.filter((mask) => mask.action === 'mask-to-fixed-value').map(canonicalJson);
  // Two fixed values show the same (nothing); the smaller text is chosen so that order does not matter.
  if (fixed.length > 0) return JSON.parse(fixed.sort()[0]!) as ColumnMask;
  return { action: strictestOf(families[0]!, actions) } as ColumnMask;
}

function strictestOf(family: readonly MaskAction[], actions: Set<MaskAction>): MaskAction {
  if (actions.has('show-first-4') && actions.has('show-last-4')) return 'mask-alphanum';
  return family.find((action) => actions.has(action))!;
}
