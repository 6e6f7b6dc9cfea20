import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Column } from '../../base/data-type.ts';
import { MeshError } from '../../base/errors.ts';
import type { Parts } from '../../identity/context.ts';
import { everyFile, forgetFiles } from '../../lake/forget-files.ts';
import { loadTable, readMetadata, type Lake, type Table } from '../../lake/lake.ts';
import { sweepTable } from '../../lake/maintenance.ts';
import type { DataFile } from '../../lake/data-file.ts';
import type { Snapshot } from '../../lake/metadata.ts';
import { bindSpec, type PartitionField } from '../../lake/partition.ts';
import { dataFiles, type ScanFile } from '../../lake/scan.ts';
import { findSnapshot, snapshotOf } from '../../lake/snapshot.ts';
import { stageFiles } from '../../lake/stage-files.ts';
import { hasTable, swapPointer, tableIdOf } from '../../lake/store.ts';
import { tableColumns, tableSpec } from '../../lake/table.ts';
import type { Worker } from '../../pipelines/run-statement.ts';
import { lockDatasets } from '../../products/runs/store.ts';
import type { Transaction } from '../../store/database.ts';
import { moveRelease } from '../store.ts';
import { countByFile, writeSurvivors } from './read-files.ts';

/** Rows of a dataset that are to go, by a condition over some of its columns. */
export interface RowsToForget {
  datasetId: string;
  /** `DOMAIN.PRODUCT.DATASET`. */
  dataset: string;
  /** Names of the columns that the condition may be over. */
  names: string[];
  /** The condition over those of them that the table has. */
  conditionOn(names: string[]): string;
  /** Whether a file may hold some, by its metrics; absent: any may. */
  mayHold?(file: DataFile, columns: Column[]): boolean;
  worker: Worker;
}

/** Where such rows are. */
export interface FoundRows {
  table: Table;
  columns: Column[];
  condition: string;
  /** Files of any snapshot that hold some, with how many. */
  byLocation: Map<string, number>;
  /** Those of them that are in the current snapshot. */
  current: ScanFile[];
  /** Those of these that hold other rows, too: they are written anew, the others only taken out. */
  mixed: ScanFile[];
  /** Of the current snapshot. */
  rows: number;
  /** Snapshots that hold some. */
  snapshots: number;
}

/** Finds rows in the present and past of a dataset; null where it has no table yet. */
export async function findRows(parts: Parts, rows: RowsToForget): Promise<FoundRows | null> {
  const tableId = tableIdOf(rows.datasetId);
  if (!(await hasTable(parts.database.reader, tableId))) return null;
  const table = await loadTable(parts.lake, tableId);
  const columns = tableColumns(table).filter(({ name }) => rows.names.includes(name));
  if (columns.length === 0) {
    const reason = `its table has none of the columns ${rows.names.join(', ')} yet`;
    throw new MeshError('erasure.not-ready', { facts: { dataset: rows.dataset, reason } });
  }
  const condition = rows.conditionOn(columns.map(({ name }) => name));
  const all = await everyFile(parts.lake, table);
  const files = all.filter(({ file }) => rows.mayHold?.(file, columns) ?? true);
  const byLocation = await countByFile(parts, files, { worker: rows.worker, columns, condition });
  let snapshots = 0;
  for (const snapshot of table.metadata.snapshots) {
    const held = await dataFiles(parts.lake, table, snapshot);
    if (held.some(({ file }) => byLocation.has(file.location))) snapshots++;
  }
  const head = await dataFiles(parts.lake, table, snapshotOf(table));
  const current = head.filter(({ file }) => byLocation.has(file.location));
  const count = current.reduce((sum, { file }) => sum + (byLocation.get(file.location) ?? 0), 0);
  const mixed = current.filter(({ file }) => (byLocation.get(file.location) ?? 0) < file.rows);
  return { table, columns, condition, byLocation, current, mixed, rows: count, snapshots };
}

export interface Forgot {
  rows: number;
  filesRewritten: number;
  filesRemoved: number;
  snapshotsExpired: number;
}

/** Why, for the snapshot's summary, and what is written with it. */
export interface ForgetTask {
  summary: Record<string, string>;
  /** In the transaction that moves the table's pointer. */
  record(transaction: Transaction, forgot: Forgot): Promise<void>;
}

/**
 * Takes the rows out of a dataset's present and past: files that hold some are written anew without them, the
 * release stands on the new snapshot in the moment the table does, snapshots that lead to an old file go, and
 * then the files. Killed anywhere and begun again it comes to the same. Only where no run writes the dataset.
 */
