import { expect, test } from 'vitest';
import { crossdock } from '../../fixtures/command-line.ts';
import { mesh } from '../../fixtures/identity-mesh.ts';

const LIST = '/api/v1/tokens?service=sales/agent';

test('whoever may make tokens for a service account lists and revokes them, and sees no secret', async () => {
  const owner = await mesh.person('owner@sales.example');
  const asked = { name: 'nightly load', service: 'sales/agent', scopes: ['read', 'query'], days: 7 };
  const made = (await owner.post('/api/v1/tokens', asked)).body;
  const agent = mesh.withToken(made.secret);
  expect((await agent.get('/api/v1/me')).status).toBe(200);

  const { body } = await owner.get(LIST);
  const listed = body.tokens.find(({ id }: { id: string }) => id === made.id);
  expect(listed).toEqual({
    id: made.id,
    name: 'nightly load',
    scopes: ['read', 'query'],
    createdAt: expect.any(String),
    expiresAt: made.expiresAt,
    revokedAt: null,
  });
  expect(JSON.stringify(body)).not.toContain(made.secret);
  expect((await mesh.administrator.get(LIST)).body).toEqual(body);
  expect(JSON.stringify((await owner.get('/api/v1/tokens')).body)).not.toContain(made.id);

  const environment = { CROSSDOCK_URL: mesh.mesh.url, CROSSDOCK_TOKEN: owner.token };
  const said = await crossdock(['token', 'list', '--service', 'sales/agent'], environment);
  expect(said.stdout).toMatch(new RegExp(`${made.id} +nightly load +read, query`));
  expect((await crossdock(['token', 'revoke', made.id], environment)).code).toBe(0);
  expect((await agent.get('/api/v1/me')).status).toBe(401);
  const after = (await owner.get(LIST)).body.tokens;
  expect(after.find(({ id }: { id: string }) => id === made.id).revokedAt).toEqual(expect.any(String));
});

test('nobody else lists them, whether the account is there or not', async () => {
  for (const email of ['steward@sales.example', 'analyst@sales.example', 'owner@marketing.example']) {
    const person = await mesh.person(email);
    const answers = await Promise.all(
      ['sales/agent', 'sales/nobody'].map((service) => person.get(`/api/v1/tokens?service=${service}`)),
    );
    expect(answers.map(({ status, body }) => [status, body.code])).toEqual([
      [403, 'auth.forbidden'],
      [403, 'auth.forbidden'],
    ]);
  }
  const owner = await mesh.person('owner@sales.example');
  expect((await owner.get('/api/v1/tokens?service=sales/nobody')).status).toBe(404);
  expect((await owner.get('/api/v1/tokens?service=agent')).body).toMatchObject({
    code: 'input.invalid',
    problems: [{ message: expect.stringContaining('DOMAIN/NAME') }],
  });
});
