import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { DataType } from '../base/data-type.ts';
import type { SingleValue } from './single-value.ts';
import { parseSingleValue, printSingleValue } from './value-text.ts';

test('what is printed of a value is read as the same value', () => {
  const micros = fc.bigInt({ min: -62_000_000_000_000_000n, max: 250_000_000_000_000_000n });
  const of = (type: DataType, values: fc.Arbitrary<SingleValue>) =>
    values.map((value): [DataType, SingleValue] => [type, value]);
  const one = fc.oneof(
    of({ kind: 'int' }, fc.integer()),
    of({ kind: 'long' }, fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })),
    of({ kind: 'double' }, fc.double({ noNaN: true, noDefaultInfinity: true })),
    of({ kind: 'date' }, fc.integer({ min: -700_000, max: 2_900_000 })),
    of({ kind: 'timestamp' }, micros),
    of({ kind: 'timestamptz' }, micros),
    of({ kind: 'decimal', precision: 38, scale: 0 }, fc.bigInt({ min: -(10n ** 37n), max: 10n ** 37n })),
    of({ kind: 'decimal', precision: 38, scale: 9 }, fc.bigInt({ min: -(10n ** 37n), max: 10n ** 37n })),
  );
  fc.assert(
    fc.property(one, ([type, value]) => {
      expect(parseSingleValue(type, printSingleValue(type, value))).toEqual(value);
    }),
  );
  expect(printSingleValue({ kind: 'timestamptz' }, 0n)).toBe('1970-01-01T00:00:00Z');
  expect(printSingleValue({ kind: 'decimal', precision: 9, scale: 2 }, -5n)).toBe('-0.05');
});
