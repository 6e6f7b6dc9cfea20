import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { canonicalJson } from '../base/canonical.ts';
import { editDocument } from './edit-document.ts';
import { ExactNumber } from './exact-number.ts';
import { parseDocument, type Path } from './parse-document.ts';
import { printYaml } from './print-document.ts';
import { lintAnyDocument } from './lint-document.ts';

const file = 'a.yaml';
const sellOut = readFileSync('test/fixtures/contracts/sell-out.odcs.yaml', 'utf8');

const TEXT = `# the head
kind: DataContract   # which
version: 1.0.0   # raised by hand

tags: [ a, b ]   # two
empty: {}
schema:
  # the orders
  - name: orders   # one row each
    properties:
    - {name: id, required: true}
    # how much
    - name: net
      # money
      physicalType: "decimal(10,2)"
      description: |
        in euros
        net of tax
    - name: day
team:   # people
    name: 'Sales'
# the end
`;

const edited = (where: Path, value?: unknown, text = TEXT) =>
  editDocument({ file, content: text }, value === undefined ? { path: where } : { path: where, value });

/** Lines that went and lines that came. */
function lineChanges(after: string, before = TEXT): { gone: string[]; come: string[] } {
  const [was, is] = [before.split('\n'), after.split('\n')];
  return { gone: was.filter((line) => !is.includes(line)), come: is.filter((line) => !was.includes(line)) };
}

test.each<[string, Path, unknown, string[], string[]]>([
  [
    'a scalar keeps its comment',
    ['version'],
    '1.1.0',
    ['version: 1.0.0   # raised by hand'],
    ['version: 1.1.0   # raised by hand'],
  ],
  [
    'a key comes at the end of its mapping',
    ['schema', 0, 'properties', 1, 'unique'],
    true,
    [],
    ['      unique: true'],
  ],
  ['a key comes at the root', ['status'], 'draft', [], ['status: draft']],
  ['what is missing on the way is made', ['description', 'usage'], 'x', [], ['description:', '  usage: x']],
  [
    'a value inside braces',
    ['schema', 0, 'properties', 0, 'required'],
    false,
    ['    - {name: id, required: true}'],
    ['    - {name: id, required: false}'],
  ],
  [
    'a key inside braces',
    ['schema', 0, 'properties', 0, 'unique'],
    true,
    ['    - {name: id, required: true}'],
    ['    - {name: id, required: true, unique: true}'],
  ],
  [
    'an item inside brackets',
    ['tags', 2],
    'c, d',
    ['tags: [ a, b ]   # two'],
    ['tags: [ a, b, "c, d" ]   # two'],
  ],
  [
    'an item at the end of a list',
    ['schema', 0, 'properties', 3],
    { name: 'x', logicalType: 'string' },
    [],
    ['    - name: x', '      logicalType: string'],
  ],
  [
    'a list behind a key',
    ['schema', 0, 'properties', 2, 'tags'],
    ['w', 'z'],
    [],
    ['      tags:', '        - w', '        - z'],
  ],
  ['into braces that are empty', ['empty', 'a'], 1, ['empty: {}'], ['empty: { a: 1 }']],
  [
    'a key goes',
    ['schema', 0, 'properties', 1, 'physicalType'],
    undefined,
    ['      physicalType: "decimal(10,2)"'],
    [],
  ],
  [
    'a text of several lines goes',
    ['schema', 0, 'properties', 1, 'description'],
    undefined,
    ['      description: |', '        in euros', '        net of tax'],
    [],
  ],
  [
    'the key behind a dash goes',
    ['schema', 0, 'name'],
    undefined,
    ['  - name: orders   # one row each', '    properties:'],
    ['  - properties:'],
  ],
  ['an item goes', ['schema', 0, 'properties', 2], undefined, ['    - name: day'], []],
  ['the only key goes', ['team', 'name'], undefined, ["    name: 'Sales'"], ['    {}']],
  [
    'an item inside brackets goes',
    ['tags', 0],
    undefined,
    ['tags: [ a, b ]   # two'],
    ['tags: [ b ]   # two'],
  ],
  ['nothing changes', ['version'], '1.0.0', [], []],
])('%s', (_what, ...[where, value, gone, come]) => {
  expect(lineChanges(edited(where, value))).toEqual({ gone, come });
});

test('a text of several lines before a comment is written on one line', () => {
  expect(edited(['version'], 'two\nlines\n')).toContain('\nversion: "two\\nlines\\n"   # raised by hand\n');
});

