import { cellText } from './cell-text.ts';

/** Rows kept drawn above and below what is on screen. */
const SPARE_ROWS = 12;
const MIN_CHARACTERS = 7;
const MAX_CHARACTERS = 44;
const PADDING_CHARACTERS = 4;
/** Widths follow the first rows; a longer value further down is cut and shown whole on hover. */
const MEASURED_ROWS = 200;

interface View {
  /** Scrolled distance and height of the box, in pixels. */
  top: number;
  height: number;
  rowHeight: number;
  count: number;
}

/** The rows to draw: from `from`, up to but not including `to`. */
export function visibleRows({ top, height, rowHeight, count }: View): { from: number; to: number } {
  const first = Math.floor(top / rowHeight) - SPARE_ROWS;
  const last = Math.ceil((top + height) / rowHeight) + SPARE_ROWS;
  const from = Math.min(Math.max(first, 0), count);
  return { from, to: Math.max(from, Math.min(last, count)) };
}

/** The width of each column in characters, by its header and its first values. */
export function columnWidths(columns: { name: string; type: string }[], rows: unknown[][]): number[] {
  return columns.map(({ name, type }, index) => {
    let longest = Math.max(name.length, Math.min(type.length, 14));
    for (const row of rows.slice(0, MEASURED_ROWS)) {
      const value = row[index];
      longest = Math.max(longest, value === null || value === undefined ? 4 : cellText(value).length);
    }
    return Math.min(Math.max(longest, MIN_CHARACTERS), MAX_CHARACTERS) + PADDING_CHARACTERS;
  });
}
