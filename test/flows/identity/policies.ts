import { expect, test } from 'vitest';
import { AUDIENCE, company, identityFiles, mesh } from '../../fixtures/identity-mesh.ts';
import type { Person } from '../../fixtures/mesh.ts';
import { productFiles } from '../../fixtures/mesh-files.ts';
import { OauthClient } from '../../fixtures/oauth-client.ts';

/** What the company's provider says, and who acts for whom, reaches the policies. */
const RULES = `@id("who is suspended finds nothing")
forbid (principal is Person, action == Action::"product.discover", resource)
when { principal.groups.contains("suspended") };

@id("programs find nothing of marketing")
forbid (principal, action == Action::"product.discover", resource in Domain::"marketing")
when { context.agent };
`;

const dataset = {
  name: 'plan',
  columns: [{ name: 'region', type: 'varchar' }],
  sql: `SELECT 'NORTH' AS region`,
};
const oauth = new OauthClient(() => mesh.mesh.url);

async function found(person: Person): Promise<string[]> {
  const { body } = await person.get('/api/v1/products');
  return body.products.map(({ domain, name }: { domain: string; name: string }) => `${domain}.${name}`);
}

test('a policy decides by the company’s groups, as of the very next request', async () => {
  await mesh.apply({
    ...identityFiles(),
    'policies/people.cedar': RULES,
    ...productFiles({ domain: 'marketing', product: 'media', datasets: [dataset] }),
  });
  const claims = { sub: 'grace', aud: AUDIENCE, email: 'grace@larkfield.example', email_verified: true };
  const as = async (...groups: string[]) => mesh.withToken(await company.token({ ...claims, groups }));
  expect(await found(await as('sales-readers'))).toEqual(['marketing.media']);
  expect(await found(await as('sales-readers', 'suspended'))).toEqual([]);
  expect(await found(await as('sales-readers'))).toEqual(['marketing.media']);
});

test('a policy tells a person from a program that acts for them', async () => {
  const person = await mesh.person('analyst@sales.example');
  const made = await mesh.administrator.post('/api/v1/tokens', { service: 'sales/agent' });
  const { body } = await oauth.form(
    '/oauth/token',
    {
      grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange',
      subject_token: person.token,
      subject_token_type: 'urn:ietf:params:oauth:token-type:access_token',
    },
    ['sales/agent', made.body.secret],
  );
  expect(await found(person)).toEqual(['marketing.media']);
  expect(await found(mesh.withToken(body.access_token))).toEqual([]);
});
