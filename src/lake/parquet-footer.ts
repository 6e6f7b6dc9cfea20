import { open } from 'node:fs/promises';
import path from 'node:path';
import { deserializeTCompactProtocol } from 'hyparquet/src/thrift.js';
import { MeshError } from '../base/errors.ts';

/** What a Parquet footer says about a file, with statistics as their raw bytes: rounding them would be wrong. */
export interface ParquetFooter {
  /** The file's name without its folder, for messages. */
  file: string;
  rows: number;
  bytes: number;
  leaves: ParquetLeaf[];
  /** Offsets of the row groups, ascending. */
  rowGroupOffsets: number[];
}

/** A column that holds values, with one chunk for each row group. */
export interface ParquetLeaf {
  path: string;
  /** Absent when the writer gave no field ids. */
  fieldId: number | undefined;
  /** Physical type by the number of the format's `Type`. */
  physicalType: number;
  chunks: ParquetChunk[];
}

export interface ParquetChunk {
  bytes: number;
  /** Values including nulls. */
  values: number;
  nulls: number | undefined;
  min: Uint8Array | undefined;
  max: Uint8Array | undefined;
}

/** `Type` of the Parquet format. */
export const PARQUET_TYPES = {
  boolean: 0,
  int32: 1,
  int64: 2,
  float: 4,
  double: 5,
  byteArray: 6,
  fixedLengthByteArray: 7,
} as const;

const MAGIC = 0x31524150;
const FIRST_READ_BYTES = 64 * 1024;
/** A footer grows with columns × row groups; a larger one is no data file of ours. */
const MAX_FOOTER_BYTES = 256 * 1024 * 1024;

/**
 * Reads the footer of a local Parquet file.
 * @throws MeshError `lake.file-invalid` when the file is not whole Parquet.
 */
export async function readParquetFooter(file: string): Promise<ParquetFooter> {
  const handle = await open(file, 'r');
  try {
    const { size } = await handle.stat();
    let tail = await readTail(handle, { size, bytes: FIRST_READ_BYTES });
    const length = footerLength(tail, { size, file: path.basename(file) });
    if (length + 8 > tail.length) tail = await readTail(handle, { size, bytes: length + 8 });
    const facts = footerFrom(tail.subarray(tail.length - 8 - length, tail.length - 8));
    return { file: path.basename(file), bytes: size, ...facts };
  } finally {
    await handle.close();
  }
}

type FileHandle = Awaited<ReturnType<typeof open>>;

async function readTail(handle: FileHandle, read: { size: number; bytes: number }): Promise<Uint8Array> {
  const length = Math.min(read.size, read.bytes);
  const buffer = new Uint8Array(length);
  await handle.read(buffer, 0, length, read.size - length);
  return buffer;
}

function footerLength(tail: Uint8Array, file: { size: number; file: string }): number {
  const view = new DataView(tail.buffer, tail.byteOffset, tail.byteLength);
  const whole = tail.length >= 12 && view.getUint32(tail.length - 4, true) === MAGIC;
  const length = whole ? view.getUint32(tail.length - 8, true) : Infinity;
  if (length <= Math.min(file.size - 12, MAX_FOOTER_BYTES)) return length;
  const facts = { file: file.file, reason: 'it is not a whole Parquet file' };
  throw new MeshError('lake.file-invalid', { facts });
}

/** Thrift gives structures as `{ field_<id> }`; the ids are those of `parquet.thrift`. */
type Thrift = Record<string, any>;

function footerFrom(bytes: Uint8Array): Omit<ParquetFooter, 'file' | 'bytes'> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const footer: Thrift = deserializeTCompactProtocol({ view, offset: 0 });
  const groups: Thrift[] = footer.field_4 ?? [];
  return {
    rows: Number(footer.field_3),
    leaves: leafElements(footer.field_2).map(({ element, name }, place) => ({
      path: name,
      fieldId: element.field_9,
      physicalType: element.field_1,
      chunks: groups.map((group) => chunkFrom(group.field_1[place].field_3)),
    })),
    rowGroupOffsets: groups.map(groupOffset),
  };
}

interface LeafElement {
  element: Thrift;
  /** Names from the top, with dots. */
  name: string;
}

/** Walks the flattened schema tree: an element with children is followed by them. */
function leafElements(elements: Thrift[]): LeafElement[] {
  const leaves: LeafElement[] = [];
  let at = 0;
  const walk = (parents: string[]): void => {
    const element = elements[at++]!;
    const names = [...parents, new TextDecoder().decode(element.field_4)];
    const children = element.field_5 ?? 0;
    if (children === 0 && element.field_1 !== undefined)
      leaves.push({ element, name: names.slice(1).join('.') });
    for (let child = 0; child < children; child++) walk(names);
  };
  walk([]);
  return leaves;
}

function chunkFrom(column: Thrift): ParquetChunk {
  const statistics: Thrift = column.field_12 ?? {};
  return {
    bytes: Number(column.field_7),
    values: Number(column.field_5),
    nulls: statistics.field_3 === undefined ? undefined : Number(statistics.field_3),
    // `min` and `max` (fields 2 and 1) are of the time before the order of values was defined: not used.
    min: statistics.field_6,
    max: statistics.field_5,
  };
}

/** Where a row group begins: its first page, which is the dictionary when there is one. */
function groupOffset(group: Thrift): number {
  const first: Thrift = group.field_1[0].field_3;
  return Number(first.field_11 ?? first.field_9);
}
