import { typeName, type Column, type DataType } from '../base/data-type.ts';
import { isAttribute, type Constant, type Operand, type RowFilter } from './row-filter-model.ts';
import {
  dateText,
  daysOf,
  decimalText,
  hasOffset,
  microsOf,
  microsOfDay,
  scaledInteger,
  timestampText,
  timeText,
} from './row-value.ts';

/**
 * The constant in the one form a column's type has (`10.5` for decimal(18,2) is `10.50`), or the sentence
 * that says why it is none. Text is read as the type it stands for, since attributes of people are text;
 * `checkRowFilter` is stricter with authors.
 */
export function fitConstant(constant: Constant, type: DataType): Constant | string {
  const text = String(constant.value);
  const fitted = FITS[type.kind]?.(constant, type as never);
  return fitted ?? `${text} is not ${aTypeName(type)}`;
}

/** `an int`, `a decimal(18,2)`. */
export function aTypeName(type: DataType): string {
  const name = typeName(type);
  return `${/^[aeio]/.test(name) ? 'an' : 'a'} ${name}`;
}

type Fit<T extends DataType = DataType> = (constant: Constant, type: T) => Constant | null;

const FITS: Partial<{ [K in DataType['kind']]: Fit<Extract<DataType, { kind: K }>> }> = {
  string: fitString,
  uuid: fitUuid,
  boolean: fitBoolean,
  int: (constant) => fitWhole(constant, 2n ** 31n),
  long: (constant) => fitWhole(constant, 2n ** 63n),
  float: (constant) => fitFloat(constant, { kind: 'float' }),
  double: (constant) => fitFloat(constant, { kind: 'double' }),
  decimal: fitDecimal,
  date: fitDate,
  time: fitTime,
  timestamp: fitTimestamp,
  timestamptz: fitTimestamptz,
};

function fitString({ value, literal }: Constant): Constant | null {
  return typeof value === 'string' && literal === undefined && value.isWellFormed() ? { value } : null;
}

function fitUuid({ value, literal }: Constant): Constant | null {
  const form = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
  if (literal !== undefined || typeof value !== 'string' || !form.test(value)) return null;
  return { value: value.toLowerCase() };
}

function fitBoolean({ value, literal }: Constant): Constant | null {
  if (typeof value === 'boolean') return { value };
  return literal === undefined && (value === 'true' || value === 'false')
    ? { value: value === 'true' }
    : null;
}

function fitWhole(constant: Constant, limit: bigint): Constant | null {
  const text = numberText(constant);
  if (text === null || !/^-?\d+$/.test(text)) return null;
  const whole = BigInt(text);
  if (whole < -limit || whole >= limit) return null;
  const number = Number(whole);
  return Number.isSafeInteger(number) ? { value: number } : { value: whole.toString(), literal: 'integer' };
}

/** Beyond the range of its type a number would be infinite to one engine and an error to another. */
function fitFloat(constant: Constant, { kind }: { kind: 'float' | 'double' }): Constant | null {
  const text = numberText(constant);
  const match = text === null ? null : /^(-?)0*(\d+)(?:\.(\d*?)0*)?$/.exec(text);
  const number = kind === 'float' ? Math.fround(Number(text)) : Number(text);
  if (!match || !Number.isFinite(number)) return null;
  const [, sign, whole, fraction] = match;
  return { value: `${sign}${whole}${fraction ? `.${fraction}` : ''}`, literal: 'decimal' };
}

function fitDecimal(constant: Constant, type: Extract<DataType, { kind: 'decimal' }>): Constant | null {
  const unscaled = scaledInteger(numberText(constant) ?? '', type.scale);
  if (unscaled === null) return null;
  const limit = 10n ** BigInt(type.precision);
  if (unscaled <= -limit || unscaled >= limit) return null;
  return { value: decimalText(unscaled, type.scale), literal: 'decimal' };
}

function fitDate({ value, literal }: Constant): Constant | null {
  const days = temporal(literal, 'date') ? daysOf(String(value)) : null;
  return days === null ? null : { value: dateText(days), literal: 'date' };
}

function fitTime({ value, literal }: Constant): Constant | null {
  const micros = temporal(literal, 'time') ? microsOfDay(String(value)) : null;
  return micros === null ? null : { value: timeText(micros), literal: 'time' };
}

/** A date counts as its midnight, as in SQL. */
function fitTimestamp({ value, literal }: Constant): Constant | null {
  const text = String(value);
  if (!temporal(literal, 'timestamp') && literal !== 'date') return null;
  if (hasOffset(text)) return null;
  const micros = microsOf(daysOf(text) === null ? text : `${text} 00:00`);
  const canonical = micros === null ? null : timestampText(micros);
  return canonical === null ? null : { value: canonical, literal: 'timestamp' };
}

/** An instant needs its offset: a zone assumed by one engine and not by another would move rows. */
function fitTimestamptz({ value, literal }: Constant): Constant | null {
  const text = String(value);
  if (!temporal(literal, 'timestamp') || !hasOffset(text)) return null;
  const micros = microsOf(text);
  const canonical = micros === null ? null : timestampText(micros);
  return canonical === null ? null : { value: `${canonical}Z`, literal: 'timestamp' };
}

function temporal(literal: Constant['literal'], expected: Constant['literal']): boolean {
  return literal === undefined || literal === expected;
}

function numberText({ value, literal }: Constant): string | null {
  if (literal !== undefined && literal !== 'integer' && literal !== 'decimal') return null;
  if (typeof value === 'boolean') return null;
  return String(value);
}

/**
 * The bound filter with every constant in the form of its column's type; `null` when it reads a column the
 * table does not have or compares with something its type cannot be, so that the caller can deny.
 */
export function fitRowFilter(filter: RowFilter, types: ColumnTypes): RowFilter | null {
  if (filter.op === 'and' || filter.op === 'or') {
    const terms = filter.terms.map((term) => fitRowFilter(term, types));
    return terms.includes(null) ? null : { ...filter, terms: terms as RowFilter[] };
  }
  if (filter.op === 'not') {
    const term = fitRowFilter(filter.term, types);
    return term && { op: 'not', term };
  }
  if (filter.op === 'true' || filter.op === 'false') return filter;
  const type = types.get(filter.column);
  return type ? fitTest(filter, type) : null;
}

/** Types by column name. */
export type ColumnTypes = ReadonlyMap<string, DataType>;

export function typesOf(columns: Column[]): ColumnTypes {
  return new Map(columns.map((column) => [column.name, column.type]));
}

type Test = Extract<RowFilter, { column: string }>;

function fitTest(filter: Test, type: DataType): RowFilter | null {
  const fitted = (operand: Operand) => {
    const constant = isAttribute(operand) ? null : fitConstant(operand, type);
    return typeof constant === 'string' ? null : constant;
  };
  switch (filter.op) {
    case 'is-null':
      return filter;
    case 'like':
      return type.kind === 'string' && filter.prefix.isWellFormed() ? filter : null;
    case 'compare': {
      const value = fitted(filter.value);
      return value && { ...filter, value };
    }
    case 'between': {
      const low = fitted(filter.low);
      const high = fitted(filter.high);
      return low && high && { ...filter, low, high };
    }
    case 'in': {
      if (isAttribute(filter.values)) return null;
      const values = filter.values.map(fitted);
      return values.includes(null) ? null : { ...filter, values: values as Constant[] };
    }
  }
}
