import { randomBytes } from 'node:crypto';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createLocalJWKSet, jwtVerify } from 'jose';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { LIMITS } from '../../../src/base/limits.ts';
import { crossdock } from '../../fixtures/command-line.ts';
import { clock, mesh } from '../../fixtures/identity-mesh.ts';
import type { Person } from '../../fixtures/mesh.ts';
import { BACK, OauthClient } from '../../fixtures/oauth-client.ts';
import { WebClient } from '../../fixtures/web-client.ts';

const ANALYST = 'analyst@sales.example';
const DEVICE = 'urn:ietf:params:oauth:grant-type:device_code';
const EXCHANGE = 'urn:ietf:params:oauth:grant-type:token-exchange';
const ACCESS_TOKEN = 'urn:ietf:params:oauth:token-type:access_token';

const oauth = new OauthClient(() => mesh.mesh.url);
let folder: string;
let analyst: Person;
/** The secret of the service account `sales/agent`: its API token. */
let secret: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'crossdock-issuer-'));
  analyst = await mesh.person(ANALYST);
  secret = await newSecret();
});
afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

async function newSecret(more: object = {}): Promise<string> {
  const made = await mesh.administrator.post('/api/v1/tokens', { service: 'sales/agent', ...more });
  expect(made.status).toBe(200);
  return made.body.secret;
}

const asAgent = (fields: Record<string, string>, with_ = secret) =>
  oauth.form('/oauth/token', fields, ['sales/agent', with_]);

const me = (token: string) => mesh.withToken(token).get('/api/v1/me');

test('the issuer says where everything is, and only what it does', async () => {
  const { url } = mesh.mesh;
  for (const name of ['openid-configuration', 'oauth-authorization-server']) {
    const found = await (await fetch(`${url}/.well-known/${name}`)).json();
    expect(found).toMatchObject({
      issuer: url,
      token_endpoint: `${url}/oauth/token`,
      device_authorization_endpoint: `${url}/oauth/device_authorization`,
      response_types_supported: ['code'],
      code_challenge_methods_supported: ['S256'],
      id_token_signing_alg_values_supported: ['ES256'],
    });
  }
});

test('headers of whoever asks do not move the issuer’s addresses; its answers carry the headers of all', async () => {
  const headers = {
    'x-forwarded-host': 'evil.example',
    'x-forwarded-proto': 'https',
    forwarded: 'host=evil.example',
  };
  const answer = await fetch(`${mesh.mesh.url}/.well-known/openid-configuration`, { headers });
  expect(await answer.text()).not.toContain('evil.example');
  expect(answer.headers.get('x-content-type-options')).toBe('nosniff');
});

test('a service account gets a token for its API token, and queries with it', async () => {
  const { status, body } = await asAgent({ grant_type: 'client_credentials', scope: 'read query' });
  expect(status).toBe(200);
  expect(body).toMatchObject({
    token_type: 'Bearer',
    expires_in: LIMITS.accessTokenSeconds,
    scope: 'read query',
  });
  expect((await me(body.access_token)).body.principal).toMatchObject({ kind: 'service', name: 'agent' });
  expect(await mesh.withToken(body.access_token).rows('SELECT 42 AS answer')).toEqual([{ answer: 42 }]);
  const inForm = { grant_type: 'client_credentials', client_id: 'sales/agent', client_secret: secret };
  expect((await oauth.form('/oauth/token', inForm)).status).toBe(200);
});

test('an access token carries no more than the API token it came from', async () => {
  const narrow = await newSecret({ scopes: ['read'] });
  const { body } = await asAgent({ grant_type: 'client_credentials', scope: 'read query admin' }, narrow);
  expect((await me(body.access_token)).body.scopes).toEqual(['read']);
  const usual = await asAgent({ grant_type: 'client_credentials' }, narrow);
  expect((await me(usual.body.access_token)).body.scopes).toEqual(['read']);
});

test('a wrong secret, somebody else’s token and an unknown client are refused alike', async () => {
  for (const [name, given] of [
    ['sales/agent', 'cdk_wrong'],
    ['sales/agent', mesh.administrator.token],
    ['sales/nobody', secret],
    ['analyst@sales.example', analyst.token],
  ] as const) {
    const answer = await oauth.form('/oauth/token', { grant_type: 'client_credentials' }, [name, given]);
    expect([name, answer.status, answer.body.error]).toEqual([name, 401, 'invalid_client']);
  }
});

test('when the API token is revoked, what came from it is refused at the very next request', async () => {
  const made = await mesh.administrator.post('/api/v1/tokens', { service: 'sales/agent' });
  const { body } = await asAgent({ grant_type: 'client_credentials', scope: 'read' }, made.body.secret);
  expect((await me(body.access_token)).status).toBe(200);
  await mesh.administrator.delete(`/api/v1/tokens/${made.body.id}`);
  expect((await me(body.access_token)).status).toBe(401);
});

