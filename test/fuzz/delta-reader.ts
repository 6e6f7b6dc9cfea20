import type { DeltaPredicate } from '../../src/policy/compile/delta.ts';
import { microsOf } from '../../src/policy/row-value.ts';
import type { Row, RowValue } from '../../src/policy/row-value.ts';

/**
 * Delta Sharing's JSON predicates, in the two readings that servers have: `sql` with unknown and IEEE 754,
 * `jvm` where a comparison with null is false, NaN is last and -0 is below 0.
 */
export type DeltaReading = 'sql' | 'jvm';

export function deltaHolds(predicate: DeltaPredicate, row: Row, reading: DeltaReading): boolean {
  return evaluate(predicate, row, reading) === true;
}

function evaluate(predicate: DeltaPredicate, row: Row, reading: DeltaReading): boolean | null {
  if (predicate.op === 'column' || predicate.op === 'literal') throw new Error('a value is no predicate');
  const { op, children } = predicate;
  const inner = () => children.map((child) => evaluate(child, row, reading));
  switch (op) {
    case 'isNull':
      return valueOf(children[0]!, row) === null;
    case 'not': {
      const [value = null] = inner();
      return value === null ? null : !value;
    }
    case 'and': {
      const values = inner();
      return values.includes(false) ? false : values.includes(null) ? null : true;
    }
    case 'or': {
      const values = inner();
      return values.includes(true) ? true : values.includes(null) ? null : false;
    }
    default:
      return test(op, children, { row, reading });
  }
}

function test(
  op: string,
  children: DeltaPredicate[],
  { row, reading }: { row: Row; reading: DeltaReading },
): boolean | null {
  const [left, right] = children.map((child) => valueOf(child, row));
  if (left === null || right === null) return reading === 'sql' ? null : false;
  const order = reading === 'jvm' ? jvmOrder(left!, right!) : sqlOrder(left!, right!);
  switch (op) {
    case 'equal':
      return order === 0;
    case 'lessThan':
      return order < 0;
    case 'lessThanOrEqual':
      return order <= 0;
    case 'greaterThan':
      return order > 0;
    default:
      return order >= 0;
  }
}

type Value = bigint | number | string;

function sqlOrder(left: Value, right: Value): number {
  return left === right ? 0 : left < right ? -1 : left > right ? 1 : NaN;
}

function jvmOrder(left: Value, right: Value): number {
  if (typeof left !== 'number' || typeof right !== 'number') return sqlOrder(left, right);
  if (Number.isNaN(left)) return 1;
  if (left === right) return Number(Object.is(right, -0)) - Number(Object.is(left, -0));
  return sqlOrder(left, right);
}

function valueOf(node: DeltaPredicate, row: Row): Value | null {
  if (node.op === 'column') return cast(row[node.name] ?? null, node.valueType);
  if (node.op === 'literal') return cast(node.value, node.valueType);
  throw new Error('a predicate is no value');
}

function cast(value: RowValue, valueType: string): Value | null {
  if (value === null) return null;
  switch (valueType) {
    case 'bool':
      return Number(String(value) === 'true');
    case 'int':
    case 'long':
      return BigInt(String(value));
    case 'float':
    case 'double':
      // JavaScript writes -0 as 0.
      return typeof value === 'number' ? value : Number(value);
    case 'timestamp':
      return microsOf(String(value).replace('T', ' '))!;
    default:
      return String(value);
  }
}
