import { createHmac, createPublicKey, generateKeyPairSync } from 'node:crypto';
import { expect, test } from 'vitest';
import { CLIENT, type Employee } from '../../fixtures/company.ts';
import { AUDIENCE, company, identityFiles, mesh } from '../../fixtures/identity-mesh.ts';
import { WebClient } from '../../fixtures/web-client.ts';

/** Somebody of the company; whoever is given again has other groups now. */
function employee(sub: string, more: Partial<Employee> = {}): Employee {
  const person = {
    sub,
    email: `${sub}@larkfield.example`,
    email_verified: true,
    name: sub,
    groups: [],
    ...more,
  };
  company.people.set(sub, person);
  return person;
}

/** The whole way: to the company, and back. */
async function signIn(sub: string, then?: string): Promise<{ browser: WebClient; to: string | null }> {
  const browser = new WebClient(mesh.mesh.url);
  const begun = await browser.raw(`/api/v1/company/sign-in${then === undefined ? '' : `?then=${then}`}`);
  const back = await company.signIn(begun.headers.get('location')!, sub);
  const answer = await browser.raw(back);
  return { browser, to: answer.headers.get('location') };
}

const me = (browser: WebClient) => browser.send('GET', '/api/v1/me');
const rolesIn = (body: any): string[] =>
  body.domains.map(({ name, role }: { name: string; role: string }) => `${name} ${role}`);

test('the sign-in page knows the company', async () => {
  const answer = await new WebClient(mesh.mesh.url).send('GET', '/api/v1/company');
  expect(answer.body).toEqual({ title: 'Larkfield' });
});

test('somebody of the company signs in, and their groups and claims make them a member', async () => {
  employee('ada', { groups: ['sales-readers', 'sales-owners', 'chess'], department: 'Marketing' });
  const { browser, to } = await signIn('ada', encodeURIComponent('/products/sales/x?tab=runs'));
  expect(to).toBe('/products/sales/x?tab=runs');
  const { body } = await me(browser);
  expect(body.principal).toMatchObject({ name: 'ada', email: 'ada@larkfield.example' });
  // Of two roles in one domain the stronger.
  expect(rolesIn(body)).toEqual(['marketing engineer', 'sales owner']);
  expect(body.groups).toEqual(['chess', 'sales-owners', 'sales-readers']);
  expect((await browser.send('GET', '/api/v1/sessions')).body.sessions[0].method).toBe('company');
});

test('what mesh.yaml gives to members of a domain is theirs too', async () => {
  const row = await mesh.mesh.parts.database.reader
    .selectFrom('principals')
    .select('attributes')
    .where('email', '=', 'ada@larkfield.example')
    .executeTakeFirstOrThrow();
  expect(row.attributes).toEqual({ regions: ['NORTH'] });
});

test('who leaves a group loses its role with the next sign-in, and the audit says so', async () => {
  employee('ada', { groups: ['sales-readers'] });
  const { browser } = await signIn('ada');
  expect(rolesIn((await me(browser)).body)).toEqual(['sales analyst']);
  const { entries } = (await mesh.administrator.get('/api/v1/audit?limit=100')).body;
  const changes = entries.filter(({ action }: { action: string }) => action === 'membership.by-company');
  expect(changes.map(({ facts }: { facts: object }) => facts)).toEqual(
    expect.arrayContaining([
      { from: 'owner', to: 'analyst' },
      { from: 'engineer', to: null },
    ]),
  );
});

test('members that domain.yaml declares stay as declared, and an apply does not remove the others', async () => {
  employee('own', { email: 'steward@sales.example', groups: ['sales-readers'] });
  const { browser } = await signIn('own');
  expect(rolesIn((await me(browser)).body)).toEqual(['sales steward']);
  const files = Object.entries(identityFiles());
  const body = { files: files.map(([path, text]) => ({ path, text })) };
  const planned = await mesh.administrator.post('/api/v1/plan', body);
  expect(JSON.stringify(planned.body)).not.toContain('ada');
  await mesh.administrator.post('/api/v1/apply', body);
  const ada = await signIn('ada');
  expect(rolesIn((await me(ada.browser)).body)).toEqual(['sales analyst']);
});

test('who is nobody’s member is told so and gets no place', async () => {
  employee('eve', { groups: ['chess'] });
  const { browser, to } = await signIn('eve');
  expect([to, browser.cookies.size]).toEqual(['/?refused=auth.not-admitted', 0]);
  const people = await mesh.administrator.get('/api/v1/people');
  expect(JSON.stringify(people.body)).not.toContain('eve@');
});

test('an address that is not verified, or moved to somebody else, opens nobody’s place', async () => {
  employee('mallory', { email: 'owner@sales.example', email_verified: false, groups: ['sales-readers'] });
  expect((await signIn('mallory')).to).toBe('/?refused=auth.not-admitted');
  employee('heir', { email: 'ada@larkfield.example', groups: ['sales-owners'] });
  expect((await signIn('heir')).to).toBe('/?refused=auth.not-admitted');
});

