import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { Readable, Transform, type Duplex } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip, createZstdDecompress } from 'node:zlib';
import { LIMITS } from '../base/limits.ts';
import type { Compression, Encoding } from './crawled-table.ts';

export interface Packed {
  path: string;
  compression: Compression;
}

const CHUNK = 256 * 1024;

/** The content of a file, unpacked. Errors end the stream: cut off, damaged, or a bomb. */
export function openContent(file: Packed): Readable {
  const raw = createReadStream(file.path, { highWaterMark: CHUNK });
  const unpack = unpacker(file.compression);
  if (unpack === null) return raw;
  const guarded = new RatioGuard(() => raw.bytesRead);
  void pipeline(raw, unpack, guarded).catch(() => {});
  return guarded;
}

function unpacker(compression: Compression): Duplex | null {
  if (compression === 'gzip') return createGunzip({ chunkSize: CHUNK });
  return compression === 'zstd' ? createZstdDecompress({ chunkSize: CHUNK }) : null;
}

/** Refuses content that is absurdly larger than its file (zip bombs). */
class RatioGuard extends Transform {
  readonly #packedBytes: () => number;
  #bytes = 0;

  constructor(packedBytes: () => number) {
    super({ highWaterMark: CHUNK });
    this.#packedBytes = packedBytes;
  }

  override _transform(
    chunk: Buffer,
    _encoding: BufferEncoding,
    done: (error: Error | null, chunk?: Buffer) => void,
  ) {
    this.#bytes += chunk.length;
    const { floorBytes, ratio } = LIMITS.unpack;
    const absurd = this.#bytes > floorBytes && this.#bytes > this.#packedBytes() * ratio;
    if (absurd) done(new Error(`unpacks to more than ${ratio} times its size`));
    else done(null, chunk);
  }
}

/**
 * Unpacks a file to the end and says what is wrong with it; null when it is sound. Needed because DuckDB
 * takes a cut-off gzip or zstd file for a shorter one, and does not compare checksums.
 */
export async function packingDamage(file: Packed): Promise<string | null> {
  try {
    for await (const chunk of openContent(file)) void chunk;
    return null;
  } catch (error) {
    return packingMessage(error, file.compression);
  }
}

function packingMessage(error: unknown, compression: Compression): string {
  const { code, message } = error as { code?: string; message: string };
  if (code === 'Z_BUF_ERROR') return `is cut off: the ${compression} stream ends too early`;
  if (code === undefined) return message;
  return `is damaged: the ${compression} stream cannot be unpacked (${message})`;
}

/**
 * Writes the content as plain UTF-8 without byte order mark to `target`, for readers that know only that.
 * @throws Error with a message for people when the content is not in this encoding.
 */
export async function writeAsUtf8(file: Packed & { encoding: Encoding }, target: string): Promise<void> {
  await mkdir(dirname(target), { recursive: true });
  // Only UTF-16 can fail: every byte is some Windows-1252 character.
  const decoder = new TextDecoder(file.encoding === 'utf-8-mark' ? 'utf-8' : file.encoding, { fatal: true });
  async function* decoded(source: AsyncIterable<Buffer>): AsyncGenerator<string> {
    for await (const chunk of source) yield decoder.decode(chunk, { stream: true });
    yield decoder.decode();
  }
  await pipeline(openContent(file), decoded, createWriteStream(target));
}
