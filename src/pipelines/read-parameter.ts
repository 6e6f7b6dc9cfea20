import type { DataType } from '../base/data-type.ts';
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
const DATE = /^\d{4}-\d{2}-\d{2}$/;
const TIME = /^\d{4}-\d{2}-\d{2}[ T]\d{2}:\d{2}(:\d{2}(\.\d{1,6})?)?(Z|[+-]\d{2}(:?\d{2})?)?$/;

/** What a value of each type looks like; text may be anything. */
const SHAPES: Partial<Record<DataType['kind'], { pattern: RegExp; example: string }>> = {
  boolean: { pattern: /^(true|false)$/i, example: 'true' },
  int: { pattern: INTEGER, example: '12' },
  long: { pattern: INTEGER, example: '12' },
  decimal: { pattern: NUMBER, example: '12.50' },
  double: { pattern: NUMBER, example: '12.5' },
  date: { pattern: DATE, example: "'2026-12-31'" },
  timestamp: { pattern: TIME, example: "'2026-12-31 06:00:00'" },
  timestamptz: { pattern: TIME, example: "'2026-12-31 06:00:00Z'" },
  string: { pattern: /^/, example: "'NORTH'" },
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
  if (shape === undefined || value === null) return null;
  const isFit = shape.pattern.test(value) && (type.kind !== 'date' || isDay(value));
  return isFit ? null : `${value} is no ${type.kind}: write one such as ${shape.example}`;
}

function isDay(text: string): boolean {
  const day = new Date(`${text}T00:00:00Z`);
  return !Number.isNaN(day.getTime()) && day.toISOString().startsWith(text);
}

/** Text of a literal without its quotes, null for NULL, undefined for no literal. */
function readLiteral(text: string): string | null | undefined {
  if (/^null$/i.test(text)) return null;
  const quoted = /^'((?:[^']|'')*)'$/.exec(text);
  if (quoted !== null) return (quoted[1] ?? '').replaceAll("''", "'");
  return /^(true|false|[+-]?\d+(\.\d+)?)$/i.test(text) ? text : undefined;
}
