import type { DataType } from '../base/data-type.ts';

/**
 * One value of a row as the reference evaluators see it: exact, without the engine's own classes.
 * int, float and double are numbers; long and decimal are text, bigint or a safe integer; date is
 * `2026-01-31`; time `12:30:00[.ffffff]`; timestamp `2026-01-31 12:30:00[.ffffff]`, timestamptz the same in
 * UTC or with an offset; binary is bytes. Nested values are opaque: a filter can only test them for null.
 */
export type RowValue = string | number | bigint | boolean | Uint8Array | null | object;

export type Row = Record<string, RowValue | undefined>;

/** What orders like the SQL type does under `compareValues`. */
export type Comparable = bigint | number | boolean | Buffer;

/** The value in a form that compares exactly, or `null` when it is not a value of that type. */
export function comparableOf(type: DataType, value: Exclude<RowValue, null>): Comparable | null {
  switch (type.kind) {
    case 'boolean':
      return typeof value === 'boolean' ? value : null;
    case 'int':
    case 'long':
      return wholeNumber(value);
    case 'float':
      return finiteText(value, Math.fround);
    case 'double':
      return finiteText(value, Number);
    case 'decimal':
      return scaledInteger(String(value), type.scale);
    case 'date':
      return daysOf(String(value));
    case 'time':
      return microsOfDay(String(value));
    case 'timestamp':
    case 'timestamptz':
      return microsOf(String(value));
    case 'uuid':
      return Buffer.from(String(value).toLowerCase());
    case 'string':
      // Bytes of UTF-8 order as code points do; JavaScript's own order differs above U+FFFF.
      return typeof value === 'string' ? Buffer.from(value) : null;
    default:
      return null;
  }
}

/** Below zero, zero or above zero. NaN equals itself and is above every number, as in DuckDB. */
export function compareValues(left: Comparable, right: Comparable): number {
  if (Buffer.isBuffer(left) && Buffer.isBuffer(right)) return Buffer.compare(left, right);
  if (Number.isNaN(left) || Number.isNaN(right))
    return Number(Number.isNaN(left)) - Number(Number.isNaN(right));
  return left < right ? -1 : left > right ? 1 : 0;
}

function wholeNumber(value: Exclude<RowValue, null>): bigint | null {
  if (typeof value === 'bigint') return value;
  if (typeof value === 'number') return Number.isInteger(value) ? BigInt(value) : null;
  return typeof value === 'string' && /^-?\d+$/.test(value) ? BigInt(value) : null;
}

function finiteText(value: Exclude<RowValue, null>, round: (value: number) => number): number | null {
  if (typeof value === 'number') return round(value);
  return typeof value === 'string' && /^-?\d+(\.\d+)?$/.test(value) ? round(Number(value)) : null;
}

/** A decimal as its unscaled integer: `12.5` with scale 2 is 1250. `null` when it does not fit exactly. */
export function scaledInteger(text: string, scale: number): bigint | null {
  const match = /^(-?)(\d+)(?:\.(\d+))?$/.exec(text);
  if (!match) return null;
  const [, sign, whole, fraction = ''] = match;
  const significant = fraction.replace(/0+$/, '');
  if (significant.length > scale) return null;
  return BigInt(`${sign}${whole}${significant.padEnd(scale, '0')}`);
}

/** The decimal text of an unscaled integer: 1250 with scale 2 is `12.50`. */
export function decimalText(unscaled: bigint, scale: number): string {
  const sign = unscaled < 0n ? '-' : '';
  const digits = (unscaled < 0n ? -unscaled : unscaled).toString().padStart(scale + 1, '0');
  if (scale === 0) return sign + digits;
  return `${sign}${digits.slice(0, -scale)}.${digits.slice(-scale)}`;
}

const DAY_MICROS = 86_400_000_000n;

/** Days since 1970-01-01 of `YYYY-MM-DD`, years 0001 to 9999; `null` when there is no such day. */
export function daysOf(text: string): bigint | null {
  const match = /^(\d{4})-(\d{2})-(\d{2})$/.exec(text);
  if (!match || match[1] === '0000') return null;
  const millis = Date.parse(`${text}T00:00:00Z`);
  // Date.parse lets 31 February roll over to March.
  if (Number.isNaN(millis) || new Date(millis).toISOString().slice(0, 10) !== text) return null;
  return BigInt(millis / 86_400_000);
}

/** Microseconds since midnight of `HH:MM[:SS[.ffffff]]`. */
export function microsOfDay(text: string): bigint | null {
  const match = /^([01]\d|2[0-3]):([0-5]\d)(?::([0-5]\d)(?:\.(\d{1,6}))?)?$/.exec(text);
  if (!match) return null;
  const [, hours, minutes, seconds = '0', fraction = ''] = match;
  const wholeSeconds = BigInt(hours!) * 3600n + BigInt(minutes!) * 60n + BigInt(seconds);
  return wholeSeconds * 1_000_000n + BigInt(fraction.padEnd(6, '0'));
}

const TIMESTAMP = /^(\d{4}-\d{2}-\d{2})[ T](\d{2}:\d{2}(?::\d{2}(?:\.\d{1,6})?)?)(Z|[+-]\d{2}(?::?\d{2})?)?$/;

/** Microseconds since 1970-01-01T00:00Z; without an offset the text is taken as UTC. */
export function microsOf(text: string): bigint | null {
  const match = TIMESTAMP.exec(text);
  const days = match && daysOf(match[1]!);
  const time = match && microsOfDay(match[2]!);
  if (days === null || time === null) return null;
  const offset = offsetMicros(match![3] ?? 'Z');
  return offset === null ? null : days * DAY_MICROS + time - offset;
}

/** Whether the text of a timestamp says its offset from UTC. */
export function hasOffset(text: string): boolean {
  return TIMESTAMP.exec(text)?.[3] !== undefined;
}

function offsetMicros(text: string): bigint | null {
  if (text === 'Z') return 0n;
  const hours = BigInt(text.slice(1, 3));
  const minutes = BigInt(text.slice(3).replace(':', '') || '0');
  if (hours > 15n || minutes > 59n) return null;
  const micros = (hours * 60n + minutes) * 60_000_000n;
  return text.startsWith('-') ? -micros : micros;
}

/** `YYYY-MM-DD` of a count of days. */
export function dateText(days: bigint): string {
  return new Date(Number(days) * 86_400_000).toISOString().slice(0, 10);
}

/** `HH:MM:SS[.ffffff]` of microseconds since midnight. */
export function timeText(micros: bigint): string {
  const seconds = new Date(Number(micros / 1_000_000n) * 1000).toISOString().slice(11, 19);
  const fraction = micros % 1_000_000n;
  return fraction === 0n ? seconds : `${seconds}.${fraction.toString().padStart(6, '0').replace(/0+$/, '')}`;
}

/** `YYYY-MM-DD HH:MM:SS[.ffffff]` in UTC of microseconds since 1970, or `null` beyond the years 0001 to 9999. */
export function timestampText(micros: bigint): string | null {
  const time = ((micros % DAY_MICROS) + DAY_MICROS) % DAY_MICROS;
  const days = (micros - time) / DAY_MICROS;
  if (days < -719_162n || days > 2_932_896n) return null;
  return `${dateText(days)} ${timeText(time)}`;
}
