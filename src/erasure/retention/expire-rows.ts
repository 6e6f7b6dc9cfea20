import { isoTime } from '../../base/clock.ts';
import type { Column } from '../../base/data-type.ts';
import { isMeshError } from '../../base/errors.ts';
import { legalHold } from '../../contracts/data-subjects.ts';
import { cutoffOf, expiredSql, type Retention, rowRetentions } from '../../contracts/retention.ts';
import type { Parts } from '../../identity/context.ts';
import { columnRange } from '../../lake/column-range.ts';
import type { DataFile } from '../../lake/data-file.ts';
import { insertChange } from '../../store/changes.ts';
import { holdDatasets, releaseHolds, RETENTION } from '../holds/store.ts';
import { findRows, type Forgot, forgetRows, type RowsToForget } from '../rows/forget-rows.ts';
import { refreshRanges } from '../rows/refresh-ranges.ts';
import { type DatasetFacts, readDatasetFacts } from '../scope/store.ts';
import { listRetained } from './store.ts';

const DAY_MS = 86_400_000;
const DAY_MICROS = 86_400_000_000n;

/**
 * Takes rows that are older than their contract keeps them out of every dataset, present and past. What is
 * under legal hold stays; a dataset with a run under way, or that cannot be read, is looked at the next time.
 * @returns how many rows went
 */
export async function expireRows(parts: Parts, signal: AbortSignal): Promise<number> {
  let rows = 0;
  try {
    for (const dataset of await readDatasetFacts(
      parts.database.reader,
      await listRetained(parts.database.reader),
    )) {
      if (legalHold(dataset.contract) !== null || legalHold(dataset.document) !== null) continue;
      for (const retention of rowRetentions(dataset.contract)) {
        if (signal.aborted) return rows;
        rows += await expireOne(parts, { dataset, retention, signal });
      }
    }
    return rows;
  } finally {
    await parts.database.transact((transaction) => releaseHolds(transaction, RETENTION));
  }
}

interface Expiring {
  dataset: DatasetFacts;
  retention: Retention;
  signal: AbortSignal;
}

async function expireOne(parts: Parts, expiring: Expiring): Promise<number> {
  const { dataset } = expiring;
  try {
    // First without holding anything: mostly no file can have such a row.
    if ((await findExpired(parts, expiring)) === null) return 0;
    const isHeld = await parts.database.transact((transaction) =>
      holdDatasets(transaction, { heldBy: RETENTION, datasetIds: [dataset.id] }),
    );
    const found = isHeld ? await findExpired(parts, expiring) : null;
    if (found === null) return 0;
    const { rows } = await forgetRows(parts, found, {
      summary: { 'crossdock.retention': isoTime(cutoffOf(expiring.retention, parts.clock.now())) },
      record: (transaction, forgot) =>
        insertChange(transaction, expiryOf(expiring, { forgot, at: parts.clock.now() })),
    });
    await refreshRanges(parts, dataset.id);
    return rows;
  } catch (error) {
    if (expiring.signal.aborted) throw error;
    // Its table has no such column before its next release.
    if (isMeshError(error, 'erasure.not-ready')) return 0;
    parts.log.error({ err: error, dataset: dataset.id }, 'rows of a dataset could not expire');
    return 0;
  }
}

/** Where rows of any snapshot are too old; null where none are. */
async function findExpired(parts: Parts, { dataset, retention, signal }: Expiring) {
  const now = parts.clock.now();
  const rows: RowsToForget = {
    datasetId: dataset.id,
    dataset: dataset.fullName,
    names: retention.columns.map(({ name }) => name),
    conditionOn: (names) =>
      // A column that the table does not have yet says nothing of the age.
      names.length < retention.columns.length ? 'false' : expiredSql(retention, now),
    mayHold: (file, columns) => columns.every((column) => mayBeOlder(file, column, cutoffOf(retention, now))),
    worker: { domain: dataset.domain, signal },
  };
  const found = await findRows(parts, rows);
  return found === null || found.byLocation.size === 0 ? null : { rows, found };
}

/** By the file's own smallest value, without reading it. */
function mayBeOlder(file: DataFile, column: Column, cutoff: Date): boolean {
  const range = columnRange(file, column);
  if (range.kind !== 'between') return range.kind === 'unknown';
  const days = cutoff.getTime() / DAY_MS;
  return typeof range.low === 'bigint' ? range.low < BigInt(days) * DAY_MICROS : Number(range.low) < days;
}

function expiryOf({ dataset, retention }: Expiring, { forgot, at }: { forgot: Forgot; at: Date }) {
  return {
    ...{ at, actor: 'crossdock', door: 'job', requestId: RETENTION, action: 'dataset.expire' },
    object: dataset.id,
    domainId: dataset.domainId,
    allowed: true,
    reasons: ['the retention of its contract'],
    facts: {
      dataset: dataset.fullName,
      columns: retention.columns.map(({ name }) => name),
      before: isoTime(cutoffOf(retention, at)).slice(0, 10),
      ...forgot,
    },
  };
}