test('Windows line ends, exact numbers and texts that look like something else', () => {
  const windows = TEXT.replaceAll('\n', '\r\n');
  const text = edited(['schema', 0, 'properties', 1, 'tags'], ['no', '2020-01-01', '07'], windows);
  expect(text.replaceAll('\r\n', '')).not.toContain('\n');
  expect(text).toContain('- "no"\r\n        - "2020-01-01"\r\n        - "07"\r\n');
  expect(edited(['max'], new ExactNumber('9999999999999999.99'))).toContain('\nmax: 9999999999999999.99\n');
});

test.each([
  ['a value behind an anchor', 'a: &x 1\nb: *x\n', ['a']],
  ['a value behind an alias', 'a: &x { c: 1 }\nb: *x\n', ['b', 'c']],
  ['an index past the end', 'a: [1]\n', ['a', 3]],
  ['a document with faults', 'a: 1\na: 2\n', ['a']],
  ['the whole document', 'a: 1\n', []],
])('%s is not edited', (_what, text, where) => {
  expect(() => edited(where, 7, text)).toThrow('cannot be changed by itself');
});

/** Paths of a value, those of its lists one past the end, and keys it does not have. */
function pathsOf(value: unknown, at: Path = []): Path[] {
  if (value === null || typeof value !== 'object' || value instanceof ExactNumber) return [at];
  const inside = Array.isArray(value) ? [...value.entries()] : Object.entries(value as object);
  const next = Array.isArray(value) ? value.length : 'newKey';
  return [at, [...at, next], ...inside.flatMap(([key, item]) => pathsOf(item, [...at, key]))];
}

const anyValue = fc.oneof(
  fc.constantFrom<unknown>(
    'x',
    '',
    'yes',
    '1.0',
    'a: b',
    '# no',
    ' lead',
    'two\nlines\n',
    "it's",
    '- a',
    '"',
    'null',
  ),
  fc.constantFrom<unknown>(0, 1.5, -3, true, null, [], {}, ['a', ['b']], { k: [{ v: 1 }], 'odd key: ': 'x' }),
  fc.string(),
);

test('setting and deleting at any path gives exactly that, and keeps every comment outside', () => {
  const sources = [TEXT, sellOut].map((content) => {
    const value = parseDocument({ file, content }).value;
    return { content, paths: pathsOf(value).filter((where) => where.length > 0) };
  });
  fc.assert(
    fc.property(
      fc.constantFrom(...sources),
      fc.nat(),
      fc.option(anyValue),
      ({ content, paths }, ...[pick, value]) => {
        const where = paths[pick % paths.length]!;
        const text = edited(where, value ?? undefined, content);
        const parsed = parseDocument({ file, content: text });
        expect(parsed.problems).toEqual([]);
        const rest = (document: string) => document.split('\n').filter((line) => /^#/.test(line));
        expect(rest(text)).toEqual(rest(content));
        const back =
          value === null
            ? undefined
            : where.reduce<unknown>((holder, key) => (holder as never)[key], parsed.value);
        if (value !== null) expect(canonicalJson(back)).toBe(canonicalJson(value));
      },
    ),
    { numRuns: 100 },
  );
});

describe('printing', () => {
  const roundTrip = (value: unknown) => parseDocument({ file, content: printYaml(value) });

  test('a document that is printed reads back as the same values', () => {
    fc.assert(
      fc.property(
        fc.dictionary(
          fc.string().filter((key) => key !== '<<' && key !== '__proto__'),
          anyValue,
          { minKeys: 1 },
        ),
        (value) => {
          const { value: back, problems } = roundTrip(value);
          expect(problems).toEqual([]);
          expect(canonicalJson(back)).toBe(canonicalJson(value));
        },
      ),
      { numRuns: 150 },
    );
  });

  const folders = [
    path.join(process.env.CROSSDOCK_STANDARDS ?? '../shared/standards', 'odcs'),
    path.join(process.env.CROSSDOCK_REAL_DATA ?? '../shared/data', 'odcs_contracts'),
  ].filter((folder) => existsSync(folder));

  test.skipIf(folders.length === 0)('every valid contract survives reading, printing and reading', () => {
    let valid = 0;
    for (const folder of folders) {
      for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
        if (!/\.ya?ml$/.test(name)) continue;
        const content = readFileSync(path.join(folder, name));
        if (lintAnyDocument({ file: name, content }).problems.length > 0) continue;
        valid += 1;
        const { value } = parseDocument({ file: name, content });
        expect(JSON.stringify(roundTrip(value).value), name).toBe(JSON.stringify(value));
      }
    }
    expect(valid).toBeGreaterThan(folders.length > 1 ? 150 : 15);
  });
});
