import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { typeName } from '../base/data-type.ts';
import { isMeshError } from '../base/errors.ts';
import { contractTable } from './contract-table.ts';
import { parsePartitionTransform, printPartitionTransform } from './partition.ts';
import { parsePhysicalType } from './physical-type.ts';
import { lintDatasetContract, readContract, readDatasetContract } from './read-contract.ts';

const file = 'test/fixtures/contracts/sell-out.odcs.yaml';

function contractOf(properties: string): string {
  return `apiVersion: v3.1.0
kind: DataContract
id: a
version: 1.0.0
status: draft
schema:
  - name: a
    properties:
${properties.replace(/^/gm, '      ')}
`;
}

function typeOf(property: string): string {
  const { value } = readDatasetContract({
    file: 'a.yaml',
    content: contractOf(`- { name: c, ${property} }`),
  });
  return typeName(contractTable(value).columns[0]!.type);
}

test('the table of a contract: columns by physical name, key and partitions by position', () => {
  const table = contractTable(readDatasetContract({ file, content: readFileSync(file) }).value);
  const lines = table.columns.map(
    ({ name, type, required }) => `${name} ${typeName(type)}${required ? ' !' : ''}`,
  );
  expect(lines).toEqual([
    'sales_date date !',
    'store_gln string !',
    'gtin string !',
    'units long !',
    'net_amount decimal(18,2) !',
    'currency string',
    'reported_at timestamptz',
    'lines list<struct<receipt: string, units: int>>',
    'store_address struct<city: string, position: struct<latitude: double>>',
  ]);
  expect(table.primaryKey).toEqual(['sales_date', 'store_gln', 'gtin']);
  expect(table.partitions).toEqual([{ column: 'sales_date', transform: 'month' }]);
  expect(table.columns[0]?.doc).toBe('Day in the calendar of the store.');
  expect(table.promises[2]).toMatchObject({
    name: 'gtin',
    tags: ['gs1'],
    classification: null,
    unique: false,
  });
  expect(table.promises[4]?.classification).toBe('restricted');
});

test('positions order keys, not the lines', () => {
  const { value } = readDatasetContract({
    file: 'a.yaml',
    content: contractOf(`- { name: a, logicalType: string, primaryKey: true, primaryKeyPosition: 2 }
- { name: b, logicalType: string, primaryKey: true, primaryKeyPosition: 1 }
- { name: c, logicalType: string, primaryKey: true }`),
  });
  expect(contractTable(value).primaryKey).toEqual(['b', 'a', 'c']);
});

test('a logical type alone gives a type that holds all its values', () => {
  expect(typeOf('logicalType: string')).toBe('string');
  expect(typeOf('logicalType: integer')).toBe('long');
  expect(typeOf('logicalType: integer, logicalTypeOptions: { format: i16 }')).toBe('int');
  expect(typeOf('logicalType: integer, logicalTypeOptions: { format: u64 }')).toBe('decimal(20,0)');
  expect(typeOf('logicalType: number')).toBe('double');
  expect(typeOf('logicalType: number, logicalTypeOptions: { format: f32 }')).toBe('float');
  expect(typeOf('logicalType: timestamp')).toBe('timestamp');
  expect(typeOf('logicalType: timestamp, logicalTypeOptions: { timezone: true }')).toBe('timestamptz');
  expect(typeOf('logicalType: boolean')).toBe('boolean');
  expect(typeOf('logicalType: array, items: { logicalType: date }')).toBe('list<date>');
});

