import { legalHold } from '../contracts/data-subjects.ts';
import type { Contract } from '../contracts/odcs.ts';
import { expiredSql, rowRetentions } from '../contracts/retention.ts';
import type { PipelineRun } from './store.ts';

/**
 * A pipeline's SELECT without rows that are older than the contract keeps them: what expires does not come in
 * again. Under legal hold everything comes.
 */
export function leaveOutExpired<Task extends { run: PipelineRun; sql: string }>(task: Task, now: Date): Task {
  const contract = task.run.contract as unknown as Contract;
  if (legalHold(contract) !== null || legalHold(task.run.document) !== null) return task;
  const conditions = rowRetentions(contract).map(
    (retention) => `NOT coalesce(${expiredSql(retention, now)}, false)`,
  );
  if (conditions.length === 0) return task;
  return { ...task, sql: `SELECT * FROM (${task.sql}) WHERE ${conditions.join(' AND ')}` };
}
