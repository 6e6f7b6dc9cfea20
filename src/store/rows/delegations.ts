import type { Json, NullableTime, Time } from './column-types.ts';

/** The right to approve requests for a product within a ceiling. */
export interface DelegationRow {
  id: string;
  product_id: string;
  holder_kind: 'person' | 'service' | 'domain';
  /** A principal's or a domain's; it may be gone. */
  holder_id: string;
  /** What an approval gives at most (`GrantedAccess`). */
  ceiling: Json<Record<string, unknown>>;
  /** From this moment on nothing is approved under it, and nothing that was lasts longer. */
  until: NullableTime;
  delegated_by: string;
  delegated_at: Time;
  ended_at: NullableTime;
  /** A principal's id; null when the database ended it with its product or its holder. */
  ended_by: string | null;
  end_reason: string | null;
}