test('a physical type is the more exact word, and stands alone as well', () => {
  expect(typeOf('logicalType: integer, physicalType: int')).toBe('int');
  expect(typeOf("logicalType: integer, physicalType: 'NUMBER(38,0)'")).toBe('decimal(38,0)');
  expect(typeOf("logicalType: number, physicalType: 'decimal(18,2)'")).toBe('decimal(18,2)');
  expect(typeOf('logicalType: timestamp, physicalType: timestamptz')).toBe('timestamptz');
  expect(
    typeOf('logicalType: timestamp, physicalType: timestamp, logicalTypeOptions: { timezone: true }'),
  ).toBe('timestamptz');
  expect(typeOf('logicalType: string, physicalType: uuid')).toBe('uuid');
  expect(typeOf("physicalType: 'map(varchar, bigint)'")).toBe('map<string, long>');
  expect(typeOf('logicalType: string, physicalType: a type of some other system')).toBe('string');
});

test.each([
  ['INTEGER', 'int'],
  ['Int8', 'long'],
  ['double precision', 'double'],
  ['character varying(20)', 'string'],
  ['NVARCHAR(MAX)', 'string'],
  ['timestamp(3) with time zone', 'timestamptz'],
  ['TIMESTAMP WITHOUT TIME ZONE', 'timestamp'],
  ['timestamp_ntz(9)', 'timestamp'],
  ['numeric( 10 )', 'decimal(10,0)'],
  ['HUGEINT', 'decimal(38,0)'],
  ['text[][]', 'list<list<string>>'],
  ['INTEGER[3]', 'list<int>'],
  ['array<struct<a: int, `b c`: decimal(9,2)>>', 'list<struct<a: int, b c: decimal(9,2)>>'],
  ['STRUCT("a ""x""" INTEGER, b VARCHAR[])[]', 'list<struct<a "x": int, b: list<string>>>'],
  ['row(a varchar(5), b map(varchar, array(date)))', 'struct<a: string, b: map<string, list<date>>>'],
])('the physical type %s is %s', (text, name) => {
  expect(typeName(parsePhysicalType(text)!)).toBe(name);
});

test.each([
  'decimal',
  'decimal(39,2)',
  'decimal(2,3)',
  'decimal(0)',
  'decimal(a)',
  'geography',
  'array<int',
  'array<int>>',
  'map<int>',
  'struct<>',
  'int; drop table a',
  "varchar('a')",
  '',
  '[]',
  'a'.repeat(20_000),
  'array<'.repeat(100) + 'int' + '>'.repeat(100),
])('%s is no physical type we know', (text) => {
  expect(parsePhysicalType(text)).toBeNull();
});

test('a contract of several objects has no one table', () => {
  const content = contractOf('- { name: a, logicalType: string }') + '  - name: b\n';
  const { value } = readContract({ file: 'a.yaml', content });
  let error: unknown;
  try {
    contractTable(value);
  } catch (thrown) {
    error = thrown;
  }
  expect(isMeshError(error, 'contract.invalid') && error.problems[0]?.message).toMatch(/exactly one object/);
});

test.each(['identity', 'year', 'month', 'day', 'bucket[16]'])(
  'the transform %s reads as it prints',
  (text) => {
    expect(printPartitionTransform(parsePartitionTransform(text)!)).toBe(text);
  },
);

test.each(['', 'Month', 'bucket', 'bucket[0]', 'bucket[99999]', 'truncate[3]', 16, null])(
  '%s is no transform',
  (text) => {
    expect(parsePartitionTransform(text)).toBeNull();
  },
);

test.each([
  ['logicalType: string, partitioned: true', 'month', /string cannot be partitioned by month/],
  ['logicalType: number, partitioned: true', 'identity', /double cannot be partitioned by identity/],
  ['logicalType: boolean, partitioned: true', 'bucket[4]', /boolean cannot be partitioned by bucket\[4\]/],
])('a column with %s cannot be partitioned by %s', (keys, transform, message) => {
  const custom = `customProperties: [{ property: partitionTransform, value: '${transform}' }]`;
  const content = contractOf(`- { name: c, ${keys}, ${custom} }`);
  const { problems } = lintDatasetContract({ file: 'a.yaml', content });
  expect(problems.map((problem) => problem.message).join()).toMatch(message);
});
