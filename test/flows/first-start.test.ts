import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openTestMesh, type TestMesh } from '../fixtures/mesh.ts';

let mesh: TestMesh;

beforeAll(async () => {
  mesh = await openTestMesh('flows/first-start');
});
afterAll(() => mesh.close());

test('the first start makes one administrator and keeps the token for its owner alone', async () => {
  const path = join(mesh.folder, 'data', 'admin-token');
  expect((await stat(path)).mode & 0o777).toBe(0o600);
  const me = await mesh.administrator.get('/api/v1/me');
  expect(me.body).toMatchObject({ administrator: true, domains: [], demo: false });
});

test('without a token there is nothing but the health of the server', async () => {
  const nobody = mesh.withToken('cdk_wrong');
  expect(await nobody.get('/api/v1/me')).toMatchObject({ status: 401, body: { code: 'auth.invalid' } });
  expect((await fetch(`${mesh.mesh.url}/api/v1/me`)).status).toBe(401);
  expect((await fetch(`${mesh.mesh.url}/readyz`)).status).toBe(200);
});

test('every operation but sign-in refuses a caller without a token', async () => {
  const { paths } = (await (await fetch(`${mesh.mesh.url}/api/openapi.json`)).json()) as { paths: object };
  for (const [path, methods] of Object.entries(paths)) {
    for (const method of Object.keys(methods as object)) {
      const url = mesh.mesh.url + path.replace(/\{\w+\}/g, 'x');
      const isGet = method === 'get';
      const answer = await fetch(url, {
        method: method.toUpperCase(),
        ...(isGet ? {} : { headers: { 'content-type': 'application/json' }, body: '{}' }),
      });
      expect([path, method, answer.status]).toEqual([path, method, 401]);
    }
  }
});

test('a token is shown once, carries its scopes, and ends when revoked', async () => {
  const made = await mesh.administrator.post('/api/v1/tokens', { name: 'reader', scopes: ['read'], days: 1 });
  expect(made.status).toBe(200);
  const reader = mesh.withToken(made.body.secret);
  expect((await reader.get('/api/v1/tokens')).body.tokens).toHaveLength(2);
  expect(await reader.post('/api/v1/query', { sql: 'SELECT 1' })).toMatchObject({
    status: 403,
    body: { code: 'auth.scope' },
  });
  const listed = JSON.stringify((await reader.get('/api/v1/tokens')).body);
  expect(listed).not.toContain(made.body.secret);
  await fetch(`${mesh.mesh.url}/api/v1/tokens/${made.body.id}`, {
    method: 'DELETE',
    headers: { authorization: `Bearer ${mesh.administrator.token}` },
  });
  expect((await reader.get('/api/v1/me')).status).toBe(401);
});

test('a query needs no dataset', async () => {
  expect(await mesh.administrator.rows('SELECT 40 + 2 AS answer')).toEqual([{ answer: 42 }]);
});

test('what is not valid is named, all of it at once', async () => {
  const answer = await mesh.administrator.post('/api/v1/query', { sql: '', format: 'xml', limit: -1 });
  expect(answer).toMatchObject({ status: 400, body: { code: 'input.invalid' } });
  expect(answer.body.problems.map((problem: { pointer: string }) => problem.pointer).sort()).toEqual([
    '/format',
    '/limit',
    '/sql',
  ]);
});

test('the demo’s doors are closed where there is no demo', async () => {
  expect((await fetch(`${mesh.mesh.url}/api/v1/demo/people`)).status).toBe(404);
});

test('addresses of the web app give the app; a file that is not there is not found', async () => {
  const page = await fetch(`${mesh.mesh.url}/products/sales/sell-out`);
  expect([page.status, page.headers.get('content-type'), page.headers.get('cache-control')]).toEqual([
    200,
    'text/html; charset=utf-8',
    'no-cache',
  ]);
  const script = /src="(\/assets\/[^"]+)"/.exec(await page.text())?.[1] ?? '';
  const asset = await fetch(mesh.mesh.url + script);
  expect(asset.headers.get('cache-control')).toContain('immutable');
  await asset.arrayBuffer();
  expect((await fetch(`${mesh.mesh.url}/assets/nothing.js`)).status).toBe(404);
});
