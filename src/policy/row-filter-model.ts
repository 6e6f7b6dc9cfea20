/**
 * The row filter as data: what is stored, shown, bound and compiled. It holds only what every door can
 * express exactly, with SQL's three-valued logic.
 */
export type RowFilter =
  | { op: 'true' }
  | { op: 'false' }
  | { op: 'compare'; column: string; operator: CompareOperator; value: Operand }
  | { op: 'between'; column: string; low: Operand; high: Operand }
  | { op: 'in'; column: string; values: Operand[] | Attribute }
  /** Starts with exactly this text; `%` and `_` have no meaning in it. */
  | { op: 'like'; column: string; prefix: string }
  | { op: 'is-null'; column: string }
  | { op: 'and'; terms: RowFilter[] }
  | { op: 'or'; terms: RowFilter[] }
  | { op: 'not'; term: RowFilter };

export const COMPARE_OPERATORS = ['=', '<>', '<', '<=', '>', '>='] as const;
export type CompareOperator = (typeof COMPARE_OPERATORS)[number];

export type Operand = Constant | Attribute;

/**
 * A constant as its author wrote it. Whole numbers within 2^53 are numbers; what JavaScript cannot hold
 * exactly stays text and `literal` says what it is. Text without `literal` is a string.
 */
export interface Constant {
  value: string | number | boolean;
  literal?: 'integer' | 'decimal' | 'date' | 'time' | 'timestamp';
}

/** An attribute of whoever asks: `principal.<attribute>`. */
export interface Attribute {
  attribute: string;
}

/** Attributes of a principal, set by administrators only: nobody can widen their own. */
export type Attributes = Record<string, string | string[]>;

/** The most a filter may be: beyond this nobody can review it, and parsing stays linear. */
export const FILTER_LIMITS = {
  /** Characters of the text. */
  characters: 32_768,
  /** Nesting of and, or, not and parentheses; the walkers below recurse. */
  depth: 32,
  /** Comparisons and other leaves in one filter. */
  terms: 500,
  /** Values of one `in` list; more belongs into a column or a tag. */
  values: 1_000,
} as const;

export function isAttribute(operand: Operand | Operand[] | Attribute): operand is Attribute {
  return 'attribute' in operand;
}

/** The parts directly inside a filter; empty for leaves. */
export function childrenOf(filter: RowFilter): RowFilter[] {
  if (filter.op === 'and' || filter.op === 'or') return filter.terms;
  return filter.op === 'not' ? [filter.term] : [];
}

/** Every leaf and branch, outer before inner, left before right. */
export function walkFilter(filter: RowFilter, met: RowFilter[] = []): RowFilter[] {
  met.push(filter);
  for (const child of childrenOf(filter)) walkFilter(child, met);
  return met;
}

/** The operands a leaf compares with; empty for tests and branches. */
export function operandsOf(filter: RowFilter): Operand[] {
  if (filter.op === 'compare') return [filter.value];
  if (filter.op === 'between') return [filter.low, filter.high];
  if (filter.op === 'in') return isAttribute(filter.values) ? [filter.values] : filter.values;
  return [];
}

/** Names of the columns a filter reads, each once, in order of appearance. */
export function columnsOf(filter: RowFilter): string[] {
  const names = new Set<string>();
  for (const part of walkFilter(filter)) if ('column' in part) names.add(part.column);
  return [...names];
}

/** Names of the principal's attributes a filter asks for, each once. */
export function attributesOf(filter: RowFilter): string[] {
  const names = new Set<string>();
  for (const part of walkFilter(filter)) {
    for (const operand of operandsOf(part)) if (isAttribute(operand)) names.add(operand.attribute);
  }
  return [...names];
}
