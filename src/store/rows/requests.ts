import type { Json, NullableTime, Time } from './column-types.ts';

/** What a request waits for: the producer, then whoever approves the use of personal data. */
export type RequestStep = 'owner' | 'privacy';

/** A question of a request form with what was answered, as both sides saw it. */
export interface RequestAnswer {
  name: string;
  ask: string;
  answer: string;
}

/** The terms that were agreed to: of which versions of the contracts, and what they all said. */
export interface AgreedTerms {
  version: string;
  contracts: { dataset: string; version: string }[];
}

/** A step of a request or renewal that was decided. */
export interface RequestDecisionRow {
  /** `sub_…` or `rnw_…`. */
  request_id: string;
  subscription_id: string;
  step: RequestStep;
  decision: 'approved' | 'rejected';
  /** What this step gave, before it meets what the steps before it left; null for a rejection. */
  granted: Json<Record<string, unknown> | null>;
  until: NullableTime;
  reason: string | null;
  decided_by: string;
  decided_at: Time;
}

/** A request to keep a grant for longer. */
export interface RenewalRow {
  id: string;
  subscription_id: string;
  until: Time;
  note: string | null;
  state: 'requested' | 'approved' | 'rejected' | 'withdrawn' | 'lapsed';
  step: RequestStep | null;
  requested_by: string;
  requested_at: Time;
  reason: string | null;
  ended_at: NullableTime;
}

/** Somebody's right to read a product for some minutes in an emergency. */
export interface ElevationRow {
  id: string;
  product_id: string;
  principal_id: string;
  reason: string;
  /** The producer's ceiling at that moment. */
  granted: Json<Record<string, unknown>>;
  started_at: Time;
  until: Time;
  ended_at: NullableTime;
  ended_by: string | null;
}
