import type { Column } from '../../src/base/data-type.ts';
import { COMPARE_OPERATORS, type Operand, type RowFilter } from '../../src/policy/row-filter-model.ts';
import type { Dice } from './dice.ts';
import { anyConstant, anyPrefix, NESTED } from './values.ts';

export interface FilterChoice {
  columns: Column[];
  /** Names of attributes that operands may be; none for a consumer's own condition. */
  attributes: string[];
  depth?: number;
}

/** A filter that `checkRowFilter` would take for these columns. */
export function anyFilter(dice: Dice, choice: FilterChoice): RowFilter {
  const depth = choice.depth ?? 3;
  if (depth === 0 || dice.once(3)) return anyTest(dice, choice);
  const inner = () => anyFilter(dice, { ...choice, depth: depth - 1 });
  switch (dice.upTo(8)) {
    case 0:
      return dice.once(2) ? { op: 'true' } : { op: 'false' };
    case 1:
    case 2:
      return { op: 'not', term: inner() };
    case 3:
    case 4:
      return { op: 'or', terms: dice.list(dice.between(1, 3), inner) };
    default:
      return { op: 'and', terms: dice.list(dice.between(1, 3), inner) };
  }
}

function anyTest(dice: Dice, { columns, attributes }: FilterChoice): RowFilter {
  const { name: column, type } = dice.pick(columns);
  if (type.kind === 'binary' || NESTED.includes(type.kind) || dice.once(8)) return { op: 'is-null', column };
  const operand = (): Operand =>
    attributes.length > 0 && dice.once(6) ? { attribute: dice.pick(attributes) } : anyConstant(dice, type);
  const ordered = type.kind !== 'boolean';
  switch (dice.upTo(type.kind === 'string' ? 8 : 5)) {
    case 0:
      if (attributes.length > 0 && dice.once(4))
        return { op: 'in', column, values: { attribute: dice.pick(attributes) } };
      return { op: 'in', column, values: dice.list(dice.between(1, 4), operand) };
    case 1:
      if (ordered) return { op: 'between', column, low: operand(), high: operand() };
      return { op: 'is-null', column };
    case 5:
    case 6:
    case 7:
      return { op: 'like', column, prefix: anyPrefix(dice) };
    default: {
      const operator = ordered ? dice.pick(COMPARE_OPERATORS) : dice.pick(['=', '<>'] as const);
      return { op: 'compare', column, operator, value: operand() };
    }
  }
}
