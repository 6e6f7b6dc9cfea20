import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  context,
  domainTags,
  product,
  RESOURCES,
  someone,
  traits,
} from '../../test/fixtures/decided-facts.ts';
import {
  ACTIONS,
  type Action,
  type DomainTags,
  type Principal,
  type ProductTraits,
  type Resource,
} from './action.ts';
import { decide, decideRead, isForbidden, type ResourceOf } from './decide.ts';
import { preparePolicies, validatePolicies, type PolicySource } from './policies.ts';

const policy = (text: string, level: PolicySource['level'] = 'product', name = 'sales.sell-out') => ({
  level,
  name,
  text,
});

const EVERY_TYPE = Object.keys(ACTIONS) as Resource['type'][];

/** Everything a policy can ask of the facts below, by the types it can be asked of; each is true. */
const ASKED: [types: Resource['type'][], condition: string][] = [
  [['Domain', 'Product', 'Dataset'], 'resource.hasTag("zone") && resource.getTag("zone").contains("europe")'],
  [['Product', 'Dataset', 'Subscription', 'Source'], 'resource.domain.hasTag("zone")'],
  [['Dataset', 'Subscription'], 'resource.product.hasTag("confidentiality")'],
  [['Dataset', 'Subscription'], 'resource.product.status == "published"'],
  [['Product', 'Dataset'], 'resource.status == "published"'],
  [['Dataset'], 'resource has classification && resource.classification == "secret"'],
  [['Subscription'], 'resource.consumer.hasTag("partner")'],
  [EVERY_TYPE, 'context has door && context.door == "rest"'],
  [EVERY_TYPE, 'context has network && context.network.isInRange(ip("10.0.0.0/8"))'],
  [EVERY_TYPE, 'context has purpose && context.purpose == "forecast"'],
  [EVERY_TYPE, 'context has subscription && context.subscription.domain.hasTag("partner")'],
  [EVERY_TYPE, 'context.agent'],
  [EVERY_TYPE, 'principal.roles.contains("steward") && principal.roles.contains("administrator")'],
  [EVERY_TYPE, 'principal.groups.contains("cpg-analysts")'],
  [
    EVERY_TYPE,
    'principal.claims.hasTag("cost_center") && principal.claims.getTag("cost_center").contains("4711")',
  ],
  [EVERY_TYPE, 'principal in Mesh::"mesh"'],
];

test('every fact a policy may ask for is there for every action: no forbid passes by in silence', () => {
  const principal = someone('sales', 'owner', {
    ...{ administrator: true, agent: true, groups: ['cpg-analysts'], claims: { cost_center: '4711' } },
  });
  const tags = { ...traits.tags, zone: 'europe' };
  const asked = {
    ...{ now: context.now, purpose: 'forecast', subscription: { domain: 'marketing', purpose: 'forecast' } },
    origin: { door: 'rest', address: '::ffff:10.1.2.3' },
  };
  const known: DomainTags = new Map([...domainTags, ['marketing', { partner: 'gold' }]]);
  for (const type of EVERY_TYPE) {
    const conditions = ASKED.flatMap(([types, condition]) => (types.includes(type) ? [condition] : []));
    const forbids = conditions.map(
      (condition, at) =>
        `@id("no ${at}") forbid (principal, action, resource is ${type}) when { ${condition} };`,
    );
    const text = forbids.join('\n');
    expect(validatePolicies(text, 'no.cedar')).toEqual([]);
    const policies = preparePolicies([policy(text, 'mesh', 'no.cedar')]);
    const resource = RESOURCES[type];
    const named = 'tags' in resource ? { ...resource, tags } : resource;
    const tagged =
      'datasetTags' in named ? { ...named, datasetTags: { ...named.datasetTags, ...tags } } : named;
    for (const action of ACTIONS[type]) {
      const about = { action, principal, resource: tagged as ResourceOf<Action>, context: asked };
      const { reasons } = decide<Action>({ ...about, domainTags: known, policies });
      const expected = conditions.map((_, at) => `forbidden by 'no.cedar: no ${at}'`).sort();
      expect([action, reasons]).toEqual([action, expected]);
    }
  }
});

const CONDITIONS = [
  'resource.hasTag("class") && resource.getTag("class").contains("open")',
  'resource is Dataset',
  'resource is Product',
  'resource in Product::"sales.sell-out"',
  'resource == Product::"sales.sell-out"',
  'resource is Dataset && resource.product.status == "published"',
  'resource has classification && resource.classification == "secret"',
  'resource.status == "published"',
  'resource.domain.hasTag("zone")',
  'principal in Domain::"marketing"',
];

test('asked of a dataset alone where no policy can tell it from its product, the answer is the same', () => {
  const anyPolicy = fc.tuple(
    fc.constantFrom('permit', 'forbid'),
    fc.constantFrom(...CONDITIONS),
    fc.boolean(),
  );
  const anyTags = fc.constantFrom<Record<string, string>>(
    {},
    { class: 'open' },
    { classification: 'secret' },
  );
  fc.assert(
    fc.property(fc.array(anyPolicy, { maxLength: 3 }), anyTags, anyTags, (some, above, own) => {
      const text = some.map(
        ([effect, condition, isNegative], at) =>
          `@id("${at}") ${effect} (principal, action == Action::"product.read", resource)
           ${isNegative ? 'unless' : 'when'} { ${condition} };`,
      );
      const resource = { ...RESOURCES.Dataset, tags: above, datasetTags: { ...above, ...own } };
      const { dataset: _dataset, datasetTags: _tags, ...product } = resource;
      const facts = {
        ...{ principal: someone('marketing', 'analyst'), context, domainTags },
        policies: preparePolicies([policy(text.join('\n'), 'mesh', 'p.cedar')]),
      };
      const both = [
        decide({ ...facts, action: 'product.read', resource }),
        decide({ ...facts, action: 'product.read', resource: { ...product, type: 'Product' } }),
      ];
      const expected = both.some(({ allowed }) => allowed) && !both.some(isForbidden);
      expect(decideRead({ ...facts, resource }).allowed).toBe(expected);
    }),
    { numRuns: 300 },
  );
});

test('a read of a dataset is one of its product too: what is forbidden of either is forbidden', () => {
  const read = (text: string, principal = someone('marketing', 'analyst')) =>
    decideRead({
      ...{ principal, resource: RESOURCES.Dataset, context, domainTags },
      policies: preparePolicies([policy(text)]),
    });
  const permit = (resource: string) =>
    `@id("yes") permit (principal, action == Action::"product.read", resource == ${resource});`;
  const [product, dataset] = ['Product::"sales.sell-out"', 'Dataset::"sales.sell-out.sales"'];
  expect(read(permit(product)).reasons).toEqual(["allowed by 'sales.sell-out: yes'"]);
  expect(read(permit(dataset)).reasons).toEqual(["allowed by 'sales.sell-out: yes'"]);
  expect(read(permit('Dataset::"sales.sell-out.other"')).allowed).toBe(false);
  for (const resource of [product, dataset]) {
    const forbid = `@id("no") forbid (principal, action, resource == ${resource});`;
    expect(read(`${permit(product)}${permit(dataset)}${forbid}`.replace('"yes"', '"also"'))).toMatchObject({
      allowed: false,
      reasons: ["forbidden by 'sales.sell-out: no'"],
    });
  }
});
