import type { Column } from '../../src/base/data-type.ts';
import { evaluateRowFilter } from '../../src/policy/row-filter-evaluate.ts';
import type { Row } from '../../src/policy/row-value.ts';
import type { FuzzQuery } from './cases.ts';
import { valueText } from './texts.ts';

/** What naming a hidden column answers. */
export const NO_SUCH_COLUMN = 'no such column';

/** What a query answers over rows as the plan shows them, without an engine. */
export function answer(query: FuzzQuery, rows: Row[], columns: Column[]): (string | null)[][] {
  if (query.kind === 'columns') return columns.map(({ name }) => [name]);
  if (query.kind === 'hidden') return [[NO_SUCH_COLUMN]];
  const { where } = query;
  const found = where ? rows.filter((row) => evaluateRowFilter(where, row, columns) === true) : rows;
  const textOf = (row: Row, name: string) =>
    valueText(row[name] ?? null, columns.find((column) => column.name === name)!.type);
  switch (query.kind) {
    case 'select':
      return found.map((row) => query.columns.map((name) => textOf(row, name)));
    case 'count': {
      const { column } = query;
      const counted = column === null ? found : found.filter((row) => textOf(row, column) !== null);
      return [[String(counted.length)]];
    }
    case 'group':
      return groupsOf(found.map((row) => textOf(row, query.column)));
  }
}

function groupsOf(texts: (string | null)[]): (string | null)[][] {
  const counts = new Map<string | null, number>();
  for (const text of texts) counts.set(text, (counts.get(text) ?? 0) + 1);
  return [...counts].map(([text, count]) => [text, String(count)]);
}
