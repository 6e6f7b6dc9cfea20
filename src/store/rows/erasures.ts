import type { Generated } from 'kysely';
import type { Json, NullableTime, Time } from './column-types.ts';

/** `planned`: a dry run that has ended; the point of no return lies between `planning` and `erasing`. */
export type ErasureState = 'waiting' | 'planning' | 'erasing' | 'planned' | 'done' | 'failed' | 'cancelled';

export interface ErasureRow {
  id: string;
  /** The domain of what was named; its people may read of it. */
  domain_id: string;
  /** As it was asked for: `DOMAIN.PRODUCT[.DATASET]`. */
  target: string;
  /** The datasets it begins with. */
  dataset_ids: Json<string[]>;
  /** The kind of subject. */
  subject: string;
  /** A keyed hash of the value that was given. */
  subject_hash: string;
  /** The values, sealed; null when it has ended. */
  sealed: string | null;
  reason: string;
  dry_run: boolean;
  state: ErasureState;
  requested_by: string;
  requested_at: Time;
  /** The point of no return. */
  committed_at: NullableTime;
  finished_at: NullableTime;
  cancel_requested: Generated<boolean>;
  /** `{ phase, done, total }`. */
  progress: Json<Record<string, unknown>>;
  report: Json<Record<string, unknown> | null>;
  error: Json<Record<string, unknown> | null>;
}

export interface DatasetHoldRow {
  dataset_id: string;
  /** An erasure's id, or `retention`. */
  held_by: string;
}

export interface ErasedSubjectRow {
  domain_id: string;
  subject: string;
  hash: string;
  erasure_id: string;
  at: Time;
}

export interface SubjectPlaceRow {
  source_id: string;
  table_name: string;
  column_name: string;
  subject: string;
  role: 'key' | 'identifier';
}

export interface ErasureKeyRow {
  sealed: string;
}
