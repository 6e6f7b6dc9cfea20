import fc from 'fast-check';
import { expect, test } from 'vitest';
import { plainCase, withoutValues } from './without-values.ts';

test('rows of samples go as a whole, in messages the value is replaced', () => {
  const stored = {
    checks: [
      {
        title: 'e-mail',
        sample: {
          columns: ['id', 'email'],
          rows: [
            ['C1', 'Anna@example.com'],
            ['C2', 'x'],
          ],
        },
      },
    ],
    problems: [{ message: 'column email holds "anna@example.com"' }],
  };
  expect(withoutValues(stored, ['anna@example.com'])?.value).toEqual({
    checks: [{ title: 'e-mail', sample: { columns: ['id', 'email'], rows: [['C2', 'x']] } }],
    problems: [{ message: 'column email holds "(erased)"' }],
  });
});

test('a number that is the value goes, and what holds nothing is left alone', () => {
  expect(withoutValues({ n: 7000001, m: 70000012 }, ['7000001'])?.value).toEqual({ n: null, m: 70000012 });
  expect(withoutValues({ n: [1, 'a', null] }, ['anna@example.com'])).toBeNull();
});

test('whatever it stands in, no text of it is left, in any case', () => {
  const value = fc.constantFrom('anna@example.com', 'C7000001', 'ä"b\\c\n7');
  const wrap = fc.letrec((tie) => ({
    any: fc.oneof(
      { maxDepth: 4 },
      tie('leaf'),
      fc.array(tie('any'), { maxLength: 3 }),
      fc.dictionary(fc.string(), tie('any'), { maxKeys: 3 }),
    ),
    leaf: fc.oneof(
      fc.string(),
      fc.integer(),
      fc.constant(null),
      value,
      value.map((one) => `x ${one.replaceAll(/[a-z]/g, (letter) => letter.toUpperCase())}${one} y`),
    ),
  })).any;
  fc.assert(
    fc.property(wrap, value, (stored, gone) => {
      const cleaned = withoutValues(stored, [gone]);
      const left = plainCase(JSON.stringify(cleaned === null ? stored : cleaned.value));
      expect(left).not.toContain(plainCase(JSON.stringify(gone).slice(1, -1)));
    }),
    { numRuns: 300 },
  );
});
