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
  ROLES,
  type Action,
  type DomainTags,
  type Principal,
  type ProductTraits,
  type Resource,
  type Role,
} from './action.ts';
import { BUILT_IN_POLICIES } from './built-in-policies.ts';
import { decide, requireGranted, type Granted, type ResourceOf } from './decide.ts';
import { preparePolicies, validatePolicies, type PolicySource } from './policies.ts';

const administrator: Principal = {
  id: 'usr_root',
  kind: 'person',
  administrator: true,
  roles: [],
  attributes: {},
};

function allowedActions(principal: Principal, sources: PolicySource[] = []): string[] {
  const policies = preparePolicies(sources);
  return Object.entries(ACTIONS).flatMap(([type, actions]) =>
    actions
      .filter((action) => {
        const resource = RESOURCES[type as Resource['type']] as ResourceOf<Action>;
        return decide<Action>({ action, principal, resource, context, domainTags, policies }).allowed;
      })
      .map((action) => (action === 'product.read' ? `${action} (${type})` : action)),
  );
}

const ANALYST = [
  'domain.read',
  'product.discover',
  'product.read (Product)',
  'product.read (Dataset)',
  'source.read',
];
const ENGINEER = ['domain.apply', 'product.publish', 'product.run', 'source.crawl'];
const KEEPER = ['domain.notify'];
const STEWARD = [
  'domain.restrict',
  'domain.audit',
  'domain.erase',
  'product.restrict',
  'subscription.read',
  'subscription.approve',
  'subscription.revoke',
];

test.each<[Role, string[]]>([
  ['analyst', ANALYST],
  ['engineer', [...ANALYST, ...ENGINEER, ...KEEPER]],
  ['steward', [...ANALYST, ...STEWARD, ...KEEPER]],
  ['owner', [...ANALYST, ...ENGINEER, ...STEWARD, ...KEEPER, 'domain.administer', 'product.delegate']],
])('in the own domain a role may exactly this: %s', (role, expected) => {
  expect(allowedActions(someone('sales', role)).sort()).toEqual([...expected].sort());
  expect(allowedActions(someone('sales', role, { kind: 'service-account' })).sort()).toEqual(
    [...expected].sort(),
  );
});

