import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Column, DataType } from '../base/data-type.ts';
import { isMeshError } from '../base/errors.ts';
import { FILTER_LIMITS, type Operand, type RowFilter } from './row-filter-model.ts';
import { attributesOf, checkRowFilter, columnsOf, parseRowFilter, printRowFilter } from './row-filter.ts';

test.each<[string, RowFilter]>([
  ['true', { op: 'true' }],
  ["region = 'north'", { op: 'compare', column: 'region', operator: '=', value: { value: 'north' } }],
  ["name <> 'O''Brien'", { op: 'compare', column: 'name', operator: '<>', value: { value: "O'Brien" } }],
  ['qty >= -5', { op: 'compare', column: 'qty', operator: '>=', value: { value: -5 } }],
  [
    'qty < 9007199254740993',
    { op: 'compare', column: 'qty', operator: '<', value: { value: '9007199254740993', literal: 'integer' } },
  ],
  [
    'price > 10.50',
    { op: 'compare', column: 'price', operator: '>', value: { value: '10.50', literal: 'decimal' } },
  ],
  ['active = TRUE', { op: 'compare', column: 'active', operator: '=', value: { value: true } }],
  [
    "date >= DATE '2024-02-29'",
    { op: 'compare', column: 'date', operator: '>=', value: { value: '2024-02-29', literal: 'date' } },
  ],
  [
    "sold_at < TIMESTAMP '2024-01-01 00:00:00Z'",
    {
      op: 'compare',
      column: 'sold_at',
      operator: '<',
      value: { value: '2024-01-01 00:00:00Z', literal: 'timestamp' },
    },
  ],
  [
    'region = principal.region',
    { op: 'compare', column: 'region', operator: '=', value: { attribute: 'region' } },
  ],
  ['qty between 1 and 5', { op: 'between', column: 'qty', low: { value: 1 }, high: { value: 5 } }],
  [
    "region in ('north', principal.home)",
    { op: 'in', column: 'region', values: [{ value: 'north' }, { attribute: 'home' }] },
  ],
  ['region in principal.regions', { op: 'in', column: 'region', values: { attribute: 'regions' } }],
  ["sku like 'SKU\\_1\\\\%'", { op: 'like', column: 'sku', prefix: 'SKU_1\\' }],
  ['"Net Sales ""€""" is null', { op: 'is-null', column: 'Net Sales "€"' }],
  ['"in" is not null', { op: 'not', term: { op: 'is-null', column: 'in' } }],
  [
    'qty not in (1, 2)',
    { op: 'not', term: { op: 'in', column: 'qty', values: [{ value: 1 }, { value: 2 }] } },
  ],
  [
    'a is null or b is null and not (c is null or d is null)',
    {
      op: 'or',
      terms: [
        { op: 'is-null', column: 'a' },
        {
          op: 'and',
          terms: [
            { op: 'is-null', column: 'b' },
            {
              op: 'not',
              term: {
                op: 'or',
                terms: [
                  { op: 'is-null', column: 'c' },
                  { op: 'is-null', column: 'd' },
                ],
              },
            },
          ],
        },
      ],
    },
  ],
])('reads %s', (text, expected) => {
  const filter = parseRowFilter(text);
  expect(filter).toEqual(expected);
  expect(parseRowFilter(printRowFilter(filter))).toEqual(expected);
});

test('prints what it read, in one spelling', () => {
  expect(printRowFilter(parseRowFilter(`Region  IN\n( 'a' ,'b') AND NOT(qty!=1)`))).toBe(
    "Region in ('a', 'b') and not (qty <> 1)",
  );
});

test.each([
  ['', '1:1', 'a filter cannot be empty'],
  ['region =', '1:9', 'a value is missing at the end'],
  ["region = 'north", '1:10', 'no closing quote'],
  ["region = 'a'\n  and\n  and qty = 1", '3:3', 'and is not expected here'],
  ["'😀' = region", '1:1', 'a comparison starts with a column'],
  ["x = '😀😀' qty = 1", '1:10', 'is not expected here; join with and or or'],
  ['qty == 1', '1:6', 'write = once'],
  ['qty = null', '1:7', 'write is null'],
  ['qty = other', '1:7', 'two columns cannot be compared'],
  ['region', '1:7', 'after region comes a comparison, not the end'],
  ['address.city = 1', '1:8', 'whole columns'],
  ["sku like '%x'", '1:10', 'like takes a prefix'],
  ["sku like 'a_b%'", '1:10', 'like takes a prefix'],
  ["sku like 'abc'", '1:10', 'like takes a prefix'],
  ['qty in ()', '1:9', 'is not a value'],
  ['qty in (1, 2', '1:13', 'this list is not closed'],
  ['(qty = 1', '1:9', 'this parenthesis is not closed'],
  ['qty = 1;', '1:8', 'remove the semicolon'],
  ['qty = 1 -- all', '1:9', 'is not expected here'],
  ['qty = 1 /* all */', '1:9', 'has no meaning here'],
  ['qty = 1e5', '1:7', 'without an exponent'],
  ['qty = 5abc', '1:7', 'is not a number'],
  ['qty = 1.2.3', '1:7', 'is not a number'],
  ['qty = .5', '1:7', 'is not a value'],
  ['lower(region) = 1', '1:6', 'after lower comes a comparison'],
  ['principal.region = region', '1:1', 'write the column first'],
  ['qty in (select 1)', '1:9', 'select is not a value'],
  ["x = 'a\0b'", '1:5', 'cannot be stored'],
  ["x = 'a\ud800b'", '1:5', 'cannot be stored'],
  ['qty between 1 or 2', '1:15', 'between needs two values'],
  ['"" = 1', '1:1', 'cannot be empty'],
])('refuses %j at %s', (text, place, message) => {
  expect(problemOf(text)).toEqual({ place, message: expect.stringContaining(message) });
});

