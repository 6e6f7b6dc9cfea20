import { quoteIdentifier, type Column, type DataType } from '../../base/data-type.ts';
import { MeshError } from '../../base/errors.ts';
import { isAttribute, operandsOf, type Operand, type RowFilter } from '../row-filter-model.ts';
import { trinoConstant } from './trino-literal.ts';
import { sqlText } from './sql-literal.ts';

/** The bound filter as a Trino condition over the table's columns, with the meaning of `evaluateRowFilter`. */
export function trinoFilter(filter: RowFilter, columns: Column[]): string {
  switch (filter.op) {
    case 'true':
      return 'TRUE';
    case 'false':
      return 'FALSE';
    case 'and':
      return joined(filter.terms, { columns, word: 'AND', empty: 'TRUE' });
    case 'or':
      return joined(filter.terms, { columns, word: 'OR', empty: 'FALSE' });
    case 'not':
      return `NOT (${trinoFilter(filter.term, columns)})`;
    default:
      return trinoTest(filter, typeOf(filter.column, columns));
  }
}

function joined(terms: RowFilter[], join: { columns: Column[]; word: string; empty: string }): string {
  if (terms.length === 0) return join.empty;
  return terms.map((term) => `(${trinoFilter(term, join.columns)})`).join(` ${join.word} `);
}

function trinoTest(filter: Extract<RowFilter, { column: string }>, type: DataType): string {
  const column = quoteIdentifier(filter.column);
  switch (filter.op) {
    case 'is-null':
      return `${column} IS NULL`;
    case 'like':
      return `starts_with(${column}, ${sqlText(filter.prefix)})`;
    case 'compare': {
      const test = `${column} ${filter.operator} ${constantSql(filter.value, type)}`;
      return filter.operator === '>' || filter.operator === '>=' ? orNaN(test, column, type) : test;
    }
    case 'between':
      // NaN is above every bound, which is what Trino makes of it too: never between.
      return `${column} BETWEEN ${constantSql(filter.low, type)} AND ${constantSql(filter.high, type)}`;
    case 'in':
      return `${column} IN (${operandsOf(filter)
        .map((operand) => constantSql(operand, type))
        .join(', ')})`;
  }
}

/** To Trino NaN is above nothing; to us it is above every number. */
function orNaN(test: string, column: string, type: DataType): string {
  if (type.kind !== 'float' && type.kind !== 'double') return test;
  return `(${test} OR is_nan(${column}))`;
}

function constantSql(operand: Operand, type: DataType): string {
  if (isAttribute(operand)) {
    throw new MeshError('internal', { detail: `unbound attribute principal.${operand.attribute}` });
  }
  return trinoConstant(operand, type);
}

function typeOf(name: string, columns: Column[]): DataType {
  const column = columns.find((one) => one.name === name);
  if (!column)
    throw new MeshError('internal', { detail: `the plan's filter reads ${name}, which it does not list` });
  return column.type;
}
