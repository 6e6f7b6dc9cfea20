import type { Parts } from '../../identity/context.ts';
import { loadTable } from '../../lake/lake.ts';
import { dataFiles } from '../../lake/scan.ts';
import { snapshotOf } from '../../lake/snapshot.ts';
import { tableIdOf } from '../../lake/store.ts';
import { tableColumns } from '../../lake/table.ts';
import type { ColumnObservation } from '../../observations/observation.ts';
import { observeColumn } from '../../observations/observe-snapshot.ts';
import { findLastObserved, forgetRanges, saveObserved } from './store.ts';

/** The statistics of a dataset without what the rows that are gone said in them; the last ones are measured anew. */
export async function refreshRanges(parts: Parts, datasetId: string): Promise<void> {
  const table = await loadTable(parts.lake, tableIdOf(datasetId));
  const files = await dataFiles(parts.lake, table, snapshotOf(table));
  const columns = tableColumns(table);
  await parts.database.transact(async (transaction) => {
    await forgetRanges(transaction, datasetId);
    const last = await findLastObserved(transaction, datasetId);
    if (last === undefined) return;
    const observed = (last.columns as ColumnObservation[]).map((before) => {
      const column = columns.find(({ id }) => id === before.id);
      return column === undefined ? before : { ...before, ...observeColumn(column, files) };
    });
    const rows = files.reduce((sum, { file }) => sum + file.rows, 0);
    const bytes = files.reduce((sum, { file }) => sum + file.bytes, 0);
    await saveObserved(transaction, { runId: last.runId, columns: observed, rows, bytes });
  });
}
