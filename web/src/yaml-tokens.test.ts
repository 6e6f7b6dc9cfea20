import fc from 'fast-check';
import { expect, test } from 'vitest';
import { yamlTokens } from './yaml-tokens.ts';

test('the tokens of a line joined are the line again', () => {
  const piece = fc.constantFrom('- ', '  ', 'key', ':', ' ', '#', '"a: b"', "'", '1', '[', '{', 'ü', '\t');
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.array(piece).map((pieces) => pieces.join('')),
      ),
      (text) => {
        const line = text.replaceAll(/[\r\n\u2028\u2029]/g, ' ');
        expect(
          yamlTokens(line)
            .map((token) => token.text)
            .join(''),
        ).toBe(line);
      },
    ),
  );
});

test('keys, values and comments are told apart', () => {
  expect(yamlTokens('  - name: week_start # Monday')).toEqual([
    { kind: 'plain', text: '  - ' },
    { kind: 'key', text: 'name' },
    { kind: 'plain', text: ': ' },
    { kind: 'text', text: 'week_start' },
    { kind: 'comment', text: ' # Monday' },
  ]);
  expect(yamlTokens('required: true').at(-1)).toEqual({ kind: 'value', text: 'true' });
  expect(yamlTokens('- https://example.com/a').every(({ kind }) => kind !== 'key')).toBe(true);
});
