import { typeName } from '../../src/base/data-type.ts';
import { printRowFilter } from '../../src/policy/row-filter-print.ts';
import type { Difference } from './compare.ts';
import type { FuzzCase } from './cases.ts';
import { valueText } from './texts.ts';

/** A failing case as a person reads it; its seed finds it again. */
export function describeCase({ name, table, facts }: FuzzCase, [difference]: Difference[]): string {
  const [seed] = name.split(':');
  const grant = facts.via.kind === 'subscription' ? facts.via.grant : null;
  return [
    `case ${name}, again by: npm run fuzz -- --cases 25 --seed ${seed}`,
    ...table.columns.map(({ id, name: column, type, required }) =>
      ['  column', id, JSON.stringify(column), typeName(type), required ? 'required' : ''].join(' '),
    ),
    ...table.rows.map(
      (row) =>
        `  row ${JSON.stringify(table.columns.map((column) => valueText(row[column.name] ?? null, column.type)))}`,
    ),
    `  attributes ${JSON.stringify(facts.principal.attributes)}`,
    `  tags ${JSON.stringify(facts.dataset.columnTags)}`,
    ...(grant ? [`  grant ${withFilter(grant)}`] : ['  own domain']),
    ...facts.restrictions.map((restriction) => `  restriction ${withFilter(restriction)}`),
    ...(difference
      ? [`  ${difference.door} expected:`, difference.expected, '  found:', difference.found]
      : []),
  ].join('\n');
}

function withFilter(rule: { rowFilter?: Parameters<typeof printRowFilter>[0] | null }): string {
  const { rowFilter, ...rest } = rule;
  return `${JSON.stringify(rest)}${rowFilter ? ` where ${printRowFilter(rowFilter)}` : ''}`;
}
