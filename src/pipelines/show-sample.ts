import { randomBytes } from 'node:crypto';
import { isoTime } from '../base/clock.ts';
import { isMeshError } from '../base/errors.ts';
import { contractTable } from '../contracts/contract-table.ts';
import type { Contract } from '../contracts/odcs.ts';
import type { AccessPlan } from '../policy/access-plan.ts';
import { evaluatePlan } from '../policy/evaluate-plan.ts';
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
    partTags: facts.release?.partTags ?? {},
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
  const types = new Map([...plan.filterColumns, ...plan.columns].map(({ name, type }) => [name, type]));
  const shown = plan.columns.filter(({ name }) => sample.columns.includes(name));
  const columns = shown.map(({ name }) => name);
  if (plan.filterColumns.some(({ name }) => !sample.columns.includes(name))) return { columns, rows: [] };
  const rows = sample.rows.map((row) =>
    Object.fromEntries(sample.columns.map((name, at) => [name, rowValue(row[at], types.get(name)?.kind)])),
  );
  const querySalt = randomBytes(24).toString('base64url');
  const visible = evaluatePlan({ ...plan, columns: shown }, rows, { querySalt });
  return { columns, rows: visible.map((row) => columns.map((name) => jsonValue(row[name]!))) };
}

function jsonValue(value: RowValue): unknown {
  if (typeof value === 'bigint') return value.toString();
  return value instanceof Uint8Array ? Buffer.from(value).toString('base64') : value;
}

/** JSON holds bytes as base64. */
function rowValue(value: unknown, kind: string | undefined): RowValue {
  if (value === null || value === undefined) return null;
  return kind === 'binary' ? new Uint8Array(Buffer.from(String(value), 'base64')) : (value as RowValue);
}
