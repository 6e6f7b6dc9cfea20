import fc from 'fast-check';
import { expect, test } from 'vitest';
import { context, domainTags, RESOURCES, someone } from '../../test/fixtures/decided-facts.ts';
import { ACTIONS, type Resource } from './action.ts';
import { askedBy, askedByAny } from './asked-facts.ts';
import { authorize, splitPolicies } from './cedar.ts';
import { requestOf } from './cedar-request.ts';

const asked = (condition: string) =>
  askedBy(splitPolicies(`permit (principal, action, resource) when { ${condition} };`)![0]!.conditions);

test('what a condition reads is known by its paths', () => {
  expect(asked('principal in resource.domain.analysts && context has subscription.domain')).toEqual({
    attributes: new Set([
      'resource.domain',
      'resource.domain.analysts',
      'context.subscription',
      'context.subscription.domain',
    ]),
    tagged: new Set(),
    placed: new Set(['principal']),
  });
  expect(
    asked('!(context.subscription.domain.hasTag("a") && [resource.product].contains(principal))'),
  ).toEqual({
    attributes: new Set(['context.subscription', 'context.subscription.domain', 'resource.product']),
    tagged: new Set(['context.subscription.domain']),
    placed: new Set(),
  });
  expect(asked('resource.product in Domain::"sales" && resource is Dataset in Product::"sales.x"')).toEqual({
    attributes: new Set(['resource.product']),
    tagged: new Set(),
    placed: new Set(['resource.product', 'resource']),
  });
});

test('where paths do not say it, everything is asked for', () => {
  for (const condition of [
    '(if context.agent then resource.domain else resource.domain).hasTag("zone")',
    'Domain::"sales".hasTag("zone")',
    'Domain::"sales" in Mesh::"mesh"',
    '{ of: resource.domain }.of.hasTag("zone")',
    'context == context',
  ])
    expect([condition, asked(condition)]).toEqual([condition, null]);
  expect(askedByAny([asked('true'), null])).toBeNull();
});

const ATOMS = [
  ...['principal', 'resource', 'resource.domain', 'resource.product', 'resource.consumer'].flatMap((path) => [
    `${path}.hasTag("zone")`,
    `(${path}.hasTag("zone") && ${path}.getTag("zone").contains("europe"))`,
    `${path} in Mesh::"mesh"`,
    `${path} in Domain::"sales"`,
    `${path} in [Product::"sales.sell-out", Domain::"marketing"]`,
  ]),
  ...['domain', 'product', 'status', 'classification', 'consumer'].map((name) => `resource has ${name}`),
  'principal in resource.domain.analysts',
  'principal in resource.owners',
  'principal in resource.product.domain.stewards',
  'principal in resource.consumer.analysts',
  'resource is Dataset in Product::"sales.sell-out"',
  'resource.product.status == "published"',
  'resource.classification == "secret"',
  'principal.roles.contains("steward")',
  'principal.groups.isEmpty()',
  'principal.claims.hasTag("cost_center")',
  'context has purpose',
  'context.purpose like "fore*"',
  'context has subscription.domain',
  'principal in context.subscription.domain',
  'context.subscription.domain.hasTag("partner")',
  'principal in context.subscription.domain.stewards',
  'context.now > datetime("2026-01-01")',
  'context.agent',
  '(if context.agent then resource.domain else resource.domain).hasTag("zone")',
  'Domain::"sales".hasTag("zone")',
  'context == {}',
  'resource == resource.product',
];

const { condition: anyCondition } = fc.letrec<{ condition: string }>((tie) => ({
  condition: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    { weight: 3, arbitrary: fc.constantFrom(...ATOMS) },
    { weight: 1, arbitrary: fc.tuple(tie('condition'), tie('condition')).map(([a, b]) => `(${a} && ${b})`) },
    { weight: 1, arbitrary: fc.tuple(tie('condition'), tie('condition')).map(([a, b]) => `(${a} || ${b})`) },
    { weight: 1, arbitrary: tie('condition').map((one) => `!${one}`) },
    {
      weight: 1,
      arbitrary: fc
        .tuple(tie('condition'), tie('condition'), tie('condition'))
        .map(([a, b, c]) => `(if ${a} then ${b} else ${c})`),
    },
  ),
}));

const anyPolicy = fc
  .record({
    effect: fc.constantFrom('permit', 'forbid'),
    principal: fc.constantFrom('', ' in Domain::"sales"', ' in Role::"sales/steward"', ' in Mesh::"mesh"'),
    resource: fc.constantFrom('', ' in Domain::"sales"', ' in Product::"sales.sell-out"', ' is Product'),
    condition: anyCondition,
  })
  .map(
    ({ effect, principal, resource, condition }) =>
      `${effect} (principal${principal}, action, resource${resource}) when { ${condition} };`,
  );

test('policies answer the same to what they ask for and to everything', () => {
  const anyFacts = fc.record({
    type: fc.constantFrom(...(Object.keys(ACTIONS) as Resource['type'][])),
    domain: fc.constantFrom('sales', 'marketing'),
    role: fc.constantFrom('owner' as const, 'analyst' as const),
    administrator: fc.boolean(),
    subscribed: fc.boolean(),
  });
  fc.assert(
    fc.property(anyFacts, fc.array(anyPolicy, { minLength: 1, maxLength: 4 }), (some, texts) => {
      const parts = texts.map((text) => splitPolicies(text)![0]!);
      const policies = Object.fromEntries(texts.map((text, at) => [`policy ${at}`, text]));
      const facts = {
        action: ACTIONS[some.type][0],
        principal: someone(some.domain, some.role, {
          administrator: some.administrator,
          attributes: { zone: 'europe' },
          claims: { cost_center: '4711' },
        }),
        resource: RESOURCES[some.type],
        context: {
          ...context,
          ...(some.subscribed && { subscription: { domain: 'marketing', purpose: 'forecast' } }),
        },
        domainTags: new Map([...domainTags, ['marketing', { partner: 'gold' }]]),
      };
      const judged = (request: ReturnType<typeof requestOf>) => {
        const { allowed, deciding, errors } = authorize(request, { hash: texts.join('\n'), policies });
        return { allowed, deciding: deciding.toSorted(), errors: errors.length };
      };
      const few = requestOf(facts, askedByAny(parts.map(({ conditions }) => askedBy(conditions))));
      expect(judged(few)).toEqual(judged(requestOf(facts, null)));
    }),
    { numRuns: 500 },
  );
});
