import { type Column, quoteIdentifier } from '../base/data-type.ts';
import { isMeshError } from '../base/errors.ts';
import { LIMITS } from '../base/limits.ts';
import type { EngineResult } from '../engines/engine.ts';
import type { Parts } from '../identity/context.ts';
import type { Table } from '../lake/lake.ts';
import type { Snapshot } from '../lake/metadata.ts';
import { readRelation } from '../lake/relation.ts';
import { dataFiles, type ScanFile } from '../lake/scan.ts';
import { columnsOf } from '../lake/schema.ts';
import { compareValues, decodeValue, type SingleValue } from '../lake/single-value.ts';
import { tableColumns } from '../lake/table.ts';
import { printSingleValue } from '../lake/value-text.ts';
import { type ColumnObservation, hasDistinct, hasRange, type Observation } from './observation.ts';

export interface Observing {
  table: Table;
  snapshot: Snapshot;
  /** Who waits in the engine's queue. */
  caller: string;
  signal: AbortSignal;
}

/**
 * Distinct values are counted by a pass over all rows. Where a run adds little to a large table it would cost
 * more than the run itself: beyond this many rows for each row that was written, they are not counted.
 */
const ROWS_PER_WRITTEN_ROW = 4;
const ALWAYS_COUNTED_ROWS = 1_000_000;

/**
 * What is to be known of a snapshot beside its checks. Rows, nulls and ranges stand in its manifests already;
 * distinct values are counted in one pass. That pass failing loses the count and not the run.
 */
export async function observeSnapshot(parts: Parts, observing: Observing): Promise<Observation> {
  const { table, snapshot } = observing;
  const files = await dataFiles(parts.lake, table, snapshot);
  const columns = tableColumns(table).slice(0, LIMITS.observedColumns);
  const rows = files.reduce((sum, { file }) => sum + file.rows, 0);
  const bytes = files.reduce((sum, { file }) => sum + file.bytes, 0);
  const distinct = isCounted(snapshot, rows)
    ? await countDistinct(parts, observing, columns)
    : new Map<number, number>();
  return {
    rows,
    bytes,
    columns: columns.map((column) => ({
      ...observeColumn(column, files),
      distinct: distinct.get(idOf(column)) ?? null,
    })),
  };
}

function isCounted(snapshot: Snapshot, rows: number): boolean {
  const written = Number(snapshot.summary['added-records'] ?? 0);
  return rows <= Math.max(ALWAYS_COUNTED_ROWS, ROWS_PER_WRITTEN_ROW * written);
}

function idOf({ id }: Column): number {
  return id ?? 0;
}

/** From the metrics of the data files (table spec, "Data File Fields"), exact for the types it is asked for. */
export function observeColumn(column: Column, files: ScanFile[]): Omit<ColumnObservation, 'distinct'> {
  const id = idOf(column);
  const known = files.map((one) => fileMetrics(column, one));
  const nulls = known.every(({ nulls }) => nulls !== null)
    ? known.reduce((sum, one) => sum + (one.nulls ?? 0), 0)
    : null;
  const filled = known.filter(({ nulls, rows }) => nulls !== rows);
  const ranges = filled.flatMap(({ range }) => (range === null ? [] : [range]));
  const print = (value: SingleValue | undefined) =>
    value === undefined ? null : printSingleValue(column.type, value);
  // A range of some files is no range of all.
  if (!hasRange(column.type) || ranges.length < filled.length) {
    return { id, name: column.name, nulls, minimum: null, maximum: null };
  }
  const lows = ranges.map(({ low }) => low).sort(compareValues);
  const highs = ranges.map(({ high }) => high).sort(compareValues);
  return { id, name: column.name, nulls, minimum: print(lows[0]), maximum: print(highs.at(-1)) };
}

function fileMetrics({ id = 0, type }: Column, { file, schema }: ScanFile) {
  const { rows } = file;
  // Written before the column was added: all of it is null.
  const isThere = columnsOf(schema).some((column) => column.id === id);
  if (!isThere) return { rows, nulls: rows, range: null };
  const nulls = file.nullCounts.get(id) ?? null;
  const [lower, upper] = [file.lowerBounds.get(id), file.upperBounds.get(id)];
  const range =
    lower === undefined || upper === undefined || !hasRange(type)
      ? null
      : { low: decodeValue(type, lower), high: decodeValue(type, upper) };
  return { rows, nulls, range };
}

async function countDistinct(
  parts: Parts,
  { table, snapshot, caller, signal }: Observing,
  columns: Column[],
): Promise<Map<number, number>> {
  const counted = columns.filter(({ type }) => hasDistinct(type));
  if (counted.length === 0) return new Map();
  const relation = await readRelation(parts.lake, table, { snapshot, columns: counted });
  const list = counted.map(({ name }) => `approx_count_distinct(${quoteIdentifier(name)})`);
  try {
    const result = await parts.engine.run(
      {
        sql: `SELECT ${list.join(', ')} FROM observed.dataset`,
        relations: [{ schema: 'observed', name: 'dataset', sql: relation.sql, filtered: false }],
        files: relation.files,
        output: { kind: 'rows', maxRows: 1 },
        timeoutMs: parts.settings.pipelineMs,
        memoryBytes: parts.settings.workerMemoryBytes,
        caller,
        trusted: true,
      },
      signal,
    );
    return countsOf(result, counted);
  } catch (error) {
    if (signal.aborted || !isMeshError(error)) throw error;
    parts.log.warn({ table: table.id, code: error.code }, 'distinct values were not counted');
    return new Map();
  }
}

function countsOf(result: EngineResult, columns: Column[]): Map<number, number> {
  const values = result.rows?.[0] ?? [];
  return new Map(columns.map((column, index) => [idOf(column), Number(values[index] ?? 0)]));
}
