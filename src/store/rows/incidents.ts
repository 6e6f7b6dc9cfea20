import type { Generated } from 'kysely';
import type { Json, NullableTime, Time } from './column-types.ts';

/** What was measured of a candidate beside its checks; the history that the next ones are compared with. */
export interface ObservationRow {
  run_id: string;
  dataset_id: string;
  /** Null when the candidate was held back. */
  release_number: number | null;
  observed_at: Time;
  rows: number;
  bytes: number;
  /** Between the release before and this one; null for the first. */
  since_last_ms: number | null;
  /** `ColumnObservation[]`, see `src/observations/observation.ts`. */
  columns: Json<unknown[]>;
  /** `Deviation[]`, see `src/observations/find-deviations.ts`. */
  deviations: Json<unknown[]>;
}

/** When the next release of a dataset is due by its contract. */
export interface DeadlineRow {
  dataset_id: string;
  contract_version: string;
  /** Null when the contract promises nothing that can be late. */
  due_at: NullableTime;
  /** What is late after that, in public words. */
  promise: string;
  computed_at: Time;
}

export type IncidentKind =
  'overdue' | 'checks-failed' | 'run-failed' | 'deviation' | 'source-drift' | 'access-drift';

export interface IncidentRow {
  id: string;
  dataset_id: string;
  product_id: string;
  kind: IncidentKind;
  severity: 'error' | 'warning';
  state: 'open' | 'acknowledged' | 'closed';
  /** Public: one sentence without values of rows. */
  summary: string;
  /** For the producer's people. */
  detail: Json<Record<string, unknown>>;
  opened_at: Time;
  /** When its cause was seen last. */
  seen_at: Time;
  closed_at: NullableTime;
}

export interface IncidentEventRow {
  id: Generated<number>;
  incident_id: string;
  at: Time;
  kind: 'opened' | 'seen' | 'acknowledged' | 'commented' | 'closed';
  /** A principal's id, or `crossdock`. */
  actor: string;
  text: string;
}
