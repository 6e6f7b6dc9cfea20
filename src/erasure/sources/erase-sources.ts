import { realpath } from 'node:fs/promises';
import { sep } from 'node:path';
import { isMeshError, toMeshError } from '../../base/errors.ts';
import type { Parts } from '../../identity/context.ts';
import type { CrawledTable, FileGroup } from '../../ingest/crawled-table.ts';
import { openSource } from '../../ingest/open-source.ts';
import type { RawSource } from '../../ingest/raw-source.ts';
import { type RecordedCrawl, recordCrawl } from '../../ingest/record-crawl.ts';
import { listReaders, listSourcesById, type NamedSource } from '../../ingest/store.ts';
import type { Worker } from '../../pipelines/run-statement.ts';
import type { SourceReport, SubjectValues } from '../erasure-model.ts';
import { subjectRowsSql } from '../rows/match-rows.ts';
import type { Scope, ScopedSource } from '../scope/read-scope.ts';
import { updateReadFile } from '../store.ts';
import { countCsvRows, eraseCsvRows } from './csv-rows.ts';
import type { BeforeReplacing } from './kept-content.ts';
import { countJsonRows, eraseJsonRows } from './json-rows.ts';
import { countParquetRows, eraseParquetRows } from './parquet-rows.ts';
import { rowTest } from './row-test.ts';

export interface SourceLooking {
  values: SubjectValues;
  worker: Worker;
}

/** Which files of the sources hold the subject, and what would become of them. */
export function lookAtSources(parts: Parts, scope: Scope, looking: SourceLooking): Promise<SourceReport[]> {
  return eachFile(parts, scope, { ...looking, work: async () => undefined });
}

/**
 * Takes the subject's rows out of the files that lie in the mesh's own folders; those of others are the
 * producer's to change, and are told of.
 */
export function eraseFromSources(
  parts: Parts,
  scope: Scope,
  looking: SourceLooking,
): Promise<SourceReport[]> {
  const work = async (file: SubjectFile) => {
    const written = `${file.source.name}.${file.table}`;
    const datasetIds = await listReaders(parts.database.reader, file.source.id, written);
    await file.erase((facts) =>
      parts.database.transact((transaction) =>
        updateReadFile(transaction, { datasetIds, key: file.key, ...facts }),
      ),
    );
  };
  return eachFile(parts, scope, { ...looking, work });
}

interface SubjectFile {
  source: NamedSource;
  table: string;
  key: string;
  path: string;
  count(): Promise<number>;
  erase(before: BeforeReplacing): Promise<void>;
}

interface Work extends SourceLooking {
  work(file: SubjectFile): Promise<void>;
}

async function eachFile(parts: Parts, { sources }: Scope, work: Work): Promise<SourceReport[]> {
  const reports: SourceReport[] = [];
  const crawls = new Map<string, Promise<RecordedCrawl>>();
  const ids = [...new Set(sources.map(({ sourceId }) => sourceId))];
  const rows = await listSourcesById(parts.database.reader, ids);
  for (const scoped of sources) {
    const source = rows.find(({ id }) => id === scoped.sourceId);
    if (source === undefined) continue;
    if (scoped.heldFor !== null) {
      reports.push(left(scoped, { reason: `${scoped.heldFor} is made from it and under legal hold` }));
      continue;
    }
    try {
      const { signal } = work.worker;
      const crawling = crawls.get(source.id) ?? recordCrawl(parts, source, { signal, reuse: true });
      crawls.set(source.id, crawling);
      const { tables } = await crawling;
      const crawled = tables.find(({ name }) => name.toLowerCase() === scoped.table.toLowerCase());
      // A table that is not there any more holds nobody.
      if (crawled === undefined) continue;
      reports.push(...notLookedInto(scoped, crawled));
      reports.push(...(await eachOfTable(parts, { source, scoped, crawled, looking: work }, work)));
    } catch (error) {
      if (work.worker.signal.aborted || !isMeshError(error)) throw error;
      reports.push(left(scoped, { reason: `it could not be looked into: ${toMeshError(error).message}` }));
    }
  }
  return reports;
}

