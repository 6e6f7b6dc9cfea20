import { expect, test } from 'vitest';
import { fitsTags, printTagExpression, readTagExpression, toggleTag } from './tag-expression.ts';

test('several values of a key, and several keys', () => {
  const read = readTagExpression(' classification:public|internal and layer:core AND kept ');
  const expression = { classification: ['public', 'internal'], layer: ['core'], kept: ['true'] };
  expect(read).toEqual({ expression });
  expect(readTagExpression(printTagExpression(expression))).toEqual({ expression });
  expect(readTagExpression('')).toEqual({ expression: {} });
});

test.each(['layer:', ':core', 'layer:core|', 'layer:core and layer:raw'])('%s is no expression', (text) => {
  expect(readTagExpression(text)).toHaveProperty('problem');
});

test('a value is put into the text and taken out again', () => {
  const once = toggleTag('layer:core', { key: 'layer', value: 'raw' });
  expect(once).toBe('layer:core|raw');
  expect(toggleTag(once, { key: 'layer', value: 'core' })).toBe('layer:raw');
  expect(toggleTag('layer:core', { key: 'layer', value: 'core' })).toBe('');
  expect(toggleTag('layer:', { key: 'layer', value: 'core' })).toBe('layer:');
});

test('any value of a key fits, and every key has to; a key that nothing has fits nothing', () => {
  const expression = { layer: ['core', 'raw'], kept: ['true'] };
  expect(fitsTags({ layer: 'raw', kept: 'true' }, expression)).toBe(true);
  expect(fitsTags({ layer: 'raw' }, expression)).toBe(false);
  expect(fitsTags({}, { constructor: ['true'] })).toBe(false);
});
