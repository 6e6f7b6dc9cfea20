import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { DataType } from '../base/data-type.ts';
import {
  compareValues,
  decodeBigEndian,
  decodeValue,
  encodeBigEndian,
  encodeValue,
  lowerBound,
  upperBound,
  type SingleValue,
} from './single-value.ts';

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');

test.each<[DataType, SingleValue, string]>([
  [{ kind: 'boolean' }, true, '01'],
  [{ kind: 'int' }, -2, 'feffffff'],
  [{ kind: 'date' }, 1, '01000000'],
  [{ kind: 'long' }, 34n, '2200000000000000'],
  [{ kind: 'timestamptz' }, -1n, 'ffffffffffffffff'],
  [{ kind: 'float' }, 1, '0000803f'],
  [{ kind: 'double' }, -0, '0000000000000080'],
  [{ kind: 'decimal', precision: 9, scale: 2 }, 1420n, '058c'],
  [{ kind: 'decimal', precision: 9, scale: 2 }, -129n, 'ff7f'],
  [{ kind: 'decimal', precision: 9, scale: 2 }, 128n, '0080'],
  [{ kind: 'string' }, 'é', 'c3a9'],
  [{ kind: 'uuid' }, 'f79c3e09-677c-4bbd-a479-3f349cb785e7', 'f79c3e09677c4bbda4793f349cb785e7'],
])('%o %s is stored as the specification says', (type, value, bytes) => {
  expect(hex(encodeValue(type, value))).toBe(bytes);
  expect(decodeValue(type, encodeValue(type, value))).toEqual(value);
});

test('bounds from before a column was widened are understood', () => {
  expect(decodeValue({ kind: 'long' }, encodeValue({ kind: 'int' }, -5))).toBe(-5n);
  expect(decodeValue({ kind: 'double' }, encodeValue({ kind: 'float' }, 0.5))).toBe(0.5);
});

test('decimals take the fewest bytes that keep their sign', () => {
  fc.assert(
    fc.property(fc.bigInt({ min: -(10n ** 38n), max: 10n ** 38n }), (value) => {
      const bytes = encodeBigEndian(value);
      expect(decodeBigEndian(bytes)).toBe(value);
      if (bytes.length > 1) expect(decodeBigEndian(bytes.subarray(1))).not.toBe(value);
    }),
  );
});

const text: DataType = { kind: 'string' };
const binary: DataType = { kind: 'binary' };

test('bounds of text and bytes are never inside the values', () => {
  const texts = fc.string({ unit: 'binary', maxLength: 40 });
  fc.assert(
    fc.property(texts, (value) => {
      const bytes = Buffer.from(value);
      expect(Buffer.compare(lowerBound(text, value), bytes)).toBeLessThanOrEqual(0);
      const upper = upperBound(text, value);
      if (upper) {
        expect(Buffer.compare(upper, bytes)).toBeGreaterThanOrEqual(0);
        expect(Buffer.from(Buffer.from(upper).toString()).equals(upper)).toBe(true);
      }
    }),
  );
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 40 }), (value) => {
      expect(Buffer.compare(lowerBound(binary, value), value)).toBeLessThanOrEqual(0);
      const upper = upperBound(binary, value);
      if (upper) expect(Buffer.compare(upper, value)).toBeGreaterThanOrEqual(0);
    }),
  );
});

test('the upper bound of long text is raised at the last character that can be', () => {
  const upper = (value: string) => {
    const bytes = upperBound(text, value);
    return bytes && Buffer.from(bytes).toString();
  };
  expect(upper('0123456789abcdef')).toBe('0123456789abcdef');
  expect(upper('0123456789abcdefg')).toBe('0123456789abcdeg');
  expect(upper(`0123456789abcde\u{10ffff}x`)).toBe('0123456789abcdf');
  expect(upper(`0123456789abcde\ud7ffx`)).toBe('0123456789abcde\ue000');
  expect(upper('\u{10ffff}'.repeat(17))).toBeNull();
});

test('zero is widened to both zeros, and -0 comes before +0', () => {
  expect(hex(lowerBound({ kind: 'double' }, 0))).toBe('0000000000000080');
  expect(hex(upperBound({ kind: 'float' }, -0)!)).toBe('00000000');
  expect(compareValues(-0, 0)).toBe(-1);
  expect(compareValues('\ud83d\ude42', '\uff00')).toBe(1);
});