export async function forgetRows(
  parts: Parts,
  { rows, found }: { rows: RowsToForget; found: FoundRows },
  task: ForgetTask,
): Promise<Forgot> {
  const { table, current, mixed, byLocation } = found;
  const folder = await mkdtemp(join(parts.settings.temporaryFolder, 'erasing-'));
  const forgot: Forgot = {
    rows: found.rows,
    filesRewritten: mixed.length,
    filesRemoved: byLocation.size,
    snapshotsExpired: 0,
  };
  try {
    const written =
      mixed.length === 0
        ? []
        : await writeSurvivors(parts, mixed, {
            worker: rows.worker,
            columns: tableColumns(table),
            condition: found.condition,
            folder,
            partitions: partitionsOf(table),
          });
    const files = await stageFiles(parts.lake, table, written);
    const kept = files.reduce((sum, file) => sum + file.rows, 0);
    const before = current.reduce((sum, { file }) => sum + file.rows, 0);
    if (kept !== before - found.rows)
      throw new MeshError('internal', { detail: `${before - kept} rows would go, not ${found.rows}` });
    const lake = releasingLake(parts, { datasetId: rows.datasetId, task, forgot });
    await forgetFiles(lake, table.id, {
      forgotten: new Set(byLocation.keys()),
      files,
      summary: task.summary,
    });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
  await sweepTable(parts.lake, table.id);
  return forgot;
}

/** Gives a dataset's past up: every snapshot but the current one, with its files. */
export async function forgetPast(
  parts: Parts,
  { datasetId, task }: { datasetId: string; task: ForgetTask },
): Promise<Forgot | null> {
  const tableId = tableIdOf(datasetId);
  if (!(await hasTable(parts.database.reader, tableId))) return null;
  const table = await loadTable(parts.lake, tableId);
  const head = new Set(
    (await dataFiles(parts.lake, table, snapshotOf(table))).map(({ file }) => file.location),
  );
  const past = (await everyFile(parts.lake, table)).filter(({ file }) => !head.has(file.location));
  const forgotten = new Set(past.map(({ file }) => file.location));
  const forgot: Forgot = { rows: 0, filesRewritten: 0, filesRemoved: forgotten.size, snapshotsExpired: 0 };
  const lake = releasingLake(parts, { datasetId, task, forgot });
  await forgetFiles(lake, tableId, { forgotten, files: [], summary: task.summary });
  await sweepTable(parts.lake, tableId);
  return forgot;
}

/** The table's pointer and the release's row move in one transaction. */
function releasingLake(
  parts: Parts,
  { datasetId, task, forgot }: { datasetId: string; task: ForgetTask; forgot: Forgot },
): Lake {
  return {
    ...parts.lake,
    pointer: {
      read: parts.lake.pointer.read,
      swap: async (tableId, change) => {
        const [was, next] = [await headOf(parts, change.from), await headOf(parts, change.to)];
        forgot.snapshotsExpired = was.snapshots - next.snapshots + (was.id === next.id ? 0 : 1);
        return parts.database.transact(async (transaction) => {
          await lockDatasets(transaction, [datasetId]);
          if (!(await swapPointer(transaction, tableId, { ...change, at: parts.clock.now() }))) return false;
          if (was.id !== null && next.snapshot !== null && was.id !== next.id)
            await moveRelease(transaction, {
              datasetId,
              was: was.id,
              metadataKey: change.to,
              ...next.snapshot,
            });
          await task.record(transaction, forgot);
          return true;
        });
      },
    },
  };
}

async function headOf({ lake }: Parts, metadataKey: string | null) {
  const metadata = await readMetadata(lake, metadataKey ?? '');
  const id = metadata.refs['main']?.['snapshot-id'] ?? null;
  const snapshot = id === null ? undefined : findSnapshot(metadata, id);
  return {
    id,
    snapshots: metadata.snapshots.length,
    snapshot: snapshot === undefined ? null : totalsOf(snapshot),
  };
}

function totalsOf({ 'snapshot-id': snapshotId, summary }: Snapshot) {
  const [rows, bytes] = [summary['total-records'], summary['total-files-size']].map((text) =>
    Number(text ?? 0),
  );
  return { snapshotId, rows: rows ?? 0, bytes: bytes ?? 0 };
}

function partitionsOf(table: Table): PartitionField[] {
  const columns = tableColumns(table);
  return bindSpec(tableSpec(table), columns).map(({ sourceId, transform }) => ({
    column: columns.find(({ id }) => id === sourceId)?.name ?? '',
    transform,
  }));
}
