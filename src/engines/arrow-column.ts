import type { DataType } from '../base/data-type.ts';

/** A record batch under construction: nodes are (length, null count), buffers in the order of the format. */
export interface ArrowParts {
  nodes: [number, number][];
  buffers: Uint8Array[];
}

/** Appends a column's node and buffers, children after their parent (Arrow columnar format, "Physical Memory Layout"). */
export function encodeArrowColumn(type: DataType, values: unknown[], parts: ArrowParts): void {
  const nulls = values.reduce((count: number, value) => (isNull(value) ? count + 1 : count), 0);
  parts.nodes.push([values.length, nulls]);
  parts.buffers.push(nulls === 0 ? new Uint8Array(0) : bitmap(values, (value) => !isNull(value)));
  switch (type.kind) {
    case 'list': {
      const lists = values.map((value) => (isNull(value) ? [] : (value as { items: unknown[] }).items));
      return encodeLists(lists, parts, (items) => encodeArrowColumn(type.element, items, parts));
    }
    case 'map': {
      const lists = values.map((value) => (isNull(value) ? [] : (value as { entries: Entry[] }).entries));
      return encodeLists(lists, parts, (entries) => encodeEntries(type, entries, parts));
    }
    case 'struct':
      for (const { name, type: fieldType } of type.fields) {
        encodeArrowColumn(
          fieldType,
          values.map((value) => fieldOf(value, name)),
          parts,
        );
      }
      return;
    case 'string':
    case 'uuid':
      return encodeBytes(values, parts, (value) => Buffer.from(String(value)));
    case 'binary':
      return encodeBytes(values, parts, (value) => (value as { bytes: Uint8Array }).bytes);
    default:
      parts.buffers.push(fixedWidth(type, values));
  }
}

interface Entry {
  key: unknown;
  value: unknown;
}

function isNull(value: unknown): boolean {
  return value === null || value === undefined;
}

/** Structs have entries by name; a union has the one member its tag names. */
function fieldOf(value: unknown, name: string): unknown {
  if (isNull(value)) return null;
  const {
    entries,
    tag,
    value: member,
  } = value as { entries?: Record<string, unknown>; tag?: string; value?: unknown };
  return entries ? entries[name] : tag === name ? member : null;
}

function encodeEntries(type: Extract<DataType, { kind: 'map' }>, entries: Entry[], parts: ArrowParts): void {
  parts.nodes.push([entries.length, 0]);
  parts.buffers.push(new Uint8Array(0));
  encodeArrowColumn(
    type.key,
    entries.map((entry) => entry.key),
    parts,
  );
  encodeArrowColumn(
    type.value,
    entries.map((entry) => entry.value),
    parts,
  );
}

function encodeLists<Item>(
  lists: readonly Item[][],
  parts: ArrowParts,
  encodeItems: (items: Item[]) => void,
): void {
  parts.buffers.push(offsetsOf(lists.map((items) => items.length)));
  encodeItems(lists.flat(1) as Item[]);
}

function encodeBytes(values: unknown[], parts: ArrowParts, bytesOf: (value: unknown) => Uint8Array): void {
  const encoded = values.map((value) => (isNull(value) ? new Uint8Array(0) : bytesOf(value)));
  parts.buffers.push(offsetsOf(encoded.map((bytes) => bytes.length)), Buffer.concat(encoded));
}

/** One offset more than values: where each begins and the last ends. */
function offsetsOf(lengths: number[]): Uint8Array {
  const offsets = new Int32Array(lengths.length + 1);
  lengths.forEach((length, at) => (offsets[at + 1] = offsets[at]! + length));
  return new Uint8Array(offsets.buffer);
}

function bitmap(values: unknown[], isSet: (value: unknown) => boolean): Uint8Array {
  const bits = new Uint8Array(Math.ceil(values.length / 8));
  values.forEach((value, at) => {
    if (isSet(value)) bits[at >> 3]! |= 1 << (at & 7);
  });
  return bits;
}

function fixedWidth(type: DataType, values: unknown[]): Uint8Array {
  switch (type.kind) {
    case 'boolean':
      return bitmap(values, (value) => value === true);
    case 'int':
      return bytesOf(Int32Array.from(values, (value) => Number(value ?? 0)));
    case 'float':
      return bytesOf(Float32Array.from(values, (value) => Number(value ?? 0)));
    case 'double':
      return bytesOf(Float64Array.from(values, (value) => Number(value ?? 0)));
    case 'date':
      return bytesOf(
        Int32Array.from(values, (value) => (isNull(value) ? 0 : (value as { days: number }).days)),
      );
    case 'decimal':
      return decimals(values);
    case 'long':
      return bytesOf(BigInt64Array.from(values, (value) => BigInt((value as bigint | number | null) ?? 0)));
    default:
      return bytesOf(BigInt64Array.from(values, (value) => (isNull(value) ? 0n : microsOf(value as Moment))));
  }
}

function bytesOf(array: ArrayBufferView): Uint8Array {
  return new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
}

/** Of DuckDB's times and timestamps, each in its own unit. */
interface Moment {
  micros?: bigint;
  seconds?: bigint;
  millis?: bigint;
  nanos?: bigint;
}

function microsOf({ micros, seconds, millis, nanos }: Moment): bigint {
  if (micros !== undefined) return micros;
  if (seconds !== undefined) return seconds * 1_000_000n;
  if (millis !== undefined) return millis * 1_000n;
  return nanos! / 1_000n;
}

/** 128-bit little-endian two's complement of the unscaled value. */
function decimals(values: unknown[]): Uint8Array {
  const words = new BigInt64Array(values.length * 2);
  values.forEach((value, at) => {
    if (isNull(value)) return;
    const unscaled = typeof value === 'bigint' ? value : (value as { value: bigint }).value;
    words[at * 2] = BigInt.asIntN(64, unscaled);
    words[at * 2 + 1] = BigInt.asIntN(64, unscaled >> 64n);
  });
  return bytesOf(words);
}
