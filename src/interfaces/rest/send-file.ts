import { open } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import type { FastifyReply } from 'fastify';
import type { FileAnswer } from '../../base/file-answer.ts';

/** Large enough that the system calls cost little, and above the high water mark of every connection. */
const CHUNK_BYTES = 1024 * 1024;

/** Streams a file with its length, and removes it whatever happens to the client. */
export async function sendFile(answer: FileAnswer, reply: FastifyReply): Promise<FastifyReply> {
  try {
    const file = await open(answer.path);
    try {
      const { size } = await file.stat();
      reply.hijack();
      reply.raw.writeHead(200, {
        ...(reply.getHeaders() as Record<string, string>),
        'content-type': answer.contentType,
        'content-length': size,
        'content-disposition': `attachment; filename="${answer.fileName}"`,
        ...answer.headers,
      });
      await pipeline(chunksOf(file), reply.raw);
    } finally {
      await file.close();
    }
  } catch (error) {
    // The head is out: all that is left is to break the connection, so that nobody takes half for whole.
    if (!reply.raw.headersSent) throw error;
    reply.raw.destroy();
  } finally {
    await answer.dispose();
  }
  return reply;
}

/**
 * A file's content in one buffer that is filled again and again: a buffer for each chunk would have the collector
 * of the whole server run every 64 MB. It is filled only when the connection has drained: a whole chunk is above
 * its high water mark, and behind a chunk that is not whole nothing comes.
 */
async function* chunksOf(file: Awaited<ReturnType<typeof open>>): AsyncGenerator<Buffer> {
  const buffer = Buffer.allocUnsafe(CHUNK_BYTES);
  for (;;) {
    const filled = await fill(file, buffer);
    if (filled > 0) yield buffer.subarray(0, filled);
    if (filled < CHUNK_BYTES) return;
  }
}

/** A read may give less than there is. Returns the bytes, fewer than the buffer's only at the end of the file. */
async function fill(file: Awaited<ReturnType<typeof open>>, buffer: Buffer): Promise<number> {
  let filled = 0;
  while (filled < buffer.length) {
    const { bytesRead } = await file.read(buffer, filled, buffer.length - filled);
    if (bytesRead === 0) break;
    filled += bytesRead;
  }
  return filled;
}