test('a token is looked into, and revoked for the very next request', async () => {
  const token = (await asAgent({ grant_type: 'client_credentials', scope: 'read' })).body.access_token;
  const look = () => oauth.form('/oauth/introspect', { token }, ['sales/agent', secret]);
  expect((await look()).body).toMatchObject({ active: true, client_id: 'sales/agent', scope: 'read' });
  expect((await oauth.form('/oauth/introspect', { token })).status).toBe(400);
  expect((await oauth.form('/oauth/revoke', { token }, ['sales/agent', secret])).status).toBe(200);
  expect((await me(token)).status).toBe(401);
  expect((await look()).body).toEqual({ active: false });
});

test('an access token ends by itself', async () => {
  const token = (await asAgent({ grant_type: 'client_credentials', scope: 'read' })).body.access_token;
  clock.aheadMs += LIMITS.accessTokenSeconds * 1000;
  expect((await me(token)).status).toBe(401);
  clock.aheadMs = 0;
});

test('an agent acts for a person: the token carries both, and the lesser of both rights', async () => {
  const exchange = (fields: object, with_ = secret) =>
    asAgent(
      { grant_type: EXCHANGE, subject_token: analyst.token, subject_token_type: ACCESS_TOKEN, ...fields },
      with_,
    );
  const { status, body } = await exchange({});
  expect([status, body.scope, body.issued_token_type]).toEqual([200, 'read query', ACCESS_TOKEN]);
  expect(body.expires_in).toBe(LIMITS.exchangedTokenSeconds);
  const who = await me(body.access_token);
  expect(who.body.principal.email).toBe(ANALYST);
  expect(who.body.actor).toMatchObject({ kind: 'service', name: 'agent' });
  const seen = await oauth.form('/oauth/introspect', { token: body.access_token }, ['sales/agent', secret]);
  expect(seen.body).toMatchObject({ active: true, act: { name: 'sales/agent' } });
  expect(JSON.stringify(seen.body)).not.toMatch(/tok_|subject/);

  const narrow = await newSecret({ scopes: ['read'] });
  expect((await exchange({ scope: 'query' }, narrow)).body.error).toBe('invalid_scope');
  expect((await exchange({ scope: 'read' }, narrow)).body.scope).toBe('read');
});

test('what an agent does for a person names both in the audit, and it keeps nothing for itself', async () => {
  const { body } = await asAgent({
    grant_type: EXCHANGE,
    subject_token: analyst.token,
    subject_token_type: ACCESS_TOKEN,
    scope: 'read query write admin lineage',
  });
  const agent = mesh.withToken(body.access_token);
  expect((await agent.post('/api/v1/tokens', {})).body.code).toBe('auth.agent');
  expect((await agent.post('/api/v1/person/password', { password: 'x' })).body.code).toBe('auth.agent');
  const session = { token: body.access_token };
  const entered = await new WebClient(mesh.mesh.url).send('POST', '/api/v1/session', session);
  expect(entered.body.code).toBe('auth.invalid');
  const mine = await analyst.post('/api/v1/tokens', { scopes: ['read'] });
  await agent.delete(`/api/v1/tokens/${mine.body.id}`);
  const { entries } = (await mesh.administrator.get('/api/v1/audit')).body;
  expect(entries[0]).toMatchObject({ action: 'token.revoke', actor: 'analyst of sales' });
  expect(entries[0].facts.via).toMatch(/^svc_/);
  expect(entries[0].via).toMatch(/^\w+\/\w+/);
});

test('nobody hands on what they hold for somebody else, and no person is an agent', async () => {
  const first = await asAgent({
    grant_type: EXCHANGE,
    subject_token: analyst.token,
    subject_token_type: ACCESS_TOKEN,
  });
  const own = await asAgent({ grant_type: 'client_credentials', scope: 'read' });
  for (const subject_token of [first.body.access_token, own.body.access_token, 'cdk_wrong']) {
    const answer = await asAgent({ grant_type: EXCHANGE, subject_token, subject_token_type: ACCESS_TOKEN });
    expect([answer.status, answer.body.error]).toEqual([400, 'invalid_request']);
  }
});

test('an exchanged token ends with the person’s token', async () => {
  const made = await analyst.post('/api/v1/tokens', { scopes: ['read', 'query'] });
  const { body } = await asAgent({
    grant_type: EXCHANGE,
    subject_token: made.body.secret,
    subject_token_type: ACCESS_TOKEN,
  });
  expect((await me(body.access_token)).status).toBe(200);
  await analyst.delete(`/api/v1/tokens/${made.body.id}`);
  expect((await me(body.access_token)).status).toBe(401);
});

