import type { Column, DataType } from '../base/data-type.ts';
import { MeshError } from '../base/errors.ts';
import {
  isAttribute,
  operandsOf,
  type CompareOperator,
  type Operand,
  type RowFilter,
} from './row-filter-model.ts';
import { comparableOf, compareValues, type Comparable, type Row } from './row-value.ts';

/**
 * What SQL says of the filter on one row: true, false or `null` for unknown; only true shows the row.
 * This is the meaning that every door is tested against; the filter must be bound.
 */
export function evaluateRowFilter(filter: RowFilter, row: Row, columns: Column[]): boolean | null {
  const types = new Map(columns.map((column) => [column.name, column.type]));
  return evaluate(filter, { row, types });
}

interface Scope {
  row: Row;
  types: Map<string, DataType>;
}

function evaluate(filter: RowFilter, scope: Scope): boolean | null {
  switch (filter.op) {
    case 'true':
      return true;
    case 'false':
      return false;
    case 'and':
      return allOf(filter.terms.map((term) => evaluate(term, scope)));
    case 'or':
      return not(allOf(filter.terms.map((term) => not(evaluate(term, scope)))));
    case 'not':
      return not(evaluate(filter.term, scope));
    case 'is-null':
      return (scope.row[filter.column] ?? null) === null;
    case 'like':
      return startsWith(scope.row[filter.column] ?? null, filter.prefix);
    default:
      return evaluateComparison(filter, scope);
  }
}

/** Kleene's conjunction: false decides, then unknown. */
function allOf(terms: (boolean | null)[]): boolean | null {
  if (terms.includes(false)) return false;
  return terms.includes(null) ? null : true;
}

function not(value: boolean | null): boolean | null {
  return value === null ? null : !value;
}

function startsWith(value: Row[string], prefix: string): boolean | null {
  return value === null ? null : String(value).startsWith(prefix);
}

function evaluateComparison(
  filter: Extract<RowFilter, { op: 'compare' | 'between' | 'in' }>,
  scope: Scope,
): boolean | null {
  const type = scope.types.get(filter.column);
  const value = scope.row[filter.column] ?? null;
  if (!type) throw new MeshError('internal', { detail: `filter on unknown column ${filter.column}` });
  if (value === null) return null;
  const left = exactly(comparableOf(type, value), filter.column);
  const right = (operand: Operand) => constantOf(operand, { type, column: filter.column });
  switch (filter.op) {
    case 'compare':
      return compare(left, filter.operator, right(filter.value));
    case 'between':
      return compare(left, '>=', right(filter.low)) && compare(left, '<=', right(filter.high));
    case 'in':
      return operandsOf(filter).some((operand) => compare(left, '=', right(operand)));
  }
}

function constantOf(operand: Operand, { type, column }: { type: DataType; column: string }): Comparable {
  if (isAttribute(operand)) {
    throw new MeshError('internal', { detail: `unbound attribute principal.${operand.attribute}` });
  }
  return exactly(comparableOf(type, operand.value), column);
}

function exactly(value: Comparable | null, column: string): Comparable {
  if (value === null)
    throw new MeshError('internal', { detail: `a value does not fit the type of ${column}` });
  return value;
}

function compare(left: Comparable, operator: CompareOperator, right: Comparable): boolean {
  const order = compareValues(left, right);
  switch (operator) {
    case '=':
      return order === 0;
    case '<>':
      return order !== 0;
    case '<':
      return order < 0;
    case '<=':
      return order <= 0;
    case '>':
      return order > 0;
    case '>=':
      return order >= 0;
  }
}
