import { createHash, randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { get, type IncomingMessage } from 'node:http';
import { type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import fastify from 'fastify';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { FileAnswer } from '../../base/file-answer.ts';
import { sendFile } from './send-file.ts';

const MIB = 1024 * 1024;

let folder: string;
let disposed: Promise<void>;
const app = fastify();

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'crossdock-send-'));
  app.get('/:name', (request, reply) => {
    const path = join(folder, (request.params as { name: string }).name);
    let done = () => {};
    disposed = new Promise((resolve) => (done = resolve));
    const dispose = () => rm(path, { force: true }).then(done);
    return sendFile(new FileAnswer({ path, contentType: 'text/csv', fileName: 'a.csv', dispose }), reply);
  });
  await app.listen();
});
afterAll(async () => {
  await app.close();
  await rm(folder, { recursive: true });
});

const ask = (name: string): Promise<IncomingMessage> =>
  new Promise((resolve, reject) => {
    const { port } = app.server.address() as AddressInfo;
    get({ port, path: `/${name}` }, resolve).on('error', reject);
  });

const sha = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');

test.each([0, 1, MIB - 1, MIB, MIB + 1, 5 * MIB + 12_345])(
  'a file of %d bytes comes as it is',
  async (size) => {
    const bytes = randomBytes(size);
    await writeFile(join(folder, 'whole'), bytes);
    const response = await ask('whole');
    expect(response.headers).toMatchObject({ 'content-length': String(size), 'content-type': 'text/csv' });
    const parts: Buffer[] = [];
    for await (const part of response) parts.push(part as Buffer);
    expect(sha(Buffer.concat(parts))).toBe(sha(bytes));
    await disposed;
    expect(existsSync(join(folder, 'whole'))).toBe(false);
  },
);

test('a client that reads slowly gets what was written, not what is being read', async () => {
  const bytes = randomBytes(24 * MIB);
  await writeFile(join(folder, 'slow'), bytes);
  const parts: Buffer[] = [];
  for await (const part of await ask('slow')) {
    parts.push(part as Buffer);
    if (parts.length % 40 === 0) await setTimeout(5);
  }
  expect(sha(Buffer.concat(parts))).toBe(sha(bytes));
});

test('a client that goes away half way leaves no file', async () => {
  await writeFile(join(folder, 'gone'), randomBytes(24 * MIB));
  const response = await ask('gone');
  await new Promise((resolve) => response.once('data', resolve));
  response.destroy();
  await disposed;
  expect(existsSync(join(folder, 'gone'))).toBe(false);
});

test('a file that is not there is an error and no broken answer', async () => {
  expect((await ask('missing')).statusCode).toBe(500);
});
