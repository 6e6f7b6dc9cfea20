import { afterAll, beforeAll, expect, test } from 'vitest';
import { runProgram } from '../../src/cli/program.ts';
import { readClientConfig } from '../../src/config.ts';
import { openTestMesh, type Person, type TestMesh } from '../fixtures/mesh.ts';
import { isSignedBy, Receiver } from '../fixtures/receiver.ts';
import type { Files } from '../fixtures/mesh-files.ts';
import { edited, sampleFiles } from '../fixtures/sample-mesh.ts';

/** Told in order: a producer and a consumer hear of what happens, and so do their programs. */

let mesh: TestMesh;
let receiver: Receiver;
let engineer: Person;
let analyst: Person;
let secret: string;
let files: Files;

beforeAll(async () => {
  receiver = await Receiver.open();
  mesh = await openTestMesh('notifications', {
    settings: {
      CROSSDOCK_WEBHOOK_HTTP: 'allow',
      CROSSDOCK_WEBHOOK_NETWORKS: '127.0.0.1',
      CROSSDOCK_SECRET_KEY: '0f'.repeat(32),
    },
  });
  files = Object.fromEntries(
    Object.entries(sampleFiles()).map(([path, text]) => [
      path,
      text.replace('units, cost\nFROM', 'units, cost::DECIMAL(9,2) AS cost\nFROM'),
    ]),
  );
  await mesh.source('sales/receipts/1.csv', 'region,units,cost\nNORTH,3,1.50\nSOUTH,4,2.00\n');
  await mesh.apply(files);
  await mesh.settle();
  await mesh.told();
  engineer = await mesh.person('engineer@sales.example');
  analyst = await mesh.person('analyst@marketing.example');
});

afterAll(async () => {
  await mesh.close();
  await receiver.close();
});

test('a consumer finds the approved subscription and the release in the inbox, a producer of it neither', async () => {
  const titles = await titlesOf(analyst);
  expect(titles).toContain('marketing may now read sales.sell-out');
  expect(titles).toContain('sales.sell-out.weeks has release 1');
  expect(await titlesOf(engineer)).not.toContain('sales.sell-out.weeks has release 1');
});

test('an engineer makes an endpoint, sees its secret once, and tests it', async () => {
  const { status, body } = await engineer.post('/api/v1/domains/sales/webhooks', { url: receiver.url });
  expect(status).toBe(200);
  secret = body.secret;
  const tried = await engineer.post(`/api/v1/webhooks/${body.id}/test`);
  expect(tried.body).toMatchObject({ delivered: true, status: 204 });
  expect(isSignedBy(receiver.received[0]!, secret)).toBe(true);
  const list = await engineer.get('/api/v1/domains/sales/webhooks');
  expect(list.body.webhooks).toHaveLength(1);
  expect(JSON.stringify(list.body)).not.toContain('whsec_');
});

test('the next release goes out, signed, within seconds', async () => {
  await mesh.source('sales/receipts/2.csv', 'region,units,cost\nNORTH,9,9.00\n');
  await engineer.post('/api/v1/products/sales/sell-out/run', {});
  const message = await arrives('io.crossdock.dataset.released');
  expect(isSignedBy(message, secret)).toBe(true);
  expect(message.event).toMatchObject({
    specversion: '1.0',
    source: '/domains/sales',
    subject: 'sales.sell-out.weeks',
    data: { release: 2, rows: 3 },
  });
  expect(message.headers['webhook-id']).toBe(message.event.id);
});

test('a run that fails its checks is told to the producer and not in words of its rows', async () => {
  await mesh.source('sales/receipts/3.csv', 'region,units,cost\n,666,1.00\n');
  await engineer.post('/api/v1/products/sales/sell-out/run', {});
  const message = await arrives('io.crossdock.run.blocked');
  expect(message.body).not.toContain('666');
  expect(await titlesOf(engineer)).toContain('the checks of sales.sell-out.weeks held a run back');
  expect((await titlesOf(analyst)).join()).not.toContain('held a run back');
});

test('what is deprecated is told to both; reading all leaves nothing unread', async () => {
  await mesh.apply(
    edited(files, 'domains/sales/products/sell-out/product.odps.yaml', [
      'status: active',
      'status: deprecated',
    ]),
  );
  await arrives('io.crossdock.product.version.deprecated');
  await mesh.settle();
  await mesh.told();
  const title = 'sales.sell-out 1.0.0 will end: nobody new gets in';
  expect(await titlesOf(analyst)).toContain(title);
  expect((await analyst.get('/api/v1/inbox/unread')).body.unread).toBeGreaterThan(2);
  await analyst.post('/api/v1/inbox/read-all');
  expect((await analyst.get('/api/v1/inbox/unread')).body).toEqual({ unread: 0, more: false });
});

test('the command line says the same, as a table or as JSON, and keeps a kind out', async () => {
  expect(await command(['inbox', '--limit', '1', '--json'])).toMatchObject({
    code: 0,
    json: { entries: [{ read: true }] },
  });
  const off = await command(['inbox', 'off', 'dataset.released', '--json']);
  expect(off.json.kinds[0]).toMatchObject({ type: 'dataset.released', on: false });
  expect((await command(['inbox'])).text).toContain('product.version.deprecated');
  expect((await command(['inbox', 'off', 'nonsense'])).code).toBe(2);
  expect((await command(['webhook', 'list', 'sales'])).code).toBe(2);
});

/** Typed in by the analyst of the consumer. */
async function command(argv: string[]): Promise<{ code: number; text: string; json: any }> {
  let text = '';
  const shell = {
    config: { ...readClientConfig({ NO_COLOR: '1' }), url: mesh.mesh.url, token: analyst.token },
    version: 'test',
    signal: new AbortController().signal,
    stdout: (part: string) => void (text += part),
    stderr: () => undefined,
    openEngine: () => {
      throw new TypeError('no engine is needed');
    },
  };
  const code = await runProgram(argv, shell, () => Promise.reject(new TypeError('no server is needed')));
  process.exitCode = 0;
  return { code, text, json: argv.includes('--json') ? JSON.parse(text) : null };
}

async function titlesOf(person: Person): Promise<string[]> {
  const { body } = await person.get('/api/v1/inbox?limit=100');
  return body.entries.map(({ title }: { title: string }) => title);
}

async function arrives(type: string) {
  for (;;) {
    const found = receiver.received.find(({ event }) => event.type === type);
    if (found !== undefined) return found;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
