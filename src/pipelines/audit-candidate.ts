import { describeChecks } from '../contracts/checks.ts';
import type { Contract } from '../contracts/odcs.ts';
import type { Parts } from '../identity/context.ts';
import { readRelation } from '../lake/relation.ts';
import { tableColumns } from '../lake/table.ts';
import type { WrittenSnapshot } from '../lake/write.ts';
import { findReferencedRows } from './referenced-rows.ts';
import { readingOf } from './resolve-inputs.ts';
import { type CheckedRows, type CheckResult, runChecks } from './run-checks.ts';
import { lastReleasedAt, type PipelineRun } from './store.ts';

export interface AuditTask {
  run: PipelineRun;
  candidate: WrittenSnapshot;
  signal: AbortSignal;
}

/** Audit: the contract's checks on the candidate's rows, as if they were released now. */
export async function auditCandidate(
  parts: Parts,
  { run, candidate, signal }: AuditTask,
): Promise<CheckResult[]> {
  const { table, snapshot } = candidate;
  const columns = tableColumns(table);
  const { sql, files } = await readRelation(parts.lake, table, { snapshot, columns });
  const rows: CheckedRows = { sql, files, columns };
  const contract = run.contract as unknown as Contract;
  const { domainId, domain, productId, product } = run;
  const now = parts.clock.now();
  const reading = await readingOf(parts, { domainId, domain, productId, purpose: null });
  return runChecks({
    engine: parts.engine,
    checks: describeChecks(contract),
    relation: rows,
    moment: {
      now,
      releasedAt: now,
      previousAt: await lastReleasedAt(parts.database.reader, run.datasetId),
    },
    findReferenced: (target) =>
      findReferencedRows(parts, { reading, domain, product, contract, rows }, target),
    timeoutMs: parts.settings.pipelineMs,
    memoryBytes: parts.settings.workerMemoryBytes,
    caller: `domain ${run.domain}`,
    signal,
  });
}
