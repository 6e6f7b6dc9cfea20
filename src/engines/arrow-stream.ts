import type { Column, DataType } from '../base/data-type.ts';
import { encodeArrowColumn, type ArrowParts } from './arrow-column.ts';
import { flatBuffer, int16, int32, int64, int8, list, pairs, table, text, type Slot } from './flatbuffer.ts';

/**
 * Arrow IPC streaming format (Arrow columnar format, "Serialization and Interprocess Communication"):
 * a schema message, record batches without compression, an end marker.
 */
const VERSION_5 = 4;
const HEADER = { schema: 1, recordBatch: 3 } as const;
const CONTINUATION = 0xffffffff;

/** Ids of the `Type` union in Arrow's Schema.fbs. */
const TYPE = {
  int: 2,
  floatingPoint: 3,
  binary: 4,
  utf8: 5,
  bool: 6,
  decimal: 7,
  date: 8,
  time: 9,
  timestamp: 10,
  list: 12,
  struct: 13,
  map: 17,
} as const;

const MICROSECOND = 2;

/** The first bytes of a stream: what columns there are. */
export function arrowSchema(columns: Column[]): Uint8Array {
  const schema = table([int16(0), list(columns.map((column) => field(column.name, column.type, true)))]);
  return message(HEADER.schema, schema, []);
}

/** Rows as one batch; `values` holds a list for each column, as DuckDB's node API gives them. */
export function arrowBatch(columns: Column[], values: unknown[][], rowCount: number): Uint8Array {
  const parts: ArrowParts = { nodes: [], buffers: [] };
  columns.forEach((column, at) => encodeArrowColumn(column.type, values[at]!, parts));
  let offset = 0;
  const places = parts.buffers.map((buffer): [number, number] => {
    const place: [number, number] = [offset, buffer.length];
    offset += padded(buffer.length);
    return place;
  });
  const batch = table([int64(rowCount), pairs(parts.nodes), pairs(places)]);
  return message(HEADER.recordBatch, batch, parts.buffers);
}

/** The last bytes of a stream. */
export function arrowEnd(): Uint8Array {
  return Uint8Array.of(0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0);
}

function message(headerType: number, header: Slot, buffers: Uint8Array[]): Uint8Array {
  const bodyLength = buffers.reduce((sum, buffer) => sum + padded(buffer.length), 0);
  const metadata = flatBuffer([int16(VERSION_5), int8(headerType), header, int64(bodyLength)]);
  const bytes = new Uint8Array(8 + metadata.length + bodyLength);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, CONTINUATION, true);
  view.setInt32(4, metadata.length, true);
  bytes.set(metadata, 8);
  let at = 8 + metadata.length;
  for (const buffer of buffers) {
    bytes.set(buffer, at);
    at += padded(buffer.length);
  }
  return bytes;
}

function padded(length: number): number {
  return Math.ceil(length / 8) * 8;
}

function field(name: string, type: DataType, nullable: boolean): Slot {
  const { id, slots, children } = arrowType(type);
  return table([text(name), int8(nullable), int8(id), table(slots), null, list(children)]);
}

interface ArrowType {
  id: number;
  slots: (Slot | null)[];
  children: Slot[];
}

/** What the mesh keeps as text (uuid too) is text here, so that every reader can show it. */
function arrowType(type: DataType): ArrowType {
  const plain = (id: number, ...slots: (Slot | null)[]): ArrowType => ({ id, slots, children: [] });
  switch (type.kind) {
    case 'boolean':
      return plain(TYPE.bool);
    case 'int':
      return plain(TYPE.int, int32(32), int8(true));
    case 'long':
      return plain(TYPE.int, int32(64), int8(true));
    case 'float':
      return plain(TYPE.floatingPoint, int16(1));
    case 'double':
      return plain(TYPE.floatingPoint, int16(2));
    case 'decimal':
      return plain(TYPE.decimal, int32(type.precision), int32(type.scale), int32(128));
    case 'date':
      return plain(TYPE.date, int16(0));
    case 'time':
      return plain(TYPE.time, int16(MICROSECOND), int32(64));
    case 'timestamp':
      return plain(TYPE.timestamp, int16(MICROSECOND));
    case 'timestamptz':
      return plain(TYPE.timestamp, int16(MICROSECOND), text('UTC'));
    case 'binary':
      return plain(TYPE.binary);
    case 'list':
      return { id: TYPE.list, slots: [], children: [field('item', type.element, true)] };
    case 'struct':
      return {
        id: TYPE.struct,
        slots: [],
        children: type.fields.map((one) => field(one.name, one.type, true)),
      };
    case 'map':
      return { id: TYPE.map, slots: [int8(false)], children: [mapEntries(type.key, type.value)] };
    default:
      return plain(TYPE.utf8);
  }
}

function mapEntries(key: DataType, value: DataType): Slot {
  const children = [field('key', key, false), field('value', value, true)];
  return table([text('entries'), int8(false), int8(TYPE.struct), table([]), null, list(children)]);
}
