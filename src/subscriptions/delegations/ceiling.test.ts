import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Column } from '../../base/data-type.ts';
import { planAccess } from '../../policy/access-plan.ts';
import { type ColumnMask, strictestMask } from '../../policy/column-mask.ts';
import { evaluatePlan } from '../../policy/evaluate-plan.ts';
import { parseRowFilter } from '../../policy/row-filter.ts';
import type { GrantedAccess } from '../grant.ts';
import { underCeiling } from './ceiling.ts';

const COLUMNS: Column[] = ['region', 'store', 'email'].map((name, index) => ({
  id: index + 1,
  name,
  type: { kind: 'string' },
  required: false,
}));

const names = fc.constantFrom(...COLUMNS.map(({ name }) => name));
const mask = fc.constantFrom<ColumnMask>(
  { action: 'show-first-4' },
  { action: 'show-last-4' },
  { action: 'mask-alphanum' },
  { action: 'sha-256-global' },
  { action: 'replace-with-null' },
);
const filter = fc
  .tuple(names, fc.constantFrom('=', '<>', '<', '>='), fc.constantFrom('a', 'b', 'c'))
  .map(([name, sign, value]) => parseRowFilter(`${name} ${sign} '${value}'`));
const granted: fc.Arbitrary<GrantedAccess> = fc.record({
  columns: fc.option(fc.uniqueArray(names, { minLength: 1 }), { nil: null }),
  rowFilter: fc.option(filter, { nil: null }),
  masks: fc.dictionary(names, mask),
});
const asking = fc.option(fc.uniqueArray(names, { minLength: 1 }), { nil: null });
const rows = fc.array(
  fc.record({
    region: fc.constantFrom('a', 'b', 'c', null),
    store: fc.constantFrom('a', 'b', 'c', null),
    email: fc.constantFrom('a', 'b', 'c', null),
  }),
  { maxLength: 6 },
);

function planOf(grant: GrantedAccess) {
  return planAccess({
    dataset: {
      id: 'dts_1',
      domain: 'sales',
      product: 'orders',
      name: 'orders',
      columns: COLUMNS,
      columnTags: {},
      partTags: {},
    },
    principal: { id: 'usr_1', kind: 'person', domains: ['marketing'], attributes: {} },
    via: {
      kind: 'subscription',
      id: 'sub_1',
      domain: 'marketing',
      grant: { ...grant, purpose: 'plan', until: null },
    },
    restrictions: [],
    now: '2026-11-27T09:00:00.000Z',
  });
}

test('whatever a delegate gives, it shows no row, column or value more than the ceiling and than what they said', () => {
  fc.assert(
    fc.property(
      granted,
      granted,
      fc.record({ asked: asking, data: rows }),
      (said, ceiling, { asked, data }) => {
        const exceeds = (said.columns ?? []).some((name) => !(ceiling.columns ?? [name]).includes(name));
        const named = said.columns ?? asked ?? ceiling.columns;
        const isNothing = named?.every((name) => !(ceiling.columns ?? [name]).includes(name)) ?? false;
        if (exceeds || isNothing) {
          expect(() => underCeiling(said, ceiling, asked)).toThrow('more than the delegation allows');
          return;
        }
        const both = underCeiling(said, ceiling, asked);
        const given = planOf(both);
        const beyond = (both.columns ?? []).filter(
          (name) => !(said.columns ?? asked ?? [name]).includes(name),
        );
        expect(beyond).toEqual([]);
        for (const wider of [planOf(ceiling), planOf(said)]) {
          const shown = (plan: typeof given) =>
            evaluatePlan(plan, data, { querySalt: 'x'.repeat(16) }).length;
          expect(shown(given)).toBeLessThanOrEqual(shown(wider));
          for (const column of given.columns) {
            const other = wider.columns.find(({ name }) => name === column.name);
            expect(other).toBeDefined();
            const both = [column.mask, other!.mask].filter((one) => one !== null);
            expect(strictestMask(both)).toEqual(column.mask);
          }
        }
      },
    ),
    { numRuns: 300 },
  );
});

test('a delegate who names no columns gives those asked for that the ceiling has, and never none', () => {
  const nothing = { columns: null, rowFilter: null, masks: {} };
  const ceiling = { ...nothing, columns: ['region', 'store'] };
  expect(underCeiling(nothing, ceiling, ['email', 'store']).columns).toEqual(['store']);
  expect(underCeiling(nothing, ceiling, null).columns).toEqual(['region', 'store']);
  expect(underCeiling(nothing, nothing, ['email']).columns).toEqual(['email']);
  expect(() => underCeiling(nothing, ceiling, ['email'])).toThrow('more than the delegation allows');
});
