import type { Generated } from 'kysely';
import type { Json, Time } from './column-types.ts';

/** A contract test of somebody's, while it runs and shortly after. */
export interface ContractTestRow {
  id: string;
  principal_id: string;
  domain: string;
  product: string;
  dataset: string;
  purpose: string | null;
  /** The access plan it reads under: what it found is shown under the same one only. */
  plan_hash: string;
  state: 'running' | 'done' | 'failed' | 'cancelled';
  checks_done: Generated<number>;
  checks_total: Generated<number>;
  cancel_requested: Generated<boolean>;
  /** JSON as text: jsonb would put the fields of structs into another order. */
  report: string | null;
  error: Json<Record<string, unknown>> | null;
  started_at: Time;
  /** When the server that runs it said so last, or when it ended. */
  seen_at: Time;
}
