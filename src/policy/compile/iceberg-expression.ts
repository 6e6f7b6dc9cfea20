import type { Column } from '../../base/data-type.ts';
import type { Constant, RowFilter } from '../row-filter-model.ts';
import { compiled, type Compiled } from './compiled.ts';
import { boundsOf, isFloating } from './floating.ts';
import { icebergValue, type IcebergValue } from './iceberg-value.ts';
import { twoValued, type Predicate } from './two-valued.ts';

/** Iceberg expressions, Appendix B: "JSON serialization", "Predicates". Print it with `icebergJson`. */
export type IcebergPredicate =
  | boolean
  | { type: 'and' | 'or'; left: IcebergPredicate; right: IcebergPredicate }
  | { type: 'is-null' | 'not-null' | 'is-nan'; child: Reference }
  | { type: Comparison; left: Reference; right: IcebergValue }
  | { type: 'in' | 'not-in'; child: Reference; values: IcebergValue[] };

type Comparison = 'lt' | 'lt-eq' | 'gt' | 'gt-eq' | 'eq' | 'not-eq' | 'starts-with' | 'not-starts-with';

/** By id where an expression is kept (read restrictions), by name where it is bound anew (residuals, scans). */
type Reference = { type: 'reference'; id: number } | { type: 'reference'; name: string };

export interface IcebergScope {
  /** The columns the filter may read. */
  columns: Column[];
  references: 'id' | 'name';
}

/** The bound filter as an Iceberg predicate: true exactly for the rows that the filter shows. */
export function icebergExpression(filter: RowFilter, scope: IcebergScope): Compiled<IcebergPredicate> {
  const reasons: string[] = [];
  const byName = new Map(scope.columns.map((column) => [column.name, column]));
  const write = (predicate: Predicate): IcebergPredicate => {
    if (predicate.op === 'true' || predicate.op === 'false') return predicate.op === 'true';
    if ('terms' in predicate) return balanced(predicate.op, predicate.terms.map(write));
    const column = byName.get(predicate.column);
    const usable = column !== undefined && (scope.references === 'name' || column.id !== undefined);
    if (!usable) {
      reasons.push(`the column ${predicate.column} has no field id`);
      return false;
    }
    return writeTest(predicate, column, referenceTo(column, scope.references));
  };
  return compiled(write(twoValued(filter)), reasons);
}

function referenceTo({ id, name }: Column, references: 'id' | 'name'): Reference {
  return references === 'id' ? { type: 'reference', id: id! } : { type: 'reference', name };
}

/** A pair of pairs, not a chain: readers walk expressions by recursion. */
function balanced(type: 'and' | 'or', terms: IcebergPredicate[]): IcebergPredicate {
  if (terms.length === 0) return type === 'and';
  if (terms.length === 1) return terms[0]!;
  const middle = terms.length >> 1;
  return { type, left: balanced(type, terms.slice(0, middle)), right: balanced(type, terms.slice(middle)) };
}

type Test = Extract<Predicate, { column: string }>;

function writeTest(test: Test, column: Column, child: Reference): IcebergPredicate {
  switch (test.op) {
    case 'is-null':
    case 'not-null':
      return { type: test.op, child };
    case 'starts-with':
    case 'not-starts-with':
      // Every text starts with the empty one; `not-null` stands beside.
      if (test.prefix === '') return test.op === 'starts-with';
      return { type: test.op, left: child, right: test.prefix };
    case 'compare':
      return writeCompare(test, column, child);
    case 'in':
    case 'not-in':
      return writeSet(test, column, child);
  }
}

const COMPARISONS = {
  '=': 'eq',
  '<>': 'not-eq',
  '<': 'lt',
  '<=': 'lt-eq',
  '>': 'gt',
  '>=': 'gt-eq',
} as const;

function writeCompare(
  { operator, value }: Pick<Extract<Test, { op: 'compare' }>, 'operator' | 'value'>,
  { type }: Column,
  left: Reference,
): IcebergPredicate {
  if (!isFloating(type)) return { type: COMPARISONS[operator], left, right: icebergValue(value, type) };
  const bounds = boundsOf(operator, value, type);
  const tests = bounds.tests.map((test): IcebergPredicate => ({
    ...{ type: COMPARISONS[test.operator], left, right: test.value },
  }));
  // "Comparisons": below and above are false of NaN, which to us is above every number.
  if (bounds.nan) tests.push({ type: 'is-nan', child: left });
  return balanced(bounds.all ? 'and' : 'or', tests);
}

/** Sets of floating numbers are compared one by one: readers differ on whether a set holds 0 and -0 as one. */
function writeSet(
  { op, values }: { op: 'in' | 'not-in'; values: Constant[] },
  column: Column,
  child: Reference,
): IcebergPredicate {
  if (values.length === 1 || isFloating(column.type)) {
    const operator = op === 'in' ? '=' : '<>';
    const each = values.map((value) => writeCompare({ operator, value }, column, child));
    return balanced(op === 'in' ? 'or' : 'and', each);
  }
  return { type: op, child, values: values.map((value) => icebergValue(value, column.type)) };
}
