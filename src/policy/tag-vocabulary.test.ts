import { expect, test } from 'vitest';
import { mayUseTag, readVocabulary } from './tag-vocabulary.ts';

test('a tag is declared by its values, or with who may set it and give by it', () => {
  const { vocabulary, problems } = readVocabulary({
    class: ['open', 'secret'],
    pii: { values: ['contact'], assignedBy: ['consumer', '*/steward'], grantedBy: ['consumer/owner'] },
  });
  expect(problems).toEqual([]);
  expect(vocabulary.get('class')).toEqual({
    ...{ values: ['open', 'secret'], description: null, assignedBy: null, grantedBy: null },
  });
  expect(vocabulary.get('pii')).toMatchObject({ grantedBy: ['consumer/owner'] });
});

test.each<[unknown, string, RegExp]>([
  [{ class: 'open' }, '/class', /must be a list of values/],
  [{ class: [] }, '/class', /must list its values/],
  [{ class: {} }, '/class', /must list its values/],
  [{ class: ['open', 'open'] }, '/class/1', /open stands twice/],
  [{ class: { values: ['a', 'a'] } }, '/class/values/1', /a stands twice/],
  [{ class: [true] }, '/class/0', /put it in quotes/],
  [{ Class: ['open'] }, '/Class', /must start with a-z/],
  [{ class: { values: ['a'], asignedBy: ['x'] } }, '/class/asignedBy', /did you mean assignedBy/],
  [{ class: { values: ['a'], assignedBy: ['sales/boss'] } }, '/class/assignedBy/0', /DOMAIN\/ROLE/],
  [{ class: { values: ['a'], grantedBy: ['*'] } }, '/class/grantedBy/0', /\*\/ROLE/],
  [{ class: { values: ['a'], grantedBy: [] } }, '/class/grantedBy', /left out for everybody/],
])('%j is told at %s', (tags, pointer, message) => {
  expect(readVocabulary(tags).problems).toEqual([{ pointer, message: expect.stringMatching(message) }]);
});

const by = (domain: string, role: 'owner' | 'steward' | 'analyst', administrator = false) => ({
  administrator,
  roles: [{ domain, role }],
});

test('a right is held by a domain for what lies in it, or by a role there; administrators stand in for roles', () => {
  const sales = (holders: string[], who = by('sales', 'analyst')) =>
    mayUseTag(holders, { domain: 'sales', by: who });
  expect([sales(['sales']), sales(['marketing'])]).toEqual([true, false]);
  expect([sales(['sales/steward']), sales(['sales/steward'], by('sales', 'owner'))]).toEqual([false, true]);
  expect([sales(['*/steward']), sales(['*/steward'], by('sales', 'steward'))]).toEqual([false, true]);
  expect(sales(['*/steward'], by('marketing', 'owner'))).toBe(false);
  expect(sales(['*/steward'], { administrator: true, roles: [] })).toBe(true);
  expect(sales(['marketing/steward'], { administrator: true, roles: [] })).toBe(false);
});
