import { describe, expect, test } from 'vitest';
import { changesOf, column, type Draft } from '../../../test/fixtures/changed-contract.ts';
import type { ChangeCode } from './change-rules.ts';

type Row = [
  what: string,
  edit: (contract: Draft) => void,
  codes: ChangeCode[],
  prepare?: (contract: Draft) => void,
];

const rule = (contract: Draft, id: string): Draft =>
  [contract.schema[0], ...contract.schema[0].properties]
    .flatMap((holder: Draft) => holder.quality ?? [])
    .find((one: Draft) => one.id === id);
const rules = (id: string, values: Draft) => (contract: Draft) =>
  void Object.assign(rule(contract, id), values);
const noRule = (name: string, id: string) => (contract: Draft) =>
  void (column(contract, name).quality = column(contract, name).quality.filter(
    (one: Draft) => one.id !== id,
  ));
const root = (values: Draft) => (contract: Draft) => void Object.assign(contract, values);
const level = (index: number, values: Draft) => (contract: Draft) =>
  void Object.assign(contract.slaProperties[index], values);

const QUALITY: Row[] = [
  [
    'a rule',
    (c) => c.schema[0].quality.push({ metric: 'rowCount', mustBeGreaterThan: 10 }),
    ['quality-added'],
  ],
  ['no rule', noRule('net', 'few-nulls'), ['quality-removed']],
  ['fewer rows may fail', rules('few-nulls', { mustBeLessThan: 4 }), ['quality-tightened']],
  ['more rows may fail', rules('few-nulls', { mustBeLessThan: 6 }), ['quality-loosened']],
  [
    'none may fail',
    (c) => {
      delete rule(c, 'few-nulls').mustBeLessThan;
      rules('few-nulls', { mustBe: 0 })(c);
    },
    ['quality-tightened'],
  ],
  [
    'none may fail, in rows',
    (c) => {
      delete rule(c, 'few-nulls').mustBeLessThan;
      rules('few-nulls', { mustBe: 0, unit: 'rows' })(c);
    },
    ['quality-tightened'],
  ],
  ['rows instead of percent', rules('few-nulls', { unit: 'rows' }), ['quality-changed']],
  ['only a warning', rules('few-nulls', { severity: 'warning' }), ['quality-severity-lowered']],
  ['an error now', rules('warned', { severity: 'error' }), ['quality-severity-raised']],
  ['another word for an error', rules('few-nulls', { severity: 'critical' }), ['documentation-changed']],
  ['a warning goes', noRule('net', 'warned'), ['quality-warning-changed']],
  ['a warning is loosened', rules('warned', { mustBe: 3 }), ['quality-warning-changed']],
  ['a narrower count', rules('filled', { mustBeBetween: [110, 190] }), ['quality-tightened']],
  ['a wider count', rules('filled', { mustBeBetween: [90, 200] }), ['quality-loosened']],
  ['a count that moves', rules('filled', { mustBeBetween: [150, 250] }), ['quality-changed']],
  [
    'a count that only has a lower limit',
    (c) => {
      delete rule(c, 'filled').mustBeBetween;
      rules('filled', { mustBeGreaterThan: 100 })(c);
    },
    ['quality-loosened'],
  ],
  ['fewer valid values', rules('valid', { arguments: { validValues: ['A'] } }), ['quality-tightened']],
  [
    'more valid values',
    rules('valid', { arguments: { validValues: ['A', 'B', 'C'] } }),
    ['quality-loosened'],
  ],
  ['valid by a pattern', rules('valid', { arguments: { pattern: '^A' } }), ['quality-changed']],
  [
    'a key of fewer columns',
    rules('no-twins', { arguments: { properties: ['code'] } }),
    ['quality-tightened'],
  ],
  [
    'a key of more columns',
    rules('no-twins', { arguments: { properties: ['code', 'region', 'day'] } }),
    ['quality-loosened'],
  ],
  [
    'the same query in more lines',
    rules('future', { query: 'SELECT count(*)\n  FROM {object}\n  WHERE day > current_date' }),
    ['text-changed'],
  ],
  ['another query', rules('future', { query: 'SELECT 0 FROM {object}' }), ['quality-changed']],
  ['another answer of the query', rules('future', { mustBe: 1 }), ['quality-changed']],
  [
    'a query instead of words',
    rules('words', { type: 'sql', query: 'SELECT 1', mustBe: 1 }),
    ['quality-text-changed'],
  ],
  ['other words', rules('words', { description: 'Shops confirm by Tuesday.' }), ['quality-text-changed']],
  ['another rule for another engine', rules('soda', { implementation: 'x < 2' }), ['quality-changed']],
  [
    'when it runs',
    rules('filled', { scheduler: 'cron', schedule: '0 6 * * *' }),
    ['quality-schedule-changed'],
  ],
  [
    'what it is called',
    rules('filled', { name: 'Filled', dimension: 'completeness' }),
    ['documentation-changed'],
  ],
  [
    'a rule without an id is tightened',
    (c) => void (c.schema[0].quality[0].mustBeBetween = [110, 190]),
    ['quality-tightened'],
    (c) => void delete c.schema[0].quality[0].id,
  ],
  ['rules trade places', (c) => c.schema[0].quality.reverse(), ['text-changed']],
];

