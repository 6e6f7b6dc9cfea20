import fc from 'fast-check';
import { expect, test } from 'vitest';
import { median, medianDeviation, type Past, type RangeRules, usualRange } from './usual-range.ts';

const RULES: RangeRules = { minimumHistory: 7, deviations: 4, relativeFloor: 0.02, absoluteFloor: 0 };
const DAY = 86_400_000;
const MONDAY = Date.parse('2026-03-02T06:00:00Z');

/** A release each day from a Monday on. */
const daily = (values: number[]): Past[] =>
  values.map((value, day) => ({ value, at: new Date(MONDAY + day * DAY) }));
const dayAfter = (values: unknown[]) => new Date(MONDAY + values.length * DAY);

/** Shares and counts; below a millionth a double loses digits, and nothing that is measured is there. */
const value = fc.oneof(
  fc.nat(10 ** 12),
  fc.integer({ min: 1, max: 10 ** 6 }).map((one) => one / 10 ** 6),
);
const history = fc.array(value, { minLength: 7, maxLength: 60 });

test('median and median deviation of known values', () => {
  expect(median([3, 1, 2])).toBe(2);
  expect(median([4, 1, 3, 2])).toBe(2.5);
  expect(medianDeviation([1, 1, 2, 2, 4, 6, 9], 2)).toBe(1);
});

test('a short history says nothing', () => {
  expect(usualRange(daily([1, 1, 1, 1, 1, 1]), dayAfter([]), RULES)).toBeNull();
  expect(usualRange([], dayAfter([]), { ...RULES, minimumHistory: 0 })).toBeNull();
});

test('a constant history never excludes its value, however narrow the rules', () => {
  const rules = { ...RULES, relativeFloor: 0, absoluteFloor: 0 };
  fc.assert(
    fc.property(value, fc.integer({ min: 7, max: 60 }), (same, length) => {
      const range = usualRange(daily(Array(length).fill(same)), dayAfter([]), rules)!;
      expect(range.low <= same && same <= range.high).toBe(true);
    }),
  );
});

test('the order of the history does not matter', () => {
  const shuffled = history.chain((values) => {
    const past = daily(values);
    return fc.tuple(fc.constant(past), fc.shuffledSubarray(past, { minLength: past.length }));
  });
  fc.assert(
    fc.property(shuffled, ([past, other]) => {
      expect(usualRange(other, dayAfter(past), RULES)).toEqual(usualRange(past, dayAfter(past), RULES));
    }),
  );
});

test('a history times two gives the range times two', () => {
  fc.assert(
    fc.property(history, (values) => {
      const range = usualRange(daily(values), dayAfter(values), RULES)!;
      const doubled = usualRange(daily(values.map((one) => one * 2)), dayAfter(values), RULES)!;
      expect(doubled).toEqual({
        ...range,
        low: range.low * 2,
        high: range.high * 2,
        median: range.median * 2,
      });
    }),
  );
});

test('a minority of outliers does not widen the range beyond the spread of the rest', () => {
  const calm = Array.from({ length: 20 }, (_, day) => 1_000 + (day % 3) * 10);
  const wild = calm.map((one, day) => (day % 6 === 0 ? one * 50 : one));
  const range = usualRange(daily(wild), dayAfter(wild), RULES)!;
  expect(range.high).toBeLessThan(1_100);
  expect(range.low).toBeGreaterThan(900);
});

test('where weekends are quiet, a Sunday is compared with Sundays', () => {
  const weeks = Array.from({ length: 35 }, (_, day) => (day % 7 >= 5 ? 100 + (day % 3) : 1_000 + (day % 5)));
  const monday = usualRange(daily(weeks), dayAfter(weeks), RULES)!;
  expect(monday).toMatchObject({ weekday: true, count: 5 });
  expect(monday.low).toBeGreaterThan(900);
  const saturday = usualRange(daily(weeks), new Date(MONDAY + 40 * DAY), RULES)!;
  expect(saturday.high).toBeLessThan(200);
});

test('without a rhythm the whole history counts', () => {
  const even = Array.from({ length: 35 }, (_, day) => 1_000 + ((day * 7) % 11));
  expect(usualRange(daily(even), dayAfter(even), RULES)).toMatchObject({ weekday: false, count: 35 });
});
