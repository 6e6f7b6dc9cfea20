import { warningsOf } from './check-result.ts';
import type { Column } from '../base/data-type.ts';
import { MeshError } from '../base/errors.ts';
import type { Parts } from '../identity/context.ts';
import { renewDeadline } from '../incidents/watch-deadlines.ts';
import type { Lake } from '../lake/lake.ts';
import { releaseSnapshot } from '../lake/release.ts';
import { swapPointer } from '../lake/store.ts';
import type { WrittenSnapshot } from '../lake/write.ts';
import { tableColumns } from '../lake/table.ts';
import { describeLineage } from '../lineage/describe-lineage.ts';
import { recordRunEvent } from '../lineage/openlineage/record-run-event.ts';
import { recordLineage } from '../lineage/record-lineage.ts';
import { type Compared, recordObservation } from '../observations/record-observation.ts';
import { lockDownstream } from '../products/runs/store.ts';
import { insertChange } from '../store/changes.ts';
import type { Transaction } from '../store/database.ts';
import { closeIncidents } from '../store/incidents.ts';
import { announce } from '../store/outbox.ts';
import { datasetTags, planTags } from '../policy/dataset-tags.ts';
import { settleSteps } from './rounds/settle-steps.ts';
import { startRound } from './rounds/start-round.ts';
import { isFollowed } from './backfills/store.ts';
import { countOf, type RunDiary } from './run-diary.ts';
import type { CheckResult } from './run-checks.ts';
import { type BookmarkMove, moveBookmark } from './move-bookmark.ts';
import { insertRelease, lastReleaseNumber, markEnded, type PipelineRun, type RunFacts } from './store.ts';

export interface ReleaseTask {
  run: PipelineRun;
  diary: RunDiary;
  candidate: WrittenSnapshot;
  checks: CheckResult[];
  facts: RunFacts;
  /** How far it has read. */
  reading: Pick<BookmarkMove, 'plan' | 'advance'>;
  /** What was observed beside the checks. */
  compared: Compared;
}

/**
 * Publish: the swap of the table's pointer, the release's row, the run's end, the audit row and the runs of
 * whoever reads this dataset are one transaction. Killed before it, consumers keep the old release; after it,
 * they have the new one.
 */
export async function releaseCandidate(parts: Parts, task: ReleaseTask): Promise<void> {
  const { run, candidate } = task;
  const number = (await lastReleaseNumber(parts.database.reader, run.datasetId)) + 1;
  const snapshotId = candidate.snapshot['snapshot-id'];
  // Traced once before the transaction, which then asks for the same and waits for nothing.
  await describeLineage(parts.database.reader, run.datasetId);
  const lake: Lake = {
    ...parts.lake,
    pointer: {
      read: parts.lake.pointer.read,
      swap: (tableId, change) =>
        parts.database.transact(async (transaction) => {
          const at = parts.clock.now();
          if (!(await swapPointer(transaction, tableId, { ...change, at }))) return false;
          await recordRelease(parts, transaction, {
            ...task,
            number,
            snapshotId,
            metadataKey: change.to,
            at,
          });
          return true;
        }),
    },
  };
  await releaseSnapshot(lake, candidate.table.id, { snapshotId, release: number });
}

interface Recording extends ReleaseTask {
  number: number;
  snapshotId: string;
  metadataKey: string;
  at: Date;
}

async function recordRelease(parts: Parts, transaction: Transaction, recording: Recording): Promise<void> {
  const { run, candidate, checks, facts, number, snapshotId, metadataKey, at } = recording;
  const rows = Number(candidate.snapshot.summary['total-records'] ?? 0);
  const bytes = Number(candidate.snapshot.summary['total-files-size'] ?? 0);
  await lockDownstream(transaction, [run.datasetId]);
  const ended = await markEnded(transaction, {
    id: run.id,
    state: 'released',
    at,
    snapshotId,
    rows,
    ...facts,
    checks,
    ...recording.diary.ended(`released as release ${number}: ${countOf(rows, 'row')}`),
  });
  // Cancelled or taken over in the meantime: throwing takes the swap back.
  if (!ended) throw new MeshError('pipeline.ended', { facts: { run: run.id } });
  await moveBookmark(transaction, { run, ...recording.reading, release: number, at });
  const columns: Column[] = tableColumns(candidate.table);
  await insertRelease(transaction, {
    datasetId: run.datasetId,
    number,
    snapshotId,
    metadataKey,
    runId: run.id,
    contractVersion: run.contractVersion,
    rows,
    bytes,
    columns,
    ...planTags(datasetTags(run)),
    checks,
    at,
  });
  await startRound(parts, transaction, { datasetId: run.datasetId, roundId: run.roundId, number, at });
  await settleSteps(parts, transaction, [run.id]);
  await insertChange(transaction, {
    at,
    actor: 'crossdock',
    door: 'job',
    requestId: run.id,
    action: 'dataset.release',
    object: run.datasetId,
    domainId: run.domainId,
    allowed: true,
    reasons: ['every check that blocks a release passed'],
    facts: { dataset: `${run.addressed}.${run.dataset}`, release: number, rows },
  });
  await closeIncidents(parts, transaction, {
    datasetId: run.datasetId,
    kinds: ['checks-failed', 'run-failed', 'source-drift'],
    at,
    reason: `release ${number} passed its checks`,
  });
  const { compared } = recording;
  await recordObservation(parts, transaction, { run, compared, releaseNumber: number, at });
  await renewDeadline(parts, transaction, run.datasetId);
  await announceRelease(parts, transaction, { ...recording, rows });
  await recordLineage(transaction, { datasetId: run.datasetId, origin: 'released', runId: run.id, at });
  await recordRunEvent(parts, transaction, { runId: run.id, type: 'COMPLETE', at, sql: run.sql });
}

async function announceRelease(
  parts: Parts,
  transaction: Transaction,
  { run, number, checks, at, rows }: Recording & { rows: number },
): Promise<void> {
  // Of a backfill readers are told once, at its end.
  if (run.backfillValue !== null && (await isFollowed(transaction, run.id))) return;
  const subject = `${run.addressed}.${run.dataset}`;
  const warnings = warningsOf(checks).map(({ title }) => title);
  const mark = warnings.length === 0 ? '' : `, with ${warnings.length} of its checks not met`;
  await announce(parts, transaction, {
    type: 'dataset.released',
    subject,
    at,
    domainId: run.domainId,
    productId: run.productId,
    audience: 'both',
    title: `${subject} has release ${number}${mark}`,
    data: {
      product: run.addressed,
      dataset: run.dataset,
      release: number,
      rows,
      contractVersion: run.contractVersion,
      warnings,
    },
  });
}
