import { quoteIdentifier, type Column, type DataType } from '../../base/data-type.ts';
import { MeshError } from '../../base/errors.ts';
import { isAttribute, operandsOf, type Operand, type RowFilter } from '../row-filter-model.ts';
import { duckdbConstant } from './duckdb-literal.ts';
import { sqlText } from './sql-literal.ts';

export interface FilterScope {
  /** The columns the filter may read. */
  columns: Column[];
  /** Alias of the relation; every name is qualified, so that no output alias can take its place. */
  alias: string;
}

/** The bound filter as a DuckDB condition with the meaning of `evaluateRowFilter`. */
export function duckdbFilter(filter: RowFilter, scope: FilterScope): string {
  switch (filter.op) {
    case 'true':
      return 'TRUE';
    case 'false':
      return 'FALSE';
    case 'and':
      return joined(filter.terms, { scope, word: 'AND', empty: 'TRUE' });
    case 'or':
      return joined(filter.terms, { scope, word: 'OR', empty: 'FALSE' });
    case 'not':
      return `NOT (${duckdbFilter(filter.term, scope)})`;
    default:
      return duckdbTest(filter, scope);
  }
}

function joined(terms: RowFilter[], join: { scope: FilterScope; word: string; empty: string }): string {
  if (terms.length === 0) return join.empty;
  return terms.map((term) => `(${duckdbFilter(term, join.scope)})`).join(` ${join.word} `);
}

function duckdbTest(filter: Extract<RowFilter, { column: string }>, scope: FilterScope): string {
  const type = typeOf(filter.column, scope.columns);
  const column = `${quoteIdentifier(scope.alias)}.${quoteIdentifier(filter.column)}`;
  switch (filter.op) {
    case 'is-null':
      return `${column} IS NULL`;
    case 'like':
      return `starts_with(${column}, ${sqlText(filter.prefix)})`;
    case 'compare':
      return `${column} ${filter.operator} ${constantSql(filter.value, type)}`;
    case 'between':
      return `${column} BETWEEN ${constantSql(filter.low, type)} AND ${constantSql(filter.high, type)}`;
    case 'in':
      return `${column} IN (${operandsOf(filter)
        .map((operand) => constantSql(operand, type))
        .join(', ')})`;
  }
}

function constantSql(operand: Operand, type: DataType): string {
  if (isAttribute(operand)) {
    throw new MeshError('internal', { detail: `unbound attribute principal.${operand.attribute}` });
  }
  return duckdbConstant(operand, type);
}

function typeOf(name: string, columns: Column[]): DataType {
  const column = columns.find((one) => one.name === name);
  if (!column)
    throw new MeshError('internal', { detail: `the plan's filter reads ${name}, which it does not list` });
  return column.type;
}
