import { sql } from 'kysely';
import { parseRowFilter } from '../src/policy/row-filter.ts';
import type { Transaction } from '../src/store/database.ts';
import type { TestMesh } from '../test/fixtures/mesh.ts';
import { meshFiles } from '../test/fixtures/mesh-files.ts';

/** A mesh that many use: each domain offers one product and subscribes to those of many others. */
export interface GrantsMesh {
  domains: number;
  /** Consumers of each product; of the first one, every domain is. */
  consumers: number;
}

export const PEOPLE_OF_A_DOMAIN = 10;
const COLUMNS = 20;
const ROWS_AT_ONCE = 10_000;
const AT = '2026-01-02T09:00:00Z';

/** `unit-0`: its product `facts` is every domain's. */
export const HUB = 'unit-0.facts';

export function productName(number: number): string {
  return `unit-${number}.facts`;
}

export function personEmail(domain: number, person: number): string {
  return `p${person}@unit-${domain}.example`;
}

/** Plain for a third of the grants, masked for a third, not given by a third. */
export const EMAIL = 'c1';

export function grantCount({ domains, consumers }: GrantsMesh): number {
  return (domains - 1) * consumers + domains - 1;
}

/** Puts the mesh below the doors, as applies and approvals would leave it. */
export async function fillGrants(mesh: TestMesh, size: GrantsMesh): Promise<void> {
  await mesh.apply(meshFiles());
  const { database } = mesh.mesh.parts;
  await database.transact((transaction) => insertDomains(transaction, size));
  await database.transact((transaction) => insertProducts(transaction, size));
  const grants = grantCount(size);
  for (let start = 0; start < grants; start += ROWS_AT_ONCE) {
    await database.transact((transaction) => insertGrants(transaction, { ...size, start }));
  }
  await sql`ANALYZE`.execute(database.reader);
}

async function insertDomains(transaction: Transaction, { domains }: GrantsMesh): Promise<void> {
  await sql`INSERT INTO domains (id, name, title, description, document, text, created_at, updated_at)
    SELECT 'dom_' || n, 'unit-' || n, 'Unit ' || n, '', '{}', '', ${AT}, ${AT}
    FROM generate_series(0, ${domains}::int - 1) AS n`.execute(transaction);
  await sql`INSERT INTO principals (id, kind, name, email, attributes, created_at)
    SELECT 'usr_' || n || '_' || p, 'person', 'Person ' || p || ' of unit ' || n, 'p' || p || '@unit-' || n || '.example',
      jsonb_build_object('region', 'R' || (n % 7)) || CASE p % 5 WHEN 0 THEN jsonb_build_object('desk', 'D' || p) ELSE '{}' END, ${AT}
    FROM generate_series(0, ${domains}::int - 1) AS n, generate_series(0, ${PEOPLE_OF_A_DOMAIN}::int - 1) AS p`.execute(
    transaction,
  );
  await sql`INSERT INTO memberships (domain_id, principal_id, role)
    SELECT 'dom_' || n, 'usr_' || n || '_' || p,
      CASE p WHEN 0 THEN 'owner' WHEN 1 THEN 'steward' WHEN 2 THEN 'engineer' ELSE 'analyst' END
    FROM generate_series(0, ${domains}::int - 1) AS n, generate_series(0, ${PEOPLE_OF_A_DOMAIN}::int - 1) AS p`.execute(
    transaction,
  );
}

