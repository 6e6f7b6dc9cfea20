import { randomBytes } from 'node:crypto';
import { isoTime } from '../base/clock.ts';
import { isMeshError } from '../base/errors.ts';
import { contractTable } from '../contracts/contract-table.ts';
import type { Contract } from '../contracts/odcs.ts';
import type { AccessPlan, PlannedColumn } from '../policy/access-plan.ts';
import { evaluateMask } from '../policy/column-mask.ts';
import { evaluateRowFilter } from '../policy/row-filter.ts';
import type { RowValue } from '../policy/row-value.ts';
import { planDataset, type Reading } from '../subscriptions/plan-access.ts';
import type { AccessFacts } from '../subscriptions/store.ts';
import type { RowSample } from './check-result.ts';

/**
 * The plan under which somebody sees rows of a run, which may have no release yet: of the columns that the
 * contract promises. Null where they may read no rows of the dataset.
 */
export function planOfRuns(facts: AccessFacts, reading: Reading): AccessPlan | null {
  const { columns } = contractTable(facts.contract as unknown as Contract);
  const release = {
    ...{ id: '', number: 0, snapshotId: '', rows: 0, releasedAt: isoTime(reading.now) },
    columns,
    columnTags: facts.release?.columnTags ?? {},
  };
  const table = facts.table ?? { id: '', metadataKey: '' };
  try {
    return planDataset({ ...facts, release, table }, reading).plan;
  } catch (error) {
    if (isMeshError(error) && error.status < 500) return null;
    throw error;
  }
}

/**
 * Stored rows as the plan shows them: its filter first, on unmasked values, then its columns and masks. What
 * cannot be judged is not shown.
 */
export function showSample(sample: RowSample, plan: AccessPlan): RowSample {
  const place = new Map(sample.columns.map((name, at) => [name, at]));
  const shown = plan.columns.filter(({ name }) => place.has(name));
  const salt = randomBytes(24).toString('base64url');
  const rows = sample.rows
    .filter((row) => isShown(row, place, plan))
    .map((row) => shown.map((column) => maskedValue(column, row[place.get(column.name)!], salt)));
  return { columns: shown.map(({ name }) => name), rows };
}

function isShown(row: unknown[], place: Map<string, number>, plan: AccessPlan): boolean {
  if (plan.rowFilter.op === 'true') return true;
  if (plan.filterColumns.some(({ name }) => !place.has(name))) return false;
  const values = Object.fromEntries(
    plan.filterColumns.map(({ name, type }) => [name, rowValue(row[place.get(name)!], type.kind)]),
  );
  return evaluateRowFilter(plan.rowFilter, values, plan.filterColumns) === true;
}

function maskedValue({ mask, type }: PlannedColumn, value: unknown, querySalt: string): unknown {
  if (mask === null) return value ?? null;
  const masked = evaluateMask(mask, rowValue(value, type.kind), { type, querySalt });
  if (typeof masked === 'bigint') return masked.toString();
  return masked instanceof Uint8Array ? Buffer.from(masked).toString('base64') : masked;
}

/** JSON holds bytes as base64. */
function rowValue(value: unknown, kind: string): RowValue {
  if (value === null || value === undefined) return null;
  return kind === 'binary' ? new Uint8Array(Buffer.from(String(value), 'base64')) : (value as RowValue);
}
