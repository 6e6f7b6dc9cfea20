import { quoteLiteral, type Column, type DataType } from '../base/data-type.ts';
import type { Problem } from '../base/errors.ts';
import { nearestName } from '../base/nearest-name.ts';
import { aTypeName, fitConstant } from './row-filter-fit.ts';
import {
  isAttribute,
  operandsOf,
  walkFilter,
  type CompareOperator,
  type Constant,
  type RowFilter,
} from './row-filter-model.ts';

type Test = Extract<RowFilter, { column: string }>;

/**
 * Everything wrong with a filter for a table of these columns: unknown columns, comparisons its types do
 * not have, constants of another type. Empty when it can be stored.
 */
export function checkRowFilter(filter: RowFilter, columns: Column[]): Problem[] {
  const byName = new Map(columns.map((column) => [column.name, column]));
  const problems = new Set<string>();
  for (const part of walkFilter(filter)) {
    if (!('column' in part)) continue;
    const column = byName.get(part.column);
    if (!column) problems.add(unknownColumn(part.column, columns));
    else for (const message of checkTest(part, column)) problems.add(message);
  }
  return [...problems].map((message) => ({ message }));
}

/** `there is no column 'regoin'; did you mean region?` */
export function unknownColumn(name: string, columns: Column[]): string {
  const whole = columns.find((column) => NESTED.has(column.type.kind) && name.startsWith(`${column.name}.`));
  if (whole) {
    return `'${name}' is a part of the column ${whole.name}, and rules are of whole columns; name ${whole.name} and hide it, empty it or test it for null`;
  }
  const near = nearestName(
    name,
    columns.map((column) => column.name),
  );
  if (near !== null) return `there is no column '${name}'; did you mean ${near}?`;
  const some = columns.slice(0, 12).map((column) => column.name);
  const more = columns.length > some.length ? ', …' : '';
  return `there is no column '${name}'; there are ${some.join(', ')}${more}`;
}

function checkTest(filter: Test, column: Column): string[] {
  if (filter.op === 'is-null') return [];
  const { kind } = column.type;
  if (NULL_TESTS_ONLY.has(kind)) {
    return [`${column.name} is ${aTypeName(column.type)} and can only be tested with is null`];
  }
  if (filter.op === 'like') {
    return kind === 'string'
      ? []
      : [`like reads text, but ${column.name} is ${aTypeName(column.type)}; compare it with = or between`];
  }
  if (kind === 'boolean' && orders(filter)) {
    return [`${column.name} is a boolean, which has no order; write = true, = false or <>`];
  }
  return operandsOf(filter).flatMap((operand) =>
    isAttribute(operand) ? [] : checkConstant(operand, column),
  );
}

const NESTED: ReadonlySet<string> = new Set(['struct', 'list', 'map']);
const NULL_TESTS_ONLY: ReadonlySet<string> = new Set(['binary', ...NESTED]);
const ORDERING: ReadonlySet<CompareOperator> = new Set(['<', '<=', '>', '>=']);

function orders(filter: Test): boolean {
  return filter.op === 'between' || (filter.op === 'compare' && ORDERING.has(filter.operator));
}

function checkConstant(constant: Constant, column: Column): string[] {
  const name = column.name;
  const type = aTypeName(column.type);
  if (isQuotedText(constant) && QUOTES_WRONG.has(column.type.kind)) {
    const plain =
      typeof fitConstant(constant, column.type) === 'string' ? example(column.type) : constant.value;
    return [`${name} is ${type}, not a string; write ${plain} without quotes`];
  }
  const fitted = fitConstant(constant, column.type);
  if (typeof fitted !== 'string') return [];
  return [`${name} is ${type} and never ${constant.value}; write ${advice(constant, column.type)}`];
}

/** Dates and times may be written as text, as in SQL; numbers and booleans may not. */
const QUOTES_WRONG: ReadonlySet<string> = new Set(['boolean', 'int', 'long', 'float', 'double', 'decimal']);

function isQuotedText(constant: Constant): boolean {
  return typeof constant.value === 'string' && constant.literal === undefined;
}

function advice(constant: Constant, type: DataType): string {
  if (type.kind === 'string') return quoteLiteral(String(constant.value));
  if (type.kind === 'decimal') {
    const whole = type.precision - type.scale;
    return `a number with at most ${whole} digits before and ${type.scale} after the point`;
  }
  if (type.kind === 'int') return 'a whole number between -2147483648 and 2147483647';
  if (type.kind === 'long') return 'a whole number of 64 bits';
  if (type.kind === 'timestamp') return `${example(type)}, without an offset`;
  if (type.kind === 'timestamptz') return `${example(type)}, with its offset from UTC`;
  return example(type);
}

function example(type: DataType): string {
  const examples: Partial<Record<DataType['kind'], string>> = {
    boolean: 'true or false',
    int: '10',
    long: '10',
    float: '10.5',
    double: '10.5',
    decimal: '10.50',
    date: "DATE '2026-01-31'",
    time: "TIME '12:30:00'",
    timestamp: "TIMESTAMP '2026-01-31 12:30:00'",
    timestamptz: "TIMESTAMP '2026-01-31 12:30:00Z'",
    uuid: "'f79c3e09-677c-4bbd-a479-3f349cb785e7'",
  };
  return examples[type.kind] ?? 'is null';
}
