import type { Parts } from '../identity/context.ts';
import { sweepTable } from '../lake/maintenance.ts';
import { tableIdOf } from '../lake/store.ts';
import type { Worker } from '../pipelines/run-statement.ts';
import { insertChange } from '../store/changes.ts';
import type { Transaction } from '../store/database.ts';
import { announce } from '../store/outbox.ts';
import type { DatasetReport, ErasureReport, SubjectValues } from './erasure-model.ts';
import { asked, untouched } from './plan-erasure.ts';
import { findRows, type Forgot, forgetPast, forgetRows, type ForgetTask } from './rows/forget-rows.ts';
import { refreshRanges } from './rows/refresh-ranges.ts';
import type { ScopedDataset } from './scope/read-scope.ts';
import { type Erasure, updateReport } from './store.ts';

export interface Erasing {
  erasure: Erasure;
  values: SubjectValues;
  worker: Worker;
}

/** Takes the subject out of one dataset's present and past. Done before, it does nothing. */
export async function eraseDataset(parts: Parts, dataset: ScopedDataset, erasing: Erasing): Promise<void> {
  if (dataset.hold !== null || dataset.match.length === 0) return;
  const rows = asked(dataset, erasing);
  const found = await findRows(parts, rows);
  if (found === null) return;
  if (found.byLocation.size > 0) {
    await forgetRows(parts, { rows, found }, taskOf(parts, dataset, { erasing, outcome: 'erased' }));
  } else await sweepTable(parts.lake, tableIdOf(dataset.id));
  await refreshRanges(parts, dataset.id);
}

/** The past of a dataset that was made anew from what is left. */
export async function forgetBefore(parts: Parts, dataset: ScopedDataset, erasing: Erasing): Promise<void> {
  await forgetPast(parts, {
    datasetId: dataset.id,
    task: taskOf(parts, dataset, { erasing, outcome: 'rebuilt' }),
  });
  await refreshRanges(parts, dataset.id);
}

interface Telling {
  erasing: Erasing;
  outcome: 'erased' | 'rebuilt';
}

function taskOf(parts: Parts, dataset: ScopedDataset, { erasing, outcome }: Telling): ForgetTask {
  const { erasure } = erasing;
  return {
    summary: { 'crossdock.erasure': erasure.id },
    record: async (transaction, forgot) => {
      const entry = { ...untouched(dataset), outcome, ...forgot };
      await updateReport(transaction, erasure.id, (report) => withDataset(report, entry));
      await recordErased(parts, transaction, { erasure, dataset, forgot });
    },
  };
}

interface Recording {
  erasure: Erasure;
  dataset: ScopedDataset;
  forgot: Forgot;
}

/** The people of the dataset's own domain find it in their audit, and those who read it hear of it. */
async function recordErased(
  parts: Parts,
  transaction: Transaction,
  { erasure, dataset, forgot }: Recording,
): Promise<void> {
  const at = parts.clock.now();
  const { id, requested_by: actor, reason, subject, subject_hash: hash } = erasure;
  await insertChange(transaction, {
    ...{ at, actor, door: 'job', requestId: id, action: 'dataset.erase' },
    object: dataset.id,
    domainId: dataset.domainId,
    allowed: true,
    reasons: [`erasure ${id} of ${erasure.domain}: ${reason}`],
    facts: { dataset: dataset.fullName, subject, hash, ...forgot },
  });
  await announce(parts, transaction, {
    type: 'dataset.erased',
    subject: dataset.fullName,
    at,
    domainId: dataset.domainId,
    productId: dataset.productId,
    audience: 'both',
    title: `${dataset.fullName} was cleared of a data subject: copies of it have to be read anew`,
    data: { dataset: dataset.fullName, erasure: id, rows: forgot.rows },
    once: `dataset.erased ${id} ${dataset.id}`,
  });
}

/** The report with what became of one dataset. */
export function withDataset(report: ErasureReport, entry: DatasetReport): ErasureReport {
  const others = report.datasets.filter(({ datasetId }) => datasetId !== entry.datasetId);
  const datasets = [...others, entry].sort((left, right) => (left.dataset < right.dataset ? -1 : 1));
  return { ...report, datasets };
}
