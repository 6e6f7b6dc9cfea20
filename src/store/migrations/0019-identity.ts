import { type Kysely, sql } from 'kysely';

/**
 * Passwords, one-time links, failed sign-ins and sessions; the issuer's keys and tokens. Of every secret only a
 * hash is here, of keys what the secret box makes of them.
 */
export async function up(database: Kysely<unknown>): Promise<void> {
  for (const statement of STATEMENTS) await sql.raw(statement).execute(database);
}

const STATEMENTS = [
  `CREATE TABLE passwords (
    principal_id text PRIMARY KEY REFERENCES principals ON DELETE CASCADE,
    hash text NOT NULL,
    changed_at timestamptz NOT NULL
  )`,
  `CREATE TABLE one_time_links (
    hash text PRIMARY KEY,
    principal_id text NOT NULL REFERENCES principals ON DELETE CASCADE,
    purpose text NOT NULL CHECK (purpose IN ('enter', 'password')),
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL
  )`,
  `CREATE INDEX one_time_links_principal ON one_time_links (principal_id)`,
  // Subjects are hashes of what was typed and of addresses: also of people who do not exist.
  `CREATE TABLE sign_in_failures (
    subject text PRIMARY KEY,
    failures integer NOT NULL,
    since timestamptz NOT NULL,
    locked_until timestamptz
  )`,
  `CREATE TABLE sessions (
    id text PRIMARY KEY,
    hash text NOT NULL UNIQUE,
    principal_id text NOT NULL REFERENCES principals ON DELETE CASCADE,
    method text NOT NULL CHECK (method IN ('password', 'link', 'token', 'company', 'demo')),
    token_id text REFERENCES tokens,
    device text NOT NULL,
    address text NOT NULL,
    created_at timestamptz NOT NULL,
    seen_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    ended_at timestamptz
  )`,
  `CREATE INDEX sessions_principal ON sessions (principal_id) WHERE ended_at IS NULL`,
  `CREATE TABLE applications (
    id text PRIMARY KEY,
    name text NOT NULL UNIQUE,
    redirect_uris jsonb NOT NULL,
    created_by text NOT NULL,
    created_at timestamptz NOT NULL
  )`,
  // What the issuer keeps: codes, tokens, grants, interactions, by the hash of what names them.
  `CREATE TABLE issuer_objects (
    kind text NOT NULL,
    hash text NOT NULL,
    body jsonb NOT NULL,
    principal_id text REFERENCES principals ON DELETE CASCADE,
    grant_id text,
    user_code text,
    token_ids jsonb NOT NULL,
    subject_hash text,
    expires_at timestamptz NOT NULL,
    consumed_at timestamptz,
    PRIMARY KEY (kind, hash)
  )`,
  `CREATE INDEX issuer_objects_grant ON issuer_objects (grant_id)`,
  `CREATE INDEX issuer_objects_user_code ON issuer_objects (user_code) WHERE user_code IS NOT NULL`,
  `CREATE INDEX issuer_objects_principal ON issuer_objects (principal_id)`,
  `CREATE INDEX issuer_objects_expiry ON issuer_objects (expires_at)`,
  `CREATE TABLE company_people (
    principal_id text PRIMARY KEY REFERENCES principals ON DELETE CASCADE,
    issuer text NOT NULL,
    subject text NOT NULL,
    groups jsonb NOT NULL,
    claims jsonb NOT NULL,
    seen_at timestamptz NOT NULL,
    UNIQUE (issuer, subject)
  )`,
  // Policies read groups and claims: their past decides about the past (`0013-access-history.ts`).
  `CREATE CONSTRAINT TRIGGER company_people_access AFTER INSERT OR UPDATE OR DELETE ON company_people
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    EXECUTE FUNCTION keep_access('principal_id', 'principal_id', 'seen_at')`,
  // Memberships that come and go with what the company's provider says; the others are declared in domain.yaml.
  `CREATE TABLE company_memberships (
    domain_id text NOT NULL,
    principal_id text NOT NULL,
    PRIMARY KEY (domain_id, principal_id),
    FOREIGN KEY (domain_id, principal_id) REFERENCES memberships (domain_id, principal_id) ON DELETE CASCADE
  )`,
  `CREATE TABLE issuer_keys (
    id text PRIMARY KEY,
    sealed text NOT NULL,
    created_at timestamptz NOT NULL
  )`,
];
