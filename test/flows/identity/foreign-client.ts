import * as client from 'openid-client';
import { expect, test } from 'vitest';
import { mesh } from '../../fixtures/identity-mesh.ts';

/** A certified client that knows nothing of the mesh but its address. */
test('a client that others wrote finds the issuer, and gets, looks into, exchanges and revokes tokens', async () => {
  const made = await mesh.administrator.post('/api/v1/tokens', { service: 'sales/agent' });
  const options = { execute: [client.allowInsecureRequests] };
  const proof = client.ClientSecretBasic(made.body.secret);
  const agent = await client.discovery(new URL(mesh.mesh.url), 'sales/agent', undefined, proof, options);
  const own = await client.clientCredentialsGrant(agent, { scope: 'read' });
  expect([own.scope, own.expiresIn()]).toEqual(['read', expect.any(Number)]);
  expect(await client.tokenIntrospection(agent, own.access_token)).toMatchObject({
    active: true,
    scope: 'read',
  });

  const person = await mesh.person('analyst@sales.example');
  const exchanged = await client.genericGrantRequest(
    agent,
    'urn:ietf:params:oauth:grant-type:token-exchange',
    { subject_token: person.token, subject_token_type: 'urn:ietf:params:oauth:token-type:access_token' },
  );
  const asked = await client.fetchProtectedResource(
    agent,
    exchanged.access_token,
    new URL('/api/v1/me', mesh.mesh.url),
    'GET',
  );
  expect(await asked.json()).toMatchObject({
    principal: { email: 'analyst@sales.example' },
    actor: { name: 'agent' },
  });

  await client.tokenRevocation(agent, own.access_token);
  expect(await client.tokenIntrospection(agent, own.access_token)).toEqual({ active: false });
});

test('a client that others wrote signs in by a code', async () => {
  const options = { execute: [client.allowInsecureRequests] };
  const url = new URL(mesh.mesh.url);
  const terminal = await client.discovery(url, 'crossdock-cli', undefined, client.None(), options);
  const code = await client.initiateDeviceAuthorization(terminal, { scope: 'read offline_access' });
  const person = await mesh.person('analyst@sales.example');
  await person.post('/api/v1/device', { code: code.user_code, allow: true });
  const tokens = await client.pollDeviceAuthorizationGrant(terminal, { ...code, interval: 0.05 });
  const renewed = await client.refreshTokenGrant(terminal, tokens.refresh_token!);
  const { body } = await mesh.withToken(renewed.access_token).get('/api/v1/me');
  expect([body.principal.email, body.scopes]).toEqual(['analyst@sales.example', ['read']]);
});
