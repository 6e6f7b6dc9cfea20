import { stripVTControlCharacters, styleText } from 'node:util';
import type { Problem } from '../base/errors.ts';

/** Where a command writes: results to standard output, everything said about them to standard error. */
export interface Output {
  json: boolean;
  color: boolean;
  write(text: string): void;
  say(text: string): void;
}

export type Cell = string | number | boolean | null | undefined;

/** Prints a table with aligned columns; numbers to the right. */
export function printTable(out: Output, columns: string[], rows: Cell[][]): void {
  const texts = rows.map((row) => row.map(cellText));
  const widths = columns.map((name, index) =>
    Math.max(width(name), ...texts.map((row) => width(row[index] ?? ''))),
  );
  const numeric = columns.map(
    (_, index) => rows.length > 0 && rows.every((row) => typeof row[index] === 'number'),
  );
  const line = (cells: string[]) =>
    cells
      .map((cell, index) => pad(cell, widths[index] ?? 0, numeric[index] === true))
      .join('  ')
      .trimEnd();
  out.write(`${bold(out, line(columns))}\n`);
  out.write(`${widths.map((size) => '─'.repeat(size)).join('  ')}\n`);
  for (const row of texts) out.write(`${line(row)}\n`);
}

/** Control characters of data must not reach the terminal: they could rewrite what was printed before. */
export function cellText(cell: Cell): string {
  if (cell === null || cell === undefined) return '';
  return stripVTControlCharacters(String(cell)).replace(/\p{Cc}/gu, ' ');
}

function pad(text: string, size: number, right: boolean): string {
  const space = ' '.repeat(Math.max(0, size - width(text)));
  return right ? space + text : text + space;
}

/** Columns a text takes: code points, which is right for all but wide and joined characters. */
function width(text: string): number {
  return [...text].length;
}

/** One line for each problem, behind the place it is at. */
export function printProblems(write: (text: string) => void, problems: readonly Problem[]): void {
  for (const { place, pointer, message } of problems) {
    const where = place ?? pointer ?? '';
    write(`  ${where === '' ? '' : `${cellText(where)}  `}${cellText(message)}\n`);
  }
}

export function bold(out: Output, text: string): string {
  return out.color ? styleText('bold', text, { validateStream: false }) : text;
}

export function red(out: Output, text: string): string {
  return out.color ? styleText('red', text, { validateStream: false }) : text;
}

export function dim(out: Output, text: string): string {
  return out.color ? styleText('dim', text, { validateStream: false }) : text;
}

/** `12,345`: how people read counts. */
export function count(number: number): string {
  return number.toLocaleString('en-US');
}
