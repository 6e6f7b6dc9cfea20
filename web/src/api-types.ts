/** Shapes of the API under /api/v1, as the web app reads them. Times are ISO 8601 text in UTC. */

export type Role = 'owner' | 'steward' | 'engineer' | 'analyst';

export interface DomainRole {
  name: string;
  title: string;
  role: Role;
}

export interface Me {
  principal: { id: string; kind: string; name: string; email: string | null };
  administrator: boolean;
  domains: DomainRole[];
  demo: boolean;
  mesh: { name: string; title: string };
}

export interface DemoPerson {
  email: string;
  name: string;
  domains: DomainRole[];
  hint: string;
}

export interface Domain {
  name: string;
  title: string;
  description: string | null;
  products: number;
}

export type Access = 'own' | 'active' | 'forbidden' | 'requested' | 'none' | 'expired';
export type ProductStatus = 'draft' | 'published' | 'deprecated' | 'retired';

export interface ProductRow {
  id: string;
  domain: string;
  name: string;
  title: string;
  description: string | null;
  tags: string[];
  status: ProductStatus;
  version: string;
  datasets: {
    name: string;
    sqlName: string;
    columns: number;
    releasedAt: string | null;
    rows: number | null;
  }[];
  access: Access;
  /** The worst of its living incidents; absent on the page of the product, which lists them. */
  incident?: 'error' | 'warning' | null;
}

export type HitKind = 'domain' | 'product' | 'dataset' | 'column';

export interface Hit {
  kind: HitKind;
  id: string;
  domain: string;
  product: string | null;
  dataset: string | null;
  column: string | null;
  title: string;
  description: string | null;
  tags: string[];
  score: number;
}

export interface SearchPage {
  hits: Hit[];
  next: string | null;
}

export interface Mask {
  action: string;
  value?: string | number | boolean | null;
}

export type ColumnAccess = 'visible' | 'masked' | 'hidden' | 'not-granted';

/** A tag that holds for something, and where it was set. */
export interface EffectiveTag {
  key: string;
  value: string;
  from: 'domain' | 'product' | 'dataset' | 'column';
}

export interface DatasetColumn {
  name: string;
  type: string;
  description: string | null;
  businessName: string | null;
  required: boolean;
  unique: boolean;
  primaryKey: boolean;
  classification: string | null;
  personal: boolean;
  tags: string[];
  effectiveTags: EffectiveTag[];
  access: ColumnAccess;
  mask?: Mask | string | null;
}

export type Severity = string | null;

export interface CheckResult {
  id: string;
  title: string;
  passed: boolean;
  failures: number;
  /** Releases of earlier versions have no word for what was not run. */
  outcome?: 'passed' | 'failed' | 'not-run';
  /** What the check counted or computed, where that is not a number of failing rows. */
  measured?: string | number | boolean | null;
  /** What `measured` counts, where it is not rows: percent, hour, day. */
  unit?: string | null;
  severity: Severity;
  /** Why it was not run, or could not be worked out. */
  error?: string | null;
  elapsedMs?: number | null;
}

export interface Release {
  id: string;
  number: number;
  releasedAt: string;
  rows: number;
  bytes: number;
  checks: CheckResult[];
}

export interface Dataset {
  id: string;
  name: string;
  sqlNames: string[];
  description: string | null;
  contract: { id: string; version: string; text: string };
  effectiveTags: EffectiveTag[];
  columns: DatasetColumn[];
  rowFilter: string | null;
  quality: { id: string; title: string; severity: Severity }[];
  sla: { property: string; value: string | number | boolean | null; unit: string | null }[];
  release: Release | null;
}

/** What canaries found: while it is active that it gives what was granted, after its end that it gives nothing. */
export interface AccessProof {
  state: 'proven' | 'forbidden' | 'drift' | 'pending';
  /** When the doors last were as wanted. */
  at: string | null;
}

export interface ProductSubscription {
  id: string;
  domain: string;
  domainTitle: string;
  purpose: string;
  state: string;
  until: string | null;
  endedBy: string | null;
  endedAt: string | null;
  reason: string | null;
  rowFilter: string | null;
  columns: string[] | null;
  tags: Record<string, string[]> | null;
  masks: Record<string, Mask>;
  proof: AccessProof | null;
  usage: { queries: number; rows: number; lastUsedAt: string | null };
}