test('a sign-in that began elsewhere, or comes twice, signs nobody in', async () => {
  const begun = await new WebClient(mesh.mesh.url).raw('/api/v1/company/sign-in');
  const back = await company.signIn(begun.headers.get('location')!, 'ada');
  const victim = new WebClient(mesh.mesh.url);
  expect((await victim.raw(back)).headers.get('location')).toBe('/?refused=auth.company');
  const other = new WebClient(mesh.mesh.url);
  await other.raw('/api/v1/company/sign-in');
  expect((await other.raw(back)).headers.get('location')).toBe('/?refused=auth.company');
  expect(other.cookies.size).toBe(0);
});

test.each([
  'https://evil.example',
  '//evil.example',
  '/\\evil.example',
  'javascript:alert(1)',
  '/%09/evil.example',
])('nobody is sent on to %s', async (then) => {
  const { to } = await signIn('ada', encodeURIComponent(then));
  expect(new URL(to!, mesh.mesh.url).origin).toBe(mesh.mesh.url);
});

test('an access token of the company counts for reading, with the groups it names', async () => {
  const claims = {
    sub: 'ada',
    aud: AUDIENCE,
    email: 'ada@larkfield.example',
    email_verified: true,
    name: 'ada',
  };
  const reading = mesh.withToken(await company.token({ ...claims, groups: ['sales-owners'] }));
  const { body } = await reading.get('/api/v1/me');
  expect([rolesIn(body), body.scopes]).toEqual([['sales owner'], ['read', 'query']]);
  expect(await reading.rows('SELECT 42 AS answer')).toEqual([{ answer: 42 }]);
  const writing = mesh.withToken(
    await company.token({
      ...claims,
      groups: ['sales-owners'],
      scope: 'openid crossdock.read crossdock.write',
    }),
  );
  expect((await writing.get('/api/v1/me')).body.scopes).toEqual(['read', 'write']);
});

test('a token that names no groups changes none', async () => {
  const silent = mesh.withToken(await company.token({ sub: 'ada', aud: AUDIENCE }));
  expect(rolesIn((await silent.get('/api/v1/me')).body)).toEqual(['sales owner']);
  const none = mesh.withToken(await company.token({ sub: 'ada', aud: AUDIENCE, groups: [] }));
  expect(rolesIn((await none.get('/api/v1/me')).body)).toEqual([]);
});

test('a token that is not exactly ours is refused', async () => {
  const good = { sub: 'ada', aud: AUDIENCE };
  const other = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({ format: 'jwk' });
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const now = Math.floor(Date.now() / 1000);
  const body = part({ ...good, iss: company.url, iat: now, exp: now + 300 });
  const publicKey = createPublicKey({ key: company.key as never, format: 'jwk' });
  const pem = publicKey.export({ type: 'spki', format: 'pem' });
  const hs = `${part({ alg: 'HS256', kid: 'company' })}.${body}`;
  const tokens: Record<string, string> = {
    'another audience': await company.token({ ...good, aud: 'https://other.example' }),
    'an audience too few': await company.token({ sub: 'ada' }),
    'the mesh as client, not as audience': await company.token({ ...good, aud: CLIENT.id }),
    'another issuer': await company.token({ ...good, iss: 'https://evil.example' }),
    expired: await company.token(good, { lastsSeconds: -60 }),
    'another key': await company.token(good, { key: { ...other, kid: 'company', alg: 'RS256' } }),
    'no algorithm': `${part({ alg: 'none' })}.${body}.`,
    'the public key as a shared secret': `${hs}.${createHmac('sha256', pem).update(hs).digest('base64url')}`,
    nobody: await company.token({ aud: AUDIENCE }),
  };
  for (const [name, token] of Object.entries(tokens)) {
    const answer = await mesh.withToken(token).get('/api/v1/me');
    expect([name, answer.status, answer.body.code]).toEqual([name, 401, 'auth.invalid']);
  }
  expect(
    (await mesh.withToken(await company.token({ ...good, groups: ['sales-owners'] })).get('/api/v1/me'))
      .status,
  ).toBe(200);
});

test('who has left the mesh is refused at the very next request, whatever the company says', async () => {
  const token = mesh.withToken(await company.token({ sub: 'ada', aud: AUDIENCE, groups: ['sales-owners'] }));
  expect((await token.get('/api/v1/me')).status).toBe(200);
  await mesh.administrator.post('/api/v1/people/disable', { email: 'ada@larkfield.example' });
  expect((await token.get('/api/v1/me')).status).toBe(401);
  expect((await signIn('ada')).to).toBe('/?refused=auth.not-admitted');
});
