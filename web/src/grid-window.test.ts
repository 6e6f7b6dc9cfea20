import fc from 'fast-check';
import { expect, test } from 'vitest';
import { columnWidths, visibleRows } from './grid-window.ts';

test('every row on screen is drawn, and never more than the screen and some to spare', () => {
  const view = fc.record({
    top: fc.nat(10_000_000),
    height: fc.nat(3_000),
    rowHeight: fc.integer({ min: 1, max: 60 }),
    count: fc.nat(100_000),
  });
  fc.assert(
    fc.property(view, ({ top, height, rowHeight, count }) => {
      const { from, to } = visibleRows({ top, height, rowHeight, count });
      expect(0 <= from && from <= to && to <= count).toBe(true);
      expect(to - from).toBeLessThanOrEqual(Math.ceil(height / rowHeight) + 26);
      for (const row of [Math.floor(top / rowHeight), Math.floor((top + height) / rowHeight)]) {
        if (row < count) expect(from <= row && row <= to).toBe(true);
      }
    }),
  );
});

test('widths follow header and values, within bounds', () => {
  const columns = [
    { name: 'a', type: 'int' },
    { name: 'text', type: 'string' },
  ];
  const [narrow, wide] = columnWidths(columns, [
    [1, 'x'.repeat(500)],
    [null, null],
  ]);
  expect(narrow).toBe(11);
  expect(wide).toBe(48);
});