test('refuses what nobody could review', () => {
  const deep = `${'('.repeat(FILTER_LIMITS.depth + 1)}a = 1`;
  const nots = `${'not '.repeat(FILTER_LIMITS.depth + 1)}a = 1`;
  const many = Array.from({ length: FILTER_LIMITS.terms + 1 }, () => 'a = 1').join(' or ');
  const list = `a in (${Array.from({ length: FILTER_LIMITS.values + 1 }, () => '1').join(', ')})`;
  const long = `a = '${'x'.repeat(FILTER_LIMITS.characters)}'`;
  expect(problemOf(deep).message).toContain('nested');
  expect(problemOf(nots).message).toContain('nested');
  expect(problemOf(many).message).toContain('conditions');
  expect(problemOf(list).message).toContain('values');
  expect(problemOf(long).message).toContain('characters');
});

function problemOf(text: string) {
  try {
    parseRowFilter(text);
  } catch (error) {
    if (isMeshError(error, 'policy.filter-invalid')) return error.problems[0]!;
    throw error;
  }
  throw new Error(`${text} was read`);
}

const name = fc.oneof(
  fc.constantFrom('region', 'date', 'in', 'principal', 'Net Sales', 'a"b', "x' or true --", 'é'),
  fc.string({ unit: 'grapheme', minLength: 1, maxLength: 6 }).filter((text) => !text.includes('\0')),
);

const operand: fc.Arbitrary<Operand> = fc
  .oneof(
    fc.record({
      value: fc.oneof(
        fc.maxSafeInteger().map((whole) => whole || 0),
        fc.boolean(),
        fc.string({ unit: 'grapheme', maxLength: 8 }),
      ),
    }),
    fc.record({
      value: fc.bigInt({ min: 2n ** 53n, max: 2n ** 80n }).map(String),
      literal: fc.constant('integer' as const),
    }),
    fc.record({
      value: fc.stringMatching(/^-?[0-9]{1,20}\.[0-9]{1,9}$/),
      literal: fc.constant('decimal' as const),
    }),
    fc.record({
      value: fc.string({ maxLength: 12 }),
      literal: fc.constantFrom('date' as const, 'time' as const, 'timestamp' as const),
    }),
    fc.record({ attribute: name }),
  )
  .filter((one) => !('value' in one && String(one.value).includes('\0')));

const filter: fc.Arbitrary<RowFilter> = fc.letrec<{ filter: RowFilter }>((tie) => ({
  filter: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.record({
      op: fc.constant('compare'),
      column: name,
      operator: fc.constantFrom('=', '<>', '<', '<=', '>', '>='),
      value: operand,
    }),
    fc.record({ op: fc.constant('between'), column: name, low: operand, high: operand }),
    fc.record({
      op: fc.constant('in'),
      column: name,
      values: fc.oneof(fc.array(operand, { minLength: 1, maxLength: 4 }), fc.record({ attribute: name })),
    }),
    fc.record({
      op: fc.constant('like'),
      column: name,
      prefix: fc.oneof(
        fc.constantFrom('%', '_', '\\', '50\\%', "'"),
        fc.string({ maxLength: 5 }).filter((text) => !text.includes('\0')),
      ),
    }),
    fc.record({ op: fc.constant('is-null'), column: name }),
    fc.record({ op: fc.constantFrom('true', 'false') }),
    fc.record({
      op: fc.constantFrom('and', 'or'),
      terms: fc.array(tie('filter'), { minLength: 2, maxLength: 4 }),
    }),
    fc.record({ op: fc.constant('not'), term: tie('filter') }),
  ) as fc.Arbitrary<RowFilter>,
})).filter;

test('what is printed is read back as the same filter', () => {
  fc.assert(
    fc.property(filter, (one) => {
      expect(parseRowFilter(printRowFilter(one))).toEqual(one);
    }),
    { numRuns: 1_000 },
  );
});

test('any text is read or refused with a place, never anything else', () => {
  const words = fc.constantFrom(
    'a',
    'and',
    'or',
    'not',
    '(',
    ')',
    '=',
    "'x'",
    '1',
    '-',
    ',',
    'in',
    'like',
    'between',
    'is',
    'null',
    'principal',
    '.',
    '"q"',
    "'",
    ';',
  );
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.array(words).map((list) => list.join(' ')),
      ),
      (text) => {
        try {
          parseRowFilter(text);
        } catch (error) {
          expect(isMeshError(error, 'policy.filter-invalid')).toBe(true);
          expect((error as { problems: { place: string }[] }).problems[0]!.place).toMatch(/^\d+:\d+$/);
        }
      },
    ),
    { numRuns: 1_000 },
  );
});

