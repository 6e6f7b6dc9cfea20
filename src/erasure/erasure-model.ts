import type { SubjectColumn } from '../contracts/data-subjects.ts';
import type { NotLookedInto } from './scope/look-around.ts';

/** What became of a dataset that holds, or may hold, data of the subject. */
export type DatasetOutcome =
  /** Rows or files of the subject are gone. */
  | 'erased'
  /** Nothing of the subject was there. */
  | 'clean'
  /** It has no column by which the subject's rows are found; it was made anew and its past is gone. */
  | 'rebuilt'
  /** It holds no value of a subject, only what was counted or summed up; it was made anew. */
  | 'recomputed'
  /** Under legal hold: not touched. */
  | 'held'
  /** It may still hold values of the subject. */
  | 'not-followed';

export interface DatasetReport {
  datasetId: string;
  /** `DOMAIN.PRODUCT.DATASET`. */
  dataset: string;
  outcome: DatasetOutcome;
  /** Of the current release. */
  rows: number;
  filesRewritten: number;
  filesRemoved: number;
  snapshotsExpired: number;
  reason: string | null;
}

export interface SourceReport {
  /** `DOMAIN/SOURCE`. */
  source: string;
  table: string;
  file: string | null;
  outcome: 'rewritten' | 'remains';
  rows: number;
  reason: string | null;
}

/** Rows of the mesh's own records (samples of failing rows, messages with values) that were changed. */
export interface RecordReport {
  place: string;
  rows: number;
}

export interface Proof {
  /** Rows, files and records in which nothing was found. */
  tables: number;
  files: number;
  /** What was found all the same, in words. */
  found: string[];
}

export interface ErasureReport {
  /** How many keys of subjects the value stands for. */
  keys: number;
  datasets: DatasetReport[];
  sources: SourceReport[];
  records: RecordReport[];
  /** What is known to remain beside the above, in words. */
  remains: string[];
  /** Datasets with personal data that may be the subject's and were not looked into; absent of old. */
  notLookedInto?: NotLookedInto[];
  /** Runs that make datasets anew, by the dataset's id; null until they were started. */
  runs: Record<string, string> | null;
  proof: Proof | null;
  /** Nothing remains that the mesh knows of. */
  complete: boolean;
}

export const EMPTY_REPORT: ErasureReport = {
  ...{ keys: 0, datasets: [], sources: [], records: [], remains: [] },
  runs: null,
  proof: null,
  complete: false,
};

/** The values by which a subject is found; kept sealed, and only until the erasure has ended. */
export interface SubjectValues {
  /** As it was given. */
  given: string;
  keys: string[];
  /** As they stand in the rows, and nobody else's. */
  identifiers: string[];
}

/** Columns of one table and how each is compared. */
export type MatchColumn = Pick<SubjectColumn, 'column' | 'role'>;

/** Whether nothing remains: only then is an erasure complete. */
export function isComplete({
  datasets,
  sources,
  remains,
  notLookedInto = [],
  proof,
}: ErasureReport): boolean {
  const bad = datasets.some(({ outcome }) => outcome === 'held' || outcome === 'not-followed');
  const left = sources.some(({ outcome }) => outcome === 'remains');
  const isKnown = remains.length === 0 && notLookedInto.length === 0;
  return !bad && !left && isKnown && proof !== null && proof.found.length === 0;
}
