import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { LIMITS } from '../../../src/base/limits.ts';
import { makeLink } from '../../../src/identity/passwords/one-time-link.ts';
import { findPersonByEmail } from '../../../src/identity/store.ts';
import { openBrowser, openScreen } from '../../fixtures/browser.ts';
import { crossdock } from '../../fixtures/command-line.ts';
import { clock, mesh } from '../../fixtures/identity-mesh.ts';
import { WebClient } from '../../fixtures/web-client.ts';

const OWNER = 'owner@sales.example';
const ANALYST = 'analyst@sales.example';
const PASSWORD = 'four lamps behind the harbour';

const browser = () => new WebClient(mesh.mesh.url);

async function signedIn(email = OWNER, password = PASSWORD): Promise<WebClient> {
  const client = browser();
  const answer = await client.send('POST', '/api/v1/session', { email, password });
  expect(answer.status).toBe(200);
  return client;
}

const me = (client: WebClient) => client.send('GET', '/api/v1/me');

async function codeFor(email: string): Promise<string> {
  const invited = await mesh.administrator.post('/api/v1/people/invite', { email });
  expect(invited.status).toBe(200);
  return invited.body.path.split('#')[1];
}

test('an invitation sets a password once, and signs in', async () => {
  const code = await codeFor(OWNER);
  const client = browser();
  const weak = await client.send('POST', '/api/v1/session', { code, password: 'aaaaaaaaaaaaaaaaaaaa' });
  expect(weak).toMatchObject({ status: 422, body: { code: 'auth.password-weak' } });
  const set = await client.send('POST', '/api/v1/session', { code, password: PASSWORD });
  expect(set.body.principal.email).toBe(OWNER);
  expect(set.headers.getSetCookie()[0]).toMatch(/^crossdock_session=cds_.*HttpOnly; SameSite=Strict$/);
  const again = await browser().send('POST', '/api/v1/session', { code, password: PASSWORD });
  expect(again).toMatchObject({ status: 401, body: { code: 'auth.link' } });
});

test('only an administrator makes invitations, and the newest counts', async () => {
  const client = await signedIn();
  expect((await client.send('POST', '/api/v1/people/invite', { email: ANALYST })).status).toBe(403);
  const first = await codeFor(ANALYST);
  await codeFor(ANALYST);
  const old = await client.send('POST', '/api/v1/session', { code: first, password: PASSWORD });
  expect(old.body.code).toBe('auth.link');
});

test('a wrong password and an unknown person get the same answer', async () => {
  const answers = [];
  for (const email of [OWNER, 'nobody@elsewhere.example', ANALYST]) {
    const answer = await browser().send('POST', '/api/v1/session', { email, password: 'not this one, no' });
    answers.push({ status: answer.status, code: answer.body.code, detail: answer.body.detail });
  }
  expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1);
  expect(answers[0]).toMatchObject({ status: 401, code: 'auth.sign-in' });
});

test('the address counts in any case of letters', async () => {
  expect((await me(await signedIn('Owner@Sales.Example'))).body.principal.email).toBe(OWNER);
});

test('after ten failures nobody signs in as that person for a while, known or not', async () => {
  for (const email of [OWNER, 'nobody@elsewhere.example']) {
    const guess = () => browser().send('POST', '/api/v1/session', { email, password: 'not this one, no' });
    const codes: string[] = [];
    for (let attempt = 0; attempt < LIMITS.failuresOfPerson + 1; attempt++)
      codes.push((await guess()).body.code);
    expect(codes.at(-1)).toBe('limit.sign-in');
    const right = await browser().send('POST', '/api/v1/session', { email, password: PASSWORD });
    expect(right).toMatchObject({ status: 429, body: { code: 'limit.sign-in' } });
    expect(Number(right.headers.get('retry-after'))).toBeGreaterThan(800);
  }
  const audit = await mesh.administrator.get('/api/v1/audit?limit=500');
  const owner = (await (await mesh.person(OWNER)).get('/api/v1/me')).body;
  expect(audit.body.entries).toContainEqual(
    expect.objectContaining({
      ...{ action: 'session.start', allowed: false, door: 'web' },
      ...{ actor: 'nobody', object: owner.principal.id, address: '127.0.0.1', facts: {} },
    }),
  );
  expect(audit.body.entries).toContainEqual(
    expect.objectContaining({ action: 'session.start', allowed: true, address: '127.0.0.1' }),
  );
  clock.aheadMs += LIMITS.signInWindowMs;
  await signedIn();
  clock.aheadMs = 0;
});

