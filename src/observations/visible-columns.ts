import { isMeshError } from '../base/errors.ts';
import type { AccessPlan } from '../policy/access-plan.ts';
import { planDataset, type Reading } from '../subscriptions/plan-access.ts';
import type { AccessFacts } from '../subscriptions/store.ts';

/**
 * Field ids of the columns whose statistics a reader may see. A statistic tells of all rows and of true values,
 * so it is for whoever could compute it: who reads every row, and the column as it is. Everything else, a
 * reader with several rights included, gets none.
 */
export function statisticColumns(facts: AccessFacts | undefined, reading: Reading): Set<number> {
  const plan = facts === undefined ? null : planOrNull(facts, reading);
  if (plan === null || plan.rowFilter.op !== 'true') return new Set();
  return new Set(plan.columns.flatMap(({ id, mask }) => (id === undefined || mask !== null ? [] : [id])));
}

function planOrNull(facts: AccessFacts, reading: Reading): AccessPlan | null {
  try {
    return planDataset(facts, reading).plan;
  } catch (error) {
    if (isMeshError(error) && error.status < 500) return null;
    throw error;
  }
}
