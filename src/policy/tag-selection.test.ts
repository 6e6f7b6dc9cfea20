import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Column } from '../base/data-type.ts';
import { planAccess, type PlanFacts } from './access-plan.ts';
import type { Tags } from './action.ts';
import type { TagExpression } from './tags.ts';

const NAMES = ['id', 'constructor', 'address'];
const columns: Column[] = NAMES.map((name, index) => ({
  ...{ id: index + 1, name, required: false },
  type: { kind: 'string' },
}));

const anyTags: fc.Arbitrary<Tags> = fc.dictionary(
  fc.constantFrom('class', 'topic', 'constructor'),
  fc.constantFrom('open', 'secret'),
  { noNullPrototype: true },
);
const anyExpression: fc.Arbitrary<TagExpression> = fc.dictionary(
  fc.constantFrom('class', 'topic', 'constructor'),
  fc.subarray(['open', 'secret'], { minLength: 1 }),
  { noNullPrototype: true },
);
const perColumn = <Value>(value: fc.Arbitrary<Value>) =>
  fc.tuple(value, value, value).map((all) => Object.fromEntries(NAMES.map((name, at) => [name, all[at]!])));

/** In words of its own: of every key that the expression names the thing has a value that it names. */
function fits(tags: Tags, expression: TagExpression): boolean {
  const own = new Map(Object.entries(tags));
  const wanted = Object.entries(expression);
  return (
    wanted.filter(([key, values]) => values.some((value) => own.get(key) === value)).length === wanted.length
  );
}

test('restrictions select a column by any of its parts, grants give it by all of them', () => {
  const anyCase = fc.record({
    columnTags: perColumn(anyTags),
    partTags: perColumn(fc.array(anyTags, { maxLength: 2 })),
    granted: fc.option(anyExpression),
    named: fc.option(fc.subarray(NAMES)),
    hidden: fc.option(anyExpression),
  });
  fc.assert(
    fc.property(anyCase, ({ columnTags, partTags, granted, named, hidden }) => {
      const facts: PlanFacts = {
        dataset: {
          id: 'dts_1',
          domain: 'sales',
          product: 'shop',
          name: 'orders',
          columns,
          columnTags,
          partTags,
        },
        principal: { id: 'usr_1', kind: 'person', domains: ['media'], attributes: {} },
        via: {
          ...{ kind: 'subscription', id: 'sub_1', domain: 'media' },
          grant: {
            ...{ columns: named, rowFilter: null, masks: {}, purpose: 'plan', until: null },
            ...(granted && { tags: granted }),
          },
        },
        restrictions: hidden
          ? [{ id: 'rst_1', level: 'mesh', name: 'r', appliesTo: { tags: hidden }, hide: true }]
          : [],
        now: '2026-03-02T09:00:00Z',
      };
      const shown = planAccess(facts).columns.map(({ name }) => name);
      const expected = NAMES.filter((name) => {
        const within = [columnTags[name]!, ...partTags[name]!];
        if (named !== null && !named.includes(name)) return false;
        if (granted !== null && within.some((tags) => !fits(tags, granted))) return false;
        return hidden === null || within.every((tags) => !fits(tags, hidden));
      });
      expect(shown).toEqual(expected);
    }),
    { numRuns: 500 },
  );
});
