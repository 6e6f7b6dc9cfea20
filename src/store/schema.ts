import type { ColumnType, Generated, Selectable } from 'kysely';
import type {
  AccessHistoryRow,
  AuditChainRow,
  ChangeRow,
  PolicySetRow,
  PolicyTextRow,
  UsageRow,
} from './rows/audit.ts';
import type { BookmarkFileRow, BookmarkRow, BookmarkStepRow } from './rows/bookmarks.ts';
import type { Json, NullableTime, Time } from './rows/column-types.ts';
import type { ContractTestRow } from './rows/contract-tests.ts';
import type { DelegationRow } from './rows/delegations.ts';
import type {
  DatasetHoldRow,
  ErasedSubjectRow,
  ErasureKeyRow,
  ErasureRow,
  SubjectPlaceRow,
} from './rows/erasures.ts';
import type { DeadlineRow, IncidentEventRow, IncidentRow, ObservationRow } from './rows/incidents.ts';
import type { IdentityTables } from './rows/identity.ts';
import type { LineageTables } from './rows/lineage.ts';
import type {
  MeshEventRow,
  MutedEventRow,
  NotificationRow,
  WebhookAttemptRow,
  WebhookDeliveryRow,
  WebhookRow,
} from './rows/notifications.ts';
import type { AccessProofRow } from './rows/proofs.ts';
import type { ProductRow, ProductVersionRow } from './rows/products.ts';
import type {
  AgreedTerms,
  ElevationRow,
  RenewalRow,
  RequestAnswer,
  RequestDecisionRow,
  RequestStep,
} from './rows/requests.ts';
import type { RunGroupRow, RunNeedRow, RunRow, ScheduleRow, UnreadReleaseRow } from './rows/runs.ts';

export type { RunState, StepStart } from './rows/runs.ts';
export type { AgreedTerms, RequestAnswer, RequestStep } from './rows/requests.ts';
export type { ProductRow, ProductStatus } from './rows/products.ts';

/** A row as it is read. */
export type Read<Row> = Selectable<Row>;

/** The mesh’s tables; the SQL that makes them stands in `migrations/`, rows of one subject in `rows/`. */
export interface Schema extends LineageTables, IdentityTables {
  meshes: MeshRow;
  policies: PolicyRow;
  restrictions: RestrictionRow;
  domains: DomainRow;
  principals: PrincipalRow;
  memberships: MembershipRow;
  tokens: TokenRow;
  sources: SourceRow;
  crawls: CrawlRow;
  source_tables: SourceTableRow;
  products: ProductRow;
  product_versions: ProductVersionRow;
  datasets: DatasetRow;
  contract_versions: ContractVersionRow;
  dataset_inputs: DatasetInputRow;
  tables: TableRow;
  releases: ReleaseRow;
  runs: RunRow;
  bookmarks: BookmarkRow;
  bookmark_steps: BookmarkStepRow;
  bookmark_files: BookmarkFileRow;
  run_groups: RunGroupRow;
  run_needs: RunNeedRow;
  unread_releases: UnreadReleaseRow;
  schedules: ScheduleRow;
  contract_tests: ContractTestRow;
  subscriptions: SubscriptionRow;
  request_decisions: RequestDecisionRow;
  renewals: RenewalRow;
  elevations: ElevationRow;
  delegations: DelegationRow;
  access_proofs: AccessProofRow;
  changes: ChangeRow;
  audit_chain: AuditChainRow;
  policy_sets: PolicySetRow;
  policy_texts: PolicyTextRow;
  access_history: AccessHistoryRow;
  usage: UsageRow;
  mesh_events: MeshEventRow;
  notifications: NotificationRow;
  muted_events: MutedEventRow;
  webhooks: WebhookRow;
  webhook_deliveries: WebhookDeliveryRow;
  webhook_attempts: WebhookAttemptRow;
  observations: ObservationRow;
  deadlines: DeadlineRow;
  incidents: IncidentRow;
  incident_events: IncidentEventRow;
  erasures: ErasureRow;
  dataset_holds: DatasetHoldRow;
  erased_subjects: ErasedSubjectRow;
  subject_places: SubjectPlaceRow;
  erasure_key: ErasureKeyRow;
  search_documents: SearchDocumentRow;
  search_words: SearchWordRow;
}

export interface MeshRow {
  id: string;
  name: string;
  title: string;
  document: Json<Record<string, unknown>>;
  text: string;
  updated_at: Time;
}

export interface PolicyRow {
  /** `mesh`, or the id of the domain or product the policy stands beside. */
  scope_id: string;
  name: string;
  text: string;
}

export interface RestrictionRow {
  id: string;
  scope_id: string;
  name: string;
  document: Json<Record<string, unknown>>;
}

export interface DomainRow {
  id: string;
  name: string;
  title: string;
  description: string;
  document: Json<Record<string, unknown>>;
  text: string;
  /** As documents write them; everything in the domain inherits them. */
  tags: Json<string[]>;
  created_at: Time;
  updated_at: Time;
  /** A domain taken out of the mesh: its record stays, it has no members and offers nothing. */
  closed_at: NullableTime;
}

