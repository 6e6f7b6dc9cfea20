import { readFileSync } from 'node:fs';
import { parseSync, Visitor } from 'oxc-parser';
import { expect, test } from 'vitest';
import { ERROR_DOCS, errorDocs } from '../../scripts/write-error-docs.ts';
import { readSources, type SourceFile } from '../../test/fixtures/source-tree.ts';
import { type ErrorEntry, ERRORS } from './error-table.ts';

const TABLE: Record<string, ErrorEntry> = ERRORS;
const src = readSources(['src']).filter(
  ({ path }) => !path.endsWith('.test.ts') && path !== 'src/base/error-table.ts',
);

/** Where an error is made: `new MeshError(code, { facts })`, or `refusal(code, facts)` of the guard. */
interface Raising {
  place: string;
  code: string;
  /** Names of the facts given; null where they cannot be told from the text. */
  facts: string[] | null;
}

const raisings = src.flatMap(raisingsOf);

test('docs/errors.md is what the table says (npm run docs:errors writes it)', () => {
  expect(readFileSync(ERROR_DOCS, 'utf8')).toBe(errorDocs());
});

test('every entry has its anchor in the documentation, and no other', () => {
  const anchors = [...readFileSync(ERROR_DOCS, 'utf8').matchAll(/<a id="([^"]+)">/g)].map(([, id]) => id);
  expect(anchors.sort()).toEqual(
    Object.keys(TABLE)
      .map((code) => code.replaceAll('.', '-'))
      .sort(),
  );
});

test('every code of the table is thrown somewhere', () => {
  const named = new Set(src.flatMap(namedCodes));
  expect(Object.keys(TABLE).filter((code) => !named.has(code))).toEqual([]);
});

test('every code thrown is in the table', () => {
  const unknown = raisings.filter(({ code }) => !Object.hasOwn(TABLE, code));
  expect(unknown.map(({ place, code }) => `${place} ${code}`)).toEqual([]);
});

test('whoever throws gives the facts that message and fix name', () => {
  const lacking = raisings.flatMap(({ place, code, facts }) => {
    const wanted = placeholdersOf(TABLE[code]);
    const missing = facts === null ? [] : wanted.filter((name) => !facts.includes(name));
    return missing.length === 0 ? [] : [`${place} ${code}: {${missing.join('}, {')}}`];
  });
  expect(lacking).toEqual([]);
});

test('codes are words with dashes behind a prefix, statuses are of errors', () => {
  const odd = Object.entries(TABLE).filter(
    ([code, { status }]) => !/^([a-z]+\.)?[a-z]+(-[a-z]+)*$/.test(code) || status < 400 || status > 599,
  );
  expect(odd).toEqual([]);
});

test('a message begins small and ends without a full stop, a fix is a sentence', () => {
  const odd = Object.entries(TABLE).flatMap(([code, { message, fix }]) => [
    ...(/^(\{|[a-z]|PIVOT|SQL)/.test(message) && !/[.!?]$/.test(message) ? [] : [`${code}: ${message}`]),
    ...(/^[A-Z`]/.test(fix) && /[.]$/.test(fix) ? [] : [`${code}: ${fix}`]),
  ]);
  expect(odd).toEqual([]);
});

test('the test sees the errors it judges', () => {
  expect(raisings.length).toBeGreaterThan(80);
  expect(raisings.filter(({ facts }) => facts !== null && facts.length > 0).length).toBeGreaterThan(30);
});

function placeholdersOf(entry: ErrorEntry | undefined): string[] {
  return [...`${entry?.message} ${entry?.fix}`.matchAll(/\{(\w+)\}/g)].map(([, name]) => name!);
}

/** What is read of a syntax node (ESTree). */
interface Node {
  type: string;
  start: number;
  [field: string]: unknown;
}

function raisingsOf({ path, text }: SourceFile): Raising[] {
  const found: Raising[] = [];
  const add = (node: Node, facts: (details: Node | undefined) => string[] | null) => {
    const [code, details] = node['arguments'] as Node[];
    const place = `${path}:${text.slice(0, node.start).split('\n').length}`;
    for (const one of codesOf(code)) found.push({ place, code: one, facts: facts(details) });
  };
  new Visitor({
    NewExpression: (node) => {
      if (nameOf(node.callee) === 'MeshError') add(node as unknown as Node, factsOfOptions);
    },
    CallExpression: (node) => {
      if (nameOf(node.callee) === 'refusal') add(node as unknown as Node, keysOf);
    },
  }).visit(parseSync(path, text).program);
  return found;
}

/** A literal, or a choice between literals; a variable has none. */
function codesOf(node: Node | undefined): string[] {
  if (node?.type === 'Literal') return [String(node['value'])];
  if (node?.type !== 'ConditionalExpression') return [];
  return [...codesOf(node['consequent'] as Node), ...codesOf(node['alternate'] as Node)];
}

function nameOf(node: { type: string; name?: unknown }): string | undefined {
  return node.type === 'Identifier' ? String(node.name) : undefined;
}

function factsOfOptions(options: Node | undefined): string[] | null {
  if (options === undefined) return [];
  if (keysOf(options) === null) return null;
  const facts = (options['properties'] as Node[]).find((one) => keyOf(one) === 'facts');
  return facts === undefined ? [] : keysOf(facts['value'] as Node);
}

function keysOf(object: Node | undefined): string[] | null {
  if (object === undefined) return [];
  if (object.type !== 'ObjectExpression') return null;
  const keys = (object['properties'] as Node[]).map(keyOf);
  return keys.includes(undefined) ? null : (keys as string[]);
}

function keyOf({ type, key }: Node): string | undefined {
  return type === 'Property' ? nameOf(key as Node) : undefined;
}

/** Codes that a file names as a value: not those it only asks for (`isMeshError(error, code)`, `=== code`). */
function namedCodes({ path, text }: SourceFile): string[] {
  const codes = new Map<number, string>();
  const asked = new Set<number>();
  new Visitor({
    Literal: (node) => {
      if (typeof node.value === 'string') codes.set(node.start, node.value);
    },
    CallExpression: (node) => {
      if (nameOf(node.callee) === 'isMeshError') for (const one of node.arguments) asked.add(one.start);
    },
    BinaryExpression: (node) => {
      asked.add(node.left.start).add(node.right.start);
    },
  }).visit(parseSync(path, text).program);
  return [...codes].flatMap(([start, code]) => (asked.has(start) ? [] : [code]));
}
