import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { lintDatasetContract } from './read-contract.ts';
import type { LintedDocument } from './read-document.ts';
import { lintMeshProduct } from './read-product.ts';

const CONTRACT = readFileSync('test/fixtures/contracts/sell-out.odcs.yaml', 'utf8');
const PRODUCT = readFileSync('test/fixtures/contracts/sell-out.odps.yaml', 'utf8');

const SECOND_OBJECT = `  - name: other
    properties:
      - name: a
        logicalType: string
`;

/** A sound document in which one line is damaged, and the place and words of the one problem it then has. */
type Case = [name: string, line: number, from: string, to: string | null, place: string, message: RegExp];

function damage(text: string, [, line, from, to]: Case): string {
  const lines = text.split('\n');
  expect(lines[line - 1]).toContain(from);
  if (to === null) lines.splice(line - 1, 1);
  else lines[line - 1] = lines[line - 1]!.replace(from, () => to);
  return lines.join('\n');
}

const TEXT: Case[] = [
  ['a tab as indentation', 13, '  usage', '\tusage', '13:1', /^a tab cannot indent YAML/],
  ['a list not closed', 9, 'retail]', 'retail', '10:1', /flow sequence/i],
  ['a quote not closed', 165, "Z'", 'Z', '166:1', /missing closing 'quote/i],
  ['a wrong indentation', 157, '    tool', '   tool', '157:1', /^sequence item without - indicator$/],
  ['a colon within plain text', 11, 'sold, as', 'sold: as', '11:12', /nested mappings/i],
  ['two documents', 165, 'contract', '---\ncontract', '165:1', /^the file holds more than one YAML document/],
  [
    'a key twice',
    8,
    'sales',
    'sales\nstatus: draft',
    '9:1',
    /^the key `status` stands twice, first on line 7$/,
  ],
  [
    'a key twice deep down',
    45,
    'gtin',
    'gtin\n        name: ean',
    '46:9',
    /^the key `name` stands twice, first on line 45$/,
  ],
  ['a tag', 8, 'sales', '!secret sales', '8:9', /^unresolved tag: !secret: tags are not used here/],
  ['an unknown alias', 8, 'sales', '*sales', '8:9', /^the alias \*sales has no anchor before it$/],
  [
    'an alias of itself',
    164,
    '{ years: 3 }',
    '&a { years: *a }',
    '164:24',
    /^the alias \*a refers to itself$/,
  ],
  ['a merge key', 164, 'years: 3', '<<: { years: 3 }', '164:14', /^merge keys/],
  ['a list as key', 164, 'years: 3', '[1, 2]: 3', '164:14', /^a key must be plain text$/],
  ['__proto__ as key', 164, 'years', '__proto__', '164:14', /^`__proto__` cannot be a key$/],
  ['not a number', 159, '9.95', '.nan', '159:16', /^\.nan is not a usable number$/],
  ['a number beyond any double', 159, '9.95', '1e999', '159:16', /^1e999 is not a usable number$/],
  ['an escape character', 8, 'sales', 'sa\u001bles', '8:11', /^the character U\+001B may not stand/],
  ['a NUL', 8, 'sales', 'sales\0', '8:14', /^the character U\+0000 may not stand/],
  ['half a surrogate pair', 8, 'sales', '\ud83dsales', '8:9', /^the character U\+D83D may not stand/],
];

const FUNDAMENTALS: Case[] = [
  ['no id', 4, 'id', null, '2:1', /^`id` is missing$/],
  ['an id without value', 4, ' sales.sell-out.sell-out', '', '4:4', /^`id` must be text and is empty/],
  [
    'a number as version',
    6,
    '1.2.0',
    '1.2',
    '6:10',
    /^`version` must be text, found the number 1.2: put it in/,
  ],
  ['a version that is none', 6, '1.2.0', 'latest', '6:10', /^version latest is not a semantic version/],
  [
    'another kind',
    3,
    'DataContract',
    'DataProduct',
    '3:7',
    /^`kind` .*did you mean `DataContract`|^`DataProduct`/,
  ],
  ['an old apiVersion', 2, 'v3.1.0', 'v2.2.2', '2:13', /`v2.2.2` is not/],
  ['an apiVersion without v', 2, 'v3.1.0', '3.1.0', '2:13', /`3.1.0` is not known: did you mean `v3.1.0`/],
  ['no status', 7, 'status', null, '2:1', /^`status` is missing$/],
  ['a slip in a key', 8, 'domain', 'domian', '8:1', /^`domian` is not a known key: did you mean `domain`\?$/],
  ['a key of an older version', 8, 'domain', 'quantumName', '8:1', /did you mean `dataProduct`\?$/],
  ['an unknown key', 8, 'domain', 'colour', '8:1', /^`colour` is not a known key here; known are apiVersion/],
  [
    'text for a list',
    9,
    '[sell-out, retail]',
    'sell-out',
    '9:7',
    /^`tags` must be a list, found `sell-out`$/,
  ],
  [
    'a mapping in a list of texts',
    9,
    'retail]',
    '{ a: 1 }]',
    '9:18',
    /^item 2 of `tags` must be text, found a mapping$/,
  ],
  ['a date for a time', 165, 'T08:00:00Z', '', '165:20', /^`contractCreatedTs` must be a time such as/],
  ['a day that is none', 142, '2024-03-01', '2024-13-01', '142:15', /^`dateIn` must be a date such as/],
  [
    'a member without name',
    140,
    'username: ada@example.com',
    'name: Ada',
    '140:7',
    /^`username` is missing$/,
  ],
  ['text for a number', 159, '9.95', "'9.95'", '159:16', /^`priceAmount` must be a number$/],
  ['a level without value', 148, 'value', 'valueExt', '147:5', /^`value` is missing$/],
  ['an unknown server', 152, 's3', 'mongodb', '152:11', /^`mongodb` is not one of api, athena, azure/],
  ['a slip in a server', 152, 's3', 'postgress', '152:11', /did you mean `postgres`\?$/],
  [
    'a server without its place',
    153,
    'location: s3://lake/sales/{model}/*.parquet',
    'endpointUrl: https://s3.example.com',
    '151:5',
    /^`location` is missing: a server of type s3 needs it$/,
  ],
  ['a relative location', 153, 's3://lake', 'lake', '153:15', /^`location` must be a URL with its scheme/],
  [
    'a later version',
    163,
    'retention',
    'a\n    vendor: b',
    '164:5',
    /^`vendor` came with ODCS v3.2.0 and this contract/,
  ],
];

const SCHEMA: Case[] = [
  [
    'a second object',
    137,
    'team:',
    `${SECOND_OBJECT}team:`,
    '137:5',
    /exactly one object in `schema`, this one has 2$/,
  ],
  ['a column without name', 58, 'name: units', 'businessName: units', '57:9', /^`name` is missing$/],
  ['a column twice', 58, 'units', 'Gtin', '58:15', /^the column Gtin stands twice in its list$/],
  ['a physical name twice', 37, 'store_gln', 'gtin', '45:15', /^the column gtin stands twice in its list$/],
  ['an id twice', 57, 'units', 'gtin', '57:13', /^the id gtin stands twice in its list$/],
  ['an id with a space', 57, 'units', 'sold units', '57:13', /^`id` must be an id of letters/],
  ['an unknown logical type', 59, 'integer', 'int', '59:22', /^`int` is not/],
  [
    'a type of another family',
    60,
    'bigint',
    'varchar(20)',
    '60:23',
    /^physicalType varchar\(20\) is string, which does not/,
  ],
  [
    'a fraction for an integer',
    60,
    'bigint',
    'decimal(9,2)',
    '60:23',
    /decimal\(9,2\), which does not fit logicalType integer/,
  ],
  ['a type nobody knows', 116, 'double', 'geography', '116:31', /^physicalType geography is not known/],
  [
    'a scale above the precision',
    116,
    'double',
    'decimal(5,9)',
    '116:31',
    /^physicalType decimal\(5,9\) is not known/,
  ],
  [
    'a precision too large',
    116,
    'double',
    'decimal(39,2)',
    '116:31',
    /^physicalType decimal\(39,2\) is not known/,
  ],
  [
    'no type at all',
    116,
    'physicalType: double',
    'required: true',
    '115:17',
    /^a column needs a `logicalType`/,
  ],
  ['a slip in `items`', 96, 'items', 'item', '96:9', /did you mean `items`\?$/],
  [
    'an array without items',
    95,
    'array',
    'array\n      - name: more\n        logicalType: array',
    '95:22',
    /^an array needs its `items`$/,
  ],
  [
    'an option of another type',
    92,
    'timezone',
    'minLength',
    '92:11',
    /^`minLength` is not a known key here; known are format/,
  ],
  ['a slip in an option', 92, 'timezone', 'timezon', '92:11', /did you mean `timezone`\?$/],
  ['a bound that is no number', 72, '9999999999999999.99', 'much', '72:20', /^`maximum` must be a number$/],
  [
    'a minimum above the maximum',
    63,
    '-9223372036854775808',
    '9223372036854775808',
    '63:20',
    /is above `maximum` 9223372036854775807$/,
  ],
  [
    'a bound that is no date',
    34,
    '2020-01-01',
    '1.1.2020',
    '34:20',
    /^`minimum` 1.1.2020 must be in the ISO form/,
  ],
  [
    'a pattern that is none',
    43,
    '^[0-9]{13}$',
    "'[0-9'",
    '43:20',
    /^the pattern is not a regular expression/,
  ],
  ['a pattern with look-ahead', 43, '^[0-9]{13}$', "'(?=a)b'", '43:20', /^the pattern uses look-around/],
  ['a key position twice', 41, '2', '1', '41:29', /^`primaryKeyPosition` 1 is taken already$/],
  ['a key position from zero', 27, '1', '0', '27:29', /^`primaryKeyPosition` starts from 1$/],
  [
    'a key position without key',
    48,
    'primaryKey: true',
    'required: true',
    '49:29',
    /needs `primaryKey: true` beside it$/,
  ],
  ['a nested key', 111, 'required', 'unique', '111:13', /^`unique` is for columns of the table/],
  [
    'an unknown transform',
    32,
    'month',
    'week',
    '32:20',
    /^partitionTransform week is none of identity, year/,
  ],
  ['yes for true', 61, 'true', 'yes', '61:19', /^`required` must be true or false, found `yes`$/],
];

const QUALITY: Case[] = [
  [
    'two operators',
    125,
    'mustBe: 0',
    'mustBe: 0\n        mustNotBe: 1',
    '126:20',
    /takes exactly one operator and has `mustBe`/,
  ],
  ['no operator', 129, 'mustBe: 0', 'unit: rows', '126:9', /^a quality rule needs exactly one operator/],
  [
    'a slip in a metric',
    120,
    'rowCount',
    'rowcount',
    '120:17',
    /^`rowcount` is not known: did you mean `rowCount`\?$/,
  ],
  [
    'a metric at the wrong level',
    120,
    'rowCount',
    'nullValues',
    '120:17',
    /^nullValues belongs to a property, not to the object$/,
  ],
  [
    'a query without text',
    128,
    'query',
    'description',
    '126:9',
    /^`query` is missing: a quality rule of type sql needs it$/,
  ],
  ['one bound of two', 121, '[100, 5000000]', '[100]', '121:24', /^`mustBeBetween` must be two numbers/],
  [
    'bounds in the wrong order',
    121,
    '[100, 5000000]',
    '[5, 1]',
    '121:24',
    /^`mustBeBetween` names the lower number first$/,
  ],
  [
    'text as threshold',
    125,
    '0',
    "'none'",
    '125:17',
    /^`mustBe` must be a number: duplicateValues counts rows$/,
  ],
  ['a negative count', 125, '0', '-1', '125:17', /^a count is never negative$/],
  ['more than all', 75, '0.5', '101', '75:34', /^a percentage is at most 100$/],
  ['an unknown unit', 76, 'percent', 'promille', '76:19', /^unit promille is none of rows, percent$/],
  ['an unknown dimension', 87, 'conformity', 'validity', '87:24', /^`validity` is not/],
  ['an unknown column', 124, 'store,', 'store_gln,', '124:36', /^sell_out has no property store_gln$/],
  [
    'no list of valid values',
    85,
    'validValues',
    'values',
    '85:15',
    /^invalidValues takes validValues or pattern, not/,
  ],
  ['valid values that are none', 85, '[EUR, USD, GBP]', 'EUR', '85:28', /^`validValues` must be a list/],
  ['an engine without rule', 134, 'implementation', 'description', '132:9', /^`implementation` is missing/],
];

const PRODUCTS: Case[] = [
  ['no contract for a port', 26, 'contractId', null, '24:5', /^`contractId` is missing/],
  [
    'a port twice',
    24,
    'sell-out-weekly',
    'sell-out',
    '24:11',
    /^the output port sell-out stands twice: one per dataset$/,
  ],
  [
    'a port with a space',
    24,
    'sell-out-weekly',
    'sell out',
    '24:11',
    /^the output port sell out must start with a-z/,
  ],
  ['no version', 6, 'version', null, '2:1', /^`version` is missing$/],
  ['a name with capitals', 5, 'sell-out', 'SellOut', '5:7', /^the product name SellOut must start with a-z/],
  ['a relative url', 29, 'https://', '//', '29:10', /^`url` must be a URL with its scheme/],
  ['a slip in a key', 16, 'outputPorts', 'outputPort', '16:1', /did you mean `outputPorts`\?$/],
  ['a contract as product', 3, 'DataProduct', 'DataContract', '3:7', /`DataContract` is not/],
  [
    'a later version',
    17,
    '- name',
    '- deprecated: true\n    name',
    '17:5',
    /^`deprecated` came with ODPS v1.1.0/,
  ],
  ['an input without contract', 15, 'contractId', null, '13:5', /^`contractId` is missing$/],
];

function expectOneProblem(linted: LintedDocument<unknown>, [, , , , place, message]: Case): void {
  expect(linted.document).toBeNull();
  expect(linted.problems.map((problem) => problem.place)).toEqual([`bad.yaml:${place}`]);
  expect(linted.problems[0]!.message).toMatch(message);
}

describe.each([
  ['text', TEXT],
  ['fundamentals', FUNDAMENTALS],
  ['schema', SCHEMA],
  ['quality', QUALITY],
])('a contract damaged in its %s', (_part, cases) => {
  test.each(cases)('%s', (...damageCase) => {
    const content = damage(CONTRACT, damageCase);
    expectOneProblem(lintDatasetContract({ file: 'bad.yaml', content }), damageCase);
  });
});

test.each(PRODUCTS)('a damaged product: %s', (...damageCase) => {
  const content = damage(PRODUCT, damageCase);
  expectOneProblem(lintMeshProduct({ file: 'bad.yaml', content }), damageCase);
});

describe('a file that is no document', () => {
  const cases: [string, string | Uint8Array, string, RegExp][] = [
    ['nothing', '', '1:1', /^the document is empty$/],
    ['only a comment', '# later\n', '1:1', /^the document is empty$/],
    ['a list', '- a\n', '1:1', /^the document must be a mapping/],
    ['a word', 'hello\n', '1:1', /^the document must be a mapping/],
    [
      'Latin-1',
      Buffer.from('kind: DataContract\nname: Käse\n', 'latin1'),
      '2:8',
      /^byte 0xE4 is not valid UTF-8/,
    ],
    ['a cut character', Buffer.from('name: Käse').subarray(0, 8), '1:8', /is not valid UTF-8/],
    [
      'UTF-16',
      Buffer.from('\ufeffkind: DataContract\n', 'utf16le'),
      '1:1',
      /^the file is UTF-16: save it as UTF-8$/,
    ],
    [
      'too much',
      `a: ${'x'.repeat(3 * 1024 * 1024)}`,
      '1:1',
      /^the file has 3145731 bytes, the limit is 2097152$/,
    ],
    ['too deep', `a: ${'['.repeat(90)}${']'.repeat(90)}`, '1:64', /nests deeper than 60 levels/],
    ['far too deep', `a: ${'['.repeat(100_000)}`, '1:1079', /nests deeper/],
  ];

  test.each(cases)('%s', (_name, content, place, message) => {
    const { document, problems } = lintDatasetContract({ file: 'bad.yaml', content });
    expect(document).toBeNull();
    expect(problems[0]!.place).toBe(`bad.yaml:${place}`);
    expect(problems[0]!.message).toMatch(message);
  });

  test('aliases that grow into millions of values are stopped', () => {
    const layers = Array.from({ length: 9 }, (_, layer) => {
      const below = layer === 0 ? 'x' : `*a${layer - 1}`;
      return `a${layer}: &a${layer} [${Array(10).fill(below).join(', ')}]`;
    });
    const { problems } = lintDatasetContract({ file: 'bomb.yaml', content: layers.join('\n') });
    expect(problems.map(({ message }) => message)).toEqual([
      'the document holds more than 200000 values once its aliases are followed',
    ]);
  });

  test('twenty thousand wrong keys give a hundred problems and no more', () => {
    const content = Array.from({ length: 20_000 }, (_, index) => `key${index}: 1`).join('\n');
    const { problems } = lintDatasetContract({ file: 'wide.yaml', content });
    expect(problems).toHaveLength(101);
    expect(problems.at(-1)!.message).toMatch(/^and \d+ more problems in this file$/);
  });
});
