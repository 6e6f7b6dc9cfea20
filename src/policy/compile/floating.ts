import type { DataType } from '../../base/data-type.ts';
import { MeshError } from '../../base/errors.ts';
import { fitConstant } from '../row-filter-fit.ts';
import type { CompareOperator, Constant } from '../row-filter-model.ts';
import { comparableOf } from '../row-value.ts';

export function isFloating({ kind }: DataType): boolean {
  return kind === 'float' || kind === 'double';
}

export interface Bounds {
  /** Together; `all` of them must hold, or one. */
  tests: { operator: CompareOperator; value: number }[];
  all: boolean;
  /** Whether the comparison holds of NaN too, which is above every number. */
  nan: boolean;
}

/**
 * A comparison of a floating column in terms that mean the same to readers who hold -0 below 0 (Java's
 * order) and to those who hold them equal (IEEE 754, SQL): zero itself is never compared with, but the
 * smallest numbers beside it.
 */
export function boundsOf(operator: CompareOperator, constant: Constant, type: DataType): Bounds {
  const value = floatingValue(constant, type);
  const nan = operator === '>' || operator === '>=' || operator === '<>';
  if (value !== 0) return { tests: [{ operator, value }], all: false, nan };
  const least = type.kind === 'float' ? 2 ** -149 : 2 ** -1074;
  const test = (beside: CompareOperator, near: number) => ({ operator: beside, value: near });
  switch (operator) {
    case '=':
      return { tests: [test('>', -least), test('<', least)], all: true, nan };
    case '<>':
      return { tests: [test('<=', -least), test('>=', least)], all: false, nan };
    case '<':
      return { tests: [test('<=', -least)], all: false, nan };
    case '<=':
      return { tests: [test('<', least)], all: false, nan };
    case '>':
      return { tests: [test('>=', least)], all: false, nan };
    case '>=':
      return { tests: [test('>', -least)], all: false, nan };
  }
}

/** The constant as the number of the column's width that the reference compares with. */
export function floatingValue(constant: Constant, type: DataType): number {
  const fitted = fitConstant(constant, type);
  if (typeof fitted === 'string')
    throw new MeshError('internal', { detail: `unchecked constant: ${fitted}` });
  return comparableOf(type, fitted.value) as number;
}
