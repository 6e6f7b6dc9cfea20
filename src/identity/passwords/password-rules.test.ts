import { expect, test } from 'vitest';
import { weaknessOf } from './password-rules.ts';

const person = { email: 'ingrid.aas@larkfield.example', name: 'Ingrid Aas' };

test.each([
  ['short one', 'it has less than 15 characters'],
  ['aaaaaaaaaaaaaaaaaaaa', 'it repeats the same few characters'],
  ['abcdefghijklmnopqrst', 'its characters follow one another'],
  ['98765432109876543210', 'its characters follow one another'],
  ['ingrid.aas@larkfield.example', 'it is little more than a name everybody knows'],
  ['Ingrid-Aas-2026!', 'it is little more than a name everybody knows'],
  ['crossdockcrossdock1', 'it is little more than a name everybody knows'],
])('%s is refused', (password, reason) => {
  expect(weaknessOf(password, person)).toBe(reason);
});

test.each(['four lamps behind the harbour', 'Ingrid keeps seven grey herons', 'жёлтый трамвай уехал'])(
  '%s is taken',
  (password) => {
    expect(weaknessOf(password, person)).toBeNull();
  },
);
