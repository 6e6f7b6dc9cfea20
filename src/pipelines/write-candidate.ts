import type { Column } from '../base/data-type.ts';
import { MeshError } from '../base/errors.ts';
import { conformTable } from '../contracts/conforms.ts';
import { contractTable } from '../contracts/contract-table.ts';
import type { Contract } from '../contracts/odcs.ts';
import type { EngineOutput, EngineResult } from '../engines/engine.ts';
import type { Parts } from '../identity/context.ts';
import type { Table } from '../lake/lake.ts';
import { CANDIDATE_BRANCH } from '../lake/release.ts';
import { stageFiles } from '../lake/stage-files.ts';
import { hasTable, tableIdOf } from '../lake/store.ts';
import { createTable, evolveTable, repartitionTable, tableColumns } from '../lake/table.ts';
import { type WrittenSnapshot, writeSnapshot } from '../lake/write.ts';
import { loadTable } from '../lake/lake.ts';
import type { InputRelations } from './input-relations.ts';
import type { PipelineRun } from './store.ts';

export interface WriteTask {
  run: PipelineRun;
  /** The guarded text of the pipeline's SELECT. */
  sql: string;
  inputs: InputRelations;
  /** An empty folder for the written files; removed by the caller. */
  folder: string;
  signal: AbortSignal;
}

/**
 * Write: the SELECT's rows go into Parquet files and those into a snapshot on the branch `candidate`, which
 * consumers do not see. The table is created or brought to the contract's schema first.
 */
export async function writeCandidate(parts: Parts, task: WriteTask): Promise<WrittenSnapshot> {
  const table = await prepareTable(parts, task.run);
  const result = await writeFiles(parts, table, task);
  const staged = await stageFiles(parts.lake, table, result.files ?? []);
  return writeSnapshot(parts.lake, table.id, {
    kind: 'overwrite',
    files: staged,
    branch: CANDIDATE_BRANCH,
    summary: { 'crossdock.run-id': task.run.id },
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

async function writeFiles(parts: Parts, table: Table, task: WriteTask): Promise<EngineResult> {
  const { partitions } = contractTable(contractOf(task.run));
  await needConformance(parts, task);
  const columns: Column[] = tableColumns(table);
  return execute(parts, task, {
    sql: task.sql,
    output: { kind: 'parquet-table', folder: task.folder, columns, partitions },
  });
}

/** The statement's columns are those of the contract, by name and type; whether they are filled is for the checks. */
async function needConformance(parts: Parts, task: WriteTask): Promise<void> {
  const sql = `SELECT * FROM (${task.sql}) LIMIT 0`;
  const { columns } = await execute(parts, task, { sql, output: { kind: 'rows', maxRows: 1 } });
  const problems = conformTable(contractTable(contractOf(task.run)), columns, { nullability: 'checked' });
  if (problems.length === 0) return;
  throw new MeshError('pipeline.not-conforming', { facts: { dataset: task.run.dataset }, problems });
}

function execute(
  { engine, settings }: Parts,
  task: WriteTask,
  work: { sql: string; output: EngineOutput },
): Promise<EngineResult> {
  const { run, inputs, signal } = task;
  return engine.run(
    {
      ...work,
      relations: inputs.relations,
      files: inputs.files,
      timeoutMs: settings.pipelineMs,
      memoryBytes: settings.workerMemoryBytes,
      caller: `domain ${run.domain}`,
    },
    signal,
  );
}

function contractOf(run: PipelineRun): Contract {
  return run.contract as unknown as Contract;
}