test('many attempts at once are no way around the limit', async () => {
  const email = 'somebody@elsewhere.example';
  const guesses = await Promise.all(
    Array.from({ length: 25 }, () =>
      browser().send('POST', '/api/v1/session', { email, password: 'not this one, no' }),
    ),
  );
  const tried = guesses.filter(({ body }) => body.code === 'auth.sign-in');
  expect(tried).toHaveLength(LIMITS.failuresOfPerson);
});

test('a sign-in always makes a new session and ends the one before', async () => {
  const client = await signedIn();
  const before = client.cookies.get('crossdock_session')!;
  await client.send('POST', '/api/v1/session', { email: OWNER, password: PASSWORD });
  expect(client.cookies.get('crossdock_session')).not.toBe(before);
  const former = browser();
  former.cookies.set('crossdock_session', before);
  expect((await me(former)).status).toBe(401);
  expect((await me(client)).status).toBe(200);
});

test('a session cookie is no token, and a token no session cookie', async () => {
  const client = await signedIn();
  const bearer = mesh.withToken(client.cookies.get('crossdock_session')!);
  expect((await bearer.get('/api/v1/me')).status).toBe(401);
  const cookie = browser();
  cookie.cookies.set('crossdock_session', mesh.administrator.token);
  expect((await me(cookie)).status).toBe(401);
});

test('a change by cookie needs a page of ours', async () => {
  const client = await signedIn();
  const post = (headers: Record<string, string>) =>
    client.raw('/api/v1/query', {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify({ sql: 'SELECT 1 AS one' }),
    });
  const hostile: Record<string, string>[] = [
    {},
    { origin: 'https://elsewhere.example' },
    { origin: 'null' },
    { 'sec-fetch-site': 'cross-site' },
    { 'sec-fetch-site': 'same-site' },
    { 'sec-fetch-site': 'none' },
    { origin: mesh.mesh.url, 'sec-fetch-site': 'cross-site' },
    { origin: mesh.mesh.url.replace('http:', 'http://evil.example#') },
  ];
  for (const headers of hostile) {
    expect([headers, (await post(headers)).body.code]).toEqual([headers, 'auth.cross-site']);
  }
  expect((await post({ origin: mesh.mesh.url })).status).toBe(200);
  // Nor may another site sign somebody in, or out.
  for (const method of ['POST', 'DELETE']) {
    const headers = { origin: 'https://elsewhere.example', 'sec-fetch-site': 'cross-site' };
    const answer = await client.raw('/api/v1/session', { method, headers });
    expect(answer.body.code).toBe('auth.cross-site');
  }
});

test('sessions are listed, one is ended from another, and signing out ends it on the server', async () => {
  const [one, other] = [await signedIn(), await signedIn()];
  const { body } = await one.send('GET', '/api/v1/sessions');
  const current = body.sessions.filter((session: { current: boolean }) => session.current);
  expect([body.sessions.length > 1, current.length]).toEqual([true, 1]);
  expect(JSON.stringify(body)).not.toContain('cds_');
  const theirs = (await other.send('GET', '/api/v1/sessions')).body.sessions.find(
    (session: { current: boolean }) => session.current,
  );
  expect((await one.send('DELETE', `/api/v1/sessions/${theirs.id}`)).status).toBe(200);
  expect((await me(other)).status).toBe(401);
  const foreign = await mesh.administrator.delete(`/api/v1/sessions/${current[0].id}`);
  expect(foreign.status).toBe(404);
  const kept = one.cookies.get('crossdock_session')!;
  await one.send('DELETE', '/api/v1/session');
  expect(one.cookies.size).toBe(0);
  one.cookies.set('crossdock_session', kept);
  expect((await me(one)).status).toBe(401);
});

