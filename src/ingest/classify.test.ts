import { expect, test } from 'vitest';
import { makeGln, makeGtin } from '../cpg/gs1-keys.ts';
import { classifyColumn, isPersonal } from './classify.ts';

test.each([
  ['contact', ['a@example.com', 'b.c@example.org'], 'email'],
  ['email', ['a@example.com', ''], null],
  ['phone_no', ['+33 1 56 43 47 96', '030 1234567'], 'phone'],
  ['amount', ['123456789', '987654321'], null],
  ['customerPhone', ['030-1234567'], 'phone'],
  ['First Name', ['Ada'], 'person-name'],
  ['Recalling Firm Name', ['EUREKA INC'], null],
  ['product_name', ['Soap'], null],
  ['date_of_birth', ['1990-01-01'], 'birth-date'],
  ['postcode', ['22942', 'SW1A 1AA'], 'postal-code'],
  ['Zip Code', ['50010'], 'postal-code'],
  ['iban', ['DE89370400440532013000'], 'iban'],
  ['gtin', [makeGtin('4012345', 1), makeGtin('4012345', 2)], 'gtin'],
  ['UPC', ['71990000486', '83664872677'].map(() => '36000291452'), 'gtin'],
  ['upc', ['1', '2', 'x'], null],
  ['ship_to_gln', [makeGln('4012345', 7)], 'gln'],
  ['quantity', ['4012345678901'], null],
])('%s with %j is %s', (name, values, meaning) => {
  expect(classifyColumn(name, values)).toBe(meaning);
});

test('some dirt does not hide a meaning, much of it does', () => {
  const emails = (good: number) =>
    Array.from({ length: 10 }, (_, at) => (at < good ? `x${at}@example.com` : 'none'));
  expect(classifyColumn('contact', emails(8))).toBe('email');
  expect(classifyColumn('contact', emails(7))).toBeNull();
});

test('keys of goods are not personal', () => {
  expect([isPersonal('email'), isPersonal('gtin'), isPersonal(null)]).toEqual([true, false, false]);
});
