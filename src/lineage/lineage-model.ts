import type { Column } from '../base/data-type.ts';
import type { Traced } from './trace/trace-model.ts';

/** What a dataset is made of, as its inputs are declared: keyed by ids that never change. */
export type LineageInput = { name: string; domainId: string; columns: Column[] | null } & (
  { kind: 'source'; sourceId: string; table: string } | { kind: 'dataset'; datasetId: string }
);

/** A dataset with its inputs, and how their columns reach its own. */
export interface DescribedLineage {
  datasetId: string;
  domainId: string;
  name: string;
  sql: string | null;
  inputs: LineageInput[];
  /** `input` of its sources: position in {@link inputs}. */
  traced: Traced;
}

/** What is recorded beside a dataset's node. */
export interface RecordedFacts {
  /** By what: the declaration (an apply), or a run that was released. */
  origin: 'declared' | 'released';
  runId: string | null;
  /** ISO 8601. */
  recordedAt: string;
  /** What was not traced to its columns, in words; empty = everything was. */
  doubts: string[];
}

/** Transformation of an edge between nodes whose columns are not traced. */
export const BY_TABLES = 'TABLE';

/** Transformation of the edge from a job to the jobs that it starts. */
export const STARTS = 'PARENT';