async function insertProducts(transaction: Transaction, { domains }: GrantsMesh): Promise<void> {
  const numbers = sql`generate_series(0, ${domains}::int - 1) AS n`;
  const columns = Array.from({ length: COLUMNS }, (_, index) => ({
    id: index + 1,
    name: `c${index}`,
    type: { kind: 'string' },
    required: false,
  }));
  const properties = columns.map(({ name }) => ({ name, logicalType: 'string', physicalType: 'varchar' }));
  const contract = JSON.stringify({ name: 'facts', schema: [{ name: 'facts', properties }] });
  await sql`INSERT INTO products (id, domain_id, name, title, description, status, tags, version, document, text,
      created_at, updated_at, published_at)
    SELECT 'prd_' || n, 'dom_' || n, 'facts', 'Facts', '', 'published', '[]', '1.0.0', '{}', '', ${AT}, ${AT}, ${AT}
    FROM ${numbers}`.execute(transaction);
  await sql`INSERT INTO datasets (id, product_id, name, description, contract, contract_text, contract_version, columns,
      created_at, updated_at)
    SELECT 'dts_' || n, 'prd_' || n, 'facts', '', ${contract}::jsonb, '', '1.0.0', ${JSON.stringify(columns)}::jsonb,
      ${AT}, ${AT} FROM ${numbers}`.execute(transaction);
  await sql`INSERT INTO tables (id, dataset_id, location, metadata_key, updated_at)
    SELECT 'tbl_' || n, 'dts_' || n, 'facts/' || n, 'facts/' || n || '/1.json', ${AT} FROM ${numbers}`.execute(
    transaction,
  );
  await sql`INSERT INTO releases (id, dataset_id, number, snapshot_id, metadata_key, run_id, contract_version, rows,
      bytes, columns, column_tags, checks, released_at)
    SELECT 'rel_' || n, 'dts_' || n, 1, '1', 'facts/' || n || '/1.json', 'run_' || n, '1.0.0', 1000, 10000,
      ${JSON.stringify(columns)}::jsonb, '{}', '[]', ${AT} FROM ${numbers}`.execute(transaction);
  const restriction = (name: string, column: string) =>
    JSON.stringify({ name, appliesTo: { columns: [column] }, mask: { action: 'sha-256-global' } });
  await sql`INSERT INTO restrictions (id, scope_id, name, document)
    SELECT 'rst_' || n || '_' || r, 'prd_' || n, 'rule-' || r,
      CASE r WHEN 0 THEN ${restriction('rule-0', 'c3')}::jsonb ELSE ${restriction('rule-1', 'c4')}::jsonb END
    FROM ${numbers}, generate_series(0, 1) AS r`.execute(transaction);
}

const GRANTS = [
  { columns: null, rowFilter: null, masks: {} },
  {
    columns: null,
    rowFilter: parseRowFilter("c0 in principal.region and c2 between 'a' and 'm'"),
    masks: { [EMAIL]: { action: 'show-first-4' } },
  },
  {
    columns: Array.from({ length: COLUMNS }, (_, index) => `c${index}`).filter((name) => name !== EMAIL),
    rowFilter: null,
    masks: {},
  },
];

/** Grants are counted through: those of all products but the first, then those of the first. */
async function insertGrants(
  transaction: Transaction,
  { domains, consumers, start }: GrantsMesh & { start: number },
): Promise<void> {
  const total = grantCount({ domains, consumers });
  const end = Math.min(start + ROWS_AT_ONCE, total) - 1;
  await sql`INSERT INTO subscriptions (id, product_id, domain_id, purpose, state, requested_by, requested_at, granted,
      decided_by, decided_at)
    SELECT 'sub_' || g, 'prd_' || product, 'dom_' || consumer, 'planning', 'active', 'usr_' || consumer || '_3', ${AT},
      ${JSON.stringify(GRANTS)}::jsonb -> (g % 3), 'usr_' || product || '_1', ${AT}
    FROM (
      SELECT g, CASE WHEN g < ${(domains - 1) * consumers}::int THEN 1 + g / ${consumers}::int ELSE 0 END AS product,
        -- 7 shares no factor with the number of domains: the consumers of one product are different ones.
        CASE WHEN g < ${(domains - 1) * consumers}::int
          THEN (1 + g / ${consumers}::int + 1 + g % ${consumers}::int * 7) % ${domains}::int
          ELSE 1 + g - ${(domains - 1) * consumers}::int END AS consumer
      FROM generate_series(${start}::int, ${end}::int) AS g
    ) AS numbered`.execute(transaction);
}

/** A share of the grants ends: the past is another than the present. */
export async function revokeSome(mesh: TestMesh): Promise<void> {
  await mesh.mesh.parts.database.transact(async (transaction) => {
    await sql`UPDATE subscriptions SET state = 'revoked', ended_at = now(), reason = 'over'
      WHERE state = 'active' AND substr(id, 5)::int % 40 = 0`.execute(transaction);
  });
}
