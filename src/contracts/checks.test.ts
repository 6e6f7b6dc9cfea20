import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import type { Check, ReferenceCheck } from './check.ts';
import { findColumns, findObject } from './check-references.ts';
import { describeChecks, describeObjectChecks } from './checks.ts';
import { readContract, readDatasetContract } from './read-contract.ts';

const file = 'test/fixtures/contracts/sell-out.odcs.yaml';

function checksOf(content: string): readonly Check[] {
  return describeChecks(readDatasetContract({ file: 'a.yaml', content }).value);
}

/** The checks of one column with these keys, below what every contract needs. */
function columnChecks(keys: string, objectKeys = ''): readonly Check[] {
  return checksOf(`apiVersion: v3.2.0
kind: DataContract
id: a
version: 1.0.0
schema:
  - name: a
    properties:
      - { name: c, ${keys} }
${objectKeys.replace(/^/gm, '    ')}
`);
}

const NONE = { threshold: { operator: 'equal', value: { kind: 'number', value: '0' } }, unit: 'rows' };

test('a contract describes everything it asks of the data, in its order', () => {
  const checks = checksOf(readFileSync(file, 'utf8'));
  expect(checks.map(({ id, kind, title }) => `${id} | ${kind} | ${title}`)).toEqual([
    'primary-key | unique | (sales_date, store_gln, gtin) is the primary key',
    'sales_date.required | not-null | sales_date is never null',
    'sales_date.range | value-range | sales_date is ≥ 2020-01-01',
    'store_gln.required | not-null | store_gln is never null',
    'store_gln.pattern | valid-pattern | store_gln matches its pattern',
    'store_gln.physicalType | text-length | store_gln has at most 13 characters',
    'gtin.required | not-null | gtin is never null',
    'gtin.physicalType | text-length | gtin has at most 14 characters',
    'gtin-known | missing-values | gtin: missing values = 0',
    'units.required | not-null | units is never null',
    'units.range | value-range | units is ≥ -9223372036854775808 and ≤ 9223372036854775807',
    'net_amount.required | not-null | net_amount is never null',
    'net_amount.range | value-range | net_amount is ≤ 9999999999999999.99',
    'net_amount.nullValues | not-null | net_amount: nulls ≤ 0.5 %',
    'currency.physicalType | text-length | currency has at most 3 characters',
    'currency.invalidValues | valid-values | currency: invalid values = 0',
    'lines.[].receipt.required | not-null | lines.[].receipt is never null',
    'store_address.city.required | not-null | store_address.city is never null',
    'weekly-rows | row-count | A week has a plausible number of rows',
    'sell_out.duplicateValues | unique | sell_out: duplicates of (sales_date, store_gln, gtin) = 0',
    'no-future | sql | sell_out: the query gives = 0',
    'sell_out.text | not-run | Retailers confirm the totals by Wednesday.',
    'sell_out.custom | not-run | sell_out: a rule for soda',
    'frequency | frequency | the release comes every 1 week',
  ]);
});

test('a contract that was stored as JSON gives the same checks, exact to the last digit', () => {
  const { value } = readDatasetContract({ file, content: readFileSync(file) });
  expect(describeChecks(JSON.parse(JSON.stringify(value)))).toEqual(describeChecks(value));
});

test('each check points at the line that asks for it', () => {
  const document = readDatasetContract({ file, content: readFileSync(file) });
  for (const { pointer } of describeChecks(document.value)) {
    const path = pointer
      .slice(1)
      .split('/')
      .map((step) => (/^\d+$/.test(step) ? Number(step) : step));
    const found = path.reduce<unknown>(
      (value, step) => (value as Record<string, unknown>)[step],
      document.value,
    );
    expect(found, pointer).toBeDefined();
  }
});

test('the answer is frozen to its leaves', () => {
  const checks = checksOf(readFileSync(file, 'utf8')) as Check[];
  expect(() => checks.pop()).toThrow(TypeError);
  const [key] = checks;
  expect(() => Object.assign(key as object, { id: 'other' })).toThrow(TypeError);
  expect(() => ((key as unknown as { columns: string[][] }).columns[0]![0] = 'other')).toThrow(TypeError);
});

