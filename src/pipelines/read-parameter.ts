import { type DataType, typeName } from '../base/data-type.ts';
import { parsePhysicalType } from '../contracts/physical-type.ts';

/** A value that the SQL names `$name` and a run may be given. */
export interface Parameter {
  name: string;
  type: DataType;
  /** As text in the form of its type; null is SQL's NULL. */
  fallback: string | null;
}

const FORM = /^([a-z][a-z0-9_]{0,62})\s+([^=]+?)\s*=\s*(.+)$/i;
const INTEGER = /^[+-]?\d+$/;
const NUMBER = /^[+-]?\d+(\.\d+)?$/;
/** There was no year 0. */
const DATE = /^(?!0000)\d{4}-\d{2}-\d{2}$/;
/** With seconds there may be a zone. */
const TIME =
  /^(\d{4}-\d{2}-\d{2})[ T](?:[01]\d|2[0-3]):[0-5]\d(?::[0-5]\d(?:\.\d{1,6})?(Z|[+-](?:0\d|1[0-4])(?::?[0-5]\d)?)?)?$/;

interface Shape {
  example: string;
  isFit(value: string, type: DataType): boolean;
}

/** What a value of each type looks like. All of it must fit: nothing is rounded, cut or wrapped. */
const SHAPES: Partial<Record<DataType['kind'], Shape>> = {
  boolean: { example: 'true', isFit: (value) => /^(true|false)$/i.test(value) },
  int: { example: '12', isFit: (value) => INTEGER.test(value) && isWithin(value, 32) },
  long: { example: '12', isFit: (value) => INTEGER.test(value) && isWithin(value, 64) },
  decimal: { example: '12.50', isFit: isDecimal },
  double: { example: '12.5', isFit: (value) => NUMBER.test(value) && Number.isFinite(Number(value)) },
  date: { example: "'2026-12-31'", isFit: isDay },
  timestamp: { example: "'2026-12-31 06:00:00'", isFit: isTime },
  timestamptz: { example: "'2026-12-31 06:00:00Z'", isFit: isTime },
  string: { example: "'NORTH'", isFit: (value) => value.isWellFormed() && !value.includes('\0') },
};

/** The parameter of a `parameter` line, or what is wrong with it. */
export function readParameter(value: string): Parameter | string {
  const found = FORM.exec(value);
  if (found === null) return 'write a parameter as `NAME TYPE = DEFAULT`, such as `weeks integer = 4`';
  const [, name = '', typeText = '', written = ''] = found;
  const type = parsePhysicalType(typeText);
  if (type === null || SHAPES[type.kind] === undefined)
    return `a parameter is of type ${Object.keys(SHAPES).join(', ')}, not ${typeText}`;
  const fallback = readLiteral(written);
  if (fallback === undefined) return 'write text in single quotes';
  const fault = valueFault(type, fallback);
  return fault ?? { name: name.toLowerCase(), type, fallback };
}

/** Why a value given as text does not fit the parameter's type; null when it does. */
export function valueFault(type: DataType, value: string | null): string | null {
  const shape = SHAPES[type.kind];
  if (shape === undefined || value === null || shape.isFit(value, type)) return null;
  return `${value} is no ${typeName(type)}: write one such as ${shape.example}`;
}

function isWithin(value: string, bits: number): boolean {
  const number = BigInt(value.replace('+', ''));
  return BigInt.asIntN(bits, number) === number;
}

function isDecimal(value: string, type: DataType): boolean {
  const [, whole = '', fraction = ''] = /^[+-]?0*(\d*)(?:\.(\d+?)0*)?$/.exec(value) ?? [];
  if (!NUMBER.test(value) || type.kind !== 'decimal') return false;
  const places = fraction === '0' ? 0 : fraction.length;
  return whole.length <= type.precision - type.scale && places <= type.scale;
}

/** A time without a zone would lose one that is given. */
function isTime(text: string, { kind }: DataType): boolean {
  const [, day, zone] = TIME.exec(text) ?? [];
  return day !== undefined && isDay(day) && (kind === 'timestamptz' || zone === undefined);
}

function isDay(text: string): boolean {
  const day = new Date(`${text}T00:00:00Z`);
  return DATE.test(text) && !Number.isNaN(day.getTime()) && day.toISOString().startsWith(text);
}

/** Text of a literal without its quotes, null for NULL, undefined for no literal. */
function readLiteral(text: string): string | null | undefined {
  if (/^null$/i.test(text)) return null;
  const quoted = /^'((?:[^']|'')*)'$/.exec(text);
  if (quoted !== null) return (quoted[1] ?? '').replaceAll("''", "'");
  return /^(true|false|[+-]?\d+(\.\d+)?)$/i.test(text) ? text : undefined;
}
