import { expect, test } from 'vitest';
import { findDeviations, summarizeDeviations } from './find-deviations.ts';
import type { Observation, PastObservation } from './observation.ts';
import { DEFAULT_SETTINGS, observationSettings } from './observation-settings.ts';

const DAY = 86_400_000;
const START = Date.parse('2026-03-02T06:00:00Z');
const AT = new Date(START + 20 * DAY);

/** A release with so many rows, of which so many have no region, and so many stores. */
function observed(rows: number, nulls = 0, stores = 40): Observation {
  const nothing = { minimum: null, maximum: null };
  return {
    rows,
    bytes: rows * 10,
    columns: [
      { id: 1, name: 'region', nulls, distinct: 4, ...nothing },
      { id: 2, name: 'store', nulls: 0, distinct: stores, ...nothing },
    ],
  };
}

/** Twenty days of about a hundred thousand rows, one in a hundred without a region. */
const past: PastObservation[] = Array.from({ length: 20 }, (_, day) => ({
  ...observed(100_000 + ((day * 7) % 5) * 500, 1_000 + (day % 3) * 20),
  at: new Date(START + day * DAY),
}));

const compare = (now: Observation, settings = DEFAULT_SETTINGS) =>
  findDeviations({ observed: now, at: AT, past, settings });

test('a release like the ones before has no deviation', () => {
  expect(compare(observed(101_000, 1_010))).toEqual([]);
});

test('half the volume is one deviation, with what is usual; stores that are missing with it are none of their own', () => {
  const found = compare(observed(12_403, 124, 20));
  expect(found.map(({ measure }) => measure)).toEqual(['rows']);
  expect(summarizeDeviations(found)).toMatch(/^12,403 rows, usually 9\d,\d{3} to 10\d,\d{3}$/);
});

test('more nulls than usual is a deviation, fewer is none; the words name the column and no share', () => {
  const found = compare(observed(101_000, 30_000));
  expect(found).toMatchObject([
    { measure: 'null-share', column: 'region', value: 30_000 / 101_000, count: 20 },
  ]);
  expect(summarizeDeviations(found)).toBe('more missing values than usual in region');
  expect(compare(observed(101_000, 0))).toEqual([]);
});

test('other distinct values at a usual volume are a deviation', () => {
  const found = compare(observed(101_000, 1_010, 12));
  expect(found).toMatchObject([{ measure: 'distinct', column: 'store', value: 12 }]);
  expect(summarizeDeviations(found)).toBe('an unusual number of different values in store');
});

test('an empty release and a first one do not break anything', () => {
  expect(compare(observed(0)).map(({ measure }) => measure)).toEqual(['rows']);
  expect(findDeviations({ observed: observed(5), at: AT, past: [], settings: DEFAULT_SETTINGS })).toEqual([]);
});

test('a contract turns deviations off, ignores columns, and wants a longer history; slips count as not said', () => {
  const settingsOf = (value: {}) =>
    observationSettings({
      apiVersion: 'v3.1.0',
      kind: 'DataContract',
      id: 'a',
      version: '1.0.0',
      customProperties: [{ property: 'observations', value }],
    });
  expect(compare(observed(5), settingsOf('off'))).toEqual([]);
  expect(compare(observed(101_000, 30_000), settingsOf({ ignore: ['region'] }))).toEqual([]);
  expect(compare(observed(5), settingsOf({ minimumHistory: 50 }))).toEqual([]);
  expect(settingsOf({ sensitivity: 'high', history: 1e9, minimumHistory: -4 })).toEqual({
    ...DEFAULT_SETTINGS,
    history: 200,
    minimumHistory: 3,
  });
  expect(settingsOf(['what'])).toEqual(DEFAULT_SETTINGS);
});
