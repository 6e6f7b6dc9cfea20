import type { PlanFacts } from '../../src/policy/access-plan-model.ts';
import type { RowFilter } from '../../src/policy/row-filter-model.ts';
import type { FuzzCase } from './cases.ts';

/** A smaller case that still fails: fewer rows, rules and conditions, as long as one can be left out. */
export async function shrink(
  failing: FuzzCase,
  fails: (smaller: FuzzCase) => Promise<boolean>,
): Promise<FuzzCase> {
  let smallest = failing;
  for (let progress = true; progress;) {
    progress = false;
    for (const smaller of smallerThan(smallest)) {
      if (!(await fails(smaller).catch(() => false))) continue;
      smallest = smaller;
      progress = true;
      break;
    }
  }
  return smallest;
}

function* smallerThan(one: FuzzCase): Generator<FuzzCase> {
  const { table, facts } = one;
  for (const rows of withoutOne(table.rows)) yield { ...one, table: { ...table, rows } };
  for (const restrictions of withoutOne(facts.restrictions))
    yield { ...one, facts: { ...facts, restrictions } };
  for (const [at, restriction] of facts.restrictions.entries()) {
    for (const rowFilter of smallerFilters(restriction.rowFilter)) {
      const restrictions = facts.restrictions.with(at, { ...restriction, rowFilter });
      yield { ...one, facts: { ...facts, restrictions } };
    }
  }
  for (const via of smallerGrants(facts)) yield { ...one, facts: { ...facts, via } };
}

function* smallerGrants({ via }: PlanFacts): Generator<PlanFacts['via']> {
  if (via.kind !== 'subscription') return;
  const { grant } = via;
  if (grant.columns) yield { ...via, grant: { ...grant, columns: null } };
  if (grant.rowFilter) yield { ...via, grant: { ...grant, rowFilter: null } };
  for (const rowFilter of smallerFilters(grant.rowFilter)) yield { ...via, grant: { ...grant, rowFilter } };
  for (const masks of withoutOne(Object.entries(grant.masks)))
    yield { ...via, grant: { ...grant, masks: Object.fromEntries(masks) } };
}

function* smallerFilters(filter: RowFilter | null | undefined): Generator<RowFilter> {
  if (!filter) return;
  if (filter.op === 'not') yield filter.term;
  if (filter.op === 'in' && Array.isArray(filter.values) && filter.values.length > 1)
    for (const values of withoutOne(filter.values)) yield { ...filter, values };
  if (filter.op !== 'and' && filter.op !== 'or') return;
  yield* filter.terms;
  for (const terms of withoutOne(filter.terms)) if (terms.length > 0) yield { ...filter, terms };
  for (const [at, term] of filter.terms.entries())
    for (const smaller of smallerFilters(term)) yield { ...filter, terms: filter.terms.with(at, smaller) };
}

function withoutOne<T>(list: T[]): T[][] {
  return list.map((_, at) => list.toSpliced(at, 1));
}
