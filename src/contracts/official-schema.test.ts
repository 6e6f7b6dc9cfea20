import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { Ajv2019 } from 'ajv/dist/2019.js';
import addFormats from 'ajv-formats';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parse, stringify } from 'yaml';
import { lintContract } from './read-contract.ts';
import { lintProduct } from './read-product.ts';

const STANDARDS = process.env.CROSSDOCK_STANDARDS ?? '../shared/standards';
const REAL = path.join(process.env.CROSSDOCK_REAL_DATA ?? '../shared/data', 'odcs_contracts');
const hasStandards = existsSync(path.join(STANDARDS, 'odcs/schema'));
const hasReal = existsSync(path.join(REAL, 'known_answers.json'));

type Validate = (value: unknown) => boolean;

function compile(file: string): Validate {
  const ajv = new Ajv2019({ allErrors: true, strict: false });
  addFormats.default(ajv);
  return ajv.compile(JSON.parse(readFileSync(path.join(STANDARDS, file), 'utf8')));
}

function filesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.(ya?ml|json)$/.test(name))
    .map((name) => path.join(folder, name))
    .sort();
}

function problemsOf(file: string): string[] {
  const { problems } = lintContract({ file: path.basename(file), content: readFileSync(file) });
  return problems.map(({ message }) => message);
}

/** Where we differ from the JSON Schema, each with its reason; the text of ODCS is the standard. */
const REFUSED_BY_US: Record<string, RegExp> = {
  // The example's own mistake: its object has no such property (ODCS "References").
  'relationships.odcs.yaml': /addresses has no property address_street/,
  // ODCS "Metrics": nullValues is a metric of a property.
  'eddiethedean__odcs__examples_minimal.odcs.json': /nullValues belongs to a property/,
  'eddiethedean__odcs__examples_minimal.odcs.yaml': /nullValues belongs to a property/,
  'eddiethedean__odcs__tests_fixtures_compatibility_additive-new-column.yaml':
    /nullValues belongs to a property/,
  'eddiethedean__odcs__tests_fixtures_compatibility_base.yaml': /nullValues belongs to a property/,
  'eddiethedean__odcs__tests_fixtures_compatibility_breaking-removed-column.yaml':
    /nullValues belongs to a property/,
  'eddiethedean__odcs__tests_fixtures_minimal.odcs.json': /nullValues belongs to a property/,
  'eddiethedean__odcs__tests_fixtures_minimal.odcs.yaml': /nullValues belongs to a property/,
  // ODCS "Metrics": rowCount is a metric of the object.
  'eddiethedean__odcs__tests_fixtures_with-schema-quality-items.yaml': /rowCount belongs to the object/,
  // ODCS "References": a reference leads to something, composite keys pair up, ids are unique in their list.
  'eddiethedean__odcs__tests_fixtures_invalid-nested-property-ref.yaml': /orders has no property/,
  'eddiethedean__odcs__tests_fixtures_invalid-relationship-length-mismatch.yaml': /lists of the same length/,
  'eddiethedean__odcs__tests_fixtures_invalid-roles-duplicate-id.yaml': /the id role-analyst stands twice/,
  'eddiethedean__odcs__tests_fixtures_invalid-structural-duplicate-schema-name.yaml':
    /the object customers stands twice/,
};

/** Paths with `{model}` or `*` in a location are no RFC 3986 URIs; the standard's own text writes such. */
const ACCEPTED_BY_US = new Set([
  'datacontract__datacontract-cli__tests_fixtures_dbml_datacontract.odcs.yaml',
  'datacontract__datacontract-cli__tests_fixtures_spark_export_datacontract.odcs.yaml',
]);

function expectVerdict(file: string, official: boolean): void {
  const name = path.basename(file);
  const problems = problemsOf(file);
  const refusal = REFUSED_BY_US[name];
  if (refusal) expect(problems.join('\n'), name).toMatch(refusal);
  else if (ACCEPTED_BY_US.has(name)) expect(problems, name).toEqual([]);
  else if (official) expect(problems, name).toEqual([]);
  else expect(problems, name).not.toEqual([]);
}