test('crossdock login: a code in the terminal, a word in the browser, and the login renews itself until it is ended', async () => {
  const { said } = await login(true);
  expect(said).toMatchObject({ code: 0 });
  expect(said.stdout).toContain(ANALYST);
  const path = join(folder, 'tokens.json');
  expect((await stat(path)).mode & 0o777).toBe(0o600);
  const saved = async () => JSON.parse(await readFile(path, 'utf8')).tokens[mesh.mesh.url];
  const before = await saved();

  // Commands at the same time: the first renews, the others take what it got.
  const ended = { ...before, expiresAt: new Date().toISOString() };
  await writeFile(path, JSON.stringify({ tokens: { [mesh.mesh.url]: ended } }));
  const runs = await Promise.all([1, 2, 3].map(() => crossdock(['whoami', '--json'], environment())));
  for (const { code, stdout } of runs)
    expect([code, JSON.parse(stdout).principal.email]).toEqual([0, ANALYST]);
  const after = await saved();
  expect(after.refresh).not.toBe(before.refresh);

  // A refresh token that is used again was copied: both ends of it are out.
  const again = { client_id: 'crossdock-cli', grant_type: 'refresh_token', refresh_token: before.refresh };
  expect((await oauth.form('/oauth/token', again)).body.error).toBe('invalid_grant');
  expect((await crossdock(['whoami'], environment())).code).toBe(2);

  await login(true);
  const token = JSON.parse(await readFile(join(folder, 'tokens.json'), 'utf8')).tokens[mesh.mesh.url].access;
  expect((await me(token)).status).toBe(200);
  expect((await crossdock(['logout'], environment())).stdout).toBe('signed out\n');
  expect((await me(token)).status).toBe(401);
});

test('a code that is refused signs nobody in, and counts once', async () => {
  const { said, code } = await login(false, ['--json']);
  expect([said.code, JSON.parse(said.stdout).code]).toEqual([2, 'cli.login-refused']);
  const again = await analyst.post('/api/v1/device', { code, allow: true });
  expect(again.body.code).toBe('auth.device-code');
});

test('codes cannot be tried out', async () => {
  const steward = await mesh.person('steward@sales.example');
  const codes: string[] = [];
  for (let attempt = 0; attempt <= LIMITS.failuresOfPerson; attempt++) {
    codes.push((await steward.get(`/api/v1/device?code=BBBB-BBB${attempt}`)).body.code);
  }
  expect([codes[0], codes.at(-1)]).toEqual(['auth.device-code', 'limit.sign-in']);
});

/** `crossdock login` in a terminal, and somebody with a browser who decides about the code it shows. */
async function login(allow: boolean, more: string[] = []) {
  let decided: Promise<string> | undefined;
  const said = await crossdock(['login', '--device', ...more], environment(), (text) => {
    const code = /type (\S+)\)/.exec(text)?.[1];
    if (code !== undefined) decided = decide(code, allow);
  });
  return { said, code: await decided! };
}

async function decide(code: string, allow: boolean): Promise<string> {
  const shown = await analyst.get(`/api/v1/device?code=${code.toLowerCase()}`);
  expect(shown.body).toMatchObject({ client: 'Crossdock command line', device: 'crossdock-cli/test' });
  expect((await analyst.post('/api/v1/device', { code, allow })).status).toBe(200);
  return code;
}

const environment = () => ({ CROSSDOCK_URL: mesh.mesh.url, CROSSDOCK_CONFIG: folder });

async function application(redirectUris = [BACK]): Promise<string> {
  const name = `app ${randomBytes(4).toString('hex')}`;
  const made = await mesh.administrator.post('/api/v1/applications', { name, redirectUris });
  expect(made.status).toBe(200);
  return made.body.id;
}

async function signedInBrowser(): Promise<WebClient> {
  const client = new WebClient(mesh.mesh.url);
  await client.send('POST', '/api/v1/session', { token: analyst.token });
  return client;
}

test('an application gets a code by the person’s word, and tokens for it once', async () => {
  const client_id = await application();
  const browser = await signedInBrowser();
  const { page } = await oauth.authorize({ client_id }, browser);
  const asked = await browser.send('GET', `${page}/request`);
  expect(asked.body.scopes).toEqual(['openid', 'email', 'read', 'query']);
  const { target, verifier } = await oauth.decide({ client_id }, browser);
  expect([target.origin + target.pathname, target.searchParams.get('state')]).toEqual([BACK, 'their-state']);
  const take = () =>
    oauth.form('/oauth/token', {
      grant_type: 'authorization_code',
      client_id,
      redirect_uri: BACK,
      code: target.searchParams.get('code')!,
      code_verifier: verifier,
    });
  const tokens = await take();
  expect(tokens.body).toMatchObject({ token_type: 'Bearer', scope: 'openid email read query' });
  expect((await me(tokens.body.access_token)).body).toMatchObject({
    principal: { email: ANALYST },
    scopes: ['read', 'query'],
    actor: { id: client_id, kind: 'application' },
  });
  const keys = createLocalJWKSet((await (await fetch(`${mesh.mesh.url}/oauth/jwks`)).json()) as never);
  const { payload } = await jwtVerify(tokens.body.id_token, keys, {
    issuer: mesh.mesh.url,
    audience: client_id,
    algorithms: ['ES256'],
  });
  expect(payload.sub).toMatch(/^usr_/);
  // Used twice, it was stolen: what it gave ends.
  expect((await take()).body.error).toBe('invalid_grant');
  expect((await me(tokens.body.access_token)).status).toBe(401);
});

