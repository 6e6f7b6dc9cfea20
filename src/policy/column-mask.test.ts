import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { DataType } from '../base/data-type.ts';
import {
  checkMask,
  evaluateMask,
  PLAIN_MASK_ACTIONS,
  masksFor,
  strictestMask,
  type ColumnMask,
} from './column-mask.ts';
import type { RowValue } from './row-value.ts';

const STRING: DataType = { kind: 'string' };
const DATE: DataType = { kind: 'date' };
const LONG: DataType = { kind: 'long' };
const SALT = 'sixteen characters';

test.each<[ColumnMask['action'], DataType, RowValue, RowValue]>([
  ['mask-alphanum', STRING, 'Jane Doe, 4/2', 'xxxxxxxx,xnxn'],
  ['mask-alphanum', STRING, '(030) 12.3-4@é😀', '(nnn)xnn.n-n@xx'],
  ['mask-alphanum', STRING, '', ''],
  ['show-first-4', STRING, 'DE8937040044', 'DE89nnnnnnnn'],
  ['show-first-4', STRING, '😀😀😀😀😀', '😀😀😀😀x'],
  ['show-first-4', STRING, 'abc', 'abc'],
  ['show-last-4', STRING, '4111-1111-1111-1234', 'nnnn-nnnn-nnnn-1234'],
  ['show-last-4', STRING, 'abcd', 'abcd'],
  ['replace-with-null', LONG, '12', null],
  ['truncate-to-year', DATE, '2024-12-31', '2024-01-01'],
  ['truncate-to-month', DATE, '1969-12-31', '1969-12-01'],
  ['truncate-to-month', { kind: 'timestamp' }, '2024-02-29 23:59:59.999999', '2024-02-01 00:00:00'],
  ['truncate-to-year', { kind: 'timestamptz' }, '2024-01-01 05:00:00+09:00', '2023-01-01 00:00:00Z'],
  ['sha-256-global', STRING, 'abc', 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad'],
])('%s of a %j: %j becomes %j', (...[action, type, value, expected]) => {
  expect(evaluateMask({ action } as ColumnMask, value, { type })).toEqual(expected);
});

test('whole numbers are hashed as little-endian bytes, and keep their type', () => {
  const bytes = Buffer.from([0xfe, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]);
  const digest = (input: Buffer) => createHash('sha256').update(input).digest();
  const mask: ColumnMask = { action: 'sha-256-global' };
  expect(evaluateMask(mask, '-2', { type: LONG })).toBe(digest(bytes).readBigInt64LE());
  expect(evaluateMask(mask, -2, { type: { kind: 'int' } })).toBe(digest(bytes.subarray(0, 4)).readInt32LE());
});

test('a hash local to the query differs from query to query, and needs a real salt', () => {
  const mask: ColumnMask = { action: 'sha-256-query-local' };
  const one = evaluateMask(mask, 'abc', { type: STRING, querySalt: `${SALT}1` });
  const other = evaluateMask(mask, 'abc', { type: STRING, querySalt: `${SALT}2` });
  expect(one).not.toBe(other);
  expect(() => evaluateMask(mask, 'abc', { type: STRING, querySalt: 'short' })).toThrow();
  expect(() => evaluateMask(mask, 'abc', { type: STRING })).toThrow();
});

test.each<[ColumnMask, DataType, string | null]>([
  [
    { action: 'show-last-4' },
    LONG,
    'show-last-4 cannot mask a long; choose replace-with-null, sha-256-global',
  ],
  [{ action: 'truncate-to-year' }, STRING, 'truncate-to-year cannot mask a string; choose mask-alphanum'],
  [
    { action: 'sha-256-global' },
    { kind: 'decimal', precision: 9, scale: 2 },
    'sha-256-global cannot mask a decimal(9,2)',
  ],
  [{ action: 'mask-to-fixed-value', value: 'x' }, LONG, 'the fixed value x is not a long'],
  [
    { action: 'mask-to-fixed-value', value: '0.001' },
    { kind: 'decimal', precision: 9, scale: 2 },
    'is not a decimal(9,2)',
  ],
  [{ action: 'mask-to-fixed-value', value: 0 }, { kind: 'binary' }, 'the fixed value 0 is not a binary'],
  [{ action: 'mask-to-fixed-value' }, { kind: 'binary' }, null],
  [{ action: 'mask-to-fixed-value', value: '2000-01-01' }, DATE, null],
  [{ action: 'replace-with-null' }, { kind: 'list', element: STRING, elementRequired: false }, null],
])('%j on a %j: %s', (mask, type, message) => {
  expect(checkMask(mask, type)).toEqual(
    message === null ? null : { message: expect.stringContaining(message) },
  );
});

test('a fixed value stands in the place of every value, empty ones too; without one the standard fixes it', () => {
  const fixed = (type: DataType, value?: string) =>
    evaluateMask({ action: 'mask-to-fixed-value', ...(value && { value }) }, null, { type });
  expect(fixed(DATE, '2000-01-01')).toBe('2000-01-01');
  const types: DataType[] = [
    STRING,
    DATE,
    LONG,
    { kind: 'boolean' },
    { kind: 'decimal', precision: 9, scale: 2 },
  ];
  expect(types.map((type) => fixed(type))).toEqual(['XXXXXXXX', '1970-01-01', 0, false, '0.00']);
  const fields = types.slice(0, 2).map((type, index) => ({ name: `f${index}`, type, required: true }));
  expect(fixed({ kind: 'struct', fields })).toEqual({ f0: 'XXXXXXXX', f1: '1970-01-01' });
  expect(fixed({ kind: 'list', element: STRING, elementRequired: true })).toEqual([]);
});

test('an unchecked mask is refused rather than passed through', () => {
  expect(() => evaluateMask({ action: 'show-first-4' }, '1', { type: LONG })).toThrow();
});

const mask: fc.Arbitrary<ColumnMask> = fc.oneof(
  fc.record({ action: fc.constantFrom(...PLAIN_MASK_ACTIONS) }),
  fc.record({ action: fc.constant('mask-to-fixed-value' as const), value: fc.constantFrom('x', 'y') }),
);
const textMask = mask.filter(({ action }) => masksFor(STRING).includes(action));
const dateMask = fc.constantFrom<ColumnMask>(
  { action: 'truncate-to-year' },
  { action: 'truncate-to-month' },
  { action: 'replace-with-null' },
  { action: 'mask-to-fixed-value', value: '2000-01-01' },
);
const text = fc.option(
  fc.oneof(
    fc.constantFrom('abcd', 'abce', '1234', 'abcd1', 'xbcd1', 'abcd12', 'abcd1\u0301'),
    fc.string({ maxLength: 6 }),
  ),
);
const day = fc.option(fc.constantFrom('2024-01-01', '2024-01-31', '2024-02-01', '2023-02-01', '2000-01-01'));

/** Two values that a mask tells apart are told apart by what is left: then the result shows more. */
function law(masks: ColumnMask[], [one, other]: [RowValue, RowValue], type: DataType): void {
  const strictest = strictestMask(masks)!;
  const shows = (each: ColumnMask) => {
    const scope = { type, querySalt: SALT };
    return evaluateMask(each, one, scope) !== evaluateMask(each, other, scope);
  };
  if (shows(strictest))
    for (const each of masks)
      expect(shows(each), `${strictest.action} of ${JSON.stringify(masks)}`).toBe(true);
}

test('masks together show no more than each of them', () => {
  fc.assert(
    fc.property(fc.array(textMask, { minLength: 1, maxLength: 4 }), fc.tuple(text, text), (masks, values) =>
      law(masks, values, STRING),
    ),
    { numRuns: 4_000 },
  );
  fc.assert(
    fc.property(fc.array(dateMask, { minLength: 1, maxLength: 3 }), fc.tuple(day, day), (masks, values) =>
      law(masks, values, DATE),
    ),
    { numRuns: 1_000 },
  );
});

test('one more mask never shows more', () => {
  fc.assert(
    fc.property(
      fc.array(textMask, { minLength: 1, maxLength: 3 }),
      textMask,
      fc.tuple(text, text),
      (masks, more, values) => {
        const scope = { type: STRING, querySalt: SALT };
        const shows = (each: ColumnMask) =>
          evaluateMask(each, values[0], scope) !== evaluateMask(each, values[1], scope);
        if (shows(strictestMask([...masks, more])!)) expect(shows(strictestMask(masks)!)).toBe(true);
      },
    ),
    { numRuns: 4_000 },
  );
});

test('neither order nor repetition of masks matters', () => {
  fc.assert(
    fc.property(fc.array(mask, { maxLength: 5 }), (masks) => {
      const strictest = strictestMask(masks);
      expect(strictestMask([...masks].reverse())).toEqual(strictest);
      expect(strictestMask([...masks, ...masks])).toEqual(strictest);
      expect(strictest === null).toBe(masks.length === 0);
    }),
  );
});

test.each<[ColumnMask['action'][], ColumnMask['action']]>([
  [['show-first-4', 'show-last-4'], 'mask-alphanum'],
  [['show-first-4', 'mask-alphanum'], 'mask-alphanum'],
  [['sha-256-global', 'sha-256-query-local'], 'sha-256-query-local'],
  [['truncate-to-month', 'truncate-to-year'], 'truncate-to-year'],
  [['sha-256-global', 'show-last-4'], 'replace-with-null'],
  [['show-last-4'], 'show-last-4'],
])('%j leave %s', (actions, expected) => {
  expect(strictestMask(actions.map((action) => ({ action }) as ColumnMask))).toEqual({ action: expected });
});