test('thresholds and bounds stay exact', () => {
  expect(
    columnChecks(
      'logicalType: number, logicalTypeOptions: { exclusiveMinimum: 0, maximum: 9999999999999999.99 }',
    ),
  ).toEqual([
    {
      id: 'c.range',
      kind: 'value-range',
      title: 'c is > 0 and ≤ 9999999999999999.99',
      severity: 'error',
      pointer: '/schema/0/properties/0/logicalTypeOptions',
      dimension: null,
      column: ['c'],
      minimum: { value: { kind: 'number', value: '0' }, exclusive: true },
      maximum: { value: { kind: 'number', value: '9999999999999999.99' }, exclusive: false },
      ...NONE,
    },
  ]);
});

test.each([
  ['required: true', { kind: 'not-null', column: ['c'], ...NONE }],
  ['unique: true', { kind: 'unique', columns: [['c']], nulls: 'ignored', ...NONE }],
  [
    'enum: [{ value: a }, { value: null }]',
    { kind: 'valid-values', values: [{ kind: 'text', value: 'a' }, { kind: 'null' }] },
  ],
  ['logicalTypeOptions: { minLength: 2, maxLength: 5 }', { kind: 'text-length', minimum: 2, maximum: 5 }],
  ['logicalTypeOptions: { pattern: a+ }', { kind: 'valid-pattern', pattern: 'a+' }],
  [
    'physicalType: varchar(20), logicalTypeOptions: { maxLength: 5 }',
    { kind: 'text-length', minimum: null, maximum: 5 },
  ],
  ['physicalType: character varying (20)', { kind: 'text-length', minimum: null, maximum: 20 }],
])('a text column with %s', (keys, expected) => {
  const checks = columnChecks(`logicalType: string, ${keys}`);
  expect(checks).toHaveLength(1);
  expect(checks[0]).toMatchObject(expected);
});

test.each([
  ['integer, logicalTypeOptions: { multipleOf: 0.250 }', { kind: 'multiple-of', factor: '0.25' }],
  [
    'integer, logicalTypeOptions: { format: u8 }',
    { minimum: { value: { value: '0' } }, maximum: { value: { value: '255' } } },
  ],
  [
    'array, items: { logicalType: date }, logicalTypeOptions: { maxItems: 3, uniqueItems: true }',
    { kind: 'item-count', minimum: null, maximum: 3, uniqueItems: true },
  ],
  [
    'date, logicalTypeOptions: { exclusiveMaximum: "2030-01-01" }',
    { maximum: { value: { kind: 'text', value: '2030-01-01' }, exclusive: true } },
  ],
])('a column of %s', (keys, expected) => {
  const checks = columnChecks(`logicalType: ${keys}`);
  expect(checks).toHaveLength(1);
  expect(checks[0]).toMatchObject(expected);
});

test.each([
  ['mustBe: 5', { operator: 'equal', value: { kind: 'number', value: '5' } }],
  ['mustNotBe: 5', { operator: 'not-equal', value: { kind: 'number', value: '5' } }],
  ['mustBeGreaterThan: 1e3', { operator: 'greater', value: { kind: 'number', value: '1000' } }],
  ['mustBeGreaterOrEqualTo: 0.10', { operator: 'greater-or-equal', value: { kind: 'number', value: '0.1' } }],
  [
    'mustBeLessThan: 99999999999999999999',
    { operator: 'less', value: { kind: 'number', value: '99999999999999999999' } },
  ],
  ['mustBeLessOrEqualTo: 7', { operator: 'less-or-equal', value: { kind: 'number', value: '7' } }],
  ['mustBeBetween: [1, 2.50]', { operator: 'between', low: '1', high: '2.5' }],
  ['mustNotBeBetween: [0, 1]', { operator: 'not-between', low: '0', high: '1' }],
])('the operator %s', (operator, threshold) => {
  const [check] = columnChecks('logicalType: string', `quality: [{ metric: rowCount, ${operator} }]`);
  expect(check).toMatchObject({ kind: 'row-count', threshold });
});