test('a code needs the verifier that it was asked for with', async () => {
  const client_id = await application();
  const { target } = await oauth.decide({ client_id }, await signedInBrowser());
  const code = target.searchParams.get('code')!;
  const code_verifier = 'x'.repeat(43);
  const fields = { grant_type: 'authorization_code', client_id, redirect_uri: BACK, code, code_verifier };
  expect((await oauth.form('/oauth/token', fields)).body.error).toBe('invalid_grant');
  const without = { client_id, code_challenge: undefined, code_challenge_method: undefined };
  const { answer } = await oauth.authorize(without);
  expect(answer.headers.get('location')).toContain('error=invalid_request');
});

test('an application that is refused is told so, and gets nothing', async () => {
  const { target } = await oauth.decide({ client_id: await application() }, await signedInBrowser(), false);
  expect([target.searchParams.get('error'), target.searchParams.get('code')]).toEqual([
    'access_denied',
    null,
  ]);
});

test('nobody agrees for another browser’s sign-in, by a token, or from another site', async () => {
  const client_id = await application();
  const theirs = await oauth.authorize({ client_id });
  const browser = await signedInBrowser();
  const other = await browser.send('POST', `${theirs.page}/decision`, { allow: true });
  expect(other.body.code).toBe('auth.consent');
  const mine = await oauth.authorize({ client_id }, browser);
  const hostile = await browser.raw(`${mine.page}/decision`, {
    method: 'POST',
    headers: { origin: 'https://evil.example', 'content-type': 'application/json' },
    body: JSON.stringify({ allow: true }),
  });
  expect(hostile.body.code).toBe('auth.cross-site');
  expect((await analyst.post(`${mine.page}/decision`, { allow: true })).body.code).toBe('auth.consent');
});

test('hostile redirect addresses are refused on the spot, without going there', async () => {
  const client_id = await application(['https://app.example/callback']);
  for (const redirect_uri of [
    'https://evil.example/callback',
    'https://app.example/callback/../evil',
    'https://app.example/callback?next=https://evil.example',
    'https://app.example.evil.example/callback',
    'https://app.example@evil.example/callback',
    'http://app.example/callback',
    'HTTPS://APP.EXAMPLE/callback',
    'javascript:alert(1)',
    '//evil.example/callback',
  ]) {
    const { answer } = await oauth.authorize({ client_id, redirect_uri });
    expect([redirect_uri, answer.status, answer.headers.get('location')]).toEqual([redirect_uri, 400, null]);
    expect(answer.body).not.toContain('<script');
  }
  for (const uri of [
    'http://app.example/x',
    'https://a.example/#x',
    'https://*.example/x',
    'https://u:p@a.example/',
    'javascript:x',
  ]) {
    const made = await mesh.administrator.post('/api/v1/applications', { name: uri, redirectUris: [uri] });
    expect([uri, made.status]).toEqual([uri, 400]);
  }
});

test('an application that is removed holds nothing any more', async () => {
  const client_id = await application();
  expect((await oauth.authorize({ client_id })).answer.status).toBe(303);
  const said = await crossdock(['application', 'remove', client_id], {
    CROSSDOCK_URL: mesh.mesh.url,
    CROSSDOCK_TOKEN: mesh.administrator.token,
  });
  expect(said.code).toBe(0);
  expect((await oauth.authorize({ client_id })).answer.status).toBe(400);
});

test('of secrets the database holds hashes, of keys what the secret box makes of them', async () => {
  const { body } = await asAgent({ grant_type: 'client_credentials', scope: 'read' });
  const { reader } = mesh.mesh.parts.database;
  const objects = await reader.selectFrom('issuer_objects').selectAll().execute();
  expect(objects.length).toBeGreaterThan(3);
  expect(JSON.stringify(objects)).not.toContain(body.access_token);
  const keys = await reader.selectFrom('issuer_keys').selectAll().execute();
  expect(keys[0]!.sealed).toMatch(/^v1\./);
});
