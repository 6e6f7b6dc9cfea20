import { type Kysely, sql } from 'kysely';

/**
 * The past of everything that decides who may see what: people and their domains, grants, policies,
 * restrictions, products and contracts. The database itself writes each change, at commit, so that no path of
 * the program leaves one out, and a question as of a past moment is answered by the same SQL (`store/as-of.ts`).
 */
export async function up(database: Kysely<unknown>): Promise<void> {
  for (const statement of STATEMENTS) await sql.raw(statement).execute(database);
  for (const kept of KEPT) {
    await sql.raw(trigger(kept)).execute(database);
    await sql.raw(present(kept)).execute(database);
  }
}

interface Kept {
  table: string;
  /** Columns that identify a row. */
  key: string[];
  /** The column by whose value the past is looked up. */
  about: string;
  /** What decides nothing: not kept, and a change of it alone is none. */
  without: string[];
}

const KEPT: Kept[] = [
  { table: 'principals', key: ['id'], about: 'id', without: [] },
  { table: 'memberships', key: ['domain_id', 'principal_id'], about: 'domain_id', without: [] },
  {
    table: 'products',
    key: ['id'],
    about: 'domain_id',
    without: ['title', 'description', 'document', 'text', 'grants', 'updated_at'],
  },
  {
    table: 'datasets',
    key: ['id'],
    about: 'product_id',
    without: ['description', 'contract_text', 'sql_text', 'updated_at'],
  },
  { table: 'subscriptions', key: ['id'], about: 'product_id', without: [] },
  { table: 'policies', key: ['scope_id', 'name'], about: 'scope_id', without: [] },
  { table: 'restrictions', key: ['id'], about: 'scope_id', without: [] },
];

const STATEMENTS = [
  `CREATE TABLE access_history (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    relation text NOT NULL,
    key text NOT NULL,
    about text NOT NULL,
    at timestamptz NOT NULL,
    removed boolean NOT NULL,
    image jsonb NOT NULL
  )`,
  `CREATE INDEX access_history_about ON access_history (relation, about, key, id DESC)`,
  `CREATE INDEX access_history_at ON access_history (at)`,
  // Arguments: the key's columns, the column it is about, the columns left out; each list with commas.
  `CREATE FUNCTION keep_access() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
    DECLARE
      present jsonb := to_jsonb(CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END)
        - string_to_array(TG_ARGV[2], ',');
    BEGIN
      IF TG_OP = 'UPDATE' AND present = to_jsonb(OLD) - string_to_array(TG_ARGV[2], ',') THEN
        RETURN NULL;
      END IF;
      INSERT INTO access_history (relation, key, about, at, removed, image) VALUES (
        TG_TABLE_NAME,
        (SELECT string_agg(present ->> part, ' ' ORDER BY place)
          FROM unnest(string_to_array(TG_ARGV[0], ',')) WITH ORDINALITY AS parts (part, place)),
        present ->> TG_ARGV[1], clock_timestamp(), TG_OP = 'DELETE', present
      );
      RETURN NULL;
    END
  $$`,
  `CREATE TRIGGER access_history_kept BEFORE UPDATE OR DELETE OR TRUNCATE ON access_history
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()`,
];

function trigger({ table, key, about, without }: Kept): string {
  return `CREATE CONSTRAINT TRIGGER ${table}_access AFTER INSERT OR UPDATE OR DELETE ON ${table}
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    EXECUTE FUNCTION keep_access('${key.join(',')}', '${about}', '${without.join(',')}')`;
}

/** What there is already: its past begins now. */
function present({ table, key, about, without }: Kept): string {
  return `INSERT INTO access_history (relation, key, about, at, removed, image)
    SELECT '${table}', concat_ws(' ', ${key.join(', ')}), ${about}, clock_timestamp(), false,
      to_jsonb(${table}) - string_to_array('${without.join(',')}', ',')
    FROM ${table}`;
}
