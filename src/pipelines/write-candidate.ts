import { mkdtemp } from 'node:fs/promises';
import { join } from 'node:path';
import { type Column, typeName } from '../base/data-type.ts';
import { MeshError, type Problem } from '../base/errors.ts';
import { conformTable } from '../contracts/conforms.ts';
import { contractTable } from '../contracts/contract-table.ts';
import type { Contract } from '../contracts/odcs.ts';
import type { WrittenFile } from '../engines/engine.ts';
import type { Parts } from '../identity/context.ts';
import { loadTable, type Table } from '../lake/lake.ts';
import type { SnapshotId } from '../lake/metadata.ts';
import { CANDIDATE_BRANCH } from '../lake/release.ts';
import { snapshotById, snapshotOf } from '../lake/snapshot.ts';
import { stageFiles } from '../lake/stage-files.ts';
import { hasTable, tableIdOf } from '../lake/store.ts';
import { createTable, evolveTable, repartitionTable, tableColumns } from '../lake/table.ts';
import { type SnapshotWrite, type WrittenSnapshot, writeSnapshot } from '../lake/write.ts';
import { type MergeCounts, mergeRows, type Reach, type RefusedBatch } from './merge-rows.ts';
import { leaveOutErased } from './erased-subjects/leave-out.ts';
import { leaveOutExpired } from './leave-out-expired.ts';
import type { PipelineSettings } from './pipeline-settings.ts';
import { runStatement, type Worker } from './run-statement.ts';
import type { PipelineRun } from './store.ts';

export interface WriteTask {
  run: PipelineRun;
  /** The guarded text of the pipeline's SELECT. */
  sql: string;
  inputs: Reach;
  plan: WritePlan;
  /** An empty folder for the written files; removed by the caller. */
  folder: string;
  signal: AbortSignal;
}

/** What becomes of the rows that are there. */
export interface WritePlan extends Pick<PipelineSettings, 'write' | 'key' | 'deleteWhere'> {
  /** All rows are replaced whatever `write` says: the run has read everything. */
  rebuild: boolean;
  /** The snapshot whose rows are built on; absent = the last release. */
  rowsOf?: SnapshotId;
}

export interface Written {
  kind: 'written';
  candidate: WrittenSnapshot;
  /** Rows of the table that are new, changed, gone, and named by the run without a change. */
  counts: MergeCounts;
}

/**
 * Write: the SELECT's rows go into Parquet files and those into a snapshot on the branch `candidate`, which
 * consumers do not see: in the place of all rows, beside them, or in the place of some, as the pipeline says.
 * The table is created or brought to the contract's schema first.
 */
export async function writeCandidate(parts: Parts, given: WriteTask): Promise<Written | RefusedBatch> {
  const table = await prepareTable(parts, given.run);
  await needConformance(parts, given);
  const task = await leaveOutErased(parts, leaveOutExpired(given, parts.clock.now()));
  if (task.plan.write === 'merge') return mergeCandidate(parts, task, table);
  const files = await writeFiles(parts, task, { table, statement: { ...task.inputs, sql: task.sql } });
  const candidate = await commit(parts, task, { table, files, kind: kindOf(task.plan) });
  const { summary } = candidate.snapshot;
  const [inserted, deleted] = [Number(summary['added-records']), Number(summary['deleted-records'])];
  return { kind: 'written', candidate, counts: { inserted, updated: 0, deleted, unchanged: 0 } };
}

function kindOf({ write, rebuild }: WritePlan): SnapshotWrite['kind'] {
  if (rebuild || write === 'overwrite') return 'overwrite';
  return write === 'append' ? 'append' : 'replace-partitions';
}

async function mergeCandidate(parts: Parts, task: WriteTask, table: Table): Promise<Written | RefusedBatch> {
  const { plan } = task;
  const columns = tableColumns(table);
  const head = plan.rowsOf === undefined ? snapshotOf(table) : snapshotById(table, plan.rowsOf);
  const merged = await mergeRows(parts, {
    ...task,
    worker: workerOf(task),
    columns,
    key: columns.filter((column) => isKey(column, plan)),
    deleteWhere: plan.deleteWhere,
    table,
    base: plan.rebuild ? null : head,
    folder: await mkdtemp(join(task.folder, '../batch-')),
    write: (sql, reach) => writeFiles(parts, task, { table, statement: { ...reach, sql, trusted: true } }),
  });
  if (merged.kind === 'refused') return merged;
  const { files, removed, counts } = merged;
  const kind = plan.rebuild ? 'overwrite' : 'replace-files';
  return {
    kind: 'written',
    candidate: await commit(parts, task, { table, files, kind, removed }),
    counts,
  };
}

