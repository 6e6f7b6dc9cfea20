import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { expect, test } from 'vitest';
import { readSources, ROOT, type SourceFile } from './fixtures/source-tree.ts';

/**
 * The house rules as a test. A file may import only from its own folder and from folders earlier in ORDER;
 * the limits are what keeps every file readable in one sitting.
 */
const ORDER = [
  'base',
  'contracts',
  'cpg',
  'policy',
  'store',
  'lake',
  'engines',
  'identity',
  'audit',
  'products',
  'catalog',
  'subscriptions',
  'incidents',
  'ingest',
  'observations',
  'lineage',
  'pipelines',
  'erasure',
  'mesh-as-code',
  'notifications',
  'serving',
  'operations.ts',
  'interfaces',
  'jobs',
  'cli',
  'config.ts',
  'mesh.ts',
  'demo.ts',
  'serve.ts',
  'command-line.ts',
  'main.ts',
];

const MAX_FILE_LINES = 400;
const MAX_FUNCTION_LINES = 60;
const MAX_PARAMETERS = 3;
const FORBIDDEN_NAMES = /(^index\.tsx?$)|\b(service|manager|helpers?|utils?|dto|common|misc)\b/;
const KEBAB_CASE = /^[a-z0-9]+(-[a-z0-9]+)*(\.(test|d|config))?\.tsx?$/;

const src = readSources(['src']);
const product = readSources(['src', 'web/src', 'bench', 'interop', 'test', 'scripts']);
const isTest = (file: SourceFile) => /\.test\.tsx?$/.test(file.path);

/** `src/lake/commit.ts` -> `lake`; `src/mesh.ts` -> `mesh.ts`. */
const roomOf = (path: string) => path.split('/')[1] ?? '';

test('every room of src has its place in the order', () => {
  const rooms = new Set(src.map((file) => roomOf(file.path)));
  expect([...rooms].filter((room) => !ORDER.includes(room))).toEqual([]);
});

test('imports point one way', () => {
  const breaches = src
    .filter((file) => !isTest(file))
    .flatMap((file) =>
      file.imports
        .filter((target) => target.startsWith('src/') && isLater(roomOf(target), roomOf(file.path)))
        .map((target) => `${file.path} imports ${target}`),
    );
  expect(breaches).toEqual([]);
});

/** config.ts stands late in the list but runs only base and the spelling of contracts: the command line may read it. */
function isLater(target: string, from: string): boolean {
  if (target === 'config.ts' && from === 'cli') return false;
  return ORDER.indexOf(target) > ORDER.indexOf(from);
}

test('product code does not import tests, and no file imports what is not there', () => {
  const known = new Set(product.map((file) => file.path));
  const breaches = product.flatMap((file) =>
    file.imports
      .filter((target) => /\.tsx?$/.test(target))
      .filter(
        (target) =>
          !known.has(target) || (!isTest(file) && file.path.startsWith('src/') && target.startsWith('test/')),
      )
      .map((target) => `${file.path} imports ${target}`),
  );
  expect(breaches).toEqual([]);
});

test('there are no import cycles', () => {
  const graph = new Map(product.map((file) => [file.path, file.imports]));
  expect(findCycle(graph)).toBeNull();
});

test('files, functions and parameter lists stay short', () => {
  const breaches = product.flatMap((file) => [
    ...(file.lines > MAX_FILE_LINES ? [`${file.path}: ${file.lines} lines`] : []),
    ...file.functions
      .filter((found) => found.lines > MAX_FUNCTION_LINES)
      .map((found) => `${file.path}:${found.firstLine} ${found.name}: ${found.lines} lines`),
    ...file.functions
      .filter((found) => found.parameters > MAX_PARAMETERS)
      .map((found) => `${file.path}:${found.firstLine} ${found.name}: ${found.parameters} parameters`),
  ]);
  expect(breaches).toEqual([]);
});

test('files are named in kebab-case, by what they are about', () => {
  const breaches = product
    .map((file) => file.path)
    .filter((path) => !KEBAB_CASE.test(basename(path)) || FORBIDDEN_NAMES.test(basename(path)));
  expect(breaches).toEqual([]);
});

