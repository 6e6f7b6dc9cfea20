import { type Kysely, sql } from 'kysely';

/**
 * Tags of domains, which everything in them inherits, with their past (`0013-access-history.ts`): policies and
 * restrictions decide by them. And of releases the tags of the parts of nested columns.
 */
export async function up(database: Kysely<unknown>): Promise<void> {
  for (const statement of STATEMENTS) await sql.raw(statement).execute(database);
}

const WITHOUT = 'title,description,document,text,updated_at';

const STATEMENTS = [
  `ALTER TABLE domains ADD COLUMN tags jsonb NOT NULL DEFAULT '[]'`,
  `ALTER TABLE releases ADD COLUMN part_tags jsonb NOT NULL DEFAULT '{}'`,
  // A tag that a subscription is granted by cannot be deleted; grants of that kind are few among many.
  `CREATE INDEX subscriptions_by_tags ON subscriptions (id)
    WHERE state = 'active' AND granted -> 'tags' IS NOT NULL`,
  // No domain had tags before, so what there is now holds for all of the past that is on record.
  `INSERT INTO access_history (relation, key, about, at, removed, image)
    SELECT 'domains', id, id, coalesce((SELECT min(at) FROM access_history), clock_timestamp()), false,
      to_jsonb(domains) - string_to_array('${WITHOUT}', ',')
    FROM domains`,
  `CREATE CONSTRAINT TRIGGER domains_access AFTER INSERT OR UPDATE OR DELETE ON domains
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    EXECUTE FUNCTION keep_access('id', 'id', '${WITHOUT}')`,
];
