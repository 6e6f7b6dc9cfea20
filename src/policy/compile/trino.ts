import { quoteIdentifier } from '../../base/data-type.ts';
import type { AccessPlan } from '../access-plan-model.ts';
import { compiled, type Compiled } from './compiled.ts';
import { trinoFilter } from './trino-filter.ts';
import { trinoMask } from './trino-mask.ts';

/** What Trino's OPA plugin asks for of one table, in the form of its answers. */
export interface TrinoPlan {
  /** The answer to GetRowFilters: all of them must be true; none lets every row through. */
  rowFilters: TrinoExpression[];
  /** The answers to GetColumnMask, by column; a column without one is shown as it is. */
  columnMasks: Map<string, TrinoExpression>;
  /** What FilterColumns and SelectFromColumns allow; every other column is refused. */
  columns: string[];
}

export interface TrinoExpression {
  expression: string;
  /** The user as whom Trino reads what the expression names; absent: the one who asks. */
  identity?: string;
}

export interface TrinoScope {
  /** Secret, new for each query, at least 16 characters; sha-256-query-local uses it. */
  querySalt: string;
  /** A user who may read every column; filters over hidden columns run as this one. */
  filterIdentity?: string;
}

/**
 * The plan for Trino. Trino applies row filters to unmasked values, then masks, then what the reader asks; a
 * filter's columns must be readable for the identity that it runs as.
 */
export function compileTrino(plan: AccessPlan, scope: TrinoScope): Compiled<TrinoPlan> {
  const masked = plan.columns.flatMap(({ name, type, mask }) => {
    if (!mask) return [];
    const expression = trinoMask(mask, quoteIdentifier(name), { type, querySalt: scope.querySalt });
    return [[name, { expression }] as const];
  });
  const filter = filterOf(plan, scope);
  const value = {
    rowFilters: filter ? [filter] : [],
    columnMasks: new Map(masked),
    columns: plan.columns.map(({ name }) => name),
  };
  return compiled(value, refusals(plan, scope));
}

function filterOf(plan: AccessPlan, { filterIdentity }: TrinoScope): TrinoExpression | null {
  if (plan.rowFilter.op === 'true') return null;
  const expression = trinoFilter(plan.rowFilter, plan.filterColumns);
  const reading = hiddenOf(plan).length > 0 && filterIdentity !== undefined;
  return reading ? { expression, identity: filterIdentity } : { expression };
}

/** The hidden columns that the filter reads. */
function hiddenOf(plan: AccessPlan): string[] {
  const hidden = new Set(plan.hidden.map(({ name }) => name));
  return plan.filterColumns.map(({ name }) => name).filter((name) => hidden.has(name));
}

function refusals(plan: AccessPlan, { filterIdentity }: TrinoScope): string[] {
  const reasons: string[] = [];
  const names = [...plan.columns, ...plan.hidden].map(({ name }) => name);
  if (new Set(names.map((name) => name.toLowerCase())).size < names.length) {
    reasons.push('Trino ignores case in the names of columns, and here two differ in nothing else');
  }
  if (filterIdentity === undefined && hiddenOf(plan).length > 0) {
    reasons.push('the row filter reads hidden columns, and no user is set as whom Trino may read them');
  }
  return reasons;
}