const LEVELS: Row[] = [
  ['a level', (c) => c.slaProperties.push({ property: 'frequency', value: 1, unit: 'd' }), ['sla-added']],
  ['no level', (c) => c.slaProperties.pop(), ['sla-removed']],
  ['later', level(0, { value: 5 }), ['sla-weakened']],
  ['sooner, in another unit', level(0, { value: 30, unit: 'minutes' }), ['sla-strengthened']],
  ['the same in another unit', level(0, { value: 240, unit: 'min' }), ['text-changed']],
  ['kept for less', level(1, { value: 35, unit: 'months' }), ['sla-weakened']],
  [
    'kept for a time of the calendar that may be longer or not',
    level(1, { value: 1096, unit: 'd' }),
    ['sla-changed'],
  ],
  ['kept for longer', level(1, { value: 2000, unit: 'd' }), ['sla-strengthened']],
  ['less available', level(2, { value: 99.5 }), ['sla-weakened']],
  ['more available, written as text', level(2, { value: '99.95%', unit: undefined }), ['sla-strengthened']],
  ['in a unit nobody knows', level(0, { unit: 'm' }), ['sla-changed']],
  ['in words', level(3, { value: 'better' }), ['sla-changed']],
  ['about another column', level(0, { element: 'orders.at' }), ['sla-changed']],
  ['about another table by default', root({ slaDefaultElement: 'shops.shop' }), ['sla-changed']],
  ['why', level(0, { driver: 'regulatory' }), ['sla-schedule-changed']],
  ['described', level(0, { description: 'after midnight' }), ['documentation-changed']],
];

const TERMS: Row[] = [
  ['another id', root({ id: 'sales.other' }), ['contract-id-changed']],
  ['another name', root({ name: 'other' }), ['contract-name-changed']],
  ['another domain', root({ domain: 'finance' }), ['contract-moved']],
  ['another tenant', root({ tenant: 'globex' }), ['contract-moved']],
  [
    'an older standard',
    (c) => {
      c.apiVersion = 'v3.1.0';
    },
    ['standard-changed'],
    (c) => {
      delete c.context;
      c.schema[0].properties = c.schema[0].properties.filter(
        (p: Draft) => !p.enum && !p.map && !p.semanticType && p.logicalType !== 'vector',
      );
      c.schema[0].quality.splice(1, 1);
      delete c.schema[0].relationships;
    },
  ],
  ['retired', root({ status: 'retired' }), ['status-retired']],
  ['deprecated', root({ status: 'deprecated' }), ['status-changed']],
  ['usage', (c) => void (c.description.usage = 'Ask first.'), ['terms-changed']],
  ['limitations', (c) => void delete c.description.limitations, ['terms-changed']],
  ['purpose', (c) => void (c.description.purpose = 'What was ordered.'), ['documentation-changed']],
  ['context', root({ context: 'Orders.' }), ['context-changed']],
  ['context of a table', (c) => void (c.schema[0].context = 'Orders.'), ['context-changed']],
  ['tags', root({ tags: ['orders', 'shops'] }), ['tags-changed']],
  ['tags of a column', (c) => void delete column(c, 'region').tags, ['tags-changed']],
  ['a custom property', (c) => void (c.customProperties[0].value = 8), ['custom-property-changed']],
  [
    'a custom property of a column',
    (c) => void delete column(c, 'code').customProperties,
    ['custom-property-changed'],
  ],
  [
    'what a custom property is',
    (c) => void (c.customProperties[0].description = 'cents'),
    ['documentation-changed'],
  ],
  ['examples', (c) => void (column(c, 'code').examples = ['AB']), ['documentation-changed']],
  ['a synonym', (c) => void (column(c, 'code').synonyms = [{ synonym: 'sign' }]), ['documentation-changed']],
  ['a higher price', (c) => void (c.price.priceAmount = 10), ['price-raised']],
  ['a lower price', (c) => void (c.price.priceAmount = 9), ['price-lowered']],
  ['another currency', (c) => void (c.price.priceCurrency = 'USD'), ['price-changed']],
  ['no price', (c) => void delete c.price, ['price-lowered']],
  [
    'a price',
    root({ price: { priceAmount: 1, priceCurrency: 'EUR' } }),
    ['price-raised'],
    (c) => void delete c.price,
  ],
  ['a role', (c) => c.roles.push({ role: 'admin' }), ['role-added']],
  ['no role', (c) => c.roles.pop(), ['role-removed']],
  [
    'a role is renamed',
    (c) => void (c.roles[0].role = 'viewer'),
    ['role-removed'],
    (c) => void (c.roles[0].id = 'r'),
  ],
  ['what a role may', (c) => void (c.roles[0].access = 'write'), ['role-access-changed']],
  ['who approves', (c) => void (c.roles[0].firstLevelApprovers = 'chief'), ['role-approvers-changed']],
  ['support', (c) => c.support.push({ channel: 'mail' }), ['support-changed']],
  ['team', (c) => c.team.members.push({ username: 'bob' }), ['team-changed']],
  ['a server', (c) => c.servers.push({ server: 'kafka', type: 'kafka', host: 'k' }), ['server-added']],
  ['no server', (c) => c.servers.pop(), ['server-removed']],
  ['a server elsewhere', (c) => void (c.servers[0].location = 's3://pond/orders'), ['server-changed']],
  [
    'a server in another environment',
    (c) => void (c.servers[0].environment = 'prod'),
    ['server-roles-changed'],
  ],
  ['a server is described', (c) => void (c.servers[0].description = 'the lake'), ['documentation-changed']],
  ['another version', root({ version: '1.4.3' }), ['text-changed']],
];

describe.each([
  ['quality rules', QUALITY],
  ['service levels', LEVELS],
  ['terms', TERMS],
])('changes of %s', (_title, rows) => {
  test.each(rows)('%s', (_what, ...[edit, codes, prepare]) => {
    expect(changesOf(edit, prepare).map(({ code }) => code)).toEqual(codes);
  });
});

test('a rule that names columns is about these, by their names in the table', () => {
  const [change] = changesOf((c) => c.schema[0].quality.splice(1, 1));
  expect(change).toMatchObject({ code: 'quality-removed', columns: ['code', 'region_code'] });
});
