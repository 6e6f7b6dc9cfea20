import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Tags } from './action.ts';
import { effectiveTags, inheritTags, matchesTags, plainTags, readTags, TAG_LEVELS, tagText } from './tags.ts';

const KEYS = ['class', 'topic', 'constructor', '__proto__'];
const VALUES = ['open', 'secret', 'true', 'a:b'];

const anyTexts = fc.array(
  fc.tuple(fc.constantFrom(...KEYS), fc.constantFrom(...VALUES)).map(([key, value]) => ({ key, value })),
  { maxLength: 4 },
);
const anyLevels = fc.tuple(anyTexts, anyTexts, anyTexts, anyTexts);

/** The meaning in one sentence: the lowest level that says a key, and there the last word, is its value. */
function reference(levels: { key: string; value: string }[][], key: string) {
  for (const [at, said] of [...levels.entries()].reverse()) {
    const last = said.filter((tag) => tag.key === key).at(-1);
    if (last !== undefined) return { key, value: last.value, from: TAG_LEVELS[at] };
  }
  return undefined;
}

test('of each key the lowest level that says it counts, with where that was', () => {
  fc.assert(
    fc.property(anyLevels, (levels) => {
      const read = levels.map((said) => readTags(said.map(tagText)));
      const effective = effectiveTags(...read.map((tags, at) => [TAG_LEVELS[at]!, tags] as [any, Tags]));
      for (const key of KEYS) {
        expect(effective.filter((tag) => tag.key === key)).toEqual([reference(levels, key) ?? []].flat());
      }
      expect(inheritTags(...read)).toEqual(plainTags(effective));
    }),
  );
});

test('an expression wants any value of a key, and every key', () => {
  const anyExpression = fc.dictionary(fc.constantFrom(...KEYS), fc.subarray(VALUES), {
    noNullPrototype: true,
  });
  fc.assert(
    fc.property(anyTexts, anyExpression, (said, expression) => {
      const tags = readTags(said.map(tagText));
      const expected = Object.keys(expression).every((key) => {
        const value = Object.entries(tags).find(([own]) => own === key)?.[1];
        return value !== undefined && expression[key]!.includes(value);
      });
      expect(matchesTags(tags, expression)).toBe(expected);
    }),
  );
});

test('a word is a key with the value true', () => {
  expect(readTags(['pii', ' class : open '])).toEqual({ pii: 'true', class: 'open' });
});
