import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { Receiver } from '../../../test/fixtures/receiver.ts';
import { selfSigned } from '../../../test/fixtures/self-signed.ts';
import { parseNetwork } from '../../base/public-address.ts';
import { post, type Resolve } from './post.ts';

const LOOPBACK = [parseNetwork('127.0.0.0/8')!, parseNetwork('::1')!];
const { signal } = new AbortController();

let receiver: Receiver;
let secure: Server;
let heard = 0;

beforeAll(async () => {
  receiver = await Receiver.open();
  secure = createServer(selfSigned(), (_, response) => {
    heard++;
    response.writeHead(204).end();
  });
  await new Promise<void>((resolve) => secure.listen(0, '127.0.0.1', resolve));
});
beforeEach(() => {
  receiver.received.length = 0;
});
afterAll(async () => {
  await receiver.close();
  secure.closeAllConnections();
  secure.close();
});

/** A name server that gives another answer each time, and counts how often it was asked. */
function rebinding(...answers: string[]): { resolve: Resolve; asked: () => number } {
  let asked = 0;
  return {
    asked: () => asked,
    resolve: (_name, _options, callback) => {
      const address = answers[Math.min(asked++, answers.length - 1)]!;
      callback(null, [{ address, family: 4 }]);
    },
  };
}

const sent = (url: string, more: { resolve?: Resolve } = {}) =>
  post({ url: new URL(url), headers: {}, body: '{}', networks: LOOPBACK, signal, ...more });

test('a name is resolved once for a request: what was checked is what is connected to', async () => {
  const names = rebinding('127.0.0.1', '10.0.0.1');
  const url = `http://hooks.example.com:${receiver.port}/`;
  expect(await sent(url, names)).toEqual({ status: 204, answer: '' });
  expect(names.asked()).toBe(1);
  expect(receiver.received[0]?.headers.host).toBe(`hooks.example.com:${receiver.port}`);
  // The next request asks anew, and the name has moved to where nobody may be sent.
  expect(await sent(url, names)).toMatchObject({ error: expect.stringContaining('address is private') });
  expect(receiver.received).toHaveLength(1);
});

test('a name with a private address among public ones is refused as a whole', async () => {
  const resolve: Resolve = (_name, _options, callback) =>
    callback(null, [
      { address: '127.0.0.1', family: 4 },
      { address: '169.254.169.254', family: 4 },
    ]);
  const answer = await sent(`http://hooks.example.com:${receiver.port}/`, { resolve });
  expect(answer).toMatchObject({ error: expect.stringContaining('address is private') });
  expect(receiver.received).toEqual([]);
});

test('a certificate that nobody vouches for is refused before anything is sent', async () => {
  const { port } = secure.address() as AddressInfo;
  expect(await sent(`https://localhost:${port}/`)).toEqual({ error: 'DEPTH_ZERO_SELF_SIGNED_CERT' });
  expect(heard).toBe(0);
});
