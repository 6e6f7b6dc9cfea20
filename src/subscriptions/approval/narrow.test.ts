import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Column } from '../../base/data-type.ts';
import { type AccessPlan, planAccess } from '../../policy/access-plan.ts';
import type { ColumnMask } from '../../policy/column-mask.ts';
import { evaluatePlan } from '../../policy/evaluate-plan.ts';
import { isPersonal } from '../../policy/personal-data.ts';
import { parseRowFilter } from '../../policy/row-filter-parse.ts';
import type { Row } from '../../policy/row-value.ts';
import type { GrantedAccess } from '../grant.ts';
import { narrowFurther, personalIn, wideningProblems } from './narrow.ts';

const NAMES = ['region', 'email', 'name'];
const columns: Column[] = NAMES.map((name, index) => ({
  ...{ id: index + 1, name, type: { kind: 'string' }, required: false },
}));

const anyMask = fc.constantFrom<ColumnMask>(
  { action: 'show-first-4' },
  { action: 'show-last-4' },
  { action: 'sha-256-global' },
  { action: 'replace-with-null' },
  { action: 'mask-to-fixed-value', value: 'x' },
);

const anyGrant: fc.Arbitrary<GrantedAccess> = fc.record({
  columns: fc.option(fc.subarray(NAMES, { minLength: 1 })),
  tags: fc.dictionary(
    fc.constantFrom('class', 'layer'),
    fc.subarray(['open', 'secret', 'core'], { minLength: 1 }),
    { maxKeys: 2 },
  ),
  rowFilter: fc.option(
    fc.constantFrom("region = 'north'", "email like 'a%'", 'name is null').map(parseRowFilter),
  ),
  masks: fc.dictionary(fc.constantFrom(...NAMES), anyMask, { maxKeys: 2 }),
});

const anyRow: fc.Arbitrary<Row> = fc.record({
  region: fc.constantFrom('north', 'south'),
  email: fc.option(fc.constantFrom('a@b.com', 'abcdef', 'abcdxx')),
  name: fc.option(fc.constantFrom('ada', 'bob')),
});

const columnTags = {
  region: { class: 'open', layer: 'core' },
  email: { class: 'secret', layer: 'core' },
  name: { class: 'open' },
};

function planOf(grant: GrantedAccess): AccessPlan {
  const names = { domain: 'sales', product: 'shop', name: 'orders' };
  return planAccess({
    dataset: { id: 'dts_1', ...names, columns, columnTags, partTags: { name: [{ class: 'open' }] } },
    principal: { id: 'usr_1', kind: 'person', domains: ['media'], attributes: {} },
    via: {
      kind: 'subscription',
      id: 'sub_1',
      domain: 'media',
      grant: { ...grant, purpose: 'plan', until: null },
    },
    restrictions: [],
    now: '2026-03-02T09:00:00Z',
  });
}

test('what two steps give together is no row, column or difference more than what each of them gives', () => {
  fc.assert(
    fc.property(fc.tuple(anyGrant, anyGrant), fc.tuple(anyRow, anyRow), ([first, second], [one, other]) => {
      const together = planOf(narrowFurther(first, second));
      const view = (plan: AccessPlan, row: Row) => evaluatePlan(plan, [row], { querySalt: '' })[0];
      const [left, right] = [view(together, one), view(together, other)];
      for (const alone of [planOf(first), planOf(second)]) {
        const names = alone.columns.map(({ name }) => name);
        expect(names).toEqual(expect.arrayContaining(together.columns.map(({ name }) => name)));
        const before = [view(alone, one), view(alone, other)];
        if (left !== undefined) expect(before[0]).toBeDefined();
        if (left === undefined || right === undefined) continue;
        for (const { name } of together.columns) {
          if (left[name] !== right[name]) expect(before[0]![name]).not.toBe(before[1]![name]);
        }
      }
    }),
    { numRuns: 500 },
  );
});

const given = (names: string[] | null, masks: GrantedAccess['masks'] = {}): GrantedAccess => ({
  ...{ columns: names, rowFilter: null, masks },
});

test('a column that an earlier step left out is refused by name', () => {
  expect(wideningProblems(given(['region']), given(['region', 'email']))).toMatchObject([
    { pointer: '/columns/1' },
  ]);
  expect(wideningProblems(given(null), given(['email']))).toEqual([]);
  expect(wideningProblems(given(['region']), given(null))).toEqual([]);
});

test('personal data is given where any of it is seen: a pseudonym is, a null is not', () => {
  const personal = [
    { name: 'email', tags: [{ class: 'secret' }] },
    { name: 'name', tags: [{ class: 'open' }, { class: 'secret' }] },
  ];
  expect(personalIn(given(null), personal)).toEqual(['email', 'name']);
  const tagged = (value: string) => ({ ...given(null), tags: { class: [value] } });
  expect(personalIn(tagged('secret'), personal)).toEqual(['email']);
  expect(personalIn(tagged('open'), personal)).toEqual([]);
  expect(personalIn(given(['region', 'name']), personal)).toEqual(['name']);
  expect(personalIn(given(null, { email: { action: 'sha-256-global' } }), personal)).toEqual([
    'email',
    'name',
  ]);
  expect(personalIn(given(null, { email: { action: 'replace-with-null' } }), personal)).toEqual(['name']);
});

test.each<[Record<string, string>, boolean]>([
  [{ 'personal-data': 'contact' }, true],
  [{ pii: 'true' }, true],
  [{ pii: 'none' }, false],
  [{ classification: 'Personal' }, true],
  [{ classification: 'non-personal' }, false],
  [{}, false],
])('tags %j mark personal data: %s', (tags, expected) => {
  expect(isPersonal(tags)).toBe(expected);
});
