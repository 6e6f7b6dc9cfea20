import type { ColumnUse } from '../audit/store.ts';
import type { Column } from '../base/data-type.ts';
import type { Problem } from '../base/errors.ts';
import type { ContractChange } from '../contracts/changes/change.ts';
import type { Bump } from '../contracts/changes/required-version.ts';
import type { Contract } from '../contracts/odcs.ts';
import type { Path } from '../contracts/parse-document.ts';
import type { DerivedColumn } from './derived/derived-columns.ts';

/** What decides whether a product may be offered: the same for a publication, an apply, a plan and a dry run. */
export interface PublicationFacts {
  /** `DOMAIN.PRODUCT`. */
  name: string;
  description: string;
  /** Effective: its domain's too. */
  tags: readonly string[];
  owners: number;
  datasets: JudgedDataset[];
  version: string;
  major: number;
  hash: string;
  /** Versions of this major published before: they stay what they were. */
  versions: { version: string; hash: string }[];
  /** What consumers rely on now; null where nothing was offered yet. */
  before: RunningVersion | null;
  /** Days until the major before ends, for a new major. */
  noticeDays: number | null;
  /** Place of the list of what is offered, for what is missing in it. */
  portsPlace?: string;
  /** What the mesh's policies forbid about it: the reasons. */
  forbidden(publication: Publication): string[];
}

/** A dataset as it shall be offered. */
export interface JudgedDataset {
  name: string;
  description: string;
  contract: Contract;
  version: string;
  /** Whether a pipeline makes its rows, and its next run brings the table to the contract. */
  hasPipeline: boolean;
  /** Columns of the rows that consumers see; null before the first release. */
  released: Column[] | null;
  /** What of it is made of personal data of others. */
  derived: readonly DerivedColumn[];
  text?: string;
  place?: (path: Path) => string;
}

export interface RunningVersion {
  version: string;
  major: number;
  datasets: RunningDataset[];
  /** Consumer domains with an active subscription. */
  consumers: string[];
  /** Who read which column of them lately. */
  use: ColumnUse[];
}

export interface RunningDataset {
  id: string;
  name: string;
  contract: Contract;
  version: string;
  text: string;
  /** Whether consumers ever saw rows of it: until then nobody's query can break. */
  released: boolean;
}

/** A difference to the running version. */
export type VersionChange = Pick<ContractChange, 'class' | 'pointer' | 'message' | 'tableColumns'> & {
  code: string;
  dataset: string;
  place: string | null;
};

/** A subscription, or the own domain, that reads what a change breaks. */
export interface Impact {
  /** Null for the producer's own domain. */
  subscription: string | null;
  domain: string;
  purpose: string | null;
  dataset: string;
  columns: string[];
  /** Uses of these columns in the last 90 days. */
  uses: number;
  lastUsedAt: string;
}

export interface Verdict {
  /** Everything that keeps it from being published; empty when nothing does. */
  problems: Problem[];
  warnings: Problem[];
  /** The version it is compared with. */
  before: string | null;
  required: Bump | null;
  changes: VersionChange[];
  impact: Impact[];
}

/** The facts of a publication that policies of the mesh may judge, as Cedar sees them. */
export interface Publication {
  version: string;
  major: number;
  /** A major that comes to stand beside an older one. */
  newMajor: boolean;
  /** Whether anything changes that breaks consumers. */
  breaking: boolean;
  owners: number;
  consumers: number;
  datasets: number;
  columns: number;
  columnsWithoutDescription: number;
  /** Columns tagged as personal data. */
  personalColumns: number;
  classifications: string[];
  /** Service level properties that every dataset promises. */
  serviceLevels: string[];
  tags: string[];
  /** Days until the major before ends; 0 where none does. */
  noticeDays: number;
}
