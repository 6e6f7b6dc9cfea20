import { randomBytes } from 'node:crypto';
import { deflateRawSync, inflateRawSync } from 'node:zlib';
import avro, { type Schema, type Type } from 'avsc';
import { MeshError } from '../base/errors.ts';

/** The parts of an Avro object container file (Avro specification, "Object Container Files"). */
const HEADER = avro.Type.forSchema({
  type: 'record',
  name: 'header',
  fields: [
    { name: 'magic', type: { type: 'fixed', name: 'magic', size: 4 } },
    { name: 'meta', type: { type: 'map', values: 'bytes' } },
    { name: 'sync', type: { type: 'fixed', name: 'sync', size: 16 } },
  ],
});
const LONG = avro.Type.forSchema('long');
const MAGIC = Buffer.from('Obj\u0001');

/** Manifests are read often and hold many equal bytes; one block of this many entries is inflated at once. */
const ENTRIES_PER_BLOCK = 1000;

export interface AvroFile<Entry> {
  metadata: Record<string, string>;
  entries: Entry[];
}

/** Writes entries under a schema whose attributes that Avro does not know, such as `field-id`, are kept. */
export function encodeAvro(schema: Schema, file: AvroFile<unknown>): Uint8Array {
  const type = typeOf(schema);
  const sync = randomBytes(16);
  const meta = { ...file.metadata, 'avro.schema': JSON.stringify(schema), 'avro.codec': 'deflate' };
  const header = HEADER.toBuffer({
    magic: MAGIC,
    meta: Object.fromEntries(Object.entries(meta).map(([key, value]) => [key, Buffer.from(value)])),
    sync,
  });
  const parts = [header];
  for (let start = 0; start < file.entries.length; start += ENTRIES_PER_BLOCK) {
    const block = file.entries.slice(start, start + ENTRIES_PER_BLOCK);
    const data = deflateRawSync(Buffer.concat(block.map((entry) => type.toBuffer(entry))));
    parts.push(LONG.toBuffer(block.length), LONG.toBuffer(data.length), data, sync);
  }
  return Buffer.concat(parts);
}

/**
 * Reads a container file by the schema in it.
 * @throws MeshError `lake.metadata-invalid` when it is not whole.
 */
export function decodeAvro<Entry>(bytes: Uint8Array, key: string): AvroFile<Entry> {
  try {
    return decode<Entry>(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength));
  } catch (cause) {
    throw cause instanceof MeshError ? cause : broken('it is not a whole Avro file', { detail: key, cause });
  }
}

function decode<Entry>(buffer: Buffer): AvroFile<Entry> {
  const header = read<{ magic: Buffer; meta: Record<string, Buffer>; sync: Buffer }>(HEADER, {
    buffer,
    at: 0,
  });
  if (!header.value.magic.equals(MAGIC)) throw broken('it is not an Avro file');
  const meta = Object.fromEntries(
    Object.entries(header.value.meta).map(([key, value]) => [key, value.toString()]),
  );
  const { 'avro.schema': schema = 'null', 'avro.codec': codec = 'null', ...metadata } = meta;
  const type = typeOf(JSON.parse(schema) as Schema);
  const entries: Entry[] = [];
  let at = header.end;
  while (at < buffer.length) {
    const count = read<number>(LONG, { buffer, at });
    const size = read<number>(LONG, { buffer, at: count.end });
    const end = size.end + size.value;
    if (!buffer.subarray(end, end + 16).equals(header.value.sync)) throw broken('a block is torn');
    const block = { buffer: inflate(buffer.subarray(size.end, end), codec), at: 0 };
    for (let entry = 0; entry < count.value; entry++) {
      const { value, end: next } = read<Entry>(type, block);
      entries.push(value);
      block.at = next;
    }
    at = end + 16;
  }
  return { metadata, entries };
}

function read<Value>(type: Type, from: { buffer: Buffer; at: number }): { value: Value; end: number } {
  const { value, offset } = type.decode(from.buffer, from.at) as { value: Value; offset: number };
  if (offset < 0) throw broken('the file ends too early');
  return { value, end: offset };
}

function broken(reason: string, log: { detail?: string; cause?: unknown } = {}): MeshError {
  return new MeshError('lake.metadata-invalid', { facts: { reason: `of a manifest: ${reason}` }, ...log });
}

function inflate(data: Buffer, codec: string): Buffer {
  if (codec === 'null') return data;
  if (codec === 'deflate') return inflateRawSync(data);
  throw broken(`its codec ${codec} is not supported`);
}

/** Longs marked `"exact": true` are bigint, because numbers end at 53 bits. */
const EXACT_LONG = avro.types.LongType.__with({
  fromBuffer: (bytes: Buffer) => bytes.readBigInt64LE(),
  toBuffer: (value: bigint) => {
    const bytes = Buffer.alloc(8);
    bytes.writeBigInt64LE(value);
    return bytes;
  },
  fromJSON: (value: number) => BigInt(value),
  toJSON: (value: bigint) => Number(value),
  isValid: (value: unknown) => typeof value === 'bigint',
  compare: (left: bigint, right: bigint) => (left < right ? -1 : left > right ? 1 : 0),
});

/** Compiling a type costs more than decoding a small file; tables have few schemas. */
const TYPES = new Map<string, Type>();
const MOST_TYPES = 200;

function typeOf(schema: Schema): Type {
  const text = JSON.stringify(schema);
  const known = TYPES.get(text);
  if (known) return known;
  if (TYPES.size >= MOST_TYPES) TYPES.clear();
  const type = avro.Type.forSchema(markExactLongs(schema) as Schema, {
    // Logical types stay what they are stored as: the code that knows the column knows the meaning.
    typeHook: (attributes) => (isExact(attributes) ? (EXACT_LONG as Type) : undefined),
  });
  TYPES.set(text, type);
  return type;
}

function isExact(attributes: unknown): boolean {
  return typeof attributes === 'object' && attributes !== null && 'exact' in attributes;
}

const EXACT_FIELDS = new Set(['snapshot_id', 'added_snapshot_id']);

/** Snapshot ids, and every long of a partition tuple, which is data. */
function markExactLongs(schema: unknown, exact = false): unknown {
  if (Array.isArray(schema)) return schema.map((one) => markExactLongs(one, exact));
  if (exact && schema === 'long') return { type: 'long', exact: true };
  if (typeof schema !== 'object' || schema === null) return schema;
  const node = schema as {
    name?: string;
    type?: unknown;
    items?: unknown;
    fields?: { name: string; type: unknown }[];
  };
  if (node.type === 'record') {
    const fields = node.fields!.map((field) => {
      const inside = exact || EXACT_FIELDS.has(field.name) || field.name === 'partition';
      return { ...field, type: markExactLongs(field.type, inside) };
    });
    return { ...node, fields };
  }
  if (node.type === 'array') return { ...node, items: markExactLongs(node.items, exact) };
  return exact && node.type === 'long' ? { type: 'long', exact: true } : node;
}