test('a session ends when nobody uses it, and after a week in any case', async () => {
  const idle = await signedIn();
  const used = await signedIn();
  const stepMs = LIMITS.sessionIdleMs - 60_000;
  clock.aheadMs += stepMs;
  expect((await me(used)).status).toBe(200);
  clock.aheadMs += stepMs;
  expect([(await me(idle)).status, (await me(used)).status]).toEqual([401, 200]);
  for (let passed = 2 * stepMs; passed < LIMITS.sessionMs; passed += stepMs) {
    await me(used);
    clock.aheadMs += stepMs;
  }
  expect((await me(used)).status).toBe(401);
  clock.aheadMs = 0;
});

test('a new password signs every other browser out; the current one has to be known', async () => {
  const [one, other] = [await signedIn(), await signedIn()];
  const change = (body: object) => one.send('POST', '/api/v1/person/password', body);
  const next = 'seven grey herons by the canal';
  expect((await change({ password: next })).body.code).toBe('auth.password-current');
  expect((await change({ password: next, current: PASSWORD })).status).toBe(200);
  expect([(await me(one)).status, (await me(other)).status]).toEqual([200, 401]);
  expect((await change({ password: PASSWORD, current: next })).status).toBe(200);
});

test('a token for less than everything sets no password', async () => {
  const analyst = await mesh.person(ANALYST);
  const made = await analyst.post('/api/v1/tokens', { scopes: ['read', 'write'] });
  const answer = await mesh
    .withToken(made.body.secret)
    .post('/api/v1/person/password', { password: PASSWORD });
  expect(answer).toMatchObject({ status: 403, body: { code: 'auth.scope' } });
});

test('a session by token carries the token’s scopes and ends with it', async () => {
  const analyst = await mesh.person(ANALYST);
  const made = await analyst.post('/api/v1/tokens', { scopes: ['read'] });
  const client = browser();
  await client.send('POST', '/api/v1/session', { token: made.body.secret });
  expect((await me(client)).body.scopes).toEqual(['read']);
  expect((await client.send('POST', '/api/v1/query', { sql: 'SELECT 1' })).body.code).toBe('auth.scope');
  await analyst.delete(`/api/v1/tokens/${made.body.id}`);
  expect((await me(client)).status).toBe(401);
});

test('a link that enters counts once, and not after its hour', async () => {
  const link = async () => {
    const { parts } = mesh.mesh;
    const person = await findPersonByEmail(parts.database.reader, ANALYST);
    const made = await parts.database.transact((transaction) =>
      makeLink(transaction, { principalId: person!.id, purpose: 'enter', at: clock.now() }),
    );
    return { code: made.path.split('#')[1] };
  };
  const body = await link();
  const client = browser();
  expect((await client.send('POST', '/api/v1/session', body)).status).toBe(200);
  expect((await me(client)).body.principal.email).toBe(ANALYST);
  expect((await browser().send('POST', '/api/v1/session', body)).body.code).toBe('auth.link');
  const late = await link();
  clock.aheadMs += LIMITS.entryLinkMs;
  expect((await browser().send('POST', '/api/v1/session', late)).body.code).toBe('auth.link');
  clock.aheadMs = 0;
});