/** Settings name columns as SQL does, whatever their case. */
function isKey({ name }: Column, { key }: WritePlan): boolean {
  return key.some((one) => one.toLowerCase() === name.toLowerCase());
}

interface Commit {
  table: Table;
  files: WrittenFile[];
  kind: SnapshotWrite['kind'];
  removed?: string[];
}

async function commit(
  parts: Parts,
  { run, plan }: WriteTask,
  { table, files, kind, removed = [] }: Commit,
): Promise<WrittenSnapshot> {
  return writeSnapshot(parts.lake, table.id, {
    kind,
    files: await stageFiles(parts.lake, table, files),
    removed,
    ...(plan.rowsOf === undefined || kind === 'overwrite' ? {} : { rowsOf: plan.rowsOf }),
    branch: CANDIDATE_BRANCH,
    summary: { 'crossdock.run-id': run.id },
  });
}

/** The dataset's table with the contract's columns and partitions; made on the first run. */
async function prepareTable(parts: Parts, run: PipelineRun): Promise<Table> {
  const promised = contractTable(contractOf(run));
  const tableId = tableIdOf(run.datasetId);
  // Which rows may be NULL is for the checks to say: a required column would make the whole write fail
  // without a word about the rows.
  const columns = promised.columns.map((column) => ({ ...column, required: false }));
  if (!(await hasTable(parts.database.reader, tableId))) {
    const prefix = `${run.domain}/${run.product}/${run.dataset}/${tableId}`;
    await createTable(parts.lake, { tableId, prefix, columns, partitions: promised.partitions }).catch(
      ignoreExisting,
    );
    return loadTable(parts.lake, tableId);
  }
  await evolveTable(parts.lake, tableId, { columns });
  return repartitionTable(parts.lake, tableId, promised.partitions);
}

/** Another run may have made it in between; then it is there, which is all we want. */
function ignoreExisting(error: unknown): void {
  if (!(error instanceof MeshError && error.code === 'lake.table-exists')) throw error;
}

interface FileStatement {
  table: Table;
  statement: Reach & { sql: string; trusted?: boolean };
}

async function writeFiles(
  parts: Parts,
  task: WriteTask,
  { table, statement }: FileStatement,
): Promise<WrittenFile[]> {
  const { partitions } = contractTable(contractOf(task.run));
  const output = {
    kind: 'parquet-table',
    folder: task.folder,
    columns: tableColumns(table),
    partitions,
  } as const;
  const { files = [] } = await runStatement(parts, workerOf(task), { ...statement, output });
  return files;
}

/** The statement's columns are those of the contract, by name and type; whether they are filled is for the checks. */
async function needConformance(parts: Parts, task: WriteTask): Promise<void> {
  const { run, plan } = task;
  const sql = `SELECT * FROM (${task.sql}) LIMIT 0`;
  const { columns } = await runStatement(parts, workerOf(task), {
    ...task.inputs,
    sql,
    output: { kind: 'rows', maxRows: 1 },
  });
  const { rows, problems } = withoutDeletes(columns, plan);
  problems.push(...conformTable(contractTable(contractOf(run)), rows, { nullability: 'checked' }));
  if (problems.length > 0)
    throw new MeshError('pipeline.not-conforming', { facts: { dataset: run.dataset }, problems });
}

/** The column that says which rows delete is the pipeline's own: the table has none of it. */
function withoutDeletes(
  columns: Column[],
  { deleteWhere, write }: WritePlan,
): { rows: Column[]; problems: Problem[] } {
  if (write !== 'merge' || deleteWhere === null) return { rows: columns, problems: [] };
  const isMarker = ({ name }: Column) => name.toLowerCase() === deleteWhere.toLowerCase();
  const marker = columns.find(isMarker);
  const message =
    marker === undefined
      ? `the SELECT has no column ${deleteWhere}, which \`delete where\` names`
      : `${deleteWhere} is ${typeName(marker.type)}: \`delete where\` needs a boolean column`;
  const isFit = marker?.type.kind === 'boolean';
  return { rows: columns.filter((column) => !isMarker(column)), problems: isFit ? [] : [{ message }] };
}

function workerOf({ run, signal }: WriteTask): Worker {
  return { domain: run.domain, signal };
}

function contractOf(run: PipelineRun): Contract {
  return run.contract as unknown as Contract;
}
