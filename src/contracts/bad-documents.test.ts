import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { lintDatasetContract } from './read-contract.ts';
import { lintMeshProduct } from './read-product.ts';

const FIXTURES = 'test/fixtures/contracts';
const CONTRACT = readFileSync(`${FIXTURES}/sell-out.odcs.yaml`, 'utf8');
const PRODUCT = readFileSync(`${FIXTURES}/sell-out.odps.yaml`, 'utf8');

interface Damage {
  name: string;
  line: number;
  from: string;
  to: string | null;
  place: string;
  message: string;
}

const damages = parse(readFileSync(`${FIXTURES}/damages.yaml`, 'utf8')) as Record<string, Damage[]>;
const { product: productDamages = [], ...contractDamages } = damages;

function damaged(text: string, { line, from, to }: Damage): string {
  const lines = text.split('\n');
  expect(lines[line - 1]).toContain(from);
  if (to === null) lines.splice(line - 1, 1);
  else lines[line - 1] = lines[line - 1]!.replace(from, () => to);
  return lines.join('\n');
}

describe.each(Object.entries(contractDamages))('a contract damaged in its %s', (_part, cases) => {
  test.each(cases)('$name', (damage) => {
    const { document, problems } = lintDatasetContract({
      file: 'bad.yaml',
      content: damaged(CONTRACT, damage),
    });
    expect(document).toBeNull();
    expect(problems.map(({ place }) => place)).toEqual([`bad.yaml:${damage.place}`]);
    expect(problems[0]?.message).toMatch(new RegExp(damage.message));
  });
});

test.each(productDamages)('a damaged product: $name', (damage) => {
  const { document, problems } = lintMeshProduct({ file: 'bad.yaml', content: damaged(PRODUCT, damage) });
  expect(document).toBeNull();
  expect(problems.map(({ place }) => place)).toEqual([`bad.yaml:${damage.place}`]);
  expect(problems[0]?.message).toMatch(new RegExp(damage.message));
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
    ['far too deep', `a: ${'['.repeat(100_000)}`, '1:', /nests deeper/],
  ];

  test.each(cases)('%s', (...[, content, place, message]) => {
    const { document, problems } = lintDatasetContract({ file: 'bad.yaml', content });
    expect(document).toBeNull();
    expect(problems[0]!.place).toMatch(`bad.yaml:${place}`);
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

test.each(Object.getOwnPropertyNames(Object.prototype))(
  'the word %s is wrong in all the places it can be',
  (word) => {
    const content = `apiVersion: v3.1.0
kind: DataContract
id: a
version: 1.0.0
status: ${word}
${word}: { id: 1 }
description: { ${word}: [{ id: a }] }
schema:
  - name: ${word}
    properties:
      - name: a
        physicalType: ${word}
      - name: b
        logicalType: integer
        logicalTypeOptions: { format: ${word}, ${word}: 1 }
      - name: c
        logicalType: ${word}
`;
    const { document, problems } = lintDatasetContract({ file: 'bad.yaml', content });
    expect(document).toBeNull();
    const lines = problems.map(({ place }) => Number(place?.split(':')[1]));
    const whereKeysGo = word === '__proto__' ? [6, 7, 12, 15, 15, 17] : [6, 12, 15, 15, 17];
    expect(lines).toEqual(whereKeysGo);
  },
);
