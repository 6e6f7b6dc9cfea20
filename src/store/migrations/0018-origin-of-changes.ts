import { type Kysely, sql } from 'kysely';

/**
 * From where a change came, and which policies ruled. Both are part of what is hashed where they are known, so
 * that rows of before keep their text and their hash.
 */
export async function up(database: Kysely<unknown>): Promise<void> {
  for (const statement of STATEMENTS) await sql.raw(statement).execute(database);
}

const STATEMENTS = [
  `ALTER TABLE changes ADD COLUMN address text, ADD COLUMN policies text`,
  `CREATE OR REPLACE FUNCTION audit_entry(change changes, place bigint) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT (jsonb_build_object(
      'sequence', place, 'id', change.id,
      'at', to_char(change.at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
      'actor', change.actor, 'door', change.door, 'requestId', change.request_id,
      'action', change.action, 'object', change.object, 'domainId', change.domain_id,
      'allowed', change.allowed, 'reasons', change.reasons, 'facts', change.facts
    ) || jsonb_strip_nulls(jsonb_build_object('address', change.address, 'policies', change.policies)))::text
  $$`,
  `CREATE INDEX changes_policies ON changes (policies) WHERE policies IS NOT NULL`,
  // Each version of a set of policies that decided something, and each text once.
  `CREATE TABLE policy_sets (
    version text PRIMARY KEY,
    members jsonb NOT NULL,
    seen_at timestamptz NOT NULL
  )`,
  `CREATE TABLE policy_texts (
    hash text PRIMARY KEY,
    text text NOT NULL
  )`,
];