test('SQL of the metadata lives in store files', () => {
  const breaches = src
    .filter((file) => file.packages.some((name) => /^(kysely|pg|@electric-sql\/pglite)(\/|$)/.test(name)))
    .map((file) => file.path)
    .filter(
      (path) => roomOf(path) !== 'store' && basename(path) !== 'store.ts' && !path.endsWith('.test.ts'),
    );
  expect(breaches).toEqual([]);
});

test('only config.ts reads the environment', () => {
  const breaches = src.filter(
    (file) => file.path !== 'src/config.ts' && !isTest(file) && /\bprocess\.env\b/.test(file.text),
  );
  expect(breaches.map((file) => file.path)).toEqual([]);
});

test('only mesh.ts names the adapters behind the ports', () => {
  const adapters = ['src/lake/local-objects.ts', 'src/engines/duckdb-pool.ts', 'src/store/pglite-dialect.ts'];
  const breaches = src
    .filter((file) => file.path !== 'src/mesh.ts' && !isTest(file))
    .flatMap((file) =>
      file.imports
        .filter((target) => adapters.includes(target) && roomOf(target) !== roomOf(file.path))
        .map((target) => `${file.path} imports ${target}`),
    );
  expect(breaches).toEqual([]);
});

test('packages that a start does not need are loaded by whoever needs them', () => {
  const late = ['oidc-provider', 'openid-client', 'jose', '@node-rs/argon2'];
  const breaches = src
    .filter((file) => !isTest(file))
    .flatMap(({ path, text }) =>
      [...text.matchAll(/^import (?!type\b)[^;]*? from '([^']+)';/gm)]
        .filter(([, name]) => late.includes(name!))
        .map(([, name]) => `${path} imports ${name}`),
    );
  expect(breaches).toEqual([]);
});

test('the web app fetches in one file', () => {
  const breaches = product.filter(
    (file) =>
      file.path.startsWith('web/src/') && file.path !== 'web/src/api.ts' && /\bfetch\(/.test(file.text),
  );
  expect(breaches.map((file) => file.path)).toEqual([]);
});

test('errors are typed', () => {
  const breaches = src
    .filter((file) => !isTest(file) && /\bthrow new (Error|TypeError|RangeError)\b/.test(file.text))
    .map((file) => file.path);
  expect(breaches).toEqual([]);
});

test('no leftovers, no addresses of package registries, no paths of a machine', () => {
  const files = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], {
    cwd: ROOT,
    encoding: 'utf8',
  });
  const texts = files
    .split('\n')
    .filter((path) => /\.(ts|tsx|mjs|sh|md|ya?ml|json|sql|cedar|py|css|html)$/.test(path));
  const pattern = ['TO', 'DO\\b|FIX', 'ME\\b|registry\\.npm', 'js|/work', '/main|debug', 'ger;'].join('');
  const breaches = texts.filter(
    (path) =>
      existsSync(join(ROOT, path)) && new RegExp(pattern).test(readFileSync(join(ROOT, path), 'utf8')),
  );
  expect(breaches).toEqual([]);
});

function findCycle(graph: Map<string, string[]>): string[] | null {
  const done = new Set<string>();
  const path: string[] = [];
  const visit = (node: string): string[] | null => {
    if (path.includes(node)) return [...path.slice(path.indexOf(node)), node];
    if (done.has(node)) return null;
    path.push(node);
    for (const next of graph.get(node) ?? []) {
      const cycle = visit(next);
      if (cycle !== null) return cycle;
    }
    path.pop();
    done.add(node);
    return null;
  };
  for (const node of graph.keys()) {
    const cycle = visit(node);
    if (cycle !== null) return cycle;
  }
  return null;
}

test('the rules see what they judge', () => {
  expect(src.length).toBeGreaterThan(50);
  expect(src.flatMap((file) => file.functions).length).toBeGreaterThan(200);
  expect(src.flatMap((file) => file.imports).length).toBeGreaterThan(100);
});
