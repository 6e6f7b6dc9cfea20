import fc from 'fast-check';
import { expect, test } from 'vitest';
import { canonicalJson } from './canonical.ts';

test('the text means the value, as JSON.stringify says it', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      expect(JSON.parse(canonicalJson(value))).toEqual(JSON.parse(JSON.stringify(value)));
    }),
  );
});

test('the order in which keys were written does not count', () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (record) => {
      const backwards = Object.fromEntries(Object.entries(record).reverse());
      expect(canonicalJson(backwards)).toBe(canonicalJson(record));
    }),
  );
});

test('keys are in code-unit order, numbers among them, and what is undefined is left out', () => {
  expect(canonicalJson({ b: 1, 10: 2, 9: 3, a: undefined, é: [undefined, 4] })).toBe(
    '{"10":2,"9":3,"b":1,"é":[null,4]}',
  );
  expect(canonicalJson({ at: new Date(0) })).toBe('{"at":"1970-01-01T00:00:00.000Z"}');
});