describe.skipIf(!hasStandards)('the official examples and negative tests of ODCS', () => {
  const folder = path.join(STANDARDS, 'odcs');

  test('all 18 examples of 3.1.0 are accepted', () => {
    const files = filesBelow(path.join(folder, 'examples'));
    expect(files).toHaveLength(18);
    for (const file of files) expectVerdict(file, true);
  });

  test('the examples of 3.2.0 are accepted', () => {
    const files = filesBelow(path.join(folder, 'v3.2.0-dev/examples'));
    expect(files.length).toBeGreaterThan(20);
    for (const file of files) expectVerdict(file, true);
  });

  test('all 28 negative tests are refused', () => {
    const files = filesBelow(path.join(folder, 'negative-tests'));
    expect(files).toHaveLength(28);
    for (const file of files) expectVerdict(file, false);
  });
});

describe.skipIf(!hasStandards || !hasReal)('contracts found in public repositories', () => {
  test('our verdict is that of the official schema, but for the differences listed', () => {
    const validate31 = compile('odcs/schema/odcs-json-schema-v3.1.0.json');
    const validate32 = compile('odcs/v3.2.0-dev/odcs-json-schema-v3.2.0.json');
    const files = filesBelow(REAL).filter((file) => !file.endsWith('known_answers.json'));
    expect(files.length).toBeGreaterThan(200);
    for (const file of files) expectVerdict(file, officialVerdict(file, validate31, validate32));
  });

  test('our verdict is the recorded one of the schema of their own version, but for the differences listed', () => {
    const answers = JSON.parse(readFileSync(path.join(REAL, 'known_answers.json'), 'utf8')) as {
      files: { file: string; schema_status: string; apiVersion: string; first_errors?: string[] }[];
    };
    const present = answers.files.filter(({ file }) => existsSync(path.join(REAL, file)));
    expect(present.length).toBeGreaterThan(200);
    for (const { file, schema_status: status, apiVersion, first_errors: errors } of present) {
      const name = path.basename(file);
      const problems = problemsOf(path.join(REAL, file));
      if ((status === 'valid') === (problems.length === 0) || REFUSED_BY_US[name]) continue;
      const reasons = problems.length === 0 ? ACCEPTED_OTHERWISE : REFUSED_OTHERWISE;
      const [first] = problems.length === 0 ? (errors ?? []) : problems;
      const explained = reasons.some(
        ({ version, message }) => version.test(apiVersion) && message.test(first ?? ''),
      );
      expect(explained, `${name} (${apiVersion}): ${first}`).toBe(true);
    }
  });
});

interface Reason {
  version: RegExp;
  message: RegExp;
}

/** Recorded as valid, refused by us. */
const REFUSED_OTHERWISE: Reason[] = [
  // YAML 1.2 §3.2.1.3: keys are unique; the recording reader took the last one.
  { version: /./, message: /^the key `\w+` stands twice/ },
  // We read 3.0.x by the schema of 3.1.0, as it says, which closed servers and quality rules.
  {
    version: /^v3\.0\./,
    message: /does not belong to a server|`topic` is not a known key|`metric` is missing/,
  },
  // ODCS "Schema": a position belongs to a key column.
  { version: /^v3\.0\./, message: /`primaryKeyPosition` needs `primaryKey: true`/ },
];

