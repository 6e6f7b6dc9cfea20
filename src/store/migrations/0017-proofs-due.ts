import { type Kysely, sql } from 'kysely';

/**
 * What waits to be proven is found by indexes, however many grants there are: the database itself puts a grant
 * there with the change that gives or ends it.
 */
export async function up(database: Kysely<unknown>): Promise<void> {
  for (const statement of STATEMENTS) await sql.raw(statement).execute(database);
}

const STATEMENTS = [
  `ALTER TABLE access_proofs ALTER COLUMN checked_at DROP NOT NULL`,
  `ALTER TABLE access_proofs ADD COLUMN changed_at timestamptz NOT NULL DEFAULT now()`,
  `CREATE INDEX access_proofs_new ON access_proofs (changed_at) WHERE checked_at IS NULL`,
  `CREATE INDEX access_proofs_pending ON access_proofs (checked_at) WHERE state = 'pending'`,
  `INSERT INTO access_proofs (subscription_id, wanted, state, findings, changed_at)
    SELECT id, CASE state WHEN 'active' THEN 'open' ELSE 'closed' END, 'pending', '[]',
      coalesce(ended_at, decided_at, requested_at)
    FROM subscriptions WHERE granted IS NOT NULL AND state <> 'requested'
    ON CONFLICT (subscription_id) DO NOTHING`,
  `CREATE FUNCTION await_proof() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
    BEGIN
      INSERT INTO access_proofs (subscription_id, wanted, state, findings, changed_at)
      VALUES (NEW.id, CASE NEW.state WHEN 'active' THEN 'open' ELSE 'closed' END, 'pending', '[]', clock_timestamp())
      ON CONFLICT (subscription_id) DO UPDATE SET wanted = EXCLUDED.wanted, state = 'pending', findings = '[]',
        checked_at = NULL, proven_at = NULL, changed_at = EXCLUDED.changed_at;
      RETURN NULL;
    END
  $$`,
  `CREATE TRIGGER subscriptions_await_proof AFTER INSERT OR UPDATE OF state, granted ON subscriptions
    FOR EACH ROW WHEN (NEW.granted IS NOT NULL AND NEW.state <> 'requested') EXECUTE FUNCTION await_proof()`,
];
