import type { PolicyText } from '../audit/store.ts';
import type { Column } from '../base/data-type.ts';
import type { IncidentKind } from '../store/rows/incidents.ts';
import type { ProductStatus } from '../store/schema.ts';
import type { GrantedAccess } from './grant.ts';

/** Everything that decides what somebody may see of a dataset, read at once. */
export interface AccessFacts {
  datasetId: string;
  dataset: string;
  productId: string;
  product: string;
  major: number;
  isCurrent: boolean;
  /** `retired` from the moment of its sunset on, before any job says so. */
  status: ProductStatus;
  sunsetAt: string | null;
  /** Whether one of the reader's domains held a subscription that ended with the major. */
  heldToTheEnd: boolean;
  /** The major that the reader held until its sunset, where this one has taken its place. */
  ended?: AccessFacts;
  domainId: string;
  domain: string;
  contract: Record<string, unknown>;
  productTags: string[];
  /** Tags of the domains that have any, as documents write them, by name. */
  taggedDomains: Record<string, string[]>;
  table: { id: string; metadataKey: string } | null;
  release: AccessRelease | null;
  subscriptions: AccessSubscription[];
  restrictions: { id: string; scopeId: string; name: string; document: Record<string, unknown> }[];
  policies: PolicyText[];
  /** Living incidents: whoever reads the rows is told of them. */
  incidents: AccessIncident[];
}

export interface AccessIncident {
  id: string;
  kind: IncidentKind;
  severity: 'error' | 'warning';
  summary: string;
  openedAt: string;
}

export interface AccessRelease {
  id: string;
  number: number;
  snapshotId: string;
  rows: number;
  releasedAt: string;
  columns: Column[];
  columnTags: Record<string, Record<string, string>>;
  partTags: Record<string, Record<string, string>[]>;
}

export interface AccessSubscription {
  id: string;
  domainId: string;
  domain: string;
  purpose: string;
  granted: GrantedAccess;
  until: string | null;
  /** Of an elevation: whose it is; it is no domain's. */
  elevated?: string;
}