test('who has left is refused at the very next request, whatever they hold, and is not signed in by coming back', async () => {
  const client = await signedIn();
  const token = await mesh.person(OWNER);
  const code = await codeFor(OWNER);
  const said = await crossdock(['person', 'disable', OWNER], environment());
  expect(said).toMatchObject({ code: 0, stdout: `${OWNER} may not sign in any more\n` });
  expect([(await me(client)).status, (await token.get('/api/v1/me')).status]).toEqual([401, 401]);
  for (const body of [
    { email: OWNER, password: PASSWORD },
    { code, password: PASSWORD },
  ]) {
    expect((await browser().send('POST', '/api/v1/session', body)).status).toBe(401);
  }
  expect((await crossdock(['person', 'enable', OWNER], environment())).code).toBe(0);
  expect([(await me(client)).status, (await token.get('/api/v1/me')).status]).toEqual([401, 401]);
  await signedIn();
});

test('the last administrator stays', async () => {
  const said = await crossdock(['person', 'disable', 'admin@localhost', '--json'], environment());
  expect([said.code, JSON.parse(said.stdout).code]).toEqual([2, 'auth.last-administrator']);
});

test('the command line invites and lists people and their sessions', async () => {
  const invited = await crossdock(['person', 'invite', ANALYST], environment());
  expect(invited.stdout).toMatch(/^http:\/\/localhost:\d+\/welcome#cdl_\S+\n$/);
  const listed = await crossdock(['person', 'list', '--json'], environment());
  const people = JSON.parse(listed.stdout).people as { email: string; passwordSetAt: string | null }[];
  expect(people.find(({ email }) => email === OWNER)?.passwordSetAt).not.toBeNull();
  expect(people.find(({ email }) => email === ANALYST)?.passwordSetAt).toBeNull();
  const sessions = await crossdock(['session', 'list', '--json'], environment());
  expect(JSON.parse(sessions.stdout)).toEqual({ sessions: [] });
});

test('in a browser: an invitation, the account’s page, a program let in, and signing in again', async () => {
  const chromium = await openBrowser();
  const screen = await openScreen(chromium, mesh.mesh.url, 390);
  const { page } = screen;
  await page.goto(`/welcome#${await codeFor(ANALYST)}`);
  await page.getByLabel('New password', { exact: true }).fill(PASSWORD);
  await page.getByLabel('New password again').fill(PASSWORD);
  await page.getByRole('button', { name: 'Set it and sign in' }).click();
  await page.getByRole('heading', { name: 'Catalog' }).waitFor();
  expect(new URL(page.url()).hash).toBe('');

  await signedIn(ANALYST);
  await page.goto('/account');
  await page.getByRole('button', { name: /^Sign out/ }).click();
  await page.getByRole('button', { name: /^Sign out/ }).waitFor({ state: 'detached' });
  expect(await page.getByText('this one').count()).toBe(1);

  const login = crossdock(
    ['login', '--device'],
    { CROSSDOCK_URL: mesh.mesh.url, CROSSDOCK_CONFIG: mesh.folder },
    (text) => {
      const address = /Open (\S+)/.exec(text)?.[1];
      if (address !== undefined) void letIn(page, address);
    },
  );
  expect((await login).stdout).toContain(ANALYST);

  await page.getByRole('button', { name: 'analyst of sales' }).click();
  await page.getByRole('menuitem', { name: 'Sign out' }).click();
  await page.getByLabel('E-mail address').fill(ANALYST);
  await page.getByLabel('Password', { exact: true }).fill('not this one, no');
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
  await page.getByText('auth.sign-in').waitFor();
  await page.getByLabel('Password', { exact: true }).fill(PASSWORD);
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
  await page.getByRole('heading', { name: 'Catalog' }).waitFor();
  expect([screen.complaints, await screen.overflow()]).toEqual([[], 0]);
  await chromium.close();
});

async function letIn(page: Page, address: string): Promise<void> {
  await page.goto(address);
  await page.getByRole('button', { name: 'Continue' }).click();
  await page.getByRole('button', { name: 'Allow' }).click();
  await page.getByText('Go back to your terminal').waitFor();
}

function environment(): Record<string, string> {
  return { CROSSDOCK_URL: mesh.mesh.url, CROSSDOCK_TOKEN: mesh.administrator.token };
}