async function eachOfTable(parts: Parts, table: TableFiles, { work }: Work): Promise<SourceReport[]> {
  const { scoped } = table;
  const reports: SourceReport[] = [];
  for (const file of await filesOf(parts, table)) {
    const rows = await file.count();
    if (rows === 0) continue;
    if (!(await isOwn(parts, file.path))) {
      const reason = 'it lies outside of the mesh’s folders: the producer’s own';
      reports.push(left(scoped, { file: file.key, reason, rows }));
      continue;
    }
    await work(file);
    const { source, table: name } = scoped;
    reports.push({ source, table: name, file: file.key, outcome: 'rewritten', rows, reason: null });
  }
  return reports;
}

function left(
  { source, table }: ScopedSource,
  { file = null, reason, rows = 0 }: { file?: string | null; reason: string; rows?: number },
): SourceReport {
  return { source, table, file, outcome: 'remains', rows, reason };
}

function notLookedInto(scoped: ScopedSource, crawled: CrawledTable): SourceReport[] {
  const damaged = unreadable(crawled).map((file) =>
    left(scoped, { file, reason: 'it is damaged and was not looked into' }),
  );
  const partition = scoped.columns.find(({ column }) => crawled.partitionColumns.includes(column));
  if (partition === undefined) return damaged;
  return [...damaged, left(scoped, { reason: `${partition.column} is in the names of its folders` })];
}

/** Files that the crawl knows and no reader reads. */
function unreadable({ files, groups }: CrawledTable): string[] {
  const read = new Set(groups.flatMap(({ keys }) => keys));
  return files.map(({ key }) => key).filter((key) => !read.has(key));
}

async function isOwn({ settings }: Parts, path: string): Promise<boolean> {
  const real = await realpath(path);
  const folders = await Promise.all(
    settings.ownFolders.map((folder) => realpath(folder).catch(() => folder)),
  );
  return folders.some((folder) => real.startsWith(folder.endsWith(sep) ? folder : folder + sep));
}

interface TableFiles {
  source: NamedSource;
  scoped: ScopedSource;
  crawled: CrawledTable;
  looking: SourceLooking;
}

async function filesOf(
  parts: Parts,
  { source, scoped, crawled, looking }: TableFiles,
): Promise<SubjectFile[]> {
  const raw = await openSource(parts.settings, source);
  const files: SubjectFile[] = [];
  for (const group of crawled.groups) {
    for (const key of group.keys) {
      const path = await pathOf(raw, key);
      files.push({
        source,
        table: crawled.name,
        key,
        path,
        ...rowsOf(parts, { group, path, scoped, looking }),
      });
    }
  }
  return files;
}

/** With its links followed: what is written takes the place of the file, not of a link to it. */
async function pathOf(raw: RawSource, key: string): Promise<string> {
  return realpath(await raw.localFile(key));
}

interface FileRows {
  group: FileGroup;
  path: string;
  scoped: ScopedSource;
  looking: SourceLooking;
}

function rowsOf(
  parts: Parts,
  { group, path, scoped, looking }: FileRows,
): Pick<SubjectFile, 'count' | 'erase'> {
  const { reader, columns } = group;
  const isSubject = rowTest(scoped.columns, looking.values);
  switch (reader.format) {
    case 'csv': {
      const rows = { path, reader, columns, isSubject };
      return { count: () => countCsvRows(rows), erase: (before) => eraseCsvRows(rows, before) };
    }
    case 'json': {
      const rows = { path, reader, isSubject };
      return { count: () => countJsonRows(rows), erase: (before) => eraseJsonRows(rows, before) };
    }
    case 'parquet': {
      const there = scoped.columns.filter(({ column }) => columns.includes(column));
      if (there.length === 0) return { count: async () => 0, erase: async () => undefined };
      const rows = { path, condition: subjectRowsSql(there, looking.values), worker: looking.worker };
      return {
        count: () => countParquetRows(parts, rows),
        erase: (before) => eraseParquetRows(parts, rows, before),
      };
    }
  }
}