test('a query is compared with a number, a boolean or text', () => {
  const rules = ['true', "'yes'", '1'].map((answer) => `{ type: sql, query: SELECT 1, mustBe: ${answer} }`);
  const checks = columnChecks(`logicalType: string, quality: [${rules.join(', ')}]`);
  expect(
    checks.map(
      (check) => check.kind === 'sql' && [check.column, 'value' in check.threshold && check.threshold.value],
    ),
  ).toEqual([
    [['c'], { kind: 'boolean', value: true }],
    [['c'], { kind: 'text', value: 'yes' }],
    [['c'], { kind: 'number', value: '1' }],
  ]);
});

test('ids are unique and stable: the own one, else column and metric', () => {
  const rules =
    '[{ metric: nullValues, mustBe: 0 }, { metric: nullValues, mustBe: 0 }, { id: x, metric: nullValues, mustBe: 0 }]';
  const checks = columnChecks(
    `logicalType: string, quality: ${rules}`,
    'quality: [{ id: x, metric: rowCount, mustBe: 1 }]',
  );
  expect(checks.map(({ id }) => id)).toEqual(['c.nullValues', 'c.nullValues-2', 'x', 'a.x']);
});

test('severity, dimension and the title come from the rule', () => {
  const rule = '{ name: Known, metric: nullValues, mustBe: 0, severity: WARN, dimension: completeness }';
  const [check] = columnChecks(`logicalType: string, quality: [${rule}]`);
  expect(check).toMatchObject({ title: 'Known', severity: 'warning', dimension: 'completeness' });
  const [other] = columnChecks(
    'logicalType: string, quality: [{ metric: nullValues, mustBe: 0, severity: critical }]',
  );
  expect(other?.severity).toBe('error');
});

test('duplicates of the whole row, of columns by their table names, and with or without NULLs', () => {
  const keys = 'physicalName: col, logicalType: string, quality: [{ metric: duplicateValues, mustBe: 0 }]';
  const checks = columnChecks(
    keys,
    `quality:
  - { metric: duplicateValues, mustBe: 0, unit: percent }
  - { metric: duplicateValues, mustBe: 0, arguments: { properties: [c] } }`,
  );
  expect(checks).toMatchObject([
    { kind: 'unique', columns: [['col']], nulls: 'ignored' },
    { kind: 'duplicate-rows', unit: 'percent' },
    { kind: 'unique', columns: [['col']], nulls: 'equal' },
  ]);
});

test('invalidValues without arguments takes the enumeration of the column', () => {
  const checks = columnChecks(
    'logicalType: integer, enum: [{ value: 1 }], quality: [{ metric: invalidValues, mustBeLessThan: 1, unit: percent }]',
  );
  expect(checks.map(({ id }) => id)).toEqual(['c.enum', 'c.invalidValues']);
  expect(checks[1]).toMatchObject({ values: [{ kind: 'number', value: '1' }], unit: 'percent' });
});

test('values inside lists and maps are looked at, but not compared over rows', () => {
  const checks = columnChecks(
    `logicalType: map, map: { key: { logicalType: string }, value: { logicalType: string, required: true, quality: [{ metric: duplicateValues, mustBe: 0 }, { type: sql, query: SELECT 0, mustBe: 0 }] } }`,
  );
  expect(checks).toMatchObject([
    { kind: 'not-null', id: 'c.{value}.required', column: ['c', '{value}'] },
    { kind: 'not-run', reason: 'it compares rows, and this value lies inside a list or map' },
    { kind: 'not-run' },
  ]);
});

test('rules for other engines are refused with what to do, rules in words are for people', () => {
  const checks = columnChecks(
    `logicalType: string, quality: [{ type: custom, engine: soda, implementation: x }, { type: text, description: Ask }]`,
  );
  expect(checks).toMatchObject([
    { kind: 'not-run', reason: expect.stringContaining('library metric or as sql instead of for soda') },
    { kind: 'not-run', reason: 'it is written in words, for people' },
  ]);
});