/** Recorded as invalid, accepted by us. */
const ACCEPTED_OTHERWISE: Reason[] = [
  // The recording reader took unquoted dates for dates (YAML 1.1); in YAML 1.2 they are text.
  { version: /./, message: /datetime\.date\(/ },
  // 3.1.0 brought these, and reads 3.0.x itself.
  {
    version: /^v3\.0\./,
    message: /'(timestamp|impala)' is not one of|of type 'boolean'|'physicalName' was unexpected/,
  },
  { version: /^v3\.0\./, message: /'rule' is a required property|^team: |'staging_dir' is a required/ },
];

function officialVerdict(file: string, validate31: Validate, validate32: Validate): boolean {
  try {
    const value = parse(readFileSync(file, 'utf8')) as { apiVersion?: string } | null;
    return value?.apiVersion === 'v3.2.0' ? validate32(value) : validate31(value);
  } catch {
    return false;
  }
}

describe.skipIf(!hasStandards)('ODPS', () => {
  test('its examples are accepted', () => {
    const files = filesBelow(path.join(STANDARDS, 'odps-bitol/examples'));
    expect(files).toHaveLength(2);
    for (const file of files) {
      expect(lintProduct({ file, content: readFileSync(file) }).problems).toEqual([]);
    }
  });
});

/** A change of one value somewhere in a document. */
interface Mutation {
  at: number;
  kind: 'remove' | 'rename' | 'replace' | 'add';
  value: unknown;
}

const mutation: fc.Arbitrary<Mutation> = fc.record({
  at: fc.nat(),
  kind: fc.constantFrom('remove', 'rename', 'replace', 'add'),
  value: fc.oneof(
    fc.constantFrom<unknown>('', 'x', 'string', 'library', 'sql', 'v3.1.0', 'array', 'a.b', 'schema/a'),
    fc.constantFrom<unknown>(0, -1, 1.5, true, false, null, [], {}, [1, 2], ['a'], [{ name: 'x' }]),
    fc.constantFrom<unknown>(
      { mustBe: 0 },
      { metric: 'nullValues', mustBe: 0 },
      { property: 'a', value: null },
    ),
  ),
});

type Holder = Record<string, unknown>;

/** Every mapping and list of a document, so that an index can pick one. */
function holders(value: unknown): Holder[] {
  if (value === null || typeof value !== 'object') return [];
  return [value as Holder, ...Object.values(value).flatMap(holders)];
}

function mutate(document: unknown, { at, kind, value: original }: Mutation): void {
  const value = structuredClone(original);
  const all = holders(document);
  const holder = all[at % all.length]!;
  const keys = Object.keys(holder);
  const key = keys[at % Math.max(keys.length, 1)];
  if (kind === 'add' || key === undefined) {
    if (Array.isArray(holder)) holder.push(value);
    else holder[NEW_KEYS[at % NEW_KEYS.length]!] = value;
    return;
  }
  if (kind === 'replace') holder[key] = value;
  else if (Array.isArray(holder)) holder.splice(Number(key), 1);
  else {
    if (kind === 'rename') holder[`${key}x`] = holder[key];
    delete holder[key];
  }
}

const NEW_KEYS = [
  'id',
  'name',
  'properties',
  'items',
  'quality',
  'required',
  'logicalType',
  'logicalTypeOptions',
  'metric',
  'mustBe',
  'query',
  'type',
  'tags',
  'host',
  'to',
  'value',
  'team',
  'customProperties',
];

function fuzz(
  folder: string,
  schema: string,
  lint: (content: string) => { message: string; place?: string }[],
): void {
  const validate = compile(schema);
  const originals = filesBelow(path.join(STANDARDS, folder))
    .map((file) => readFileSync(file, 'utf8'))
    .filter((text) => text.length < 20_000);
  fc.assert(
    fc.property(
      fc.nat(originals.length - 1),
      fc.array(mutation, { minLength: 1, maxLength: 4 }),
      (index, mutations) => {
        const value: unknown = parse(originals[index]!);
        for (const one of mutations) mutate(value, one);
        const content = stringify(value, { aliasDuplicateObjects: false });
        const problems = lint(content);
        const lines = content.split('\n');
        for (const { place } of problems) {
          const [, line, column] = /^f\.yaml:(\d+):(\d+)$/.exec(place ?? '')!.map(Number);
          expect(lines[line! - 1]!.length + 1).toBeGreaterThanOrEqual(column!);
        }
        if (!validate(parse(content))) expect(problems, content).not.toEqual([]);
      },
    ),
    { numRuns: 150 },
  );
}

describe.skipIf(!hasStandards)('documents with random damage', () => {
  test('an ODCS document that the official schema refuses is refused with places', () => {
    const schema = 'odcs/schema/odcs-json-schema-v3.1.0.json';
    fuzz('odcs/examples', schema, (content) => lintContract({ file: 'f.yaml', content }).problems);
  });

  test('an ODPS document that the official schema refuses is refused with places', () => {
    const schema = 'odps-bitol/odps-json-schema-v1.0.0.json';
    fuzz('odps-bitol/examples', schema, (content) => lintProduct({ file: 'f.yaml', content }).problems);
  });
});
