import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Column } from '../base/data-type.ts';
import { bindRowFilter, missingAttributes } from './row-filter-bind.ts';
import { evaluateRowFilter } from './row-filter-evaluate.ts';
import type { Operand, RowFilter } from './row-filter-model.ts';
import { parseRowFilter } from './row-filter-parse.ts';
import { printRowFilter } from './row-filter-print.ts';
import { allRowFilters, simplifyRowFilter } from './row-filter-simplify.ts';

const COLUMNS: Column[] = [{ name: 'region', type: { kind: 'string' }, required: false }];

const ME = { region: 'north', regions: ['north', 'south'], none: [], qty: '5' };

test.each([
  ['region = principal.region', "region = 'north'"],
  ['region in principal.regions', "region in ('north', 'south')"],
  ["region in ('east', principal.regions)", "region in ('east', 'north', 'south')"],
  ['region in principal.region', "region in ('north')"],
  ['qty between principal.qty and 9', "qty between '5' and 9"],
  ["region in ('east', principal.missing)", 'false'],
  ["region not in ('east', principal.missing)", 'false'],
  ['region = principal.missing', 'false'],
  ['region <> principal.missing', 'false'],
  ['region in principal.none', 'false'],
  ['region = principal.regions', 'false'],
  ['region = principal.constructor', 'false'],
  ["region = 'x' or region = principal.missing", "region = 'x' or false"],
  ['not region = principal.missing', 'false'],
  ["region = 'x' or not region in principal.none", 'false'],
  ['not not region = principal.missing', 'not not false'],
])('binds %s to %s', (text, expected) => {
  expect(printRowFilter(bindRowFilter(parseRowFilter(text), ME))).toBe(expected);
});

test('tells which attributes are missing', () => {
  expect(
    missingAttributes(parseRowFilter('a = principal.region or a in principal.none or a = principal.x'), ME),
  ).toEqual(['none', 'x']);
});

const tested: fc.Arbitrary<RowFilter> = fc.letrec<{ filter: RowFilter }>((tie) => ({
  filter: fc.oneof(
    { depthSize: 'small' },
    fc.record({
      op: fc.constant('compare'),
      column: fc.constant('region'),
      operator: fc.constantFrom('=', '<>', '<'),
      value: fc.constantFrom<Operand>({ value: 'north' }, { attribute: 'a' }, { attribute: 'b' }),
    }),
    fc.record({
      op: fc.constant('in'),
      column: fc.constant('region'),
      values: fc.constantFrom<Operand[] | { attribute: string }>({ attribute: 'a' }, [
        { value: 'x' },
        { attribute: 'b' },
      ]),
    }),
    fc.record({ op: fc.constantFrom('true', 'false', 'is-null'), column: fc.constant('region') }),
    fc.record({
      op: fc.constantFrom('and', 'or'),
      terms: fc.array(tie('filter'), { minLength: 1, maxLength: 3 }),
    }),
    fc.record({ op: fc.constant('not'), term: tie('filter') }),
  ) as fc.Arbitrary<RowFilter>,
})).filter;

const regionRow = fc.record({ region: fc.option(fc.constantFrom('north', 'south', 'x')) });

test('an attribute taken away never shows a row that some value of it would not', () => {
  const shows = (one: RowFilter, attributes: Record<string, string[]>, row: { region: string | null }) =>
    evaluateRowFilter(bindRowFilter(one, attributes), row, COLUMNS) === true;
  fc.assert(
    fc.property(tested, regionRow, (one, row) => {
      if (!shows(one, { b: ['south'] }, row)) return;
      for (const a of ['north', 'south', 'x', 'other'])
        expect(shows(one, { a: [a], b: ['south'] }, row)).toBe(true);
    }),
    { numRuns: 2_000 },
  );
});

test('simplifying changes no answer, and all filters together show what each shows', () => {
  const bound = tested.map((one) => bindRowFilter(one, { a: ['north'], b: ['south'] }));
  fc.assert(
    fc.property(fc.array(bound, { maxLength: 4 }), regionRow, (filters, row) => {
      for (const one of filters) {
        expect(evaluateRowFilter(simplifyRowFilter(one), row, COLUMNS)).toBe(
          evaluateRowFilter(one, row, COLUMNS),
        );
      }
      const shown = filters.every((one) => evaluateRowFilter(one, row, COLUMNS) === true);
      expect(evaluateRowFilter(allRowFilters(filters), row, COLUMNS) === true).toBe(shown);
      expect(allRowFilters([...filters].reverse())).toEqual(allRowFilters(filters));
    }),
    { numRuns: 1_000 },
  );
});

test.each([
  ['a is null or true', 'true'],
  ['a is null and (b is null or true)', 'a is null'],
  ['a is null and false', 'false'],
  ['a is null or false', 'a is null'],
  ['not (false and a is null)', 'true'],
  ['not not a is null', 'a is null'],
])('simplifies %s to %s', (text, expected) => {
  expect(printRowFilter(simplifyRowFilter(parseRowFilter(text)))).toBe(expected);
});

test('an unbound filter is never evaluated', () => {
  const one = parseRowFilter('region = principal.region');
  expect(() => evaluateRowFilter(one, { region: 'north' }, COLUMNS)).toThrow();
});