const column = (columnName: string, type: DataType): Column => ({ name: columnName, type, required: false });
const COLUMNS: Column[] = [
  column('region', { kind: 'string' }),
  column('qty', { kind: 'int' }),
  column('sold', { kind: 'long' }),
  column('price', { kind: 'decimal', precision: 10, scale: 2 }),
  column('weight', { kind: 'double' }),
  column('day', { kind: 'date' }),
  column('at', { kind: 'timestamp' }),
  column('instant', { kind: 'timestamptz' }),
  column('opens', { kind: 'time' }),
  column('active', { kind: 'boolean' }),
  column('id', { kind: 'uuid' }),
  column('photo', { kind: 'binary' }),
  column('tags', { kind: 'list', element: { kind: 'string' }, elementRequired: false }),
];

test.each([
  "region = 'north' and region > 'a' and region like 'n%'",
  'qty in (1, -2147483648) and sold < 9223372036854775807',
  'price = 10 or price = 10.5 or price <> 99999999.99 or price = 10.500',
  'weight > 0.1 and weight <> 3',
  "day = DATE '2024-02-29' or day = '2024-02-29'",
  "at >= TIMESTAMP '2024-01-01 00:00' or at = DATE '2024-01-01' or at < '2024-01-01T00:00:00.123456'",
  "instant >= TIMESTAMP '2024-01-01 00:00:00+09:00' or instant < '2024-01-01T00:00:00Z'",
  "opens between TIME '08:00' and '20:00:00'",
  'active = true or active <> false or active in (true)',
  "id = 'F79C3E09-677c-4bbd-a479-3f349cb785e7'",
  'photo is null and tags is not null',
  'region in principal.regions and qty = principal.qty',
])('fits the columns: %s', (text) => {
  expect(checkRowFilter(parseRowFilter(text), COLUMNS)).toEqual([]);
});

test.each([
  ["regoin = 'x'", "there is no column 'regoin'; did you mean region?"],
  ["Region = 'x'", "there is no column 'Region'; did you mean region?"],
  ['zzzzzz = 1', "there is no column 'zzzzzz'; there are region, qty, sold"],
  ['region = 5', "region is a string and never 5; write '5'"],
  ["qty = '5'", 'qty is an int, not a string; write 5 without quotes'],
  ["qty = 'many'", 'qty is an int, not a string; write 10 without quotes'],
  ['qty = 5.5', 'qty is an int and never 5.5; write a whole number between'],
  ['qty = 2147483648', 'qty is an int and never 2147483648'],
  ['sold = 9223372036854775808', 'sold is a long and never 9223372036854775808'],
  ['price = 10.505', 'at most 8 digits before and 2 after the point'],
  ['price = 100000000', 'at most 8 digits before and 2 after the point'],
  ["day = '2023-02-29'", "day is a date and never 2023-02-29; write DATE '2026-01-31'"],
  ["day = TIMESTAMP '2024-01-01 00:00:00'", 'day is a date and never'],
  ['day = 20240101', 'day is a date and never 20240101'],
  ["at = '2024-01-01 00:00:00Z'", 'without an offset'],
  ["instant = '2024-01-01 00:00:00'", 'with its offset from UTC'],
  ["opens = '24:00'", 'opens is a time and never 24:00'],
  ['active > false', 'active is a boolean, which has no order'],
  ["active = 'true'", 'write true without quotes'],
  ["id = 'x'", 'id is a uuid and never x'],
  ["photo = 'x'", 'photo is a binary and can only be tested with is null'],
  ["tags in ('x')", 'can only be tested with is null'],
  ["qty like '1%'", 'like reads text, but qty is an int'],
])('does not fit: %s', (text, message) => {
  expect(checkRowFilter(parseRowFilter(text), COLUMNS)).toEqual([
    { message: expect.stringContaining(message) },
  ]);
});

test.each(['float', 'double'] as const)('what a %s cannot hold is no constant of it', (kind) => {
  const columns = [{ name: 'rate', type: { kind }, required: false }];
  const largest =
    kind === 'float' ? `340282346638528859${'0'.repeat(21)}` : `17976931348623157${'0'.repeat(292)}`;
  expect(checkRowFilter(parseRowFilter(`rate < ${largest}.0`), columns)).toEqual([]);
  expect(checkRowFilter(parseRowFilter(`rate < 9${largest}.0`), columns)).toHaveLength(1);
});

test('all problems of a filter come at once', () => {
  const problems = checkRowFilter(parseRowFilter("regoin = 'a' and (qty = 'x' or price = 1.001)"), COLUMNS);
  expect(problems).toHaveLength(3);
});

test('names the columns and attributes it reads, each once', () => {
  const one = parseRowFilter('a = principal.x and not (b in principal.y or a between principal.x and 3)');
  expect(columnsOf(one)).toEqual(['a', 'b']);
  expect(attributesOf(one)).toEqual(['x', 'y']);
});
