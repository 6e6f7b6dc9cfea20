import type { PolicyText } from '../audit/store.ts';
import type { TagExpression } from '../policy/tags.ts';
import type {
  DatasetInputRow,
  DatasetRow,
  DomainRow,
  MeshRow,
  ProductRow,
  Read,
  Role,
  SourceRow,
  SubscriptionState,
} from '../store/schema.ts';
import type { WrittenForm } from '../subscriptions/forms/request-form.ts';
import type { DeclaredGrant } from './declaration.ts';

/** Names and ids of everything in the mesh: what references are resolved against. */
export interface Directory {
  domains: DirectoryDomain[];
  products: DirectoryProduct[];
  datasets: DirectoryDataset[];
  /** Which dataset reads which. */
  edges: { from: string; to: string }[];
}

export interface DirectoryDomain {
  id: string;
  name: string;
  closed: boolean;
  /** What requests for its products are asked. */
  requestForm: WrittenForm;
}

export interface DirectoryProduct {
  id: string;
  domainId: string;
  domain: string;
  name: string;
  /** The ODPS id. */
  documentId: string;
  status: Read<ProductRow>['status'];
  grants: DeclaredGrant[];
  requestForm: WrittenForm;
  major: number;
  isCurrent: boolean;
  /** Whether it was ever offered. */
  published: boolean;
}

export interface DirectoryDataset {
  id: string;
  productId: string;
  domain: string;
  product: string;
  name: string;
  contractId: string;
}

/** What the store holds of the mesh-wide parts. */
export interface MeshState {
  row: Read<MeshRow> | null;
  policies: PolicyText[];
  restrictions: RestrictionState[];
}

/** What the store holds of one domain. */
export interface DomainState {
  row: Read<DomainRow>;
  members: MemberState[];
  sources: Read<SourceRow>[];
  /** Tables that the last crawl of each source found, by the source's name; of those never crawled there is none. */
  crawled: Map<string, string[]>;
  policies: { name: string; text: string }[];
  restrictions: RestrictionState[];
  products: ProductState[];
  /** Its own subscriptions and requests, newest first. */
  subscriptions: HeldSubscription[];
}

export interface MemberState {
  principalId: string;
  email: string | null;
  name: string;
  role: Role;
}

export interface RestrictionState {
  id: string;
  name: string;
  document: Record<string, unknown>;
}

export interface ProductState {
  row: Read<ProductRow>;
  policies: { name: string; text: string }[];
  restrictions: RestrictionState[];
  datasets: DatasetState[];
  versions: { version: string; hash: string }[];
  /** Consumer domains with an active subscription. */
  consumers: string[];
  /** Requests that wait for the producer, with the consumer's name. */
  requests: { id: string; domain: string; purpose: string; columns: string[] | null }[];
  /** Whether anybody ever asked for it: its record then stays. */
  hasHistory: boolean;
}

/** Something that gives by a tag expression, in words: a subscription, a step of a request, a delegation. */
export interface TagGrant {
  by: string;
  tags: TagExpression;
}

export interface DatasetState {
  row: Read<DatasetRow>;
  inputs: Read<DatasetInputRow>[];
  /** Hash of the text of each contract version that was ever declared. */
  versions: { version: string; hash: string }[];
}

export interface HeldSubscription {
  id: string;
  productId: string;
  /** `DOMAIN.PRODUCT`. */
  product: string;
  major: number;
  purpose: string;
  state: SubscriptionState;
  until: Date | null;
}