test('administrators run the mesh, read no data and approve nothing', () => {
  const may = allowedActions(administrator);
  expect(may).toEqual(expect.arrayContaining(['mesh.administer', 'domain.administer', 'product.publish']));
  expect(may.filter((action) => /read \(|approve|request|source/.test(action))).toEqual([]);
});

test('in another domain no role may anything, but see and give back its own subscription', () => {
  expect(allowedActions(someone('finance', 'owner'))).toEqual([]);
  expect(allowedActions(someone('marketing', 'analyst'))).toEqual(['subscription.read']);
  expect(allowedActions(someone('marketing', 'steward'))).toEqual([
    'subscription.read',
    'subscription.revoke',
  ]);
});

test('the use of personal data is approved by those whom the mesh names, and by nobody of the product', () => {
  const may = (principal: Principal, privacy?: { roles: string[]; people: string[] }) =>
    decide({
      action: 'subscription.approve-privacy',
      principal,
      resource: { ...RESOURCES.Subscription, ...(privacy && { privacy }) },
      context,
      domainTags,
      policies: preparePolicies([]),
    }).allowed;
  const named = { roles: ['legal/steward'], people: ['usr_named'] };
  expect(may(someone('legal', 'owner'), named)).toBe(true);
  expect(may(someone('legal', 'analyst'), named)).toBe(false);
  expect(may(someone('finance', 'analyst', { id: 'usr_named' }), named)).toBe(true);
  expect(may(someone('sales', 'owner'), named)).toBe(false);
  expect(may(administrator, named)).toBe(false);
  expect(may(someone('legal', 'owner'))).toBe(false);
});

test('a stranger without any role may nothing', () => {
  expect(allowedActions({ ...administrator, administrator: false })).toEqual([]);
});

test('a subscription lets the members of its domain read, and nobody else', () => {
  const read = (principal: Principal, domain: string) =>
    decide({
      action: 'product.read',
      principal,
      resource: RESOURCES.Dataset,
      context: { ...context, subscription: { domain, purpose: 'forecast' } },
      domainTags,
      policies: preparePolicies([]),
    });
  expect(read(someone('marketing', 'analyst'), 'marketing')).toMatchObject({
    allowed: true,
    reasons: ["allowed by 'built in: subscribers read what they subscribe to'"],
  });
  expect(read(someone('finance', 'owner'), 'marketing').allowed).toBe(false);
});

const policy = (
  text: string,
  level: PolicySource['level'] = 'product',
  name = 'sales.sell-out',
): PolicySource => ({
  level,
  name,
  text,
});

const OPEN = `@id("marketing may find it")
permit (principal in Domain::"marketing", action in [Action::"product.discover", Action::"product.request"], resource);`;

test('a product opens itself to another domain, by name, and only itself', () => {
  const policies = preparePolicies([policy(OPEN)]);
  const discover = (resource: ResourceOf<'product.discover'>, principal: Principal) =>
    decide({ action: 'product.discover', principal, resource, context, domainTags, policies });
  const analyst = someone('marketing', 'analyst');
  expect(discover(RESOURCES.Product, analyst)).toMatchObject({
    allowed: true,
    reasons: ["allowed by 'sales.sell-out: marketing may find it'"],
  });
  expect(discover({ ...RESOURCES.Product, product: 'other' }, analyst)).toMatchObject({
    allowed: false,
    reasons: ['no policy allows product.discover'],
    errors: [],
  });
  expect(discover(RESOURCES.Product, someone('finance', 'analyst')).allowed).toBe(false);
});

test('a product cannot give more than consumption: its other policies have no say', () => {
  const everything = policy('@id("all") permit (principal, action, resource);');
  const may = allowedActions(someone('finance', 'analyst'), [everything]);
  expect(may).toEqual([
    'product.discover',
    'product.request',
    'product.subscribe',
    'product.elevate',
    'product.read (Product)',
    'product.read (Dataset)',
  ]);
});

test('a forbid of the mesh overrides roles and products', () => {
  const forbid = policy(
    `@id("closed at night") forbid (principal, action == Action::"product.read", resource)
     when { context.now.toTime() < duration("10h") };`,
    'mesh',
    'policies/hours.cedar',
  );
  const decision = decide({
    action: 'product.read',
    principal: someone('sales', 'owner'),
    resource: RESOURCES.Dataset,
    context,
    domainTags,
    policies: preparePolicies([forbid, policy(OPEN)]),
  });
  expect(decision).toMatchObject({
    allowed: false,
    reasons: ["forbidden by 'policies/hours.cedar: closed at night'"],
    errors: [],
  });
});

test('policies read attributes of people and tags of products', () => {
  const byTag = policy(
    `@id("europeans find internal products") permit (principal, action == Action::"product.discover", resource)
     when { principal.hasTag("region") && principal.getTag("region").contains("EU")
       && resource.hasTag("confidentiality") && resource.getTag("confidentiality").contains("internal") };`,
    'mesh',
    'find.cedar',
  );
  const european = someone('finance', 'analyst', { attributes: { region: ['EU', 'UK'] } });
  const american = someone('finance', 'analyst', { attributes: { region: 'US' } });
  expect(allowedActions(european, [byTag])).toEqual(['product.discover']);
  expect(allowedActions(american, [byTag])).toEqual([]);
});

test('a policy that errs denies, even beside one that allows', () => {
  const erring = policy(
    '@id("errs") forbid (principal, action, resource) when { principal.getTag("nope").contains("x") };',
    'mesh',
    'm.cedar',
  );
  const decision = decide({
    action: 'product.read',
    principal: someone('sales', 'owner'),
    resource: RESOURCES.Dataset,
    context,
    domainTags,
    policies: preparePolicies([erring]),
  });
  expect(decision.allowed).toBe(false);
  expect(decision.errors).toEqual([expect.stringContaining('m.cedar: errs')]);
});

test('a file that cannot be parsed denies what it would have a say in', () => {
  const principal = someone('sales', 'owner');
  const ask = (action: 'product.read' | 'product.publish', level: PolicySource['level']) =>
    decide({
      action,
      principal,
      resource: RESOURCES.Product,
      context,
      domainTags,
      policies: preparePolicies([policy('permit (', level)]),
    });
  expect(ask('product.read', 'product')).toMatchObject({
    allowed: false,
    errors: ['sales.sell-out cannot be parsed'],
  });
  expect(ask('product.publish', 'product').allowed).toBe(true);
  expect(ask('product.publish', 'mesh').allowed).toBe(false);
});

test('policies of one name stay two policies', () => {
  const twice = policy(
    `@id("same") forbid (principal, action == Action::"product.discover", resource);
     @id("same") permit (principal, action == Action::"product.discover", resource);`,
  );
  expect(allowedActions(someone('finance', 'analyst'), [twice])).toEqual([]);
});

test('only decide makes a permission, and it is for one action on one resource', () => {
  const decision = decide({
    action: 'product.publish',
    principal: someone('sales', 'engineer'),
    resource: RESOURCES.Product,
    context,
    domainTags,
    policies: preparePolicies([]),
  });
  if (!decision.allowed) throw new Error('expected a permission');
  const { granted } = decision;
  expect(() => requireGranted(granted, 'product.publish', RESOURCES.Product)).not.toThrow();
  expect(() =>
    requireGranted(granted, 'product.publish', { ...RESOURCES.Product, product: 'other' }),
  ).toThrow();
  expect(() => requireGranted({ ...granted }, 'product.publish', RESOURCES.Product)).toThrow();
  // @ts-expect-error a permission to publish is none to run
  const wrong: Granted<'product.run'> = granted;
  expect(() => requireGranted(wrong, 'product.run', RESOURCES.Product)).toThrow();
  // @ts-expect-error a permission cannot be written by hand
  const forged: Granted<'product.run'> = {
    action: 'product.run',
    principal: 'x',
    resource: 'x',
    reasons: [],
  };
  expect(() => requireGranted(forged, 'product.run', RESOURCES.Product)).toThrow();
});

test('what gives access to data the mesh can forbid and never permit', () => {
  const permit = '@id("all")\npermit (principal, action, resource);';
  const approve = RESOURCES.Subscription as ResourceOf<'subscription.approve'>;
  const may = (principal: Principal, sources: PolicySource[]) =>
    decide({
      action: 'subscription.approve',
      principal,
      resource: approve,
      context,
      domainTags: new Map(),
      policies: preparePolicies(sources),
    }).allowed;
  const steward = someone('sales', 'steward');
  expect(may(administrator, [policy(permit, 'mesh', 'open.cedar')])).toBe(false);
  expect(may(steward, [policy(permit, 'mesh', 'open.cedar')])).toBe(true);
  expect(may(steward, [policy(permit.replace('permit', 'forbid'), 'mesh', 'closed.cedar')])).toBe(false);
  const named = '@id("me")\npermit (principal, action == Action::"product.subscribe", resource);';
  expect(validatePolicies(named, 'open.cedar').map(({ message }) => message)).toEqual([
    expect.stringContaining('only the producer of a product permits product.subscribe'),
  ]);
  expect(validatePolicies(named, 'access.cedar', 'product')).toEqual([]);
});

test('the built-in policies fit the schema, and every role is used', () => {
  expect(validatePolicies(BUILT_IN_POLICIES, 'built-in', 'built-in')).toEqual([]);
  for (const role of Object.keys(ROLES)) expect(BUILT_IN_POLICIES).toContain(`${role}s`);
});

test.each([
  ['permit (principal, action, resource', ['p.cedar:1:36 unexpected end of input']],
  [
    '// ü 😀\n@id("a")\npermit (principal == Persn::"a", action == Action::"product.discver", resource);',
    [
      'p.cedar:3:22 unrecognized entity type `Persn`; did you mean `Person`?',
      'p.cedar:3:44 unrecognized action `Action::"product.discver"`; did you mean',
    ],
  ],
  [
    'permit (principal, action, resource);\n  @id("x") permit (principal, action, resource);\n@id("x")\nforbid (principal, action, resource);',
    ['p.cedar:1:1 a policy needs a name', 'p.cedar:3:1 the @id "x" is used twice'],
  ],
  [
    '@id("a") permit (principal == ?principal, action, resource);',
    ['p.cedar:1:1 static policy set includes a template'],
  ],
  [
    '@id("a") permit (principal, action == Action::"mesh.audit", resource);',
    ['p.cedar:1:1 a product decides only about'],
  ],
  [
    '@id("a") permit (principal, action, resource) when { principal.salary > 3 };',
    [
      'p.cedar:1:54 attribute `salary` on entity type `Person`',
      'p.cedar:1:54 attribute `salary` on entity type `ServiceAccount`',
    ],
  ],
])('a file of policies reports every mistake with its place: %j', (text, expected) => {
  const problems = validatePolicies(text, 'p.cedar', 'product').map(
    ({ place, message }) => `${place} ${message}`,
  );
  expect(problems).toEqual(expected.map((start) => expect.stringContaining(start)));
});

test('a good file has no problems', () => {
  expect(validatePolicies(OPEN, 'access.cedar', 'product')).toEqual([]);
  expect(validatePolicies('', 'access.cedar', 'product')).toEqual([]);
});
