import { randomBytes } from 'node:crypto';
import type { Column } from '../base/data-type.ts';
import { MeshError } from '../base/errors.ts';
import type { Relation } from '../engines/engine.ts';
import type { Parts } from '../identity/context.ts';
import { openFileSource } from '../ingest/file-source.ts';
import { prepareFiles } from '../ingest/prepare-files.ts';
import { recordCrawl, type RecordedCrawl } from '../ingest/record-crawl.ts';
import { relationSql } from '../ingest/relation-sql.ts';
import type { NamedSource } from '../ingest/store.ts';
import { readMetadata, type Table } from '../lake/lake.ts';
import { readRelation } from '../lake/relation.ts';
import { snapshotById } from '../lake/snapshot.ts';
import { compileDuckdbView } from '../policy/compile/duckdb.ts';
import type { PlannedDataset } from '../subscriptions/plan-access.ts';
import type { PipelineInput, SourceInput } from './resolve-inputs.ts';

/** What a pipeline's statement reads, as views and the files below them, and the record of it. */
export interface InputRelations {
  relations: Relation[];
  files: string[];
  /** For the run's page: which files or which release were read. */
  record: object[];
}

export interface PrepareOptions {
  /** Folder for copies of files in other encodings; removed by the caller. */
  scratch: string;
  signal: AbortSignal;
}

/** Crawls the sources as they are now and plans the releases as they are now. */
export async function prepareInputs(
  parts: Parts,
  inputs: PipelineInput[],
  options: PrepareOptions,
): Promise<InputRelations> {
  const prepared: InputRelations = { relations: [], files: [], record: [] };
  const crawls = new Map<string, Promise<RecordedCrawl>>();
  for (const input of inputs) {
    const one =
      input.kind === 'dataset' ? await datasetRelation(parts, input.planned) : await sourceRelation(input);
    const { record, files, ...relation } = one;
    prepared.relations.push({ ...input.reference, ...relation });
    prepared.files.push(...files);
    prepared.record.push(record);
  }
  return prepared;

  async function sourceRelation({ source, table }: SourceInput) {
    const crawl =
      crawls.get(source.id) ?? recordCrawl(parts, source, { signal: options.signal, reuse: true });
    crawls.set(source.id, crawl);
    const crawled = (await crawl).tables.find(({ name }) => name.toLowerCase() === table.toLowerCase());
    if (crawled === undefined)
      throw unknownTable(
        source,
        table,
        (await crawl).tables.map(({ name }) => name),
      );
    const { settings } = parts;
    const raw = await openFileSource({
      root: settings.sourcesFolder,
      domain: source.domain,
      path: source.document.path,
    });
    const broken = (await crawl).problems.filter(
      (problem) => problem.severity === 'error' && problem.table === crawled.name,
    );
    if (broken.length > 0) {
      throw new MeshError('pipeline.source-damaged', {
        facts: { table: `${source.name}.${crawled.name}` },
        problems: broken,
      });
    }
    const relation = relationSql(
      crawled,
      await prepareFiles(crawled, raw, `${options.scratch}/${source.id}`),
    );
    const record = {
      source: `${source.domain}/${source.name}`,
      table: crawled.name,
      files: crawled.files.length,
      rows: crawled.rows,
    };
    return { ...relation, filtered: false, record };
  }
}

function unknownTable(source: NamedSource, table: string, tables: string[]): MeshError {
  return new MeshError('pipeline.unknown-input', {
    problems: [
      { message: `source ${source.name} has no table ${table}; it has ${tables.join(', ') || 'none'}` },
    ],
  });
}

/** A released dataset as the plan lets its reader see it. */
export async function datasetRelation(parts: Parts, planned: PlannedDataset) {
  const { plan, release, table } = planned;
  // The facts name the metadata already: asking the catalog again could only give another moment's.
  const loaded: Table = { ...table, metadata: await readMetadata(parts.lake, table.metadataKey) };
  const snapshot = snapshotById(loaded, release.snapshotId);
  const relation = await readRelation(parts.lake, loaded, { snapshot, columns: release.columns });
  const sql = compileDuckdbView(plan, {
    relation: `(${relation.sql})`,
    querySalt: randomBytes(24).toString('base64url'),
  });
  return {
    sql,
    files: relation.files,
    filtered: plan.rowFilter.op !== 'true',
    columns: plan.columns.map(({ name, type }): Column => ({ name, type, required: false })),
    record: {
      dataset: plan.dataset,
      release: release.number,
      snapshot: release.snapshotId,
      rows: release.rows,
    },
  };
}
