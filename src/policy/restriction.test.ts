import { expect, test } from 'vitest';
import type { Column } from '../base/data-type.ts';
import { parseRowFilter } from './row-filter-parse.ts';
import { checkRestriction, readRestrictions } from './restriction.ts';

test('reads what restrictions.yaml says', () => {
  const { restrictions, problems } = readRestrictions([
    {
      name: 'personal-data',
      description: 'contact data stays with its domain',
      appliesTo: { datasets: ['sales'], tags: { 'personal-data': 'contact', layer: ['core', 'raw'] } },
      mask: 'show-last-4',
    },
    { name: 'own-region', rows: 'region in principal.regions' },
    { name: 'no-cost', appliesTo: { columns: ['cost'] }, hide: true },
    {
      name: 'rounded',
      appliesTo: { columns: ['price'] },
      mask: { action: 'mask-to-fixed-value', value: '0.00' },
    },
  ]);
  expect(problems).toEqual([]);
  expect(restrictions).toEqual([
    {
      name: 'personal-data',
      description: 'contact data stays with its domain',
      appliesTo: { datasets: ['sales'], tags: { 'personal-data': ['contact'], layer: ['core', 'raw'] } },
      mask: { action: 'show-last-4' },
    },
    {
      name: 'own-region',
      description: null,
      appliesTo: {},
      rowFilter: parseRowFilter('region in principal.regions'),
    },
    { name: 'no-cost', description: null, appliesTo: { columns: ['cost'] }, hide: true },
    {
      name: 'rounded',
      description: null,
      appliesTo: { columns: ['price'] },
      mask: { action: 'mask-to-fixed-value', value: '0.00' },
    },
  ]);
});

const named = { name: 'a', appliesTo: { columns: ['x'] } };

test.each<[unknown, string, string]>([
  ['hide all', '', 'must be a list'],
  [[{ ...named, hide: true, row: 'x = 1' }], '/0/row', "unknown key 'row'; did you mean rows?"],
  [
    [{ ...named, hide: true, appliesTo: { column: ['x'] } }],
    '/0/appliesTo/column',
    "unknown key 'column'; did you mean columns?",
  ],
  [[{ ...named, name: 'Personal Data', hide: true }], '/0/name', 'a name is lower-case'],
  [[{ ...named, hide: false }], '/0/hide', 'hide is true or left out'],
  [
    [{ ...named, hide: true, appliesTo: { columns: [] } }],
    '/0/appliesTo/columns',
    'appliesTo.columns of item 1 must not be empty',
  ],
  [[{ ...named }], '/0', 'needs rows, mask or hide'],
  [[{ ...named, hide: true, mask: 'show-last-4' }], '/0/mask', 'needs no mask'],
  [[{ name: 'a', hide: true }], '/0/appliesTo', 'name columns or tags'],
  [
    [{ name: 'a', mask: 'show-last-4', appliesTo: { datasets: ['d'] } }],
    '/0/appliesTo',
    'name columns or tags',
  ],
  [[{ ...named, mask: 'show-last4' }], '/0/mask', 'did you mean show-last-4?'],
  [
    [{ ...named, mask: { action: 'sha-256-globl' } }],
    '/0/mask/action',
    'there is no mask sha-256-globl; did you mean sha-256-global?',
  ],
  [[{ ...named, mask: { action: 'sha-256-global', value: 'x' } }], '/0/mask', 'takes nothing but its action'],
  [[{ ...named, mask: { value: 'x' } }], '/0/mask', 'a mask is one of mask-alphanum'],
  [[{ ...named, mask: 'blur everything' }], '/0/mask', 'a mask is one of mask-alphanum'],
  [[{ ...named, mask: { action: 'mask-to-fixed-value', value: null } }], '/0/mask', 'value: VALUE'],
  [[{ ...named, mask: { action: 'mask-to-fixed-value', to: 'x' } }], '/0/mask', 'value: VALUE'],
  [
    [{ name: 'a', rows: 'x = 1 and' }],
    '/0/rows',
    'a condition is missing at the end (at 1:10 of the condition)',
  ],
  [
    [
      { ...named, hide: true },
      { ...named, hide: true },
    ],
    '/1/name',
    "two restrictions called 'a'",
  ],
])('refuses %j at %s', (list, pointer, message) => {
  expect(readRestrictions(list).problems).toEqual([{ pointer, message: expect.stringContaining(message) }]);
});

test('all problems come at once', () => {
  const list = [{ name: 'a', rows: 'x =', appliesTo: { columns: ['x'] }, mask: 'blur' }, { name: 'b' }];
  expect(readRestrictions(list).problems.map(({ pointer }) => pointer)).toEqual(['/0/rows', '/0/mask', '/1']);
});

const columns: Column[] = [
  { name: 'email', type: { kind: 'string' }, required: false },
  { name: 'price', type: { kind: 'decimal', precision: 9, scale: 2 }, required: false },
];

test('a part of a nested column cannot be masked or hidden apart', () => {
  const fields = [{ name: 'city', type: { kind: 'string' as const }, required: false }];
  const nested: Column[] = [{ name: 'address', type: { kind: 'struct', fields }, required: false }];
  const { restrictions } = readRestrictions([
    { name: 'a', appliesTo: { columns: ['address.city'] }, hide: true },
  ]);
  expect(checkRestriction(restrictions[0]!, { columns: nested })).toEqual([
    { pointer: '/appliesTo/columns', message: expect.stringContaining('is a part of the column address') },
  ]);
});

test('checks a restriction against a dataset', () => {
  const { restrictions } = readRestrictions([
    { name: 'a', appliesTo: { columns: ['emial', 'price'] }, rows: "price = 'x'", mask: 'show-last-4' },
    { name: 'b', appliesTo: { columns: ['email'] }, rows: 'price > 1.5', mask: 'show-last-4' },
  ]);
  expect(checkRestriction(restrictions[0]!, { columns })).toEqual([
    { pointer: '/appliesTo/columns', message: "there is no column 'emial'; did you mean email?" },
    { pointer: '/rows', message: expect.stringContaining('price is a decimal(9,2), not a string') },
    { pointer: '/mask', message: expect.stringContaining('price: show-last-4 cannot mask a decimal(9,2)') },
  ]);
  expect(checkRestriction(restrictions[1]!, { columns })).toEqual([]);
});
