import {
  attributesOf,
  isAttribute,
  type Attribute,
  type Attributes,
  type Constant,
  type Operand,
  type RowFilter,
} from './row-filter-model.ts';

/**
 * Replaces every `principal.<attribute>` by its value. It fails closed: a comparison with an attribute the
 * principal does not have (or has empty, or has several of where one is needed) is false; where that would
 * show more rows, because the comparison stands under `not`, the whole filter is false.
 */
export function bindRowFilter(filter: RowFilter, attributes: Attributes): RowFilter {
  return bind(filter, { attributes, negated: false }) ?? { op: 'false' };
}

/** Names of the attributes a filter asks for and the principal does not have. */
export function missingAttributes(filter: RowFilter, attributes: Attributes): string[] {
  return attributesOf(filter).filter((name) => valuesOf({ attribute: name }, attributes).length === 0);
}

interface Binding {
  attributes: Attributes;
  /** An odd number of `not` stands around this part. */
  negated: boolean;
}

/** `null` when the whole filter must deny. */
function bind(filter: RowFilter, binding: Binding): RowFilter | null {
  switch (filter.op) {
    case 'and':
    case 'or':
      return bindTerms(filter, binding);
    case 'not': {
      const term = bind(filter.term, { ...binding, negated: !binding.negated });
      return term && { op: 'not', term };
    }
    case 'compare':
    case 'between':
    case 'in':
      return bindTest(filter, binding.attributes) ?? (binding.negated ? null : { op: 'false' });
    default:
      return filter;
  }
}

function bindTerms(filter: Extract<RowFilter, { op: 'and' | 'or' }>, binding: Binding): RowFilter | null {
  const terms: RowFilter[] = [];
  for (const part of filter.terms) {
    const term = bind(part, binding);
    if (!term) return null;
    terms.push(term);
  }
  return { ...filter, terms };
}

/** `null` when an attribute is missing. */
function bindTest(
  filter: Extract<RowFilter, { op: 'compare' | 'between' | 'in' }>,
  attributes: Attributes,
): RowFilter | null {
  if (filter.op === 'compare') {
    const value = bindOne(filter.value, attributes);
    return value && { ...filter, value };
  }
  if (filter.op === 'between') {
    const low = bindOne(filter.low, attributes);
    const high = bindOne(filter.high, attributes);
    return low && high && { ...filter, low, high };
  }
  return bindIn(filter, attributes);
}

function bindIn(filter: Extract<RowFilter, { op: 'in' }>, attributes: Attributes): RowFilter | null {
  const operands = isAttribute(filter.values) ? [filter.values] : filter.values;
  const values: Constant[] = [];
  for (const operand of operands) {
    const bound = isAttribute(operand) ? valuesOf(operand, attributes) : [operand];
    if (bound.length === 0) return null;
    values.push(...bound);
  }
  return values.length === 0 ? null : { ...filter, values };
}

function bindOne(operand: Operand, attributes: Attributes): Constant | null {
  if (!isAttribute(operand)) return operand;
  const values = valuesOf(operand, attributes);
  return values.length === 1 ? values[0]! : null;
}

/** An empty list counts as missing: `not region in principal.blocked` must not open up by an empty entry. */
function valuesOf(operand: Attribute, attributes: Attributes): Constant[] {
  // Own properties only: `principal.constructor` is no attribute.
  if (!Object.hasOwn(attributes, operand.attribute)) return [];
  const value = attributes[operand.attribute]!;
  return (Array.isArray(value) ? value : [value]).map((text) => ({ value: text }));
}
