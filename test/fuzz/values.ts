import type { DataType } from '../../src/base/data-type.ts';
import { decimalText } from '../../src/policy/row-value.ts';
import type { Constant } from '../../src/policy/row-filter.ts';
import type { RowValue } from '../../src/policy/row-value.ts';
import type { Dice } from './dice.ts';

/** Types a column may have; every kind at least once. */
export const TYPES: readonly DataType[] = [
  { kind: 'boolean' },
  { kind: 'int' },
  { kind: 'long' },
  { kind: 'float' },
  { kind: 'double' },
  { kind: 'decimal', precision: 18, scale: 2 },
  { kind: 'decimal', precision: 38, scale: 0 },
  { kind: 'decimal', precision: 9, scale: 9 },
  { kind: 'decimal', precision: 38, scale: 10 },
  { kind: 'date' },
  { kind: 'time' },
  { kind: 'timestamp' },
  { kind: 'timestamptz' },
  { kind: 'string' },
  { kind: 'string' },
  { kind: 'uuid' },
  { kind: 'binary' },
  {
    kind: 'struct',
    fields: [
      { id: 901, name: 'a', type: { kind: 'int' }, required: false },
      { id: 902, name: 'b', type: { kind: 'string' }, required: false },
    ],
  },
  {
    kind: 'struct',
    fields: [
      {
        ...{ id: 906, name: 'a', required: false },
        type: {
          kind: 'struct',
          fields: [{ id: 907, name: 'deep', type: { kind: 'string' }, required: false }],
        },
      },
      {
        ...{ id: 908, name: 'b', required: false },
        type: { kind: 'list', element: { kind: 'string' }, elementRequired: false, elementId: 909 },
      },
    ],
  },
  { kind: 'list', element: { kind: 'int' }, elementRequired: false, elementId: 903 },
  {
    kind: 'map',
    key: { kind: 'string' },
    value: { kind: 'int' },
    valueRequired: false,
    keyId: 904,
    valueId: 905,
  },
];

export const NESTED: readonly string[] = ['struct', 'list', 'map'];

/** Of a few values mostly, so that filters meet them, on the edges of the type and beside them. */
export function anyValue(dice: Dice, type: DataType): Exclude<RowValue, null> {
  switch (type.kind) {
    case 'boolean':
      return dice.once(2);
    case 'int':
      return dice.pick([0, 1, -1, 2, 7, 2147483647, -2147483648, dice.between(-9, 9)]);
    case 'long':
      return dice.pick([
        '0',
        '1',
        '-1',
        '9007199254740993',
        '9007199254740992',
        '9223372036854775807',
        LONG_MIN,
      ]);
    case 'float':
      return Math.fround(dice.pick([...FLOATING, 16777216, 3.4028234663852886e38, 1.401298464324817e-45]));
    case 'double':
      return dice.pick([...FLOATING, 1e15, 1.7976931348623157e308, 5e-324]);
    case 'decimal':
      return anyDecimal(dice, type);
    case 'binary':
      return dice.pick(BYTES);
    case 'struct':
      return type.fields[0]!.type.kind === 'struct'
        ? { a: dice.pick([{ deep: 'x' }, { deep: null }, null]), b: dice.pick([[], ['x', null], null]) }
        : { a: dice.pick([0, 1, null]), b: dice.pick(['x', 'yy', null]) };
    case 'list':
      return dice.list(dice.upTo(3), () => dice.pick([0, 1, null]));
    case 'map':
      return dice.once(3) ? {} : { k: dice.pick([0, 1, null]) };
    case 'string':
      return anyText(dice);
    default:
      return dice.pick(POOLS[type.kind]);
  }
}

const LONG_MIN = '-9223372036854775808';
const FLOATING = [0, -0, 0.1, 0.30000000000000004, -1.5, 2, NaN, Infinity, -Infinity];
const BYTES = [new Uint8Array([]), new Uint8Array([0, 255, 16]), new Uint8Array([104, 105])];

