import { MeshError } from '../base/errors.ts';
import type { Parts } from '../identity/context.ts';
import { everyFile } from '../lake/forget-files.ts';
import { comparedSql, foldValue } from '../pipelines/erased-subjects/subject-hash.ts';
import type { Worker } from '../pipelines/run-statement.ts';
import { dataFiles } from '../lake/scan.ts';
import { snapshotOf } from '../lake/snapshot.ts';
import { quoteIdentifier, quoteLiteral } from '../base/data-type.ts';
import { type DatasetReport, EMPTY_REPORT, type ErasureReport, type SubjectValues } from './erasure-model.ts';
import { findRows, type FoundRows, type RowsToForget } from './rows/forget-rows.ts';
import { subjectRowsSql } from './rows/match-rows.ts';
import { distinctValues } from './rows/read-files.ts';
import { canRebuild } from './rebuild.ts';
import type { Scope, ScopedDataset } from './scope/read-scope.ts';
import { lookAtSources } from './sources/erase-sources.ts';

/** A value that stands for more subjects than this is a placeholder such as `n/a`, and nobody's. */
const MOST_KEYS = 100;
const MOST_IDENTIFIERS = 1_000;

export interface Planning {
  given: string;
  scope: Scope;
  worker: Worker;
  /** Told after each dataset. */
  onProgress(done: number, total: number): Promise<void>;
}

/** What an erasure would do, and the values by which it finds rows. Nothing is changed. */
export async function planErasure(
  parts: Parts,
  { given, scope, worker, onProgress }: Planning,
): Promise<{ values: SubjectValues; report: ErasureReport }> {
  const values = await subjectValues(parts, { given, scope, worker });
  const datasets: DatasetReport[] = [];
  for (const [index, dataset] of scope.datasets.entries()) {
    datasets.push(await planDataset(parts, dataset, { values, worker }));
    await onProgress(index + 1, scope.datasets.length);
  }
  const sources = await lookAtSources(parts, scope, { values, worker });
  const report: ErasureReport = {
    ...EMPTY_REPORT,
    keys: values.keys.length,
    datasets,
    sources,
    remains: scope.above.map((name) => `${name}, which it is made from: erase there, too`),
    notLookedInto: scope.notLookedInto,
  };
  return { values, report };
}

interface Looking {
  given: string;
  scope: Scope;
  worker: Worker;
}

/** From the value to the subject's keys, and to the identifiers that are nobody else's. */
async function subjectValues(parts: Parts, { given, scope, worker }: Looking): Promise<SubjectValues> {
  const values: SubjectValues = { given, keys: [], identifiers: [] };
  const starts = scope.datasets.filter(({ isStart, match }) => isStart && match.length > 0);
  const found: { dataset: ScopedDataset; rows: FoundRows }[] = [];
  for (const dataset of starts) {
    const rows = await findRows(parts, asked(dataset, { values, worker }));
    if (rows !== null && rows.byLocation.size > 0) found.push({ dataset, rows });
  }
  const keys = new Set<string>();
  for (const { dataset, rows } of found) {
    const key = dataset.match.find(({ role }) => role === 'key');
    if (key === undefined) continue;
    const expression = comparedSql(key.column, 'key');
    const { columns, condition } = rows;
    if (!columns.some(({ name }) => name === key.column)) continue;
    const reading = { worker, columns, condition };
    const files = await affectedFiles(parts, rows);
    const limit = MOST_KEYS + 1;
    for (const value of await distinctValues(parts, files, { ...reading, expression, limit }))
      keys.add(value);
  }
  if (keys.size > MOST_KEYS) throw new MeshError('erasure.too-many', { facts: { most: MOST_KEYS } });
  values.keys = [...keys].sort();
  for (const { dataset } of found) {
    const rows = await findRows(parts, asked(dataset, { values, worker }));
    if (rows !== null) values.identifiers.push(...(await ownIdentifiers(parts, { dataset, rows, worker })));
  }
  values.identifiers = [...new Set(values.identifiers)].sort();
  return values;
}

interface Identifying {
  dataset: ScopedDataset;
  rows: FoundRows;
  worker: Worker;
}

/** Identifiers of the subject's rows that no other row of today has. */
async function ownIdentifiers(parts: Parts, { dataset, rows, worker }: Identifying): Promise<string[]> {
  const { columns, condition } = rows;
  const own: string[] = [];
  for (const { column, role } of dataset.match) {
    if (role !== 'identifier' || !columns.some(({ name }) => name === column)) continue;
    const reading = { worker, columns, limit: MOST_IDENTIFIERS };
    const files = await affectedFiles(parts, rows);
    const expression = `CAST(${quoteIdentifier(column)} AS VARCHAR)`;
    const mine = await distinctValues(parts, files, { ...reading, condition, expression });
    if (mine.length === 0) continue;
    const compared = comparedSql(column, role);
    const list = mine.map((value) => quoteLiteral(foldValue(value))).join(', ');
    const others = await distinctValues(
      parts,
      await dataFiles(parts.lake, rows.table, snapshotOf(rows.table)),
      {
        ...reading,
        condition: `${condition} IS NOT TRUE AND ${compared} IN (${list})`,
        expression: compared,
      },
    );
    own.push(...mine.filter((value) => foldValue(value) !== '' && !others.includes(foldValue(value))));
  }
  return own;
}

async function affectedFiles({ lake }: Parts, { table, byLocation }: FoundRows) {
  return (await everyFile(lake, table)).filter(({ file }) => byLocation.has(file.location));
}

/** The rows of a dataset by the values that are known. */
export function asked(
  { id, fullName, match }: ScopedDataset,
  { values, worker }: { values: SubjectValues; worker: Worker },
): RowsToForget {
  return {
    datasetId: id,
    dataset: fullName,
    names: match.map(({ column }) => column),
    conditionOn: (names) =>
      subjectRowsSql(
        match.filter(({ column }) => names.includes(column)),
        values,
      ),
    worker,
  };
}

async function planDataset(
  parts: Parts,
  dataset: ScopedDataset,
  looking: { values: SubjectValues; worker: Worker },
): Promise<DatasetReport> {
  const nothing = untouched(dataset);
  if (dataset.hold !== null || dataset.match.length === 0) return nothing;
  const found = await findRows(parts, asked(dataset, looking));
  if (found === null || found.byLocation.size === 0) return nothing;
  return {
    ...nothing,
    outcome: 'erased',
    rows: found.rows,
    filesRewritten: found.mixed.length,
    filesRemoved: found.byLocation.size,
    snapshotsExpired: found.snapshots,
  };
}

/** What is to be told of a dataset before anything was done with it. */
export function untouched(dataset: ScopedDataset): DatasetReport {
  const nothing = { rows: 0, filesRewritten: 0, filesRemoved: 0, snapshotsExpired: 0 };
  const named = { datasetId: dataset.id, dataset: dataset.fullName, ...nothing };
  if (dataset.hold !== null) return { ...named, outcome: 'held', reason: `legal hold: ${dataset.hold}` };
  if (dataset.match.length > 0) return { ...named, outcome: 'clean', reason: null };
  const lost = [
    ...(dataset.keyless.length === 0 ? [] : [`${dataset.keyless.join(', ')} without a key`]),
    ...dataset.lost,
  ].join('; ');
  if (lost === '') return { ...named, outcome: 'recomputed', reason: null };
  const hindrance = canRebuild(dataset);
  return hindrance === null
    ? { ...named, outcome: 'rebuilt', reason: lost }
    : { ...named, outcome: 'not-followed', reason: `${lost}; ${hindrance}` };
}
