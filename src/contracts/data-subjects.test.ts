import { expect, test } from 'vitest';
import { findSubjectFaults, legalHold, subjectColumns } from './data-subjects.ts';
import type { Contract } from './odcs.ts';

function contractOf(properties: object[], more: object = {}): Contract {
  return {
    ...{ apiVersion: 'v3.1.0', kind: 'DataContract', id: 'c', version: '1.0.0', status: 'active' },
    schema: [{ name: 'members', properties }],
    ...more,
  } as unknown as Contract;
}

const mark = (property: string, value: unknown) => ({ customProperties: [{ property, value }] });

test('a contract says by which columns its subjects are found', () => {
  const contract = contractOf([
    { name: 'id', logicalType: 'string', physicalName: 'member_id', ...mark('subjectKey', 'customer') },
    { name: 'email', logicalType: 'string', ...mark('subjectIdentifier', 'customer') },
    { name: 'city', logicalType: 'string' },
  ]);
  expect(subjectColumns(contract)).toEqual([
    { column: 'member_id', subject: 'customer', role: 'key' },
    { column: 'email', subject: 'customer', role: 'identifier' },
  ]);
  expect(findSubjectFaults(contract)).toEqual([]);
});

test.each([
  [{ name: 'id', logicalType: 'string', ...mark('subjectKey', 'Customer No') }, 'a kind of subject is'],
  [{ name: 'id', logicalType: 'string', ...mark('subjectKey', 7) }, 'a kind of subject is'],
  [{ name: 'id', logicalType: 'date', ...mark('subjectKey', 'customer') }, 'is found by a column of text'],
  [
    {
      name: 'who',
      logicalType: 'object',
      properties: [{ name: 'id', logicalType: 'string', ...mark('subjectKey', 'customer') }],
    },
    'not by parts of them',
  ],
])('marks that could not be followed are refused with their place: %#', (property, message) => {
  const [fault] = findSubjectFaults(contractOf([property]));
  expect(fault?.message).toContain(message);
  expect(fault?.path.at(-1)).toBe('value');
});

test('a kind of subject has one key', () => {
  const property = (name: string) => ({ name, logicalType: 'string', ...mark('subjectKey', 'customer') });
  expect(findSubjectFaults(contractOf([property('a'), property('b')])).map(({ message }) => message)).toEqual(
    ['two columns are the key of customer: mark one'],
  );
});

test('a legal hold is declared with its reason, and a declared one without a reason holds as well', () => {
  const held = (value: string | boolean) =>
    legalHold({ customProperties: [{ property: 'legalHold', value }] });
  expect(held('case 7')).toBe('case 7');
  expect(held(true)).toBe('declared without a reason');
  expect(held(false)).toBeNull();
  expect(legalHold({})).toBeNull();
});
