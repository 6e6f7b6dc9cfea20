import type { AccessProof, Mask, ProductName } from './api-types.ts';
import type { TagExpression } from './tag-expression.ts';

/** Requests and subscriptions as the web app reads them. */

export type SubscriptionState = 'requested' | 'active' | 'rejected' | 'expired' | 'revoked' | 'withdrawn';

/** The producer decides first; where personal data is given, whoever approves its use decides too. */
export type RequestStep = 'owner' | 'privacy';

export interface DecidedStep {
  step: RequestStep;
  decision: 'approved' | 'rejected';
  by: string;
  at: string;
  reason: string | null;
}

/** A consumer domain's right to a product, from its request to its end. */
export interface Subscription {
  id: string;
  product: ProductName & { major: number };
  /** The consumer domain. */
  domain: string;
  domainTitle: string;
  purpose: string;
  state: SubscriptionState;
  /** What a request waits for. */
  waitsFor: RequestStep | null;
  steps: DecidedStep[];
  requestedBy: string;
  requestedAt: string;
  requestedUntil: string | null;
  /** To the request form, as both sides saw its questions. */
  answers: { name: string; ask: string; answer: string }[];
  terms: { version: string; contracts: { dataset: string; version: string }[] } | null;
  /** Requests with the same one were sent together. */
  basket: string | null;
  /** A renewal that waits for a decision. */
  renewal: Renewal | null;
  decidedBy: string | null;
  endedBy: string | null;
  endedAt: string | null;
  decidedAt: string | null;
  reason: string | null;
  until: string | null;
  rowFilter: string | null;
  columns: string[] | null;
  tags: Record<string, string[]> | null;
  masks: Record<string, Mask>;
  /** Null for what never was granted. */
  proof: AccessProof | null;
}

/** A request to keep a subscription for longer, as it is. */
export interface Renewal {
  id: string;
  until: string;
  note: string | null;
  waitsFor: RequestStep;
  steps: DecidedStep[];
  requestedBy: string;
  requestedAt: string;
}

export interface Approval {
  rows?: string;
  columns?: string[];
  tags?: TagExpression;
  masks?: Record<string, Mask>;
  until?: string;
}

/** Somebody's right to approve requests for a product of another domain, and the most that they may give. */
export interface Delegation {
  id: string;
  /** DOMAIN.PRODUCT */
  product: string;
  major: number;
  to: { kind: 'person' | 'service' | 'domain'; id: string; name: string | null };
  state: 'active' | 'expired' | 'ended';
  rowFilter: string | null;
  columns: string[] | null;
  tags: TagExpression | null;
  masks: Record<string, Mask>;
  until: string | null;
  delegatedBy: string;
  delegatedAt: string;
  endedBy: string | null;
  endedAt: string | null;
  reason: string | null;
  /** Active subscriptions that were approved under it. */
  approvals: number;
}

export interface Question {
  name: string;
  ask: string;
  type: 'text' | 'choice' | 'date' | 'yes-no';
  choices: string[] | null;
  required: boolean;
}

export interface Terms {
  product: string;
  version: string;
  contracts: { dataset: string; version: string; usage: string | null; limitations: string | null }[];
}

/** What a request for some products has to answer, and the terms to agree to. */
export interface RequestForm {
  questions: Question[];
  terms: Terms[];
}

/** What every request says, for one product or several. */
export interface RequestInput {
  domain: string;
  purpose: string;
  until?: string;
  answers: Record<string, string>;
  agreed: string[];
}

/** Somebody's right to read a product in an emergency, and what was read under it. */
export interface Elevation {
  id: string;
  product: string;
  who: string;
  reason: string;
  startedAt: string;
  until: string;
  endedAt: string | null;
  endedBy: string | null;
  queries: number;
  rows: number;
}

export interface RequestColumn {
  dataset: string;
  name: string;
  type: string;
  classification: string | null;
  /** Holds personal data, in whole or in a part. */
  personal: boolean;
  /** Those of the column, and of each of its parts. */
  tags: Record<string, string>[];
  /** What restrictions leave of it, whatever is given; for those who decide. */
  rules?: { hidden: boolean; mask: Mask | null; reasons: string[] } | null;
}

/** A request with the columns that it is about, and who decides what it waits for. */
export interface RequestDetails {
  request: Subscription;
  columns: RequestColumn[];
  /** Nobody: it is held. */
  deciders: string[];
}
