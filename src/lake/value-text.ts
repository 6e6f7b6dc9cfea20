import type { DataType } from '../base/data-type.ts';
import type { SingleValue } from './single-value.ts';

const DATE = /^(-?\d{1,6})-(\d{2})-(\d{2})$/;
const TIME = /^(\d{2}):(\d{2}):(\d{2})(?:\.(\d{1,6}))?$/;
const TIMESTAMP = /^(\S+)[ T](\d{2}:\d{2}:\d{2}(?:\.\d{1,6})?)(Z|[+-]\d{2}(?::?\d{2})?)?$/;

/**
 * A value of a primitive column from its SQL text, exactly: dates ISO, timestamps with space or `T`.
 * Null when the text is not a value of that type.
 */
export function parseSingleValue(type: DataType, text: string): SingleValue | null {
  switch (type.kind) {
    case 'boolean':
      return text === 'true' ? true : text === 'false' ? false : null;
    case 'int':
      return /^-?\d+$/.test(text) ? Number(text) : null;
    case 'long':
      return /^-?\d+$/.test(text) ? BigInt(text) : null;
    case 'float':
    case 'double':
      return Number.isNaN(Number(text)) ? (text.toLowerCase() === 'nan' ? NaN : null) : Number(text);
    case 'decimal':
      return unscaled(text, type.scale);
    case 'date':
      return DATE.test(text) ? dateDays(text) : null;
    case 'time':
      return timeMicros(text);
    case 'timestamp':
    case 'timestamptz':
      return timestampMicros(text);
    case 'string':
      return text;
    case 'uuid':
      return /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(text) ? text : null;
    default:
      return null;
  }
}

/** Days since 1970 of an ISO date, years before 0 and after 9999 included. */
export function dateDays(text: string): number {
  const parts = DATE.exec(text);
  if (!parts) return NaN;
  const date = new Date(0);
  date.setUTCFullYear(Number(parts[1]), Number(parts[2]) - 1, Number(parts[3]));
  return date.getTime() / 86_400_000;
}

function timeMicros(text: string): bigint | null {
  const parts = TIME.exec(text);
  if (!parts) return null;
  const seconds = (Number(parts[1]) * 60 + Number(parts[2])) * 60 + Number(parts[3]);
  return BigInt(seconds) * 1_000_000n + BigInt((parts[4] ?? '').padEnd(6, '0') || '0');
}

function timestampMicros(text: string): bigint | null {
  const parts = TIMESTAMP.exec(text);
  const time = parts && timeMicros(parts[2]!);
  if (!parts || time === null || !DATE.test(parts[1]!)) return null;
  return BigInt(dateDays(parts[1]!)) * 86_400_000_000n + time - offsetMicros(parts[3]);
}

function offsetMicros(zone: string | undefined): bigint {
  const parts = /^([+-])(\d{2}):?(\d{2})?$/.exec(zone ?? '');
  if (!parts) return 0n;
  const minutes = Number(parts[2]) * 60 + Number(parts[3] ?? 0);
  return BigInt(parts[1] === '-' ? -minutes : minutes) * 60_000_000n;
}

function unscaled(text: string, scale: number): bigint | null {
  const parts = /^(-?)(\d*)(?:\.(\d*))?$/.exec(text);
  const fraction = parts?.[3] ?? '';
  if (!parts || fraction.length > scale || `${parts[2]}${fraction}` === '') return null;
  const digits = BigInt(`${parts[2]}${fraction.padEnd(scale, '0')}`);
  return parts[1] === '-' ? -digits : digits;
}

/** The text that {@link parseSingleValue} reads as this value; timestamps with `T`, those with a zone in UTC. */
export function printSingleValue(type: DataType, value: SingleValue): string {
  switch (type.kind) {
    case 'date':
      return dayText(value as number);
    case 'time':
      return timeText(value as bigint);
    case 'timestamp':
      return timestampText(value as bigint);
    case 'timestamptz':
      return `${timestampText(value as bigint)}Z`;
    case 'decimal':
      return decimalText(value as bigint, type.scale);
    default:
      return Object.is(value, -0) ? '-0' : String(value);
  }
}

function dayText(days: number): string {
  const date = new Date(0);
  date.setUTCDate(1 + days);
  const year = date.getUTCFullYear();
  const padded = String(Math.abs(year)).padStart(4, '0');
  const two = (number: number) => String(number).padStart(2, '0');
  return `${year < 0 ? '-' : ''}${padded}-${two(date.getUTCMonth() + 1)}-${two(date.getUTCDate())}`;
}

function timeText(micros: bigint): string {
  const seconds = Number(micros / 1_000_000n);
  const two = (number: number) => String(number).padStart(2, '0');
  const clock = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60].map(two).join(':');
  const fraction = String(micros % 1_000_000n)
    .padStart(6, '0')
    .replace(/0+$/, '');
  return fraction === '' ? clock : `${clock}.${fraction}`;
}

function timestampText(micros: bigint): string {
  const day = 86_400_000_000n;
  const within = ((micros % day) + day) % day;
  return `${dayText(Number((micros - within) / day))}T${timeText(within)}`;
}

function decimalText(unscaledValue: bigint, scale: number): string {
  const sign = unscaledValue < 0n ? '-' : '';
  const digits = String(unscaledValue < 0n ? -unscaledValue : unscaledValue).padStart(scale + 1, '0');
  return scale === 0 ? `${sign}${digits}` : `${sign}${digits.slice(0, -scale)}.${digits.slice(-scale)}`;
}
