import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { checkDigit, checkDigitHolds, withCheckDigit } from './check-digit.ts';
import { classifyGtin, gtinUse, normaliseGtin, packGtin, packIndicator } from './gtin.ts';
import { isGln, isSscc, makeGln, makeGtin, makeSscc, normaliseGln, normaliseSscc } from './gs1-keys.ts';

const standards = process.env['CROSSDOCK_STANDARDS'] ?? '../shared/standards';
const realData = process.env['CROSSDOCK_REAL_DATA'] ?? '../shared/data';
const vectorsFile = join(standards, 'gs1-cpg/check-digit-vectors.json');

interface Vectors {
  valid: { key: string; withoutCheck: string; checkDigit: number; full: string; gtin14: string | null }[];
  invalid: { key: string; full: string }[];
}

test('the worked example of gs1.org: 629104150021 has the check digit 3', () => {
  expect(checkDigit('629104150021')).toBe(3);
  expect(normaliseGtin('6291041500213')).toBe('06291041500213');
});

test.skipIf(!existsSync(vectorsFile))('every published vector of GTIN, GLN and SSCC', () => {
  const vectors = JSON.parse(readFileSync(vectorsFile, 'utf8')) as Vectors;
  for (const { key, withoutCheck, full, gtin14 } of vectors.valid) {
    expect(withCheckDigit(withoutCheck)).toBe(full);
    if (key === 'GLN') expect(isGln(full)).toBe(true);
    else if (key === 'SSCC') expect(isSscc(full)).toBe(true);
    else expect(normaliseGtin(full)).toBe(gtin14);
  }
  for (const { key, full } of vectors.invalid) {
    if (key === 'SSCC') expect(isSscc(full)).toBe(false);
    else expect(classifyGtin(full).status).not.toBe('valid');
  }
});

const digits = (length: number) =>
  fc.stringMatching(new RegExp(`^[0-9]{${length}}$`)).filter((text) => /[1-9]/.test(text));

test('one wrong digit is always found, whatever the key and the place', () => {
  fc.assert(
    fc.property(digits(17), fc.nat(17), fc.integer({ min: 1, max: 9 }), (body, place, shift) => {
      const key = withCheckDigit(body);
      const wrong = key.slice(0, place) + String((Number(key[place]) + shift) % 10) + key.slice(place + 1);
      expect(checkDigitHolds(key)).toBe(true);
      expect(checkDigitHolds(wrong)).toBe(false);
    }),
  );
});

test('zeros lost on the left are put back; normalising twice changes nothing', () => {
  fc.assert(
    fc.property(digits(12), (body) => {
      const gtin13 = withCheckDigit(body);
      const asNumber = gtin13.replace(/^0+/, '');
      fc.pre(asNumber.length >= 9);
      const gtin14 = normaliseGtin(asNumber);
      expect(gtin14).toBe(`0${gtin13}`);
      expect(normaliseGtin(gtin14)).toBe(gtin14);
    }),
  );
});

test('what is no GTIN says why', () => {
  const status = (text: string | null) => classifyGtin(text).status;
  expect(status(null)).toBe('empty');
  expect(status('')).toBe('empty');
  expect(status('4.68E+11')).toBe('non-digit');
  expect(status('6291041500214')).toBe('bad-check-digit');
  expect(status('36000291452')).toBe('zeros-lost');
  expect(status('00')).toBe('bad-length');
  expect(status('123456789012345678')).toBe('bad-length');
  expect(normaliseGtin('5 012345-678900')).toBe('05012345678900');
});

test('a short number that passes by chance is not taken for a GTIN', () => {
  expect(classifyGtin('17')).toEqual({ status: 'zeros-lost', short: true, gtin14: '00000000000017' });
  expect(normaliseGtin('17')).toBeNull();
});

test('packs of an item have its digits and their own check digit', () => {
  const each = makeGtin('9521234', 42);
  expect(classifyGtin(each)).toMatchObject({ status: 'valid', length: 14 });
  const pack = packGtin(each, 1);
  expect(pack.slice(1, 13)).toBe(each.slice(1, 13));
  expect(packIndicator(pack)).toBe(1);
  expect(classifyGtin(pack).status).toBe('valid');
});

test('prefixes say where a GTIN may be joined', () => {
  expect(gtinUse('00036000291452')).toBe('global');
  expect(gtinUse('02012345678903')).toBe('restricted');
  expect(gtinUse('00212345678909')).toBe('restricted');
  expect(gtinUse('09780306406157')).toBe('publication');
  expect(gtinUse('09912345678901')).toBe('coupon');
  expect(gtinUse('09521234000421')).toBe('demonstration');
  expect(gtinUse('00000020123451')).toBe('restricted');
  expect(gtinUse('00000096385074')).toBe('global');
});

test('GLN and SSCC are built and read back', () => {
  expect(isGln(makeGln('9521000', 17))).toBe(true);
  expect(isSscc(makeSscc(1, '9521234', 1_234_567))).toBe(true);
  const gln = makeGln('061414100', 0);
  expect(gln).toBe('0614141000005');
  expect(normaliseGln('614141000005')).toBe(gln);
  expect(normaliseGln('0614141000006')).toBeNull();
  expect(normaliseSscc('(00) 1 0614141 234567890 8')).toBe('106141412345678908');
});

/** Our findings in the words of the data's own list of known answers. */
function knownStatus(text: string | null): string {
  const finding = classifyGtin(text);
  switch (finding.status) {
    case 'valid':
      return `valid_${finding.length}`;
    case 'zeros-lost':
      return finding.short
        ? 'bad_length_short_but_valid_when_zero_padded'
        : 'bad_length_but_valid_when_zero_padded';
    case 'empty':
      return 'null';
    default:
      return finding.status.replaceAll('-', '_');
  }
}

const FILES = [
  { folder: 'iowa_liquor_sales', entry: 'products', file: 'products.csv.gz', options: '' },
  { folder: 'usda_branded_foods', entry: 'branded_food', file: 'branded_food.csv.gz', options: '' },
  { folder: 'openfoodfacts', entry: 'products_2016', file: 'products_2016.csv.gz', options: '' },
  {
    folder: 'openfoodfacts',
    entry: 'products_2024',
    file: 'products_2024.tsv.gz',
    options: ", delim='\\t', quote=''",
  },
  { folder: 'openfoodfacts', entry: 'products_2026', file: 'products_2026.parquet', options: null },
];

test.skipIf(!existsSync(join(realData, 'iowa_liquor_sales')))(
  'the GTINs of five real files fall into the classes counted for them',
  async () => {
    const instance = await DuckDBInstance.create();
    const connection = await instance.connect();
    for (const { folder, entry, file, options } of FILES) {
      const answers = JSON.parse(readFileSync(join(realData, folder, 'known_answers.json'), 'utf8'));
      const expected = answers[entry].gtin as Record<string, Record<string, number>>;
      const path = `'${join(realData, folder, file).replaceAll("'", "''")}'`;
      const relation =
        options === null
          ? `read_parquet(${path})`
          : `read_csv(${path}, all_varchar=true, header=true${options.replace('\\t', '\t')})`;
      for (const [column, counts] of Object.entries(expected)) {
        const reader = await connection.runAndReadAll(`select "${column}" from ${relation}`);
        const found: Record<string, number> = {};
        for (const [text] of reader.getRows()) {
          const status = knownStatus(text === null ? null : String(text));
          found[status] = (found[status] ?? 0) + 1;
        }
        expect({ [entry]: found }).toEqual({ [entry]: counts });
      }
    }
    connection.closeSync();
    instance.closeSync();
  },
);
