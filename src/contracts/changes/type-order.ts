import { type DataType, sameType } from '../../base/data-type.ts';

export type TypeRelation = 'same' | 'narrowed' | 'widened' | 'changed';

/** How a type changed for those who read it. */
export function relateTypes(before: DataType, after: DataType): TypeRelation {
  if (sameType(before, after)) return 'same';
  if (holds(after, before)) return 'widened';
  return holds(before, after) ? 'narrowed' : 'changed';
}

/** Decimal digits that hold every value of an integer type. */
const INTEGER_DIGITS: Partial<Record<DataType['kind'], number>> = { int: 10, long: 19 };

/** Whether every value of the narrow type is, exactly, a value of the wide one. */
function holds(wide: DataType, narrow: DataType): boolean {
  const digits = INTEGER_DIGITS[narrow.kind];
  if (wide.kind === 'decimal') {
    if (narrow.kind === 'decimal') {
      const whole = (type: { precision: number; scale: number }) => type.precision - type.scale;
      return wide.scale >= narrow.scale && whole(wide) >= whole(narrow);
    }
    return digits !== undefined && wide.precision - wide.scale >= digits;
  }
  return (HELD[wide.kind] ?? []).includes(narrow.kind);
}

const HELD: Partial<Record<DataType['kind'], DataType['kind'][]>> = {
  long: ['int'],
  double: ['float', 'int'],
  timestamp: ['date'],
  string: ['uuid'],
};
