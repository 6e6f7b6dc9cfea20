import type { Column, DataType } from '../../base/data-type.ts';
import type { AccessPlan } from '../access-plan-model.ts';
import { fitConstant } from '../row-filter-fit.ts';
import type { CompareOperator, Constant } from '../row-filter-model.ts';
import { compiled, type Compiled } from './compiled.ts';
import { boundsOf, isFloating } from './floating.ts';
import { twoValued, type Predicate } from './two-valued.ts';

/** Delta Sharing, "JSON predicates for Filtering". */
export type DeltaPredicate =
  | { op: 'column'; name: string; valueType: string }
  | { op: 'literal'; value: string; valueType: string }
  | { op: 'isNull' | 'not' | 'and' | 'or' | DeltaComparison; children: DeltaPredicate[] };

type DeltaComparison = 'equal' | 'lessThan' | 'lessThanOrEqual' | 'greaterThan' | 'greaterThanOrEqual';

/** The types that a predicate can hold; a timestamp of Delta is an instant. */
const VALUE_TYPES: Partial<Record<DataType['kind'], string>> = {
  boolean: 'bool',
  int: 'int',
  long: 'long',
  string: 'string',
  date: 'date',
  float: 'float',
  double: 'double',
  timestamptz: 'timestamp',
};

/**
 * The plan's rows as a JSON predicate; `null` where every row is shown. Predicates are hints: a server that
 * has given whole files away has protected nothing, so a door uses this to leave files out, and what it gives
 * has been filtered before. Masks and hidden columns have no form at all.
 */
export function compileDelta(plan: AccessPlan): Compiled<DeltaPredicate | null> {
  const reasons = [
    ...plan.hidden.map(({ name }) => `the column ${name} is hidden, and a shared file holds all its columns`),
    ...plan.columns.flatMap(({ name, mask }) =>
      mask ? [`the column ${name} is masked, and Delta Sharing has no masks`] : [],
    ),
  ];
  if (plan.rowFilter.op === 'true') return compiled(null, reasons);
  const predicate = new Writer(plan.filterColumns, reasons).write(twoValued(plan.rowFilter));
  return compiled(predicate, reasons);
}

class Writer {
  readonly #columns: Map<string, Column>;
  readonly #reasons: string[];

  constructor(columns: Column[], reasons: string[]) {
    this.#columns = new Map(columns.map((column) => [column.name, column]));
    this.#reasons = reasons;
  }

  write(predicate: Predicate): DeltaPredicate {
    switch (predicate.op) {
      case 'true':
      case 'false':
        return this.#refuse('a predicate cannot be a constant');
      case 'and':
      case 'or':
        return this.#writeTerms(predicate.op, predicate.terms);
      case 'is-null':
        return this.#isNull(predicate.column);
      case 'not-null':
        return { op: 'not', children: [this.#isNull(predicate.column)] };
      case 'starts-with':
      case 'not-starts-with':
        return this.#refuse('a predicate has no test for the beginning of a text');
      case 'compare':
        return this.#compare(predicate.column, predicate.operator, predicate.value);
      case 'in':
      case 'not-in': {
        const operator = predicate.op === 'in' ? '=' : '<>';
        const each = predicate.values.map((value) => this.#compare(predicate.column, operator, value));
        return joined(predicate.op === 'in' ? 'or' : 'and', each);
      }
    }
  }

  /** Constants have no form, but within others they decide or say nothing. */
  #writeTerms(op: 'and' | 'or', terms: Predicate[]): DeltaPredicate {
    const [decides, neutral] = op === 'and' ? ['false', 'true'] : ['true', 'false'];
    if (terms.some((term) => term.op === decides)) return this.write({ op: decides as 'true' | 'false' });
    const left = terms.filter((term) => term.op !== neutral);
    if (left.length === 0) return this.write({ op: neutral as 'true' | 'false' });
    return joined(
      op,
      left.map((term) => this.write(term)),
    );
  }

  /** Any type may be tested for null; the value type is then of no weight. */
  #isNull(name: string): DeltaPredicate {
    const { kind } = this.#columns.get(name)!.type;
    return { op: 'isNull', children: [{ op: 'column', name, valueType: VALUE_TYPES[kind] ?? 'string' }] };
  }

  #compare(name: string, operator: CompareOperator, value: Constant): DeltaPredicate {
    const { type } = this.#columns.get(name)!;
    const valueType = VALUE_TYPES[type.kind];
    if (valueType === undefined) return this.#refuse(`a predicate has no values of type ${type.kind}`);
    if (type.kind === 'string' && operator !== '=' && operator !== '<>') {
      return this.#refuse('Delta Sharing does not say in which order texts are');
    }
    const column: DeltaPredicate = { op: 'column', name, valueType };
    const test = (one: CompareOperator, text: string) =>
      written(one, [column, { op: 'literal', value: text, valueType }], isFloating(type));
    if (!isFloating(type)) return test(operator, literalText(value, type));
    const bounds = boundsOf(operator, value, type);
    return joined(
      bounds.all ? 'and' : 'or',
      bounds.tests.map((one) => test(one.operator, String(one.value))),
    );
  }

  #refuse(reason: string): DeltaPredicate {
    this.#reasons.push(reason);
    return { op: 'or', children: [] };
  }
}

const COMPARISONS = {
  '=': 'equal',
  '<': 'lessThan',
  '<=': 'lessThanOrEqual',
  '>': 'greaterThan',
  '>=': 'greaterThanOrEqual',
} as const;

/**
 * There is no `unequal`. Of a floating column, above is written as not below: NaN is above every number to
 * some readers and beyond comparison to others, but to none below.
 */
function written(operator: CompareOperator, children: DeltaPredicate[], floating: boolean): DeltaPredicate {
  const not = (op: DeltaComparison): DeltaPredicate => ({ op: 'not', children: [{ op, children }] });
  if (operator === '<>') return not('equal');
  if (floating && operator === '>') return not('lessThanOrEqual');
  if (floating && operator === '>=') return not('lessThan');
  return { op: COMPARISONS[operator], children };
}

function joined(op: 'and' | 'or', children: DeltaPredicate[]): DeltaPredicate {
  return children.length === 1 ? children[0]! : { op, children };
}

function literalText(constant: Constant, type: DataType): string {
  const fitted = fitConstant(constant, type);
  const text = typeof fitted === 'string' ? fitted : String(fitted.value);
  return type.kind === 'timestamptz' ? text.replace(' ', 'T') : text;
}
