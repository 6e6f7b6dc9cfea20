import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { ROOT } from '../../test/fixtures/source-tree.ts';
import { readClientConfig } from '../config.ts';
import { runProgram } from './program.ts';

/** `contract lint` and `contract diff` as a repository's pipeline runs them: on files, without a server. */

let folder: string;
const contract = await readFile(join(ROOT, 'test/fixtures/contracts/sell-out.odcs.yaml'), 'utf8');
const product = await readFile(join(ROOT, 'test/fixtures/contracts/sell-out.odps.yaml'), 'utf8');

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'crossdock-contract-files-'));
  await mkdir(join(folder, 'node_modules/other'), { recursive: true });
  await mkdir(join(folder, 'deep/er'), { recursive: true });
  await put('good.odcs.yaml', contract);
  await put('deep/er/wrong.yaml', contract.replace('logicalType: date', 'logicalTyp: date'));
  await put('deep/product.json', '{ "kind": "DataProduct", "apiVersion": "v1.0.0", "id": "p" }');
  await put('deep/openapi.yaml', 'openapi: 3.1.0\n');
  await put('node_modules/other/theirs.odcs.yaml', 'kind: DataContract\n');
});

let exitCode: typeof process.exitCode;
beforeEach(() => {
  exitCode = process.exitCode;
  return () => void (process.exitCode = exitCode);
});
afterAll(() => rm(folder, { recursive: true }));

const put = (name: string, text: string) => writeFile(join(folder, name), text);
const at = (name: string) => join(folder, name);

/** What a terminal shows, and the exit code. */
async function crossdock(...argv: string[]) {
  const streams = { stdout: '', stderr: '' };
  const shell = {
    config: readClientConfig({ HOME: folder }),
    version: '1.2.3',
    signal: new AbortController().signal,
    stdout: (text: string) => void (streams.stdout += text),
    stderr: (text: string) => void (streams.stderr += text),
    openEngine: () => {
      throw new TypeError('no engine is needed');
    },
  };
  const code = await runProgram(argv, shell, () => Promise.reject(new TypeError('no server is needed')));
  return { ...streams, code };
}

test('a folder is searched for contracts and products, and what tools put there is left alone', async () => {
  const { stdout, stderr, code } = await crossdock('contract', 'lint', folder);
  const lines = stdout.replaceAll(`${folder}/`, '').trim().split('\n');
  expect(lines).toEqual([
    'deep/er/wrong.yaml:24:9: `logicalTyp` is not a known key: did you mean `logicalType`?',
    'deep/er/wrong.yaml:34:11: `logicalTypeOptions` needs a `logicalType` that they belong to',
    'deep/product.json:1:1: `status` is missing',
    'good.odcs.yaml: valid',
  ]);
  expect(stderr).toBe('3 documents, 2 with 3 problems\n');
  expect(code).toBe(2);
});

test('a pattern names files, and valid ones give 0', async () => {
  const { stdout, code } = await crossdock('contract', 'lint', at('*.odcs.yaml'));
  expect(stdout).toBe(`${at('good.odcs.yaml')}: valid\n`);
  expect(code).toBe(0);
});

test('nothing to lint is said, not passed', async () => {
  const { stderr, code } = await crossdock('contract', 'lint', at('*.toml'));
  expect(stderr).toContain('error cli.no-documents');
  expect(code).toBe(2);
  expect((await crossdock('contract', 'lint', at('none.yaml'))).stderr).toContain('error cli.file');
  expect((await crossdock('contract', 'lint', folder, '--format', 'xml')).code).toBe(64);
});

test('JUnit has a case for each document, with its problems in the text', async () => {
  await put('<odd>.yaml', contract.replace('version: 1.2.0', 'version: "1\\u0001 & <2>"'));
  const { stdout } = await crossdock(
    'contract',
    'lint',
    at('deep/er'),
    at('<odd>.yaml'),
    '--format',
    'junit',
  );
  expect(stdout).toContain('tests="2" failures="1" errors="0" skipped="0"');
  expect(stdout).toContain('message="2 problems" type="odcs"');
  expect(stdout).toContain('wrong.yaml:24:9: `logicalTyp`');
  expect(stdout).toContain('&lt;odd&gt;.yaml"');
  await rm(at('<odd>.yaml'));
});

