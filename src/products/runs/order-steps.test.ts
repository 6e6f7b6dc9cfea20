import fc from 'fast-check';
import { expect, test } from 'vitest';
import { orderSteps } from './order-steps.ts';

/** Each dataset reads some of those before it; the list is shuffled. */
const graphs = fc
  .array(fc.array(fc.nat(12), { maxLength: 4 }), { maxLength: 12 })
  .map(
    (lists) =>
      new Map(lists.map((list, id) => [`d${id}`, list.filter((one) => one < id).map((one) => `d${one}`)])),
  )
  .chain((inputs) =>
    fc.record({
      inputs: fc.constant(inputs),
      ids: fc.shuffledSubarray([...inputs.keys()]),
    }),
  );

test('each dataset comes once, after those of the order that it reads', () => {
  fc.assert(
    fc.property(graphs, ({ inputs, ids }) => {
      const steps = orderSteps(ids, inputs);
      expect(steps.map(({ datasetId }) => datasetId).sort()).toEqual([...ids].sort());
      for (const [index, { datasetId, after }] of steps.entries()) {
        const before = steps.slice(0, index).map((step) => step.datasetId);
        const reads = (inputs.get(datasetId) ?? []).filter((id) => ids.includes(id));
        expect(new Set(after)).toEqual(new Set(reads));
        expect(before).toEqual(expect.arrayContaining(after));
      }
    }),
    { numRuns: 100 },
  );
});

test('a circle has no order', () => {
  const inputs = new Map([
    ['a', ['c']],
    ['b', ['a']],
    ['c', ['b']],
    ['d', []],
  ]);
  expect(orderSteps(inputs.keys(), inputs)).toEqual([{ datasetId: 'd', after: [] }]);
});
