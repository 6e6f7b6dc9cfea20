import { randomUUID } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { open, rename, rm, stat, utimes } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { Readable, type Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip, createZstdCompress } from 'node:zlib';
import type { Compression } from '../../ingest/crawled-table.ts';

/** Told of a file just before it takes the place of another: what is noted then is true in the next moment. */
export type BeforeReplacing = (facts: { bytes: number; modifiedAt: string }) => Promise<void>;

export interface NewContent {
  compression: Compression;
  content: AsyncIterable<Buffer>;
  before: BeforeReplacing;
}

/**
 * Puts other content into the place of a file: whole or not at all, packed as it was, with its mode. A crawl
 * passes the file that is being written over, for its name begins with a dot.
 */
export async function replaceContent(
  path: string,
  { compression, content, before }: NewContent,
): Promise<void> {
  const { mode } = await stat(path);
  const temporary = join(dirname(path), `.${basename(path).slice(0, 100)}.${randomUUID()}.part`);
  try {
    const file = createWriteStream(temporary, { mode });
    const packer = packerOf(compression);
    await (packer === null
      ? pipeline(Readable.from(content), file)
      : pipeline(Readable.from(content), packer, file));
    await putInPlace(temporary, path, before);
  } finally {
    await rm(temporary, { force: true });
  }
}

/** Moves a finished file over another one, durable on return. */
export async function putInPlace(temporary: string, path: string, before: BeforeReplacing): Promise<void> {
  await synced(temporary);
  // Not the time of the file before: whoever compares by time and size has to see that it is another one.
  const now = new Date();
  await utimes(temporary, now, now);
  const { size, mtime } = await stat(temporary);
  await before({ bytes: size, modifiedAt: mtime.toISOString() });
  await rename(temporary, path);
  await synced(dirname(path));
}

function packerOf(compression: Compression): Transform | null {
  if (compression === 'gzip') return createGzip();
  return compression === 'zstd' ? createZstdCompress() : null;
}

async function synced(path: string): Promise<void> {
  const handle = await open(path, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
