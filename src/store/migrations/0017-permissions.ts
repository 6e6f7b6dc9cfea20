import { type Kysely, sql } from 'kysely';

/**
 * What one principal could see at a past moment is found by an index, as who could see something is. And
 * delegations: they end with their product and with their holder, whichever path of the program ends those, so
 * that what comes back under the same name or row inherits nothing.
 */
export async function up(database: Kysely<unknown>): Promise<void> {
  for (const statement of STATEMENTS) await sql.raw(statement).execute(database);
}

const STATEMENTS = [
  // Expressions and conditions as `store/as-of.ts` and `subscriptions/readers/store.ts` write them.
  `CREATE INDEX access_history_member ON access_history ((image ->> 'principal_id'))
    WHERE relation = 'memberships'`,
  `CREATE INDEX access_history_consumer ON access_history ((image ->> 'domain_id'))
    WHERE relation = 'subscriptions'`,
  // Row filters of a domain's own reading are bound to attributes of the mesh's document.
  `CREATE CONSTRAINT TRIGGER meshes_access AFTER INSERT OR UPDATE OR DELETE ON meshes
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    EXECUTE FUNCTION keep_access('id', 'id', 'title,text,updated_at')`,
  `INSERT INTO access_history (relation, key, about, at, removed, image)
    SELECT 'meshes', id, id, clock_timestamp(), false, to_jsonb(meshes) - ARRAY['title', 'text', 'updated_at'] FROM meshes`,
  `CREATE TABLE delegations (
    id text PRIMARY KEY,
    product_id text NOT NULL REFERENCES products ON DELETE CASCADE,
    holder_kind text NOT NULL CHECK (holder_kind IN ('person', 'service', 'domain')),
    holder_id text NOT NULL,
    ceiling jsonb NOT NULL,
    until timestamptz,
    delegated_by text NOT NULL,
    delegated_at timestamptz NOT NULL,
    ended_at timestamptz,
    ended_by text,
    end_reason text
  )`,
  // One ceiling for one holder: what two of them allow together nobody would see.
  `CREATE UNIQUE INDEX delegations_living ON delegations (product_id, holder_id) WHERE ended_at IS NULL`,
  `CREATE INDEX delegations_holder ON delegations (holder_id) WHERE ended_at IS NULL`,
  `ALTER TABLE subscriptions ADD COLUMN delegation_id text`,
  `CREATE INDEX subscriptions_delegation ON subscriptions (delegation_id) WHERE delegation_id IS NOT NULL`,
  `CREATE FUNCTION end_delegations() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
    BEGIN
      UPDATE delegations SET ended_at = clock_timestamp(), end_reason = TG_ARGV[0]
      WHERE ended_at IS NULL AND (product_id = NEW.id OR holder_id = NEW.id);
      RETURN NULL;
    END
  $$`,
  `CREATE TRIGGER products_end_delegations AFTER UPDATE OF status ON products FOR EACH ROW
    WHEN (NEW.status = 'retired' AND OLD.status <> 'retired')
    EXECUTE FUNCTION end_delegations('the product is offered no more')`,
  `CREATE TRIGGER domains_end_delegations AFTER UPDATE OF closed_at ON domains FOR EACH ROW
    WHEN (NEW.closed_at IS NOT NULL AND OLD.closed_at IS NULL)
    EXECUTE FUNCTION end_delegations('the domain has left the mesh')`,
  `CREATE TRIGGER principals_end_delegations AFTER UPDATE OF disabled_at ON principals FOR EACH ROW
    WHEN (NEW.disabled_at IS NOT NULL AND OLD.disabled_at IS NULL)
    EXECUTE FUNCTION end_delegations('whoever held it has left the mesh')`,
];
