import type { DataType } from '../base/data-type.ts';
import { MeshError } from '../base/errors.ts';

/**
 * One value of a primitive column, exact: int and date as number (days since 1970); long, time, timestamp
 * and timestamptz as bigint (microseconds); decimal as its unscaled bigint; uuid as text.
 */
export type SingleValue = boolean | number | bigint | string | Uint8Array;

/** Iceberg's default for bounds of text and bytes (`write.metadata.metrics.default` = truncate(16)). */
const BOUND_LENGTH = 16;
const LAST_CODE_POINT = 0x10ffff;

/** Binary single-value serialization (Iceberg table spec, Appendix D). */
export function encodeValue(type: DataType, value: SingleValue): Uint8Array {
  switch (type.kind) {
    case 'boolean':
      return Uint8Array.of(value ? 1 : 0);
    case 'int':
    case 'date':
      return fixed(4, (view) => view.setInt32(0, value as number, true));
    case 'float':
      return fixed(4, (view) => view.setFloat32(0, value as number, true));
    case 'double':
      return fixed(8, (view) => view.setFloat64(0, value as number, true));
    case 'long':
    case 'time':
    case 'timestamp':
    case 'timestamptz':
      return fixed(8, (view) => view.setBigInt64(0, value as bigint, true));
    case 'decimal':
      return encodeBigEndian(value as bigint);
    case 'string':
      return new TextEncoder().encode(value as string);
    case 'uuid':
      return Uint8Array.from(Buffer.from((value as string).replaceAll('-', ''), 'hex'));
    case 'binary':
      return value as Uint8Array;
    default:
      throw new MeshError('internal', { detail: `${type.kind} has no single value` });
  }
}

/** The reverse of {@link encodeValue}; reads bounds written before a column was widened (spec, "Schema Evolution"). */
export function decodeValue(type: DataType, bytes: Uint8Array): SingleValue {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  switch (type.kind) {
    case 'boolean':
      return bytes[0] !== 0;
    case 'int':
    case 'date':
      return view.getInt32(0, true);
    case 'float':
      return view.getFloat32(0, true);
    case 'double':
      return bytes.length === 4 ? view.getFloat32(0, true) : view.getFloat64(0, true);
    case 'long':
      return bytes.length === 4 ? BigInt(view.getInt32(0, true)) : view.getBigInt64(0, true);
    case 'time':
    case 'timestamp':
    case 'timestamptz':
      return view.getBigInt64(0, true);
    case 'decimal':
      return decodeBigEndian(bytes);
    case 'string':
      return new TextDecoder().decode(bytes);
    case 'uuid':
      return uuidText(bytes);
    case 'binary':
      return bytes;
    default:
      throw new MeshError('internal', { detail: `${type.kind} has no single value` });
  }
}

/** Order of values as Iceberg compares bounds: text and bytes by unsigned bytes, -0 before +0. */
export function compareValues(left: SingleValue, right: SingleValue): number {
  if (typeof left === 'string' && typeof right === 'string') {
    return Buffer.compare(Buffer.from(left), Buffer.from(right));
  }
  if (left instanceof Uint8Array && right instanceof Uint8Array) return Buffer.compare(left, right);
  if (left === right) return Object.is(left, right) ? 0 : Object.is(left, -0) ? -1 : 1;
  return left < right ? -1 : 1;
}

/** A lower bound: never above the value. */
export function lowerBound(type: DataType, value: SingleValue): Uint8Array {
  // A writer may give +0 as the minimum of -0 and +0, but -0 comes first (spec, "Data File Fields", note 2).
  if (isFloat(type) && value === 0) return encodeValue(type, -0);
  if (type.kind === 'string') return encodeValue(type, firstCodePoints(value as string).join(''));
  if (type.kind === 'binary') return (value as Uint8Array).subarray(0, BOUND_LENGTH);
  return encodeValue(type, value);
}

/** An upper bound: never below the value; null when a shortened value cannot be rounded up. */
export function upperBound(type: DataType, value: SingleValue): Uint8Array | null {
  if (isFloat(type) && value === 0) return encodeValue(type, 0);
  if (type.kind === 'string') return upperText(value as string);
  if (type.kind === 'binary') return upperBytes(value as Uint8Array);
  return encodeValue(type, value);
}

/** Shortened text is below the value, so its last code point that can grow is raised by one. */
function upperText(text: string): Uint8Array | null {
  const points = firstCodePoints(text);
  const shortened = points.join('');
  if (shortened.length === text.length) return encodeValue({ kind: 'string' }, text);
  for (let last = points.length - 1; last >= 0; last--) {
    const next = followingCodePoint(points[last]!.codePointAt(0)!);
    if (next === null) continue;
    return encodeValue({ kind: 'string' }, points.slice(0, last).join('') + String.fromCodePoint(next));
  }
  return null;
}

function upperBytes(bytes: Uint8Array): Uint8Array | null {
  if (bytes.length <= BOUND_LENGTH) return bytes;
  const raised = Uint8Array.from(bytes.subarray(0, BOUND_LENGTH));
  for (let last = BOUND_LENGTH - 1; last >= 0; last--) {
    if (raised[last] === 0xff) continue;
    raised[last]! += 1;
    return raised.subarray(0, last + 1);
  }
  return null;
}

function firstCodePoints(text: string): string[] {
  return Array.from(text.slice(0, BOUND_LENGTH * 2)).slice(0, BOUND_LENGTH);
}

/** Surrogates are no characters: after U+D7FF comes U+E000. */
function followingCodePoint(point: number): number | null {
  if (point === LAST_CODE_POINT) return null;
  return point === 0xd7ff ? 0xe000 : point + 1;
}

function isFloat(type: DataType): boolean {
  return type.kind === 'float' || type.kind === 'double';
}

function fixed(size: number, fill: (view: DataView) => void): Uint8Array {
  const bytes = new Uint8Array(size);
  fill(new DataView(bytes.buffer));
  return bytes;
}

/** Two's complement, big endian, in the fewest bytes that keep the sign. */
export function encodeBigEndian(value: bigint): Uint8Array {
  let size = 1;
  while (BigInt.asIntN(size * 8, value) !== value) size++;
  const hex = BigInt.asUintN(size * 8, value).toString(16);
  return Uint8Array.from(Buffer.from(hex.padStart(size * 2, '0'), 'hex'));
}

export function decodeBigEndian(bytes: Uint8Array): bigint {
  return BigInt.asIntN(bytes.length * 8, BigInt(`0x${Buffer.from(bytes).toString('hex') || '0'}`));
}

export function uuidText(bytes: Uint8Array): string {
  return Buffer.from(bytes)
    .toString('hex')
    .replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}
