import type { AccessPlan } from './access-plan-model.ts';
import { evaluateMask } from './column-mask.ts';
import { evaluateRowFilter } from './row-filter-evaluate.ts';
import type { Row } from './row-value.ts';

/**
 * What a plan leaves of rows, in their order: the meaning that every door is tested against. The filter comes
 * first and sees unmasked values, hidden columns too; only rows for which it is true are left. Then come the
 * columns that are shown, masked.
 */
export function evaluatePlan(plan: AccessPlan, rows: Row[], scope: { querySalt: string }): Row[] {
  return rows
    .filter((row) => evaluateRowFilter(plan.rowFilter, row, plan.filterColumns) === true)
    .map((row) => showRow(plan, row, scope.querySalt));
}

function showRow(plan: AccessPlan, row: Row, querySalt: string): Row {
  const shown = plan.columns.map(({ name, type, mask }) => {
    const value = row[name] ?? null;
    return [name, mask ? evaluateMask(mask, value, { type, querySalt }) : value] as const;
  });
  return Object.fromEntries(shown);
}