const RELATED = `apiVersion: v3.1.0
kind: DataContract
id: a
version: 1.0.0
status: active
schema:
  - id: orders_tbl
    name: orders
    properties:
      - id: orders_no
        name: no
        physicalName: order_no
        logicalType: integer
        relationships:
          - to: customers.address.city
          - to: schema/customers_tbl/properties/customers_id
          - to: ../x/parties.odcs.yaml#/schema/parties/properties/no
    relationships:
      - { from: [orders.no, orders.no], to: [customers.id, customers.id] }
      - { from: customers.id, to: orders.no }
      - { from: [orders.no, orders.no], to: [customers.id, orders.no] }
  - id: customers_tbl
    name: customers
    properties:
      - { id: customers_id, name: id, logicalType: integer }
      - { name: address, logicalType: object, properties: [{ name: city, physicalName: town, logicalType: string }] }
`;

test('relationships of properties and objects are references, in either notation', () => {
  const contract = readContract({ file: 'a.yaml', content: RELATED }).value;
  const checks = describeObjectChecks(contract, 0);
  const found = checks.map((check) =>
    check.kind === 'reference' ? [check.columns, check.target.file, check.target.properties] : check.title,
  );
  expect(found).toEqual([
    [[['order_no']], null, [['address', 'city']]],
    [[['order_no']], null, [['customers_id']]],
    [[['order_no']], '../x/parties.odcs.yaml', [['no']]],
    [[['order_no'], ['order_no']], null, [['id'], ['id']]],
    'customers.id refers to orders.no',
    '(order_no, order_no) is in customers.id, orders.no',
  ]);
  expect(checks.slice(4)).toMatchObject([
    { kind: 'not-run', reason: expect.stringMatching(/starts in orders/) },
    { kind: 'not-run', reason: expect.stringMatching(/several objects/) },
  ]);
  const [first, second] = checks as ReferenceCheck[];
  const customers = findObject(contract, first!.target)!;
  expect(findColumns(customers, first!.target)).toEqual([['address', 'town']]);
  expect(findColumns(findObject(contract, second!.target)!, second!.target)).toEqual([['id']]);
  expect(findColumns(customers, { ...first!.target, properties: [['nowhere']] })).toBeNull();
});

function levelChecks(entries: string): readonly Check[] {
  const content = `apiVersion: v3.2.0
kind: DataContract
id: a
version: 1.0.0
schema:
  - name: t
    properties: [{ name: at, logicalType: timestamp }, { name: name, logicalType: string }]
slaProperties:
${entries.replace(/^/gm, '  ')}
`;
  return describeChecks(readDatasetContract({ file: 'a.yaml', content }).value);
}

test('service levels that data can prove are warnings, unless they say otherwise', () => {
  const checks = levelChecks(`- { property: LY, value: 36, unit: h, element: t.at }
- { property: retention, value: 3, unit: yr, element: at }
- { property: fy, value: P1Y }
- { property: completeness, value: 99.5, unit: percent, element: name, customProperties: [{ property: severity, value: error }] }
- { property: availability, value: 99, unit: percent }`);
  expect(checks).toMatchObject([
    {
      kind: 'freshness',
      severity: 'warning',
      column: ['at'],
      unit: 'hour',
      threshold: { operator: 'less-or-equal', value: { value: '36' } },
      title: 'the newest at is at most 36 hours old',
    },
    { kind: 'retention', title: 'no at is older than 3 years', limit: { months: 36, ms: 0 } },
    { kind: 'frequency', column: null, unit: 'year', title: 'the release comes every 1 year' },
    { kind: 'completeness', severity: 'error', threshold: { operator: 'greater-or-equal' } },
  ]);
  expect(checks).toHaveLength(4);
});

test('a service level that cannot be measured says why', () => {
  const checks = levelChecks(`- { property: latency, value: 3, unit: m, element: t.at }
- { property: retention, value: 3, unit: y }
- { property: completeness, value: 99.5 }
- { property: freshness, value: 3, unit: d, element: t.gone }`);
  const reasons = checks.map((check) => check.kind === 'not-run' && check.reason);
  expect(reasons).toEqual([
    expect.stringContaining('minutes or months'),
    expect.stringContaining('needs an `element`'),
    expect.stringContaining('needs an `element`'),
    expect.stringContaining('t.gone'),
  ]);
});

test('a contract of several objects has no checks of one table', () => {
  const content = 'apiVersion: v3.2.0\nkind: DataContract\nid: a\nversion: 1.0.0\n';
  expect(() => describeChecks(readContract({ file: 'a.yaml', content }).value)).toThrow(
    /contract a is not valid/,
  );
});
