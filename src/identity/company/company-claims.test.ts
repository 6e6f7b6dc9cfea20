import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Role } from '../../store/schema.ts';
import { readPerson, rolesBy } from './company-claims.ts';
import type { CompanySettings, RoleRule } from './settings.ts';

const settings: CompanySettings = {
  issuer: 'https://login.example',
  clientId: 'mesh',
  clientSecret: null,
  audience: null,
  scopes: 'openid',
  title: 'Example',
  groupsClaim: 'groups',
  keptClaims: ['department', 'sites'],
  trustsEmail: false,
  rules: [],
};

test('a person is what the provider says, as far as it is kept', () => {
  const said = {
    sub: '42',
    email: 'Ada@Example.com',
    email_verified: true,
    name: 'Ada',
    groups: ['b', 'a', 'a', { odd: true }],
    department: 'Sales',
    sites: ['OSL', 7],
    salary: 1,
  };
  expect(readPerson(said, settings)).toEqual({
    issuer: 'https://login.example',
    subject: '42',
    email: 'ada@example.com',
    name: 'Ada',
    groups: ['a', 'b'],
    claims: { department: 'Sales', sites: ['OSL', '7'] },
  });
});

test.each([false, undefined, 'true', 1])(
  'an address with email_verified %s counts only where any does',
  (verified) => {
    const said = { sub: '42', email: 'ada@example.com', email_verified: verified };
    expect(readPerson(said, settings).email).toBeNull();
    expect(readPerson(said, { ...settings, trustsEmail: true }).email).toBe('ada@example.com');
  },
);

test('a rule with group and claim asks for both', () => {
  const rules: RoleRule[] = [{ group: 'g', claim: 'c', value: 'v', domain: 'sales', role: 'owner' }];
  expect(rolesBy(rules, { groups: ['g'], claims: {} }).size).toBe(0);
  expect(rolesBy(rules, { groups: [], claims: { c: 'v' } }).size).toBe(0);
  expect(rolesBy(rules, { groups: ['g'], claims: { c: ['u', 'v'] } }).get('sales')).toBe('owner');
  expect(rolesBy([{ domain: 'sales', role: 'owner' }], { groups: ['g'], claims: {} }).size).toBe(0);
  expect(
    rolesBy([{ claim: '__proto__', value: 'x', domain: 'sales', role: 'owner' }], { groups: [], claims: {} })
      .size,
  ).toBe(0);
});

test('a group more never takes a role away or makes it weaker', () => {
  const roles: Role[] = ['analyst', 'engineer', 'steward', 'owner'];
  const name = fc.constantFrom('a', 'b', 'c');
  const rule = fc.record({ group: name, domain: fc.constantFrom('x', 'y'), role: fc.constantFrom(...roles) });
  fc.assert(
    fc.property(fc.array(rule, { maxLength: 8 }), fc.array(name), name, (rules, groups, more) => {
      const before = rolesBy(rules, { groups, claims: {} });
      const after = rolesBy(rules, { groups: [...groups, more], claims: {} });
      for (const [domain, role] of before)
        expect(roles.indexOf(after.get(domain)!)).toBeGreaterThanOrEqual(roles.indexOf(role));
    }),
  );
});
