import type { Column, DataType } from '../base/data-type.ts';
import type { ColumnMask } from './column-mask.ts';
import type { Attributes, RowFilter } from './row-filter-model.ts';
import type { TagExpression } from './tags.ts';

/** What an approver gave with a subscription. The subscription is the permission; nothing above it widens it. */
export interface Grant {
  /** Names of the columns given; `null` gives all, also those added later. */
  columns: string[] | null;
  /** Of those the columns that are so tagged now, with all their parts; absent gives them whatever their tags. */
  tags?: TagExpression;
  rowFilter: RowFilter | null;
  /** By column name. */
  masks: Record<string, ColumnMask>;
  /** Columns with personal data whose use was approved; absent in grants that are older than this approval. */
  personal?: string[];
  purpose: string;
  /** ISO 8601 date (through the end of that day, UTC) or time; `null` is without end. */
  until: string | null;
}

export type RestrictionLevel = 'mesh' | 'domain' | 'product';

/** A rule that only narrows. It applies to a column when every key of `appliesTo` matches (any value of a key does). */
export interface Restriction {
  id: string;
  level: RestrictionLevel;
  name: string;
  appliesTo: { columns?: string[]; tags?: TagExpression; datasets?: string[] };
  rowFilter?: RowFilter;
  mask?: ColumnMask;
  hide?: boolean;
}

export interface PlanDataset {
  id: string;
  domain: string;
  product: string;
  name: string;
  columns: Column[];
  /** Tags of each column with those inherited from dataset, product and domain: column, key, value. */
  columnTags: Record<string, Record<string, string>>;
  /** Of columns that have parts: the tags of each part, with those inherited. */
  partTags: Record<string, Record<string, string>[]>;
}

export interface PlanPrincipal {
  id: string;
  kind: 'person' | 'service-account';
  /** Names of the domains the principal is a member of. */
  domains: string[];
  attributes: Attributes;
}

/** The right a principal reads under: its own domain's data, one subscription, or an emergency. */
export type Via =
  | { kind: 'own-domain'; domain: string }
  | { kind: 'subscription' | 'elevation'; id: string; domain: string; grant: Grant };

export interface PlanFacts {
  dataset: PlanDataset;
  principal: PlanPrincipal;
  via: Via;
  /** Restrictions of the mesh, of the dataset's domain and of its product; in any order. */
  restrictions: Restriction[];
  /** ISO 8601. */
  now: string;
}

export interface PlannedColumn {
  name: string;
  /** Iceberg field id. */
  id: number | undefined;
  type: DataType;
  mask: ColumnMask | null;
  /** Why it is masked, in plain words; empty when shown as it is. */
  reasons: string[];
}

/** What one principal may see of one dataset right now. Every door compiles this and nothing else. */
export interface AccessPlan {
  datasetId: string;
  /** `domain.product.dataset`. */
  dataset: string;
  via:
    | { kind: 'own-domain'; domain: string }
    | { kind: 'subscription' | 'elevation'; id: string; domain: string };
  columns: PlannedColumn[];
  hidden: { name: string; reasons: string[] }[];
  /** Bound: no attributes left, constants in the form of their column's type; `{op:'true'}` is all rows. */
  rowFilter: RowFilter;
  /** Columns the row filter reads, also hidden ones: doors evaluate it on unmasked values, first. */
  filterColumns: Column[];
  purpose: string | null;
  until: string | null;
  /** Equal exactly when two plans of a dataset show the same: columns, types, masks, rows. */
  hash: string;
  /** Why the rows are as they are, in plain words. */
  reasons: string[];
}
