import { quoteIdentifier, quoteLiteral } from '../base/data-type.ts';
import { isAttribute, type Constant, type Operand, type RowFilter } from './row-filter-model.ts';
import { RESERVED_WORDS } from './row-filter-parse.ts';

/** The filter as people write it; `parseRowFilter` reads it back as the same filter. */
export function printRowFilter(filter: RowFilter): string {
  switch (filter.op) {
    case 'true':
    case 'false':
      return filter.op;
    case 'and':
    case 'or':
      return printTerms(filter);
    case 'not':
      return printNot(filter.term);
    default:
      return printTest(filter, '');
  }
}

type Test = Exclude<RowFilter, { op: 'true' | 'false' | 'and' | 'or' | 'not' }>;

function printTerms(filter: Extract<RowFilter, { op: 'and' | 'or' }>): string {
  const [first, ...rest] = filter.terms;
  // An empty conjunction holds for every row, an empty disjunction for none.
  if (!first) return filter.op === 'and' ? 'true' : 'false';
  if (rest.length === 0) return printRowFilter(first);
  return filter.terms.map((term) => printTerm(term, filter.op)).join(` ${filter.op} `);
}

function printTerm(term: RowFilter, around: 'and' | 'or'): string {
  const text = printRowFilter(term);
  if (term.op !== 'and' && term.op !== 'or') return text;
  // Only `and` inside `or` binds tighter; the same word inside itself keeps its parentheses, and so its shape.
  return term.terms.length > 1 && !(around === 'or' && term.op === 'and') ? `(${text})` : text;
}

function printNot(term: RowFilter): string {
  switch (term.op) {
    case 'is-null':
    case 'between':
    case 'in':
    case 'like':
      return printTest(term, 'not ');
    case 'and':
    case 'or':
    case 'compare':
      return `not (${printRowFilter(term)})`;
    default:
      return `not ${printRowFilter(term)}`;
  }
}

function printTest(filter: Test, not: '' | 'not '): string {
  const column = printName(filter.column);
  switch (filter.op) {
    case 'compare':
      return `${column} ${filter.operator} ${printOperand(filter.value)}`;
    case 'between':
      return `${column} ${not}between ${printOperand(filter.low)} and ${printOperand(filter.high)}`;
    case 'in':
      return `${column} ${not}in ${printValues(filter.values)}`;
    case 'like':
      return `${column} ${not}like ${quoteLiteral(`${filter.prefix.replace(/[\\%_]/g, '\\$&')}%`)}`;
    case 'is-null':
      return `${column} is ${not}null`;
  }
}

function printValues(values: Extract<RowFilter, { op: 'in' }>['values']): string {
  return isAttribute(values) ? printOperand(values) : `(${values.map(printOperand).join(', ')})`;
}

function printOperand(operand: Operand): string {
  if (isAttribute(operand)) return `principal.${printName(operand.attribute)}`;
  return printConstant(operand);
}

function printConstant({ value, literal }: Constant): string {
  if (typeof value !== 'string') return String(value);
  if (literal === undefined) return quoteLiteral(value);
  if (literal === 'integer' || literal === 'decimal') return value;
  return `${literal.toUpperCase()} ${quoteLiteral(value)}`;
}

function printName(name: string): string {
  const plain = /^[A-Za-z_][A-Za-z0-9_]*$/.test(name) && !RESERVED_WORDS.has(name.toLowerCase());
  return plain ? name : quoteIdentifier(name);
}
