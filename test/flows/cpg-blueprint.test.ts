import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv2019 } from 'ajv/dist/2019.js';
import addFormats from 'ajv-formats';
import { expect, test } from 'vitest';
import { contractTable } from '../../src/contracts/contract-table.ts';
import type { Action } from '../../src/policy/action.ts';
import { checkMask } from '../../src/policy/column-mask.ts';
import { decide } from '../../src/policy/decide.ts';
import { readVocabulary } from '../../src/policy/tag-vocabulary.ts';
import { preparePolicies } from '../../src/policy/policies.ts';
import { fullName, readBlueprint } from '../fixtures/cpg-blueprint.ts';

const standards = process.env['CROSSDOCK_STANDARDS'] ?? '../shared/standards';
const { mesh, domains, products, datasets, problems } = await readBlueprint();

test('the folder is what plan and apply read, without a single problem', () => {
  expect(problems).toEqual([]);
  expect(mesh.title).toBe('Larkfield Foods');
});

test('a company: at least six domains and ten products, each domain with owner, steward and engineer', () => {
  expect(domains.length).toBeGreaterThanOrEqual(6);
  expect(products.length).toBeGreaterThanOrEqual(10);
  expect(products.every(({ status }) => status === 'published')).toBe(true);
  for (const { members } of domains) {
    expect(members.map(({ role }) => role)).toEqual(expect.arrayContaining(['owner', 'steward', 'engineer']));
  }
});

test('a dataset has one contract of its own and one statement that makes it', () => {
  expect(new Set(datasets.map(({ contract }) => contract.id)).size).toBe(datasets.length);
  expect(datasets.filter(({ sql }) => sql === null)).toEqual([]);
});

test.skipIf(!existsSync(join(standards, 'odcs')))(
  'all documents are valid by the official JSON schemas',
  () => {
    const validator = (file: string) => {
      const ajv = new Ajv2019({ strict: false, allErrors: true });
      (addFormats as unknown as (ajv: Ajv2019) => void)(ajv);
      return ajv.compile(JSON.parse(readFileSync(join(standards, file), 'utf8')));
    };
    const odcs = validator('odcs/schema/odcs-json-schema-v3.1.0.json');
    const odps = validator('odps-bitol/odps-json-schema-v1.0.0.json');
    for (const { contract } of datasets) expect([odcs(contract), odcs.errors]).toEqual([true, null]);
    for (const { document } of products) expect([odps(document), odps.errors]).toEqual([true, null]);
  },
);

test('people find every dataset, column and product explained', () => {
  const bare = [
    ...products.filter(({ description }) => description.length < 20).map(fullName),
    ...datasets.filter(({ description }) => description.length < 20).map(({ name }) => name),
    ...datasets.flatMap(({ name, contract }) =>
      (contract.schema?.[0]?.properties ?? [])
        .filter(({ description, businessName }) => !description || !businessName)
        .map((property) => `${name}.${property.name}`),
    ),
  ];
  expect(bare).toEqual([]);
});

test('tags have a declared key and value', () => {
  const used = [
    ...products.flatMap(({ tags }) => tags),
    ...datasets.flatMap(({ contract }) => [
      ...(contract.tags ?? []),
      ...(contract.schema ?? []).flatMap((object) => object.tags ?? []),
      ...contractTable(contract).promises.flatMap(({ tags }) => tags),
    ]),
  ];
  const declared = [...readVocabulary(mesh.document.tags).vocabulary].flatMap(([key, { values }]) =>
    values.map((value) => `${key}:${value}`),
  );
  expect([...new Set(used)].filter((tag) => !declared.includes(tag))).toEqual([]);
});

test('personal columns are masked or hidden by the mesh, whatever a producer grants', () => {
  const personal = datasets.flatMap(({ contract }) => {
    const { promises, columns } = contractTable(contract);
    return promises.flatMap(({ tags }, index) =>
      tags
        .filter((tag) => tag.startsWith('personal-data:') && tag !== 'personal-data:pseudonym')
        .map((tag) => ({ kind: tag.slice('personal-data:'.length), column: columns[index]! })),
    );
  });
  expect(personal.length).toBeGreaterThanOrEqual(5);
  for (const { kind, column } of personal) {
    const rule = mesh.restrictions.find(({ appliesTo }) => appliesTo.tags?.['personal-data']?.includes(kind));
    expect([kind, rule?.hide === true || rule?.mask !== undefined]).toEqual([kind, true]);
    if (rule?.mask) expect(checkMask(rule.mask, column.type)).toBeNull();
  }
});

const policies = preparePolicies([
  ...mesh.policies.map(({ name, text }) => ({ level: 'mesh' as const, name, text })),
  ...products.flatMap((product) =>
    product.access.map(({ text }) => ({ level: 'product' as const, name: fullName(product), text })),
  ),
]);

/** Whether an analyst of a domain may do something about a product, by the policies of the blueprint. */
function may(
  domain: string,
  action: Action & `product.${'discover' | 'request' | 'subscribe'}`,
  name: string,
) {
  const [producer = '', product = ''] = name.split('.');
  const decision = decide({
    action,
    principal: {
      id: `analyst of ${domain}`,
      kind: 'person',
      administrator: false,
      roles: [{ domain, role: 'analyst' }],
      attributes: {},
    },
    resource: { type: 'Product', domain: producer, product, tags: {}, status: 'published' },
    context: { now: '2026-11-23T08:00:00.000Z' },
    domainTags: new Map(),
    policies,
  });
  expect(decision.errors).toEqual([]);
  return decision.allowed;
}

test('margin is found by finance and sales and by nobody else', () => {
  const finders = domains.filter(({ name }) => may(name, 'product.discover', 'finance.margin'));
  expect(finders.map(({ name }) => name)).toEqual(['finance', 'sales']);
});

test('a retailer finds what is meant for it, everybody else everything but margin', () => {
  const found = (domain: string) =>
    products.map(fullName).filter((name) => may(domain, 'product.discover', name));
  expect(found('retailer-north')).toEqual([
    'finance.retail-calendar',
    'marketing.promotions',
    'product.item-master',
    'retailer-north.store-stock',
    'sales.sell-out',
  ]);
  expect(found('marketing')).toHaveLength(products.length - 1);
});

test('reference data needs no steward; members of the loyalty club are asked for by marketing only', () => {
  expect(may('marketing', 'product.subscribe', 'product.item-master')).toBe(true);
  expect(may('marketing', 'product.subscribe', 'sales.sell-out')).toBe(false);
  expect(may('marketing', 'product.request', 'consumer.loyalty-members')).toBe(true);
  expect(may('finance', 'product.request', 'consumer.loyalty-members')).toBe(false);
});

test('one request is left for a steward to decide: members of the loyalty club', () => {
  const waiting = domains.flatMap(({ name, subscriptions }) =>
    subscriptions
      .filter(({ product, purpose }) => {
        const grants = products.find((one) => fullName(one) === product)?.grants ?? [];
        return !grants.some((grant) => grant.domain === name && grant.purpose === purpose);
      })
      .map(({ product }) => `${name} asks for ${product}`),
  );
  expect(waiting).toEqual(['marketing asks for consumer.loyalty-members']);
  const declared = domains.flatMap(({ subscriptions }) => subscriptions);
  expect(declared.every(({ product }) => products.some((one) => fullName(one) === product))).toBe(true);
});
