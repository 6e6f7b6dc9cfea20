import fc from 'fast-check';
import { expect, test } from 'vitest';
import { FairQueue } from './fair-queue.ts';

const arrivals = fc.array(fc.constantFrom('a', 'b', 'c'), { maxLength: 40 });

function drain(callers: string[]): { caller: string; at: number }[] {
  const queue = new FairQueue<{ caller: string; at: number }>();
  callers.forEach((caller, at) => queue.push(caller, { caller, at }));
  const out = [];
  for (let item = queue.shift(); item; item = queue.shift()) out.push(item);
  expect(queue.size).toBe(0);
  return out;
}

test('everything comes out once, and each caller in its own order', () => {
  fc.assert(
    fc.property(arrivals, (callers) => {
      const out = drain(callers);
      expect(out.map((item) => item.at).sort((a, b) => a - b)).toEqual(callers.map((_, at) => at));
      for (const caller of ['a', 'b', 'c']) {
        const own = out.filter((item) => item.caller === caller).map((item) => item.at);
        expect(own).toEqual([...own].sort((a, b) => a - b));
      }
    }),
  );
});

test('nobody waits for more than one turn of each other caller', () => {
  fc.assert(
    fc.property(arrivals, (callers) => {
      const out = drain(callers).map((item) => item.caller);
      for (const caller of new Set(out)) {
        const turns = out.flatMap((one, at) => (one === caller ? [at] : []));
        turns.slice(1).forEach((turn, at) => expect(turn - turns[at]!).toBeLessThanOrEqual(3));
      }
    }),
  );
});

test('an item that gave up is not served', () => {
  const queue = new FairQueue<number>();
  queue.push('a', 1);
  queue.push('a', 2);
  expect(queue.remove(1)).toBe(true);
  expect(queue.remove(1)).toBe(false);
  expect([queue.shift(), queue.shift()]).toEqual([2, undefined]);
});
