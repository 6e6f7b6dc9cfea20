import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Principal } from '../policy/action.ts';
import { decide } from '../policy/decide.ts';
import { preparePolicies } from '../policy/policies.ts';
import { readTags } from '../policy/tags.ts';
import { likenessOf, type LikeQuestion } from './likeness.ts';

const TAGGED: Record<string, string[]> = { marketing: ['zone:inner'], agency: ['zone:outer'] };
const facts = (text: string) => ({ domain: 'sales', taggedDomains: TAGGED, policies: [{ text }] });

const DOMAINS = ['sales', 'finance', 'marketing', 'agency', 'retail'];
const conditions = fc.constantFrom(
  'principal in Domain::"finance"',
  'principal in Role::"finance/owner"',
  'principal in Domain::"\\u{72}etail"',
  'principal in resource.domain.stewards',
  'principal in resource.domain',
  'principal == Person::"usr_1"',
  'principal is ServiceAccount',
  'principal in Role::"administrator"',
  'principal.hasTag("region") && principal.getTag("region").contains("R1")',
  'context has subscription && principal in context.subscription.domain.owners',
  'context has subscription && context.subscription.domain == Domain::"agency"',
  'context has subscription && context.subscription.domain.hasTag("zone") && context.subscription.domain.getTag("zone").contains("outer")',
  'principal.roles.contains("owner")',
  'context has subscription && context.subscription.purpose like "plan*"',
);
const policyText = fc
  .array(fc.tuple(fc.constantFrom('permit', 'permit', 'forbid'), conditions), { minLength: 1, maxLength: 2 })
  .map((written) =>
    written
      .map(
        ([effect, when], index) =>
          `@id("p${index}") ${effect} (principal, action, resource) when { ${when} };`,
      )
      .join('\n'),
  );
const domain = fc.constantFrom(...DOMAINS);
const principal: fc.Arbitrary<Principal> = fc.record({
  id: fc.constantFrom('usr_1', 'usr_2'),
  kind: fc.constantFrom('person', 'service-account'),
  administrator: fc.boolean(),
  roles: fc.uniqueArray(fc.record({ domain, role: fc.constantFrom('owner', 'steward') }), {
    maxLength: 2,
    selector: (one) => one.domain,
  }),
  attributes: fc.constantFrom<Principal['attributes'][]>({}, { region: 'R1' }),
});
const question: fc.Arbitrary<LikeQuestion> = fc.record(
  {
    action: fc.constantFrom('product.discover', 'product.read'),
    principal,
    subscription: fc.record({ domain, purpose: fc.constant('plan media') }),
    now: fc.constant(new Date('2026-11-27T09:00:00Z')),
  },
  { requiredKeys: ['action', 'principal', 'now'] },
);

function answer({ action, principal: who, subscription, now }: LikeQuestion, text: string): boolean {
  return decide({
    action,
    principal: who,
    resource: { type: 'Product', domain: 'sales', product: 'orders', tags: {}, status: 'published' },
    domainTags: new Map(Object.entries(TAGGED).map(([name, texts]) => [name, readTags(texts)])),
    context: { now: now.toISOString(), ...(subscription === undefined ? {} : { subscription }) },
    policies: preparePolicies([{ level: 'product', name: 'sales.orders', text }]),
  }).allowed;
}

/** The same question about somebody of another name, in domains of other names. */
function renamed(one: LikeQuestion, others: string[], id: string): LikeQuestion {
  const called = (name: string) => others[DOMAINS.indexOf(name)] ?? name;
  const { principal: who, subscription } = one;
  const roles = who.roles.map((held) => ({ ...held, domain: called(held.domain) }));
  const through = subscription && { subscription: { ...subscription, domain: called(subscription.domain) } };
  return { ...one, principal: { ...who, id, roles }, ...through };
}

test('who is alike for the policies is decided about alike', () => {
  let alike = 0;
  const others = fc.shuffledSubarray(DOMAINS, { minLength: DOMAINS.length });
  const pair = fc
    .tuple(question, others, fc.constantFrom('usr_1', 'usr_2'))
    .map(([one, names, id]) => [one, renamed(one, names, id)] as const);
  fc.assert(
    fc.property(policyText, fc.array(pair, { minLength: 4, maxLength: 4 }), (text, pairs) => {
      for (const [one, other] of pairs) {
        if (likenessOf(one, facts(text)) !== likenessOf(other, facts(text))) continue;
        alike++;
        expect(answer(one, text)).toBe(answer(other, text));
      }
    }),
    { numRuns: 150 },
  );
  expect(alike).toBeGreaterThan(30);
});
