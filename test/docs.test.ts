import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { expect, test } from 'vitest';
import { OPERATIONS } from '../src/operations.ts';
import { ROOT } from './fixtures/source-tree.ts';

/** What the documents say about the program, compared with the program. */

const read = (path: string) => readFileSync(join(ROOT, path), 'utf8');

const documents = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', '*.md'], {
  cwd: ROOT,
  encoding: 'utf8',
})
  .split('\n')
  .filter((path) => path !== '' && existsSync(join(ROOT, path)));

test('links between documents lead to files and headings that are there', () => {
  const broken = documents.flatMap((path) =>
    linksOf(read(path))
      .filter((link) => !/^[a-z]+:/.test(link))
      .filter((link) => !leadsSomewhere(path, link))
      .map((link) => `${path}: ${link}`),
  );
  expect(broken).toEqual([]);
});

test('docs/production.md lists the settings of src/config.ts, each with its default', () => {
  const settings = [...read('src/config.ts').matchAll(SETTING)].map(([, name, value = '']) => [
    name!,
    literalDefault(value),
  ]);
  const rows = [...read('docs/production.md').matchAll(/^\| `([A-Z_]+)` \|.*\| ?(.*?) ?\|$/gm)].map(
    ([, name, value = '']) => [name!, value.replaceAll('`', '')],
  );
  const computed = new Set(settings.filter(([, value]) => value === undefined).map(([name]) => name));
  const known = (list: (string | undefined)[][]) =>
    list.map(([name, value]) => (computed.has(name) ? [name, 'computed'] : [name, value]));
  expect(settings.length).toBeGreaterThan(15);
  expect(known(rows)).toEqual(known(settings));
});

test('docs/decisions/README.md lists every decision by its title', () => {
  const listed = [...read('docs/decisions/README.md').matchAll(/^\d+\. \[(.+)\]\((.+)\)$/gm)].map(
    ([, title, path]) => [`docs/decisions/${path}`, `# ${title}`],
  );
  const written = documents
    .filter((path) => /^docs\/decisions\/(accepted|rejected)\//.test(path))
    .map((path) => [path, read(path).split('\n')[0]]);
  expect(listed.sort()).toEqual(written.sort());
});

test('every decision says why, what and what follows', () => {
  const lacking = documents
    .filter((path) => path.startsWith('docs/decisions/accepted/'))
    .filter((path) => !/\*\*Context\.\*\*[^]*\*\*Decision\.\*\*[^]*\*\*Consequences\.\*\*/.test(read(path)));
  expect(lacking).toEqual([]);
});

test('every line of docs/security.md is held by a test that is there', () => {
  const named = [...read('docs/security.md').matchAll(/^\|.*\| `([^`]+)`: (.+) \|$/gm)];
  expect(named.length).toBeGreaterThan(20);
  const gone = named.filter(([, path, title]) => !read(path!).includes(`'${title}'`));
  expect(gone.map(([, path, title]) => `${path}: ${title}`)).toEqual([]);
});

test('documents name commands that the command line has', () => {
  const written = [...commandLine().matchAll(/\.command\('([a-z]+)'\)|verb: '([a-z]+)'/g)];
  const verbs = new Set(written.map(([, command, ending]) => command ?? ending));
  expect(verbs.size).toBeGreaterThan(15);
  const unknown = documents.flatMap((path) =>
    [...read(path).matchAll(/(?:^|[`(]|\$ )(?:\.\/)?crossdock ([a-z]+)/gm)]
      .filter(([, verb]) => !verbs.has(verb!))
      .map(([, verb]) => `${path}: crossdock ${verb}`),
  );
  expect(unknown).toEqual([]);
});

test('documents name addresses that the server has', () => {
  const addresses = new Set(
    OPERATIONS.map(({ http }) => `/api/v1${http.path.replace(/:\w+/g, '{}')}`).concat(
      '/api/v1/session',
      '/api/v1/company/callback',
      '/api/v1/demo/people',
      '/api/v1/lineage',
      '/api/v1/lineage/batch',
    ),
  );
  const unknown = documents.flatMap((path) =>
    [...read(path).matchAll(/\/api\/v1(?:\/[a-z-]+|\/\{\w+\})+/g)]
      .map(([address]) => address.replace(/\{\w+\}/g, '{}'))
      .filter((address) => !addresses.has(address))
      .map((address) => `${path}: ${address}`),
  );
  expect(unknown).toEqual([]);
});

/** `CROSSDOCK_X: z…` up to the next setting or the end of the object. */
const SETTING =
  /^ {2}(CROSSDOCK_[A-Z_]+|NO_COLOR):([^]*?)(?=,\n(?: {2}(?:\/\*\*|CROSSDOCK|NO_COLOR)|\}\)))/gm;

/** The default as written; undefined when it is computed, or there is none. */
function literalDefault(value: string): string | undefined {
  const [, text, number] = /\.default\((?:'([^']*)'|(\d+|false|true))\)/.exec(value) ?? [];
  return text ?? number;
}

function commandLine(): string {
  const files = execFileSync('git', ['ls-files', 'src/cli'], { cwd: ROOT, encoding: 'utf8' });
  return files.split('\n').filter(Boolean).map(read).join('\n');
}

/** Targets of Markdown links outside of code. */
function linksOf(text: string): string[] {
  const prose = text.replace(/^```[^]*?^```/gm, '').replace(/`[^`\n]*`/g, '');
  return [...prose.matchAll(/\]\(([^)\s]+)\)/g)].map(([, target]) => target!);
}

function leadsSomewhere(from: string, link: string): boolean {
  const [path = '', anchor] = link.split('#');
  const target = path === '' ? from : normalize(join(dirname(from), path));
  if (!existsSync(join(ROOT, target))) return false;
  return anchor === undefined || anchorsOf(read(target)).includes(anchor);
}

/** Anchors as GitHub makes them of headings, and those written out. */
function anchorsOf(text: string): string[] {
  const headings = [...text.matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  );
  return [...headings, ...[...text.matchAll(/<a id="([^"]+)">/g)].map(([, id]) => id!)];
}
