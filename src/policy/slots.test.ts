import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Slots } from './slots.ts';

test('a slot always holds the content it is taken for, however many contents share the slots', () => {
  const steps = fc.array(fc.constantFrom('a', 'b', 'c', 'd', 'e'), { maxLength: 40 });
  fc.assert(
    fc.property(steps, fc.integer({ min: 1, max: 4 }), (contents, count) => {
      const slots = new Slots(count);
      const held = new Map<string, string>();
      for (const content of contents) {
        const slot = slots.take(content, (free) => held.set(free, content));
        expect(held.get(slot)).toBe(content);
      }
      expect(held.size).toBeLessThanOrEqual(count);
    }),
  );
});

test('the least recently used content gives way', () => {
  const filled: string[] = [];
  const slots = new Slots(2);
  for (const content of ['a', 'b', 'a', 'c', 'a', 'b']) slots.take(content, () => filled.push(content));
  expect(filled).toEqual(['a', 'b', 'c', 'b']);
});

test('a content that cannot be put into a slot is not taken to be there', () => {
  const slots = new Slots(1);
  const fail = () => {
    throw new Error('cannot be parsed');
  };
  expect(() => slots.take('a', fail)).toThrow('cannot be parsed');
  expect(() => slots.take('a', fail)).toThrow('cannot be parsed');
  expect(slots.take('b', () => {})).toBe('slot-0');
});
