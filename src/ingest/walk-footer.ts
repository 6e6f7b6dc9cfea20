import { sha256Hex } from '../base/canonical.ts';

/** What a Parquet footer says of its file as a whole. */
export interface ParquetFooter {
  /** The same for files with the same columns: SHA-256 of the schema's elements below its root, as they are written. */
  schema: string;
  rows: number;
}

/** Deepest nesting of `FileMetaData` is ten; a footer made to exhaust the stack is deeper. */
const DEEPEST = 32;

/** Types of the Thrift compact protocol, "Struct encoding" and "List and Set". */
const STOP = 0;
const [TRUE, FALSE] = [1, 2];
const BYTE = 3;
const [I16, I32, I64] = [4, 5, 6];
const DOUBLE = 7;
const BINARY = 8;
const [LIST, SET, MAP] = [9, 10, 11];
const STRUCT = 12;
const UUID = 13;

/** A structure of `parquet.thrift`: the types of its required fields, and the shapes of those made of structures. */
interface Shape {
  required: Record<number, number>;
  inner: Record<number, Shape>;
}

const ANY: Shape = { required: {}, inner: {} };
const COLUMN_METADATA: Shape = {
  required: { 1: I32, 2: LIST, 3: LIST, 4: I32, 5: I64, 6: I64, 7: I64, 9: I64 },
  inner: {},
};
const COLUMN_CHUNK: Shape = { required: { 2: I64 }, inner: { 3: COLUMN_METADATA } };
const ROW_GROUP: Shape = { required: { 1: LIST, 2: I64, 3: I64 }, inner: { 1: COLUMN_CHUNK } };
const SCHEMA_ELEMENT: Shape = { required: { 4: BINARY }, inner: {} };
/** Version, schema, rows, row groups. */
const FILE_METADATA: Shape = {
  required: { 1: I32, 2: LIST, 3: I64, 4: LIST },
  inner: { 2: SCHEMA_ELEMENT, 4: ROW_GROUP },
};
const SCHEMA_FIELD = 2;
const ROWS_FIELD = 3;

/**
 * Walks a footer of unknown origin from its first byte to its last field, building nothing: what it says of its
 * own sizes costs no memory, and time only as far as there are bytes.
 * @returns null where it is not a whole `FileMetaData`
 */
export function walkFooter(footer: Uint8Array): ParquetFooter | null {
  const walk: Walk = { bytes: footer, at: 0 };
  let schema: Uint8Array | null = null;
  let rows: number | null = null;
  try {
    eachField(walk, FILE_METADATA, (id, type) => {
      if (id === SCHEMA_FIELD && type === LIST) schema = takeSchema(walk);
      else if (id === ROWS_FIELD && type === I64) rows = takeInteger(walk);
      else skip(walk, type, { shape: FILE_METADATA.inner[id] ?? ANY, depth: 0 });
    });
  } catch (error) {
    if (error instanceof Unwalkable) return null;
    throw error;
  }
  if (schema === null || rows === null || !Number.isSafeInteger(rows) || rows < 0) return null;
  return { schema: sha256Hex(schema), rows };
}

/** The footer ends too early, is nested too deep, has a type that is none or lacks what all have. */
class Unwalkable extends Error {}

interface Walk {
  bytes: Uint8Array;
  at: number;
}

interface Part {
  shape: Shape;
  depth: number;
}

/** `take` moves on behind the field's value. As Thrift has it, a required field of another type is not there. */
function eachField(walk: Walk, { required }: Shape, take: (id: number, type: number) => void): void {
  const missing = new Set(Object.keys(required));
  let id = 0;
  for (;;) {
    const head = takeByte(walk);
    const type = head & 0x0f;
    if (type === STOP) break;
    id = head >> 4 === 0 ? takeInteger(walk) : id + (head >> 4);
    if (required[id] === type) missing.delete(String(id));
    take(id, type);
  }
  if (missing.size > 0) throw new Unwalkable();
}

/** The elements below the root, whose name is the writer's and says nothing. */
function takeSchema(walk: Walk): Uint8Array {
  const { size, type } = takeListHead(walk);
  if (size === 0 || type !== STRUCT) throw new Unwalkable();
  const part = { shape: SCHEMA_ELEMENT, depth: 0 };
  skip(walk, STRUCT, part);
  const start = walk.at;
  for (let element = 1; element < size; element++) skip(walk, STRUCT, part);
  return walk.bytes.subarray(start, walk.at);
}

function skip(walk: Walk, type: number, part: Part): void {
  if (part.depth > DEEPEST) throw new Unwalkable();
  switch (type) {
    case TRUE:
    case FALSE:
      return;
    case BYTE:
      return move(walk, 1);
    case I16:
    case I32:
    case I64:
      takeVarint(walk);
      return;
    case DOUBLE:
      return move(walk, 8);
    case BINARY:
      return move(walk, takeVarint(walk));
    case UUID:
      return move(walk, 16);
    case LIST:
    case SET:
      return skipList(walk, part);
    case MAP:
      return skipMap(walk, part);
    case STRUCT:
      return skipStruct(walk, part);
    default:
      throw new Unwalkable();
  }
}

function skipStruct(walk: Walk, { shape, depth }: Part): void {
  eachField(walk, shape, (id, type) => skip(walk, type, { shape: shape.inner[id] ?? ANY, depth: depth + 1 }));
}

function skipList(walk: Walk, part: Part): void {
  const { size, type } = takeListHead(walk);
  for (let element = 0; element < size; element++) skipElement(walk, type, part);
}

function skipMap(walk: Walk, part: Part): void {
  const size = takeVarint(walk);
  if (size === 0) return;
  const types = takeByte(walk);
  for (let entry = 0; entry < size; entry++) {
    skipElement(walk, types >> 4, part);
    skipElement(walk, types & 0x0f, part);
  }
}

/** In collections a boolean is a byte. Every element takes at least one, so that no size outruns the bytes. */
function skipElement(walk: Walk, type: number, { shape, depth }: Part): void {
  skip(walk, type === TRUE || type === FALSE ? BYTE : type, { shape, depth: depth + 1 });
}

function takeListHead(walk: Walk): { size: number; type: number } {
  const head = takeByte(walk);
  const short = head >> 4;
  return { size: short === 15 ? takeVarint(walk) : short, type: head & 0x0f };
}

function move(walk: Walk, bytes: number): void {
  walk.at += bytes;
  if (walk.at > walk.bytes.length) throw new Unwalkable();
}

function takeByte(walk: Walk): number {
  const byte = walk.bytes[walk.at++];
  if (byte === undefined) throw new Unwalkable();
  return byte;
}

/** ULEB128; above 2^53 it is not exact, and no size or count of a real file. */
function takeVarint(walk: Walk): number {
  let value = 0;
  for (let place = 1; place <= 2 ** 63; place *= 128) {
    const byte = takeByte(walk);
    value += (byte & 0x7f) * place;
    if (byte < 0x80) return value;
  }
  throw new Unwalkable();
}

/** A signed integer, zigzag-encoded. */
function takeInteger(walk: Walk): number {
  const value = takeVarint(walk);
  return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
}