test('SARIF has a result at each place', async () => {
  const { stderr, code } = await crossdock(
    'contract',
    'lint',
    folder,
    '--format',
    'sarif',
    '-o',
    at('lint.sarif'),
  );
  expect([stderr, code]).toEqual(['3 documents, 2 with 3 problems\n', 2]);
  const log = JSON.parse(await readFile(at('lint.sarif'), 'utf8'));
  expect(log.version).toBe('2.1.0');
  const [run] = log.runs;
  expect(run.tool.driver).toMatchObject({ name: 'crossdock', version: '1.2.3' });
  expect(run.artifacts).toHaveLength(3);
  expect(run.results).toHaveLength(3);
  const [{ physicalLocation }] = run.results[0].locations;
  expect(physicalLocation.region).toEqual({ startLine: 24, startColumn: 9 });
  expect(physicalLocation.artifactLocation.uri).toMatch(/^file:\/\/\/.*\/deep\/er\/wrong\.yaml$/);
});

test('JSON has every document with its problems', async () => {
  const { stdout } = await crossdock('contract', 'lint', at('deep'), '--json');
  const { files } = JSON.parse(stdout);
  expect(files.map((file: { standard: string }) => file.standard)).toEqual(['odcs', 'odps']);
  expect(files[0].problems[0].pointer).toBe('/schema/0/properties/0/logicalTyp');
});

const renamed = contract.replace('name: currency', 'name: money').replace('version: 1.2.0', 'version: 1.3.0');

test('a breaking difference without a new major version gives 2, with one 0', async () => {
  await put('after.yaml', renamed);
  const refused = await crossdock('contract', 'diff', at('good.odcs.yaml'), at('after.yaml'));
  expect(refused.stdout).toMatch(/breaking +column-renamed +column `currency` is renamed to `money`/);
  expect(refused.stdout).toContain('a major version, 2.0.0 or higher: 1.3.0 is not enough');
  expect(refused.code).toBe(2);
  await put('after.yaml', renamed.replace('version: 1.3.0', 'version: 2.0.0'));
  const accepted = await crossdock('contract', 'diff', at('good.odcs.yaml'), at('after.yaml'), '--json');
  expect(accepted.code).toBe(0);
  expect(JSON.parse(accepted.stdout)).toMatchObject({
    before: { version: '1.2.0' },
    version: { required: 'major', enough: true, least: '2.0.0' },
    changes: [{ code: 'column-renamed', class: 'breaking', columns: ['currency'] }],
  });
  const same = await crossdock('contract', 'diff', at('good.odcs.yaml'), at('good.odcs.yaml'));
  expect([same.stdout, same.code]).toEqual(['1.2.0 → 1.2.0: nothing changes\n', 0]);
});

test('the version needed is written into the file, whose comments stay', async () => {
  const text = renamed.replace('version: 1.3.0', 'version: 1.3.0  # by hand');
  await put('after.yaml', text);
  const { stdout, code } = await crossdock(
    'contract',
    'diff',
    at('good.odcs.yaml'),
    at('after.yaml'),
    '--bump',
  );
  expect(stdout).toContain('2.0.0 is enough');
  expect(code).toBe(0);
  expect(await readFile(at('after.yaml'), 'utf8')).toBe(text.replace('version: 1.3.0', 'version: 2.0.0'));
});

const entry = (changes: object) =>
  JSON.stringify({
    ignore: [
      {
        code: 'column-renamed',
        pointer: '/schema/0/properties/5/name',
        reason: 'nobody reads it',
        until: '2999-01-31',
        ...changes,
      },
    ],
  });

test('a difference that a list accepts does not count, and is shown', async () => {
  await put('after.yaml', renamed);
  await put('ignore.yaml', entry({}));
  const files = [at('good.odcs.yaml'), at('after.yaml'), '--ignore', at('ignore.yaml')];
  const accepted = await crossdock('contract', 'diff', ...files);
  expect(accepted.stdout).toMatch(/ignored until 2999-01-31 +column-renamed/);
  expect(accepted.code).toBe(0);
  await put('ignore.yaml', entry({ pointer: '/schema/0/properties/6/name' }));
  const unused = await crossdock('contract', 'diff', ...files);
  expect(unused.stderr).toContain('no difference is column-renamed at /schema/0/properties/6/name');
  expect(unused.code).toBe(2);
});

test.each([
  ['has ended', { until: '2020-01-31' }, 'this entry ended on 2020-01-31'],
  ['gives no reason', { reason: ' ' }, '`reason` must say why'],
  ['names no rule', { code: 'column-rename' }, 'did you mean `column-renamed`?'],
  ['says no end', { until: undefined }, '`until` is missing'],
])('an entry of the list that %s is an error', async (_what, changes, message) => {
  await put('after.yaml', renamed);
  await put('ignore.yaml', entry(changes));
  const files = [at('good.odcs.yaml'), at('after.yaml'), '--ignore', at('ignore.yaml')];
  const { stderr, code } = await crossdock('contract', 'diff', ...files);
  expect(stderr).toContain('error contract.ignore-list');
  expect(stderr).toContain(message);
  expect(code).toBe(2);
});