export interface ProductMajor {
  major: number;
  version: string;
  /** The name that leads to it: `sales.sell-out@1`. */
  address: string;
  status: ProductStatus;
  current: boolean;
  sunsetAt: string | null;
  access: Access;
}

export interface VersionChange {
  class: 'breaking' | 'compatible' | 'cosmetic';
  code: string;
  message: string;
  /** Absent in the history of one contract. */
  dataset?: string;
}

export interface ProductVersion {
  version: string;
  publishedAt: string;
  changes: VersionChange[];
}

export interface ContractVersion {
  version: string;
  at: string;
  changes: VersionChange[];
}

export interface Product extends Omit<ProductRow, 'datasets' | 'incident'> {
  purpose: string | null;
  limitations: string | null;
  owner: { domain: string; title: string; members: { name: string; role: Role }[] };
  support: { channel: string; url: string | null }[];
  inputs: { domain: string; product: string }[];
  myDomains: { domain: string; access: Access }[];
  may: {
    publish: boolean;
    run: boolean;
    approve: boolean;
    request: boolean;
    elevate: boolean;
    delegate: boolean;
    audit: boolean;
  };
  /** Kinds of data subject that I may erase from it. */
  erasable: string[];
  /** My own emergency reading that counts now. */
  elevation: { id: string; until: string } | null;
  incidents: Incident[];
  datasets: Dataset[];
  major: number;
  majors: ProductMajor[];
  versions: ProductVersion[];
  subscriptions?: ProductSubscription[];
}

export interface ProductName {
  domain: string;
  name: string;
  title: string;
}

export interface QueryInput {
  sql: string;
  purpose?: string;
  limit?: number;
}

export interface QueryResult {
  id: string;
  columns: { name: string; type: string }[];
  rows: unknown[][];
  rowCount: number;
  truncated: boolean;
  elapsedMs: number;
}

export interface LineageNode {
  id: string;
  kind: 'dataset' | 'source-table' | 'external' | 'job' | 'subscription';
  name: string;
  label: string;
  domain: string;
  product: string | null;
  /** Steps from the start; negative upstream. */
  depth: number;
  columns: { name: string; type: string }[];
  doubts: string[];
  until: string | null;
}

export interface LineageGraph {
  start: string[];
  nodes: LineageNode[];
  edges: { from: string; to: string; level: 'column' | 'table' | 'parent' }[];
  columnEdges: {
    from: string;
    fromColumn: string | null;
    to: string;
    toColumn: string | null;
    transformations: { type: string; subtype: string | null; masking: boolean }[];
  }[];
  truncated: boolean;
}

export type IncidentKind =
  'overdue' | 'checks-failed' | 'run-failed' | 'deviation' | 'source-drift' | 'access-drift';

/** Something about a dataset that its readers should know. */
export interface Incident {
  id: string;
  /** DOMAIN.PRODUCT */
  product: string;
  dataset: string;
  kind: IncidentKind;
  severity: 'error' | 'warning';
  state: 'open' | 'acknowledged' | 'closed';
  summary: string;
  meaning: string;
  openedAt: string;
  seenAt: string;
  closedAt: string | null;
  /** Only for the producer's people, like its history. */
  detail?: Record<string, unknown>;
  history?: IncidentEvent[];
}

export interface IncidentEvent {
  at: string;
  kind: 'opened' | 'seen' | 'acknowledged' | 'commented' | 'closed';
  by: string;
  text: string;
}

export interface Deviation {
  measure: 'rows' | 'null-share' | 'distinct';
  column: string | null;
  value: number;
  low: number;
  high: number;
  count: number;
}

/** One release as it was measured beside its checks. */
export interface ObservedRelease {
  release: number;
  at: string;
  rows: number;
  bytes: number;
  sinceLastMs: number | null;
  usual: { low: number; high: number } | null;
  deviations: Deviation[];
}

export interface ObservedColumn {
  name: string;
  nullShare: number | null;
  distinct: number | null;
  minimum: string | null;
  maximum: string | null;
  nullShares: (number | null)[];
}

export interface Observations {
  dataset: string;
  deviations: boolean;
  releases: ObservedRelease[];
  columns: ObservedColumn[];
}
