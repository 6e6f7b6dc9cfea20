import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { isMeshError } from '../base/errors.ts';
import { ExactNumber } from './exact-number.ts';
import { lintContract, lintDatasetContract, readContract, readDatasetContract } from './read-contract.ts';
import { readMeshProduct, readProduct } from './read-product.ts';

const file = 'sell-out.odcs.yaml';
const content = readFileSync(`test/fixtures/contracts/${file}`, 'utf8');

function caught(action: () => unknown): unknown {
  try {
    action();
  } catch (error) {
    return error;
  }
  throw new Error('nothing was thrown');
}

test('a contract keeps its text, its values and the place of each', () => {
  const document = readDatasetContract({ file, content });
  expect(document.text).toBe(content);
  expect(document.value.schema?.[0]?.properties?.map(({ name }) => name)).toContain('net_amount');
  expect(document.place(['schema', 0, 'properties', 4, 'physicalType'])).toBe(`${file}:68:23`);
  expect(document.place(['schema', 0, 'properties', 4, 'physicalType'], 'key')).toBe(`${file}:68:9`);
  expect(document.place(['schema', 0, 'properties', 4, 'unique']), 'what is not there').toBe(`${file}:65:9`);
});

test('bytes, a byte order mark and Windows line ends make no difference but to the text', () => {
  const windows = Buffer.from(`\ufeff${content.replaceAll('\n', '\r\n')}`);
  const document = readDatasetContract({ file, content: windows });
  expect(document.value).toEqual(readDatasetContract({ file, content }).value);
  expect(document.text).toBe(`\ufeff${content.replaceAll('\n', '\r\n')}`);
  expect(document.place(['version'])).toBe(`${file}:6:10`);
});

test('JSON is YAML', () => {
  const value = { apiVersion: 'v3.1.0', kind: 'DataContract', id: 'a', version: '1.0.0', status: 'draft' };
  expect(readContract({ file: 'a.json', content: JSON.stringify(value, null, 1) }).value).toEqual(value);
});

test('numbers that a double would round stay exact', () => {
  const [object] = readContract({ file, content }).value.schema ?? [];
  const options = (name: string) =>
    object?.properties?.find((property) => property.name === name)?.logicalTypeOptions;
  expect(options('units')?.maximum).toEqual(new ExactNumber('9223372036854775807'));
  expect(options('net_amount')?.maximum).toEqual(new ExactNumber('9999999999999999.99'));
});

test('all problems come at once, in the order of the lines', () => {
  const bad = content
    .replace('id: sales.sell-out.sell-out\n', '')
    .replace('version: 1.2.0', 'version: 1.2')
    .replace('status: active\n', '')
    .replace('physicalType: bigint', 'physicalType: bigintt\n        colour: red')
    .replace('metric: rowCount', 'metric: rowcount')
    .replace('- id: units', '- id: gtin')
    .replace('mustBeLessOrEqualTo: 0.5', 'mustBeLessOrEqualTo: 500')
    .replace('role: owner', 'rolle: owner');
  const { problems } = lintDatasetContract({ file, content: bad });
  expect(problems.map(({ place, message }) => `${place?.slice(file.length + 1)} ${message}`)).toEqual([
    '2:1 `id` is missing',
    '2:1 `status` is missing',
    '5:10 `version` must be text, found the number 1.2: put it in quotes',
    '55:13 the id gtin stands twice in its list',
    '59:9 `colour` is not a known key here; known are id, physicalType, physicalName, description, businessName, synonyms, deprecated, quality, tags, customProperties, authoritativeDefinitions, name, …',
    '74:34 a percentage is at most 100',
    '119:17 `rowcount` is not known: did you mean `rowCount`?',
    '140:7 `rolle` is not a known key: did you mean `role`?',
  ]);
});

test('reading throws the code, the file and every problem', () => {
  const error = caught(() => readDatasetContract({ file, content: 'kind: DataContract\n' }));
  if (!isMeshError(error, 'contract.invalid')) throw error;
  expect(error.message).toBe(`the contract ${file} is not valid`);
  expect(error.problems.map(({ pointer }) => pointer)).toEqual(['/apiVersion', '/id', '/version']);
  const other = caught(() => readProduct({ file: 'a.odps.yaml', content: '[]' }));
  expect(isMeshError(other, 'product.invalid')).toBe(true);
});

test('a pointer escapes `/` and `~` (RFC 6901)', () => {
  const { problems } = lintContract({ file, content: content.replace('domain:', 'a/b~c:') });
  expect(problems.map(({ pointer }) => pointer)).toEqual(['/a~1b~0c']);
});

test('the list of members of ODCS 3.0 is still a team', () => {
  const old = content
    .replace('apiVersion: v3.1.0', 'apiVersion: v3.0.2')
    .replace('  name: Sell-out\n  members:\n', '');
  const { value } = readContract({
    file,
    content: old.replace(/^ {4}(- username|  role|  dateIn)/gm, '  $1'),
  });
  expect(value.team).toEqual([{ username: 'ada@example.com', role: 'owner', dateIn: '2024-03-01' }]);
});

test('a foreign contract of several objects is sound by the standard and no dataset', () => {
  const several = content.replace('team:\n', '  - name: other\n    properties: [{ name: a }]\nteam:\n');
  expect(lintContract({ file, content: several }).problems).toEqual([]);
  expect(lintDatasetContract({ file, content: several }).problems).toHaveLength(1);
});

test('ODCS 3.2.0: maps, enumerations, measures', () => {
  const newer = `apiVersion: v3.2.0
kind: DataContract
id: a
version: 1.0.0
schema:
  - name: a
    properties:
      - name: prices
        logicalType: map
        map:
          key: { logicalType: string }
          value: { logicalType: number, physicalType: 'decimal(9,2)', required: true }
      - name: size
        logicalType: string
        enum: [{ value: S }, { value: L }]
      - name: total
        semanticType: measure
        transformLogic: sum(price)
`;
  expect(lintDatasetContract({ file, content: newer }).problems).toEqual([]);
  const older = newer.replace('v3.2.0', 'v3.1.0').replace('version: 1.0.0', 'version: 1.0.0\nstatus: draft');
  expect(lintDatasetContract({ file, content: older }).problems.map(({ pointer }) => pointer)).toEqual([
    '/schema/0/properties/0/logicalType',
    '/schema/0/properties/0/map',
    '/schema/0/properties/1/enum',
    '/schema/0/properties/2/semanticType',
  ]);
});

test('a product names its contracts and the contracts it is made from', () => {
  const name = 'test/fixtures/contracts/sell-out.odps.yaml';
  const { value } = readMeshProduct({ file: name, content: readFileSync(name) });
  expect(value.outputPorts?.map(({ contractId }) => contractId)).toEqual([
    'sales.sell-out.sell-out',
    'sales.sell-out.sell-out-weekly',
  ]);
  expect(value.outputPorts?.[0]?.inputContracts).toEqual([{ id: 'product.items.items', version: '2.0.0' }]);
});
