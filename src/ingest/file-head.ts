import { open } from 'node:fs/promises';
import { isUtf8 } from 'node:buffer';
import { constants, gunzipSync, zstdDecompressSync } from 'node:zlib';
import { sha256Hex } from '../base/canonical.ts';
import { LIMITS } from '../base/limits.ts';
import type { Compression, Encoding } from './crawled-table.ts';
import { type ParquetFooter, walkFooter } from './walk-footer.ts';

/** Enough for a header of 10,000 columns and some hundred rows to learn types from. */
export const HEAD_BYTES = 256 * 1024;
/** Enough for most headers; read of files that are expected to be like another one. */
export const SMALL_HEAD_BYTES = 16 * 1024;
const FINGERPRINT_BYTES = 4 * 1024;
/** Enough for the footers of most files with some hundred columns. */
const PARQUET_TAIL_BYTES = 16 * 1024;

export interface FileHead {
  compression: Compression;
  encoding: Encoding;
  /** Whether it starts with the UTF-8 byte order mark. */
  mark: boolean;
  fingerprint: string;
  /** The first part of the content: unpacked, decoded, without byte order mark. */
  text: string;
  /** Whether `text` is the whole content. */
  complete: boolean;
  /** What the bytes are, when they are certainly not text. */
  binary: 'Parquet' | 'a zip archive' | null;
  /** What is wrong with the packing, as far as the start shows. */
  damage: string | null;
}

export interface HeadOptions {
  encoding?: Encoding | undefined;
  headBytes: number;
}

/** Reads the start of a file and tells how it is packed and encoded, by its bytes and not by its name. */
export async function readHead(path: string, bytes: number, options: HeadOptions): Promise<FileHead> {
  const raw = await readPart(path, { start: 0, length: Math.min(bytes, options.headBytes) });
  const compression = compressionOf(raw);
  const unpacked = unpackHead(raw, compression, options.headBytes);
  const content = unpacked ?? Buffer.alloc(0);
  const encoding = options.encoding ?? encodingOf(content);
  return {
    compression,
    encoding,
    mark: content.length >= 3 && content[0] === 0xef && content[1] === 0xbb && content[2] === 0xbf,
    fingerprint: sha256Hex(raw.subarray(0, FINGERPRINT_BYTES)),
    text: decodeHead(content, encoding),
    complete: raw.length === bytes && (compression === 'none' || isWhole(raw, content, options.headBytes)),
    binary: binaryKind(content),
    damage: unpacked === null ? `is damaged: the ${compression} stream cannot be unpacked` : null,
  };
}

/** The end of a Parquet file. */
export interface ParquetTail {
  fingerprint: string;
  footer: ParquetFooter | null;
  /** What is wrong with it as a file, if anything; then there is no footer. */
  damage: string | null;
}

/** Reads the end of a Parquet file: mostly at once, and once more where the footer is large. */
export async function readParquetTail(path: string, bytes: number): Promise<ParquetTail> {
  const tail = await readEnd(path, bytes, PARQUET_TAIL_BYTES);
  const fingerprint = sha256Hex(tail.subarray(-FINGERPRINT_BYTES));
  const damage = parquetDamage(tail, bytes);
  if (damage !== null) return { fingerprint, footer: null, damage };
  const length = tail.readUInt32LE(tail.length - 8) + 8;
  const whole = length <= tail.length ? tail : await readEnd(path, bytes, length);
  const footer = walkFooter(whole.subarray(-length, -8));
  return { fingerprint, footer, damage: footer === null ? 'is damaged: its footer cannot be read' : null };
}

/** What the crawl knows a file by: its start, or its end where the format says what it is there. */
export async function fingerprintOf(
  path: string,
  file: { bytes: number; fromEnd: boolean },
): Promise<string> {
  const length = Math.min(file.bytes, FINGERPRINT_BYTES);
  return sha256Hex(await readPart(path, { start: file.fromEnd ? file.bytes - length : 0, length }));
}

