import { type Kysely, sql } from 'kysely';

/**
 * The audit as a chain: each row carries a SHA-256 over the hash before it and its own text, so that a row
 * that is altered, removed, put in or moved breaks every hash after it. The database itself writes the links,
 * when the transaction commits: then the chain's head is locked for the shortest time, and no path of the
 * program, however wrong, leaves a row out.
 */
export async function up(database: Kysely<unknown>): Promise<void> {
  for (const statement of STATEMENTS) await sql.raw(statement).execute(database);
}

const STATEMENTS = [
  `ALTER TABLE changes ADD COLUMN sequence bigint UNIQUE, ADD COLUMN hash text`,
  `CREATE TABLE audit_chain (
    one boolean PRIMARY KEY DEFAULT true CHECK (one),
    sequence bigint NOT NULL,
    hash text NOT NULL
  )`,
  `INSERT INTO audit_chain (sequence, hash) VALUES (0, repeat('0', 64))`,
  // jsonb writes one text for equal values, so that the text can be made again from the row.
  `CREATE FUNCTION audit_entry(change changes, place bigint) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT jsonb_build_object(
      'sequence', place, 'id', change.id,
      'at', to_char(change.at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
      'actor', change.actor, 'door', change.door, 'requestId', change.request_id,
      'action', change.action, 'object', change.object, 'domainId', change.domain_id,
      'allowed', change.allowed, 'reasons', change.reasons, 'facts', change.facts
    )::text
  $$`,
  `CREATE FUNCTION link_change() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
    DECLARE
      head audit_chain;
      change changes;
      link text;
    BEGIN
      SELECT * INTO STRICT head FROM audit_chain FOR UPDATE;
      SELECT * INTO STRICT change FROM changes WHERE id = NEW.id;
      link := encode(sha256(convert_to(head.hash || audit_entry(change, head.sequence + 1), 'UTF8')), 'hex');
      UPDATE changes SET sequence = head.sequence + 1, hash = link WHERE id = NEW.id;
      UPDATE audit_chain SET sequence = head.sequence + 1, hash = link;
      RETURN NULL;
    END
  $$`,
  `CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      RAISE EXCEPTION 'the audit is append-only' USING ERRCODE = 'restrict_violation';
    END
  $$`,
  `DO $$
    DECLARE
      change changes;
      previous text := repeat('0', 64);
      place bigint := 0;
    BEGIN
      FOR change IN SELECT * FROM changes ORDER BY id LOOP
        place := place + 1;
        previous := encode(sha256(convert_to(previous || audit_entry(change, place), 'UTF8')), 'hex');
        UPDATE changes SET sequence = place, hash = previous WHERE id = change.id;
      END LOOP;
      UPDATE audit_chain SET sequence = place, hash = previous;
    END
  $$`,
  `CREATE CONSTRAINT TRIGGER changes_link AFTER INSERT ON changes
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION link_change()`,
  `CREATE TRIGGER changes_kept BEFORE UPDATE ON changes
    FOR EACH ROW WHEN (OLD.hash IS NOT NULL) EXECUTE FUNCTION refuse_change()`,
  `CREATE TRIGGER changes_not_removed BEFORE DELETE OR TRUNCATE ON changes
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()`,
];
