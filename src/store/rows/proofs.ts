import type { Generated } from 'kysely';
import type { Json, NullableTime } from './column-types.ts';

export type ProofState = 'proven' | 'drift' | 'pending';

/** What canaries last found of a grant. */
export interface AccessProofRow {
  subscription_id: string;
  /** What it should be: open while it is active, closed after its end. */
  wanted: 'open' | 'closed';
  /** `pending`: there was nothing to prove it by, for example no release yet. */
  state: ProofState;
  /** Null from each change of the grant until it is looked at. */
  checked_at: NullableTime;
  /** When the doors last were as wanted. */
  proven_at: NullableTime;
  /** `Finding[]`, or what says that a policy shuts what is granted, see `src/serving/canaries/finding.ts`. */
  findings: Json<unknown[]>;
  /** When the grant was given or ended; set by the database. */
  changed_at: Generated<Date>;
}

/** Of an open grant that is proven: whether a policy shuts what it grants. */
export const IS_FORBIDDEN = `(proofs.wanted = 'open' AND proofs.state = 'proven'
  AND proofs.findings @> '[{"what":"forbidden"}]'::jsonb)`;