export interface PrincipalRow {
  id: string;
  kind: 'person' | 'service';
  name: string;
  /** Unique among people; null for service accounts. */
  email: string | null;
  /** The domain a service account belongs to; null for people. */
  domain_id: string | null;
  attributes: Json<Record<string, string | string[]>>;
  administrator: Generated<boolean>;
  created_at: Time;
  disabled_at: NullableTime;
}

export type Role = 'owner' | 'steward' | 'engineer' | 'analyst';

export interface MembershipRow {
  domain_id: string;
  principal_id: string;
  role: Role;
}

export interface TokenRow {
  id: string;
  principal_id: string;
  name: string;
  /** SHA-256 of the secret: tokens have 256 random bits, so no slow hash is needed. */
  hash: string;
  scopes: Json<string[]>;
  created_at: Time;
  expires_at: NullableTime;
  revoked_at: NullableTime;
}

export interface SourceRow {
  id: string;
  domain_id: string;
  name: string;
  document: Json<Record<string, unknown>>;
  text: string;
  created_at: Time;
  updated_at: Time;
}

export interface CrawlRow {
  id: string;
  source_id: string;
  state: 'running' | 'done' | 'failed' | 'cancelled';
  started_at: Time;
  finished_at: NullableTime;
  /** What changed, and what is wrong with which file. */
  summary: Json<Record<string, unknown> | null>;
  error: Json<Record<string, unknown> | null>;
}

export interface SourceTableRow {
  id: string;
  source_id: string;
  name: string;
  crawl_id: string;
  /** The crawled table as `src/ingest/crawl.ts` describes it. */
  facts: Json<Record<string, unknown>>;
}

export interface DatasetRow {
  id: string;
  product_id: string;
  name: string;
  description: string;
  contract: Json<Record<string, unknown>>;
  contract_text: string;
  contract_version: string;
  /** The dataset's SELECT; null when rows come from outside a pipeline. */
  sql_text: string | null;
  /** Column[] of the contract. */
  columns: Json<unknown[]>;
  /** What starts a run (`pipelines/read-trigger.ts`). */
  triggers: ColumnType<unknown[], unknown, unknown>;
  created_at: Time;
  updated_at: Time;
}

export interface ContractVersionRow {
  dataset_id: string;
  version: string;
  text: string;
  hash: string;
  created_at: Time;
}

export interface DatasetInputRow {
  dataset_id: string;
  kind: 'source' | 'dataset';
  /** `source.table` of the own domain, or `domain.product.dataset`. */
  name: string;
  source_id: string | null;
  input_dataset_id: string | null;
}

export interface TableRow {
  id: string;
  dataset_id: string;
  /** Key prefix of the table in its storage. */
  location: string;
  /** Key of the current metadata file: the pointer that commits swap. */
  metadata_key: string;
  updated_at: Time;
}

export interface ReleaseRow {
  id: string;
  dataset_id: string;
  number: number;
  /** int64 as text: above 2^53 in general. */
  snapshot_id: string;
  metadata_key: string;
  run_id: string;
  contract_version: string;
  rows: number;
  bytes: number;
  columns: Json<unknown[]>;
  /** Effective tags by column as of the release: they govern columns the contract has dropped since. */
  column_tags: Json<Record<string, Record<string, string>>>;
  /** The same of the parts of nested columns. */
  part_tags: Json<Record<string, Record<string, string>[]>>;
  checks: Json<unknown[]>;
  released_at: Time;
}

export type SubscriptionState = 'requested' | 'active' | 'rejected' | 'expired' | 'revoked' | 'withdrawn';

export interface SubscriptionRow {
  id: string;
  product_id: string;
  /** The consumer domain. */
  domain_id: string;
  purpose: string;
  state: SubscriptionState;
  requested_by: string;
  requested_at: Time;
  /** The end date asked for; the grant may be shorter. */
  requested_until: NullableTime;
  /** What the approver allows (policy/access-plan `Grant` without purpose and until); null until approved. */
  granted: Json<Record<string, unknown> | null>;
  until: NullableTime;
  decided_by: string | null;
  decided_at: NullableTime;
  reason: string | null;
  ended_at: NullableTime;
  /** The subscription to an earlier major that this one carries on. */
  follows: string | null;
  /** What a request waits for; null for everything else. */
  step: RequestStep | null;
  /** The columns asked for; null for all. */
  asked_columns: Json<string[] | null>;
  answers: Json<RequestAnswer[] | null>;
  terms: Json<AgreedTerms | null>;
  /** Requests that were sent together. */
  basket_id: string | null;
  /** The delegation it was approved under. */
  delegation_id: string | null;
}

/** A word of any search document: what typo-tolerant search compares (pg_trgm). */
export interface SearchWordRow {
  word: string;
}

export interface SearchDocumentRow {
  id: string;
  kind: 'domain' | 'product' | 'dataset' | 'column';
  domain_id: string;
  product_id: string | null;
  dataset_id: string | null;
  name: string;
  title: string;
  description: string;
  tags: Json<string[]>;
  /** Lower-case name and title, to tell who is called exactly so. */
  label: string;
}