/** Parquet format, "File format": `PAR1`, data, footer, 4 bytes footer length (little-endian), `PAR1`. */
function parquetDamage(tail: Buffer, bytes: number): string | null {
  if (bytes === 0) return 'is empty';
  const magic = tail.subarray(-4).toString('latin1');
  if (magic === 'PARE') return 'is an encrypted Parquet file, which is not supported';
  if (magic !== 'PAR1') return 'is cut off or is not Parquet: the mark PAR1 is missing at its end';
  const footer = tail.length < 12 ? -1 : tail.readUInt32LE(tail.length - 8);
  if (footer <= 0 || footer + 12 > bytes) return 'is damaged: its footer is longer than the file';
  if (footer > LIMITS.parquetFooterBytes)
    return `has a footer of more than ${LIMITS.parquetFooterBytes / 1024 ** 2} MiB`;
  return null;
}

function readEnd(path: string, bytes: number, most: number): Promise<Buffer> {
  const length = Math.min(bytes, most);
  return readPart(path, { start: bytes - length, length });
}

async function readPart(path: string, part: { start: number; length: number }): Promise<Buffer> {
  const file = await open(path, 'r');
  try {
    const buffer = Buffer.alloc(part.length);
    const { bytesRead } = await file.read(buffer, 0, part.length, part.start);
    return buffer.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}

/** By magic number: gzip RFC 1952 §2.3.1, Zstandard RFC 8878 §3.1.1. */
export function compressionOf(raw: Buffer): Compression {
  if (raw.length >= 3 && raw[0] === 0x1f && raw[1] === 0x8b && raw[2] === 8) return 'gzip';
  if (raw.length >= 4 && raw.readUInt32LE(0) === 0xfd2fb528) return 'zstd';
  return 'none';
}

function isWhole(raw: Buffer, content: Buffer, headBytes: number): boolean {
  return raw.length <= headBytes / PACKED_SHARE && content.length < headBytes;
}

/** Packed input is cut, so that even a bomb (at most 1 : 1032 with deflate) unpacks to a bounded size. */
const PACKED_SHARE = 4;

function unpackHead(raw: Buffer, compression: Compression, headBytes: number): Buffer | null {
  if (compression === 'none') return raw;
  const packed = raw.subarray(0, headBytes / PACKED_SHARE);
  try {
    const content =
      compression === 'gzip'
        ? gunzipSync(packed, { finishFlush: constants.Z_SYNC_FLUSH })
        : zstdDecompressSync(packed, { finishFlush: constants.ZSTD_e_flush });
    return content.subarray(0, headBytes);
  } catch {
    return null;
  }
}

/** A byte order mark decides; without one UTF-16 shows by its zero bytes, and what is not UTF-8 is Windows-1252. */
export function encodingOf(content: Buffer): Encoding {
  if (content.length >= 2 && content[0] === 0xff && content[1] === 0xfe) return 'utf-16le';
  if (content.length >= 2 && content[0] === 0xfe && content[1] === 0xff) return 'utf-16be';
  const zeros = zeroBytes(content.subarray(0, 1024));
  if (zeros.odd > zeros.total * 0.3 && zeros.even === 0) return 'utf-16le';
  if (zeros.even > zeros.total * 0.3 && zeros.odd === 0) return 'utf-16be';
  return isUtf8Part(content) ? 'utf-8' : 'windows-1252';
}

function zeroBytes(content: Buffer): { even: number; odd: number; total: number } {
  const count = { even: 0, odd: 0, total: Math.max(1, content.length >> 1) };
  for (let at = 0; at < content.length; at++) {
    if (content[at] === 0) count[at % 2 === 0 ? 'even' : 'odd']++;
  }
  return count;
}

/** UTF-8, but for a last character that the cut may have broken. */
function isUtf8Part(content: Buffer): boolean {
  for (let cut = 0; cut < 4 && cut <= content.length; cut++) {
    if (isUtf8(content.subarray(0, content.length - cut))) return true;
  }
  return false;
}

function decodeHead(content: Buffer, encoding: Encoding): string {
  return new TextDecoder(encoding).decode(content, { stream: true });
}

function binaryKind(content: Buffer): FileHead['binary'] {
  const magic = content.subarray(0, 4).toString('latin1');
  if (magic === 'PAR1') return 'Parquet';
  if (magic === 'PK\u0003\u0004') return 'a zip archive';
  return null;
}
