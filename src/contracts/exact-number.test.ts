import fc from 'fast-check';
import { expect, test } from 'vitest';
import { canonicalDecimal, compareDecimals, decimalText, ExactNumber } from './exact-number.ts';

const decimal = fc
  .tuple(fc.boolean(), fc.bigInt({ min: 0n, max: 10n ** 30n }), fc.nat(20))
  .map(([negative, digits, scale]) => ({ unscaled: negative ? -digits : digits, scale }));

function print({ unscaled, scale }: { unscaled: bigint; scale: number }): string {
  return `${unscaled}e-${scale}`;
}

test('equal numbers have equal texts, however they were written', () => {
  fc.assert(
    fc.property(decimal, fc.nat(5), ({ unscaled, scale }, zeros) => {
      const padded = { unscaled: unscaled * 10n ** BigInt(zeros), scale: scale + zeros };
      expect(canonicalDecimal(print(padded))).toBe(canonicalDecimal(print({ unscaled, scale })));
    }),
  );
});

test('the text keeps the number', () => {
  fc.assert(
    fc.property(decimal, (number) => {
      const text = canonicalDecimal(print(number))!;
      expect(text).toMatch(/^(0|-?(0|[1-9]\d*)(\.\d*[1-9])?)$/);
      const places = text.includes('.') ? text.length - text.indexOf('.') - 1 : 0;
      expect(BigInt(text.replace('.', '')) * 10n ** BigInt(number.scale - places)).toBe(number.unscaled);
    }),
  );
});

test('comparison is that of the numbers', () => {
  fc.assert(
    fc.property(decimal, decimal, (a, b) => {
      const difference = a.unscaled * 10n ** BigInt(b.scale) - b.unscaled * 10n ** BigInt(a.scale);
      const expected = difference < 0n ? -1 : Number(difference > 0n);
      expect(compareDecimals(canonicalDecimal(print(a))!, canonicalDecimal(print(b))!)).toBe(expected);
    }),
  );
});

test('doubles keep their shortest text', () => {
  fc.assert(
    fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (number) => {
      expect(Number(decimalText(number))).toBe(number === 0 ? 0 : number);
    }),
  );
  expect(decimalText(1e21)).toBe('1000000000000000000000');
  expect(decimalText(new ExactNumber('9223372036854775807'))).toBe('9223372036854775807');
});

test.each(['', '.', '-', '1e', 'e5', '0x10', '1_000', '1,5', 'NaN', '1e1000', '--1', ' 1'])(
  '%j is no decimal',
  (text) => {
    expect(canonicalDecimal(text)).toBeNull();
  },
);
