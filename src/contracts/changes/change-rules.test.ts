import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { readSources } from '../../../test/fixtures/source-tree.ts';
import { CHANGE_DOCS, changeDocs } from '../../../scripts/write-change-docs.ts';
import { CHANGE_RULES } from './change-rules.ts';

test('docs/protocols/contract-changes.md has the rules (npm run docs:changes writes them)', () => {
  const document = readFileSync(CHANGE_DOCS, 'utf8');
  expect(changeDocs(document)).toBe(document);
  const codes = [...document.matchAll(/^\| `([a-z-]+)` \| (?:breaking|compatible|cosmetic) \|/gm)];
  expect(codes.map(([, code]) => code)).toEqual(Object.keys(CHANGE_RULES));
});

test('every rule has a row in the tables of changes', () => {
  const files = readSources(['src/contracts/changes']).filter(({ path }) =>
    path.endsWith('-changes.test.ts'),
  );
  const named = new Set(
    files.flatMap(({ text }) => [...text.matchAll(/'([a-z]+(?:-[a-z]+)*)'/g)].map(([, code]) => code)),
  );
  expect(files).toHaveLength(2);
  expect(Object.keys(CHANGE_RULES).filter((code) => !named.has(code))).toEqual([]);
});