const POOLS = {
  date: ['1969-12-31', '1970-01-01', '2023-12-31', '2024-01-01', '2024-02-29', '0001-01-01', '9999-12-31'],
  time: ['00:00:00', '12:30:00', '12:30:00.000001', '23:59:59.999999'],
  timestamp: [
    '1969-12-31 23:59:59.999999',
    '1970-01-01 00:00:00',
    '2024-02-29 12:30:00.5',
    '2024-02-29 12:30:00.500001',
    '2023-12-31 23:59:59',
    '9999-12-31 23:59:59.999999',
  ],
  timestamptz: [
    '1969-12-31 23:59:59.999999Z',
    '1970-01-01 00:00:00Z',
    '2023-12-31 20:00:00Z',
    '2024-01-01 00:00:00Z',
    '2024-02-29 22:30:00.000001Z',
  ],
  uuid: [
    '00000000-0000-0000-0000-000000000000',
    'f79c3e09-677c-4bbd-a479-3f349cb785e7',
    '7fffffff-ffff-ffff-ffff-ffffffffffff',
  ],
};

function anyDecimal(dice: Dice, { precision, scale }: Extract<DataType, { kind: 'decimal' }>): string {
  const largest = 10n ** BigInt(precision) - 1n;
  const unscaled = dice.pick([0n, 1n, -1n, 1050n, 1051n, largest, -largest, BigInt(dice.between(-99, 99))]);
  return decimalText(unscaled, scale);
}

const TEXTS = [
  ...['', 'a', 'A', 'ab', 'abc', 'abcd', 'abcde', 'b', ' a', 'a ', 'null', 'NaN'],
  ...["O'Brien", "''", '"', 'SKU_1', 'SKU-1', 'SKU%', '%', '_', '\\', 'a\\b', 'a%b', '--', '/*', ';', '$1'],
  ...['Ünïcode 12', 'e\u0301', 'é', 'ß', 'SS', '\u{ffff}', '\u{e000}', '😀', '😀🤦🏼x', '😀😀😀😀😀', 'مرحبا'],
  ...['nul\0x', '\0', 'line\nbreak', '\t', '1-(2),3.4@5', '(030) 12.34@', '4111-1111-1111-1234'],
];

/** Few, so that rows share them, with the signs that mean something to LIKE and to masks. */
const CODES = ['SKU_1', 'SKU-1', 'SKU%1', 'sku_1', 'a@b.com', '(030) 12', 'abcd', 'ab'];

function anyText(dice: Dice): string {
  if (dice.once(200)) return 'long 😀 '.repeat(1 + dice.upTo(1_000));
  if (dice.once(3)) return dice.pick(CODES);
  if (!dice.once(4)) return dice.pick(TEXTS);
  const points = dice.list(dice.upTo(8), () => {
    const point = dice.pick([dice.upTo(128), dice.upTo(0x800), dice.upTo(0x110000), 48 + dice.upTo(10)]);
    return point >= 0xd800 && point < 0xe000 ? 0x20 : point;
  });
  return String.fromCodePoint(...points);
}

/** A beginning of texts that may be there; `%` and `_` mean themselves. */
export function anyPrefix(dice: Dice): string {
  if (!dice.once(3)) return dice.pick(['SKU_', 'SKU%', 'SKU', 'sku', 'a', '(0', 'ab', '%', '_']);
  const points = [...anyText(dice)];
  return points.slice(0, dice.pick([0, 1, 2, 3, 4, 4])).join('');
}

/** A constant that a filter may compare a column of this type with; not of nested types and bytes. */
export function anyConstant(dice: Dice, type: DataType): Constant {
  let value = anyValue(dice, type);
  while (typeof value === 'number' && !Number.isFinite(value)) value = anyValue(dice, type);
  if (type.kind === 'float' || type.kind === 'double')
    return { value: plainNumber(value as number), literal: 'decimal' };
  if (type.kind === 'decimal') return { value: String(value), literal: 'decimal' };
  return { value: value as string | number | boolean };
}

/** Digits without an exponent, which the filter language does not have; every digit of the number. */
function plainNumber(value: number): string {
  if (Object.is(value, -0)) return '-0';
  const [mantissa = '', exponent] = String(value).split('e');
  if (exponent === undefined) return mantissa;
  const [, sign, whole = '', fraction = ''] = /^(-?)(\d+)(?:\.(\d+))?$/.exec(mantissa)!;
  const shift = Number(exponent);
  const digits = whole + fraction;
  const point = whole.length + shift;
  if (point <= 0) return `${sign}0.${'0'.repeat(-point)}${digits}`;
  return `${sign}${digits.padEnd(point, '0')}${digits.length > point ? `.${digits.slice(point)}` : ''}`;
}
