import { expect, test } from 'vitest';
import { pathThrough, placeOf, scaleOf } from './chart-scale.ts';

test('the largest value is at the top, the smallest at the bottom, a flat line in the middle', () => {
  const scale = scaleOf([10, 30, 20], 100);
  expect([scale(30), scale(20), scale(10)]).toEqual([0, 50, 100]);
  expect(scaleOf([7, 7], 100)(7)).toBe(50);
});

test('points go from left to right, a single one is now', () => {
  expect([0, 1, 2].map((index) => placeOf(index, 3, 200))).toEqual([0, 100, 200]);
  expect(placeOf(0, 1, 200)).toBe(200);
});

test('a missing value interrupts the line', () => {
  const point = (x: number) => ({ x, y: 1 });
  expect(pathThrough([point(0), point(1), null, point(3)])).toBe('M0 1 L1 1 M3 1');
  expect(pathThrough([])).toBe('');
});
