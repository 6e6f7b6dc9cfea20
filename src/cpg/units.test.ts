import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { convertQuantity, findUnit, listUnits, type Unit } from './units.ts';

const standards = process.env['CROSSDOCK_STANDARDS'] ?? '../shared/standards';
const listFile = join(standards, 'gs1-cpg/uom-rec20-cpg.json');
const unit = (text: string) => findUnit(text) as Unit;

test('units are found by code and as people write them', () => {
  expect(unit('kgm').code).toBe('KGM');
  expect(unit(' Pcs. ').code).toBe('H87');
  expect(unit('fl oz').code).toBe('OZA');
  expect(unit('CS').code).toBe('XCS');
  expect(findUnit('oz')).toBeNull();
  expect(findUnit('toString')).toBeNull();
});

test('quantities convert within a dimension and never across', () => {
  expect(convertQuantity(1500, unit('g'), unit('kg'))).toBeCloseTo(1.5, 12);
  expect(convertQuantity(128, unit('OZA'), unit('GLL'))).toBeCloseTo(1, 12);
  expect(convertQuantity(2, unit('DZN'), unit('EA'))).toBe(24);
  expect(convertQuantity(1, unit('kg'), unit('l'))).toBeNull();
  expect(convertQuantity(1, unit('XCS'), unit('EA'))).toBeNull();
  expect(convertQuantity(3, unit('XCS'), unit('XCS'))).toBe(3);
});

test('there and back is the same quantity', () => {
  const measured = listUnits().filter(({ factor }) => factor !== null);
  fc.assert(
    fc.property(
      fc.constantFrom(...measured),
      fc.constantFrom(...measured),
      fc.double({ min: 0.001, max: 1e6, noNaN: true }),
      (from, to, quantity) => {
        const there = convertQuantity(quantity, from, to);
        expect(there === null).toBe(from.dimension !== to.dimension);
        if (there !== null) expect(convertQuantity(there, to, from)! / quantity).toBeCloseTo(1, 9);
      },
    ),
  );
});

test.skipIf(!existsSync(listFile))('every goods unit of the consumer goods list is known by its name', () => {
  const { codes } = JSON.parse(readFileSync(listFile, 'utf8')) as { codes: [string, string][] };
  const notOfGoods = new Set(['DAY', 'WEE', 'MON', 'HUR', 'KWH', 'CEL', 'P1']);
  for (const [code, name] of codes) {
    if (notOfGoods.has(code)) continue;
    expect(name).toContain(findUnit(code)?.name ?? 'missing');
  }
});
