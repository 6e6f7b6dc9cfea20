import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { lintContract, needVariables, readContract, withVariables } from './read-contract.ts';
import { resolveVariables } from './variables.ts';

const all = { isUsed: () => true, hint: 'declare it' };
const textWith = (text: string, variables: Record<string, string> = {}) =>
  resolveVariables(text, { ...all, variables: new Map(Object.entries(variables)) });

test.each<[string, Record<string, string>, string]>([
  ['${HOST}', { HOST: 'db' }, 'db'],
  ['s3://${BUCKET}/${DAY:-today}/*', { BUCKET: 'b' }, 's3://b/today/*'],
  ['${HOST:-db.example}', { HOST: 'other' }, 'other'],
  ['${HOST:-db.example}', { HOST: '' }, 'db.example'],
  ['${HOST:-}', {}, ''],
  ['${A:- it is $5 }', {}, ' it is $5 '],
  // What a variable says is text, not a reference; nothing else in braces is one.
  ['${A}', { A: '${B}', B: 'never' }, '${B}'],
  ['^${2}a${}b${1X}$', {}, '^${2}a${}b${1X}$'],
  ['$HOME {HOME} ${HOME', { HOME: 'never' }, '$HOME {HOME} ${HOME'],
])('%s with %o is %s', (text, variables, expected) => {
  expect(textWith(text, variables)).toEqual({ value: expected, faults: [] });
});

test('a text without references, or resolved once, stays as it is', () => {
  const plain = fc.string().filter((text) => !text.includes('${'));
  fc.assert(
    fc.property(plain, plain, plain, (before, value, after) => {
      const { value: resolved } = textWith(`${before}\${X}${after}`, { X: value || 'x' });
      expect(resolved).toBe(`${before}${value || 'x'}${after}`);
      expect(textWith(before, { X: value }).value).toBe(before);
    }),
  );
});

test('many references to a long value do not grow without bound', () => {
  const value = Array.from({ length: 2000 }, () => '${X}');
  const { faults } = resolveVariables(value, { ...all, variables: new Map([['X', 'x'.repeat(4000)]]) });
  expect(faults).toEqual([{ path: [expect.any(Number)], message: expect.stringMatching(/longer than/) }]);
});

const contract = (version: string) => `apiVersion: ${version}
kind: DataContract
id: o
version: 1.0.0
status: active
servers:
  - server: lake
    type: s3
    location: \${LAKE}/orders
  - { server: shop, type: postgresql, host: '\${DB_HOST}', port: '\${DB_PORT:-5432}', database: d, schema: s }
schema:
  - name: orders
    quality:
      - type: sql
        query: SELECT count(*) FROM \${object} WHERE region = '\${REGION}' # as agreed
        mustBe: 0
    properties:
      - { name: id, logicalType: string }
`;

describe('a contract', () => {
  const source = (version: string) => ({ file: 'o.odcs.yaml', content: contract(version) });

  test('of 3.2.0 may begin a URL with a variable, one of 3.1.0 may not', () => {
    expect(lintContract(source('v3.2.0')).problems).toEqual([]);
    const messages = lintContract(source('v3.1.0')).problems.map(({ message }) => message);
    expect(messages.join('\n')).toMatch(/location: .* came with ODCS v3\.2\.0/);
  });

  test('is resolved where it is used, keeps its text, and leaves the words of a query alone', () => {
    const document = readContract(source('v3.2.0'));
    const resolved = needVariables(document, {
      ...all,
      variables: new Map([
        ['LAKE', 's3://lake'],
        ['REGION', 'NORTH'],
      ]),
      isUsed: ([first, index]) => first !== 'servers' || index !== 1,
    });
    expect(resolved.text).toBe(document.text);
    expect(resolved.value.servers).toMatchObject([
      { location: 's3://lake/orders' },
      { host: '${DB_HOST}', port: '${DB_PORT:-5432}' },
    ]);
    expect(resolved.value.schema?.[0]?.quality?.[0]?.query).toBe(
      "SELECT count(*) FROM ${object} WHERE region = 'NORTH'",
    );
  });

  test('names every variable without a value at its place, and what a value makes wrong', () => {
    const document = readContract(source('v3.2.0'));
    const messages = (variables: [string, string][]) =>
      withVariables(document, { ...all, variables: new Map(variables) }).problems.map(
        ({ place, message }) => `${place} ${message}`,
      );
    expect(messages([['LAKE', 's3://x']])).toEqual([
      expect.stringMatching(
        /^o\.odcs\.yaml:10:45 the variable `DB_HOST` has no value: declare it, or .*:-…}`$/,
      ),
      expect.stringMatching(/^o\.odcs\.yaml:15:16 the variable `REGION` has no value/),
    ]);
    const given: [string, string][] = [
      ['DB_HOST', 'db'],
      ['REGION', 'N'],
    ];
    expect(messages([...given, ['LAKE', 'no scheme']])).toEqual([
      expect.stringMatching(/^o\.odcs\.yaml:9:15 `location` must be a URL/),
    ]);
  });
});
