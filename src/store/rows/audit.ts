import type { ColumnType, Generated } from 'kysely';
import type { Json, Time } from './column-types.ts';

export interface ChangeRow {
  id: Generated<number>;
  at: Time;
  actor: string;
  door: string;
  request_id: string;
  action: string;
  object: string;
  /** The domain whose people may read this row; null for mesh-wide changes. */
  domain_id: string | null;
  allowed: boolean;
  reasons: Json<string[]>;
  facts: Json<Record<string, unknown>>;
  /** From where: an IP address; null for what the mesh does by itself. */
  address: ColumnType<string | null, string | null | undefined, never>;
  /** Version of the policies that ruled; null where none were asked. */
  policies: ColumnType<string | null, string | null | undefined, never>;
  /** Place in the chain and hash, given by the database when the transaction commits. */
  sequence: Generated<number | null>;
  hash: Generated<string | null>;
}

/** A set of policies that ruled, by its version. */
export interface PolicySetRow {
  version: string;
  /** `PolicyMember[]`, see `audit/policies/store.ts`. */
  members: Json<unknown[]>;
  seen_at: Time;
}

export interface PolicyTextRow {
  hash: string;
  text: string;
}

/** The chain's end, in one row: its length and the last hash. */
export interface AuditChainRow {
  sequence: number;
  hash: string;
}

export interface UsageRow {
  id: Generated<number>;
  at: Time;
  query_id: string;
  subscription_id: string | null;
  /** The emergency right it was read under. */
  elevation_id: string | null;
  dataset_id: string;
  principal_id: string;
  domain_id: string;
  door: string;
  rows: number;
  bytes: number;
  elapsed_ms: number;
  columns: Json<string[]>;
}

/** A change of something that decides who may see what (`migrations/0013-access-history.ts`). */
export interface AccessHistoryRow {
  id: Generated<number>;
  /** The table. */
  relation: string;
  key: string;
  about: string;
  at: Time;
  removed: boolean;
  /** The row as it became; of a row that was removed as it was. */
  image: Json<Record<string, unknown>>;
}
