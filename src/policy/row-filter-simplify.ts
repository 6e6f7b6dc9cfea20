import { canonicalJson } from '../base/canonical.ts';
import type { RowFilter } from './row-filter-model.ts';

/** The same filter without parts that decide nothing; equal under three-valued logic. */
export function simplifyRowFilter(filter: RowFilter): RowFilter {
  if (filter.op === 'not') return simplifyNot(simplifyRowFilter(filter.term));
  if (filter.op !== 'and' && filter.op !== 'or') return filter;
  // `false and unknown` is false and `true or unknown` is true, so the deciding constant wins outright.
  const decides = filter.op === 'and' ? 'false' : 'true';
  const neutral = filter.op === 'and' ? 'true' : 'false';
  const terms = filter.terms.map(simplifyRowFilter).filter((term) => term.op !== neutral);
  if (terms.some((term) => term.op === decides)) return { op: decides };
  if (terms.length === 0) return { op: neutral };
  return terms.length === 1 ? terms[0]! : { op: filter.op, terms };
}

function simplifyNot(term: RowFilter): RowFilter {
  if (term.op === 'true') return { op: 'false' };
  if (term.op === 'false') return { op: 'true' };
  return term.op === 'not' ? term.term : { op: 'not', term };
}

/** One filter that shows a row only where each of these does; the same whatever their order. */
export function allRowFilters(filters: RowFilter[]): RowFilter {
  const terms = new Map<string, RowFilter>();
  for (const filter of filters.map(simplifyRowFilter)) {
    for (const term of filter.op === 'and' ? filter.terms : [filter]) terms.set(canonicalJson(term), term);
  }
  const inOrder = [...terms].sort(([left], [right]) => (left < right ? -1 : 1)).map(([, term]) => term);
  return simplifyRowFilter({ op: 'and', terms: inOrder });
}
