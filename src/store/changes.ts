import { type RawBuilder, sql } from 'kysely';
import { json, type Reader, type Transaction } from './database.ts';

/** One row of the audit: who did or tried what, when, by which door, and why it was allowed or not. */
export interface NewChange {
  at: Date;
  actor: string;
  door: string;
  requestId: string;
  action: string;
  /** Its name; the id of a domain, source, product or dataset is written as its name, with the id in the facts. */
  object: string;
  domainId: string | null;
  allowed: boolean;
  reasons: readonly string[];
  facts: Record<string, unknown>;
  /** From where; absent for what the mesh does by itself. */
  address?: string | null;
  /** Version of the policies that ruled. */
  policies?: string | null;
}

export async function insertChange(transaction: Transaction, change: NewChange): Promise<void> {
  const name = await nameOfId(transaction, change.object);
  const facts = name === null ? change.facts : { ...change.facts, objectId: change.object };
  await transaction
    .insertInto('changes')
    .values({
      at: change.at,
      actor: change.actor,
      door: change.door,
      request_id: change.requestId,
      action: change.action,
      object: name ?? change.object,
      domain_id: change.domainId,
      allowed: change.allowed,
      reasons: json(change.reasons),
      facts: json(facts),
      address: change.address ?? null,
      policies: change.policies ?? null,
    })
    .execute();
}

const NAMED_IDS = /^(?:dom|src|prd|dts)_/;

/** What people call the domain, source, product or dataset with this id; null for everything else. */
export async function nameOfId(reader: Reader, id: string): Promise<string | null> {
  if (!NAMED_IDS.test(id)) return null;
  const { rows } = await named(sql`id = ${id}`).execute(reader);
  return rows[0]?.name ?? null;
}

/** The ids of what has this name now: each major of a product is one. */
export async function idsOfName(reader: Reader, name: string): Promise<string[]> {
  const { rows } = await named(sql`name = ${name}`).execute(reader);
  return rows.map(({ id }) => id);
}

/** As refusals write names (`audit/decisions.ts`). */
function named(condition: RawBuilder<unknown>) {
  return sql<{ id: string; name: string }>`
    SELECT id, name FROM (
      SELECT id, name FROM domains
      UNION ALL SELECT sources.id, domains.name || '/' || sources.name
        FROM sources JOIN domains ON domains.id = sources.domain_id
      UNION ALL SELECT products.id, domains.name || '.' || products.name
        FROM products JOIN domains ON domains.id = products.domain_id
      UNION ALL SELECT datasets.id, domains.name || '.' || products.name || '.' || datasets.name
        FROM datasets JOIN products ON products.id = datasets.product_id
        JOIN domains ON domains.id = products.domain_id
    ) AS known WHERE ${condition}`;
}
