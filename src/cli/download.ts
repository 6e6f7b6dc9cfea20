import { createWriteStream } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { ReadableStream } from 'node:stream/web';
import type { ApiCall } from './api-client.ts';
import type { Session } from './command.ts';
import { count } from './output.ts';

/**
 * Streams an answer into a file, or to the terminal without one. A broken download leaves no file: it is
 * written beside and moved when whole.
 */
export async function download(
  { client, out, shell }: Session,
  call: ApiCall,
  file: string | undefined,
): Promise<void> {
  const response = await client.send({ ...call, signal: shell.signal });
  const content = Readable.fromWeb(response.body as ReadableStream);
  if (file === undefined) return pipeline(content, process.stdout, { end: false });
  const draft = `${file}.part`;
  try {
    await pipeline(content, createWriteStream(draft));
    await rename(draft, file);
  } catch (error) {
    await rm(draft, { force: true });
    throw error;
  }
  out.say(`${count(Number(response.headers.get('x-row-count') ?? 0))} rows written to ${file}\n`);
}
