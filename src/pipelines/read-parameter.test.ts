import fc from 'fast-check';
import { expect, test } from 'vitest';
import { query } from '../../test/fixtures/lake-tables.ts';
import { type DataType, duckdbType, quoteLiteral } from '../base/data-type.ts';
import { readParameter, valueFault } from './read-parameter.ts';

const DECIMAL: DataType = { kind: 'decimal', precision: 9, scale: 2 };

test('what fits a type is taken whole by the engine: nothing is rounded, cut, wrapped or refused', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(given, { minLength: 50, maxLength: 50 }), async (all) => {
      const fit = all.filter(({ type, value }) => valueFault(type, value) === null);
      const cast = ({ type, value }: Given) => `TRY_CAST(${quoteLiteral(value)} AS ${duckdbType(type)})`;
      const rows = await query(
        fit
          .map((one, place) => `SELECT ${place} AS place, CAST(${cast(one)} AS VARCHAR) AS text`)
          .concat('SELECT -1, NULL')
          .join(' UNION ALL '),
      );
      for (const { place, text } of rows as unknown as { place: number; text: string }[]) {
        if (place < 0) continue;
        const { type, value } = fit[place]!;
        expect({ type, value, text: comparable(type, text) }).toEqual({
          type,
          value,
          text: comparable(type, value),
        });
      }
    }),
    { numRuns: 30 },
  );
});

interface Given {
  type: DataType;
  value: string;
}

const digits = fc.string({ unit: fc.constantFrom(...'0123456789'), minLength: 1, maxLength: 21 });
const number = fc
  .tuple(fc.constantFrom('', '-', '+'), digits, fc.constantFrom('', '.'), digits)
  .map(([sign, whole, dot, fraction]) => sign + whole + (dot === '' ? '' : dot + fraction.slice(0, 4)));
const two = fc.integer({ min: 0, max: 61 }).map((value) => String(value).padStart(2, '0'));
const day = fc
  .tuple(fc.oneof(fc.constant(0), fc.integer({ min: 2, max: 9999 })), two, two)
  .map(([year, month, of]) => `${String(year).padStart(4, '0')}-${month}-${of}`);
const time = fc
  .tuple(day, fc.constantFrom(' ', 'T'), two, two, fc.constantFrom('', ':09', ':09.5', ':60'))
  .map(([of, between, hour, minute, rest]) => `${of}${between}${hour}:${minute}${rest}`);
const zone = fc.constantFrom('', 'Z', '+02', '-0330', '+14:00', '+15', '-05:61');
const of = (kinds: DataType['kind'][], value: fc.Arbitrary<string>) =>
  fc.record({
    type: fc.constantFrom(...kinds.map((kind) => (kind === 'decimal' ? DECIMAL : ({ kind } as DataType)))),
    value,
  });
const given: fc.Arbitrary<Given> = fc.oneof(
  of(['int', 'long', 'decimal', 'double'], number),
  of(['date', 'timestamp'], fc.oneof(day, time)),
  of(
    ['timestamptz'],
    fc.tuple(time, zone).map(([at, offset]) => at + offset),
  ),
  of(['string'], fc.string({ unit: 'binary' })),
  of(['boolean'], fc.constantFrom('true', 'FALSE', 'yes', '1', '')),
);

/** The value itself, however it is written. */
function comparable({ kind }: DataType, text: string | null): unknown {
  if (text === null) return null;
  if (kind === 'int' || kind === 'long') return BigInt(text.replace('+', ''));
  if (kind === 'decimal' || kind === 'double') return Number(text) + 0;
  if (kind === 'boolean') return text.toLowerCase();
  if (kind !== 'timestamp' && kind !== 'timestamptz') return text;
  const [, date, clock, seconds, offset] = /^(\S{10})[ T](\d\d:\d\d)(:\d\d)?[.\d]*(.*)$/.exec(text)!;
  const iso =
    offset === ''
      ? '+00:00'
      : offset!.replace(/^([+-]\d\d):?(\d\d)?$/, (_, hours, minutes) => `${hours}:${minutes ?? '00'}`);
  return new Date(`${date}T${clock}${seconds ?? ':00'}${iso}`).getTime();
}

test.each([
  ['int', '2147483648'],
  ['int', '-2147483649'],
  ['long', '9223372036854775808'],
  ['decimal(9,2)', '12345678.00'],
  ['decimal(9,2)', '0.005'],
  ['date', '2026-02-30'],
  ['timestamp', '2026-02-30 00:00:00'],
  ['timestamp', '2026-01-01 24:00:00'],
  ['timestamptz', '2026-01-01 00:00:00+99'],
  ['timestamptz', '2026-01-01 00:00Z'],
  ['timestamp', '2026-01-01 00:00:00Z'],
  ['text', 'a\0b'],
  ['text', '\ud800'],
])('a %s is not %s', (type, value) => {
  expect(readParameter(`p ${type} = '${value}'`)).toMatch(/ is no /);
});

test.each([
  ['decimal(9,2)', '0000000000001.5000'],
  ['decimal(9,2)', '+.5'.replace('+', '+0')],
  ['int', '-2147483648'],
  ['long', '+9223372036854775807'],
  ['timestamptz', '2026-12-31T06:00:00+05:30'],
  ['text', "it''s"],
])('a %s may be %s', (type, value) => {
  expect(readParameter(`p ${type} = '${value}'`)).toMatchObject({ name: 'p' });
});
