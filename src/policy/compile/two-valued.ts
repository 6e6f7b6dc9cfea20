import { MeshError } from '../../base/errors.ts';
import {
  isAttribute,
  operandsOf,
  type CompareOperator,
  type Constant,
  type Operand,
  type RowFilter,
} from '../row-filter-model.ts';

/**
 * A condition for readers with two truth values only (Iceberg expressions, "Boolean logic"). Every test but
 * those for null stands beside a `not-null` of its column, so it does not matter what a reader holds of
 * comparisons with null; there is no negation, which is where readers differ most.
 */
export type Predicate =
  | { op: 'true' }
  | { op: 'false' }
  | { op: 'and' | 'or'; terms: Predicate[] }
  | { op: 'is-null' | 'not-null'; column: string }
  | { op: 'starts-with' | 'not-starts-with'; column: string; prefix: string }
  | { op: 'compare'; column: string; operator: CompareOperator; value: Constant }
  | { op: 'in' | 'not-in'; column: string; values: Constant[] };

/** True exactly for the rows for which the bound filter is true, false where it is false or unknown. */
export function twoValued(filter: RowFilter): Predicate {
  return where(filter, true);
}

/** Where the filter has this truth value; `unknown` is neither. */
function where(filter: RowFilter, wanted: boolean): Predicate {
  switch (filter.op) {
    case 'true':
    case 'false':
      return constant((filter.op === 'true') === wanted);
    case 'and':
    case 'or': {
      const all = (filter.op === 'and') === wanted;
      return joined(
        all ? 'and' : 'or',
        filter.terms.map((term) => where(term, wanted)),
      );
    }
    case 'not':
      return where(filter.term, !wanted);
    case 'is-null':
      return { op: wanted ? 'is-null' : 'not-null', column: filter.column };
    default:
      return { op: 'and', terms: [{ op: 'not-null', column: filter.column }, test(filter, wanted)] };
  }
}

function joined(op: 'and' | 'or', terms: Predicate[]): Predicate {
  if (terms.length === 0) return constant(op === 'and');
  return terms.length === 1 ? terms[0]! : { op, terms };
}

function constant(holds: boolean): Predicate {
  return holds ? { op: 'true' } : { op: 'false' };
}

type Test = Extract<RowFilter, { op: 'compare' | 'between' | 'in' | 'like' }>;

function test(filter: Test, wanted: boolean): Predicate {
  const { column } = filter;
  const compare = (operator: CompareOperator, operand: Operand): Predicate => ({
    ...{ op: 'compare', column, value: constantOf(operand) },
    operator: wanted ? operator : OPPOSITES[operator],
  });
  switch (filter.op) {
    case 'like':
      return { op: wanted ? 'starts-with' : 'not-starts-with', column, prefix: filter.prefix };
    case 'compare':
      return compare(filter.operator, filter.value);
    case 'between':
      return { op: wanted ? 'and' : 'or', terms: [compare('>=', filter.low), compare('<=', filter.high)] };
    case 'in':
      return { op: wanted ? 'in' : 'not-in', column, values: operandsOf(filter).map(constantOf) };
  }
}

/** Complete because the order of a column's values is total, NaN included (`compareValues`). */
const OPPOSITES: Record<CompareOperator, CompareOperator> = {
  '=': '<>',
  '<>': '=',
  '<': '>=',
  '<=': '>',
  '>': '<=',
  '>=': '<',
};

function constantOf(operand: Operand): Constant {
  if (isAttribute(operand)) {
    throw new MeshError('internal', { detail: `unbound attribute principal.${operand.attribute}` });
  }
  return operand;
}
