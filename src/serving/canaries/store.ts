import { sql } from 'kysely';
import { json, type Reader, type Transaction } from '../../store/database.ts';
import type { AccessProofRow, ProofState } from '../../store/rows/proofs.ts';
import type { Finding } from './finding.ts';

/**
 * Grants to be proven next: what has changed since it was proven, newest first; then what differed, what its
 * policies, restrictions or contracts may have changed, and those that were looked at longest ago.
 */
export async function listDueProofs(
  reader: Reader,
  { now, staleBefore, limit }: { now: Date; staleBefore: Date; limit: number },
): Promise<string[]> {
  const { rows } = await sql<{ id: string }>`
    WITH changed AS (
      SELECT about, max(at) AS at FROM access_history
      WHERE at > ${now}::timestamptz - interval '1 day'
        AND relation IN ('policies', 'restrictions', 'products', 'datasets')
      GROUP BY about
    ), held AS (
      SELECT subscriptions.id, products.id AS product_id, products.domain_id,
        CASE WHEN state = 'active' AND (until IS NULL OR until > ${now}) THEN 'open' ELSE 'closed' END AS wanted,
        coalesce(ended_at, CASE WHEN until <= ${now} THEN until END, decided_at) AS moment
      FROM subscriptions JOIN products ON products.id = subscriptions.product_id
      WHERE granted IS NOT NULL AND state <> 'requested'
    ), ranked AS (
      SELECT held.id,
        CASE
          WHEN proofs.subscription_id IS NULL OR proofs.wanted <> held.wanted THEN 0
          WHEN proofs.state = 'drift' THEN 1
          WHEN held.wanted = 'closed' THEN NULL
          WHEN touched.at > proofs.checked_at THEN 2
          WHEN proofs.checked_at < ${staleBefore} THEN 3
          WHEN proofs.state = 'pending' AND proofs.checked_at < ${now}::timestamptz - interval '5 minutes' THEN 3
        END AS rank,
        CASE WHEN proofs.wanted = held.wanted THEN proofs.checked_at END AS looked_at, held.moment
      FROM held
      LEFT JOIN access_proofs AS proofs ON proofs.subscription_id = held.id
      LEFT JOIN LATERAL (
        SELECT max(at) AS at FROM changed WHERE about IN (held.product_id, held.domain_id, 'mesh')
      ) AS touched ON held.wanted = 'open'
    )
    SELECT id FROM ranked WHERE rank IS NOT NULL
    ORDER BY rank, looked_at NULLS FIRST, moment DESC NULLS LAST, id LIMIT ${limit}`.execute(reader);
  return rows.map(({ id }) => id);
}

export interface SavedProof {
  subscriptionId: string;
  wanted: AccessProofRow['wanted'];
  state: ProofState;
  /** Whether the doors were as wanted this time; a state may also be what an earlier time left. */
  isProven: boolean;
  at: Date;
  findings: Finding[];
}

export async function saveProof(transaction: Transaction, proof: SavedProof): Promise<void> {
  const { subscriptionId, wanted, state, isProven, at, findings } = proof;
  const values = { wanted, state, checked_at: at, findings: json(findings) };
  await transaction
    .insertInto('access_proofs')
    .values({ subscription_id: subscriptionId, ...values, proven_at: isProven ? at : null })
    .onConflict((conflict) =>
      conflict.column('subscription_id').doUpdateSet({
        ...values,
        // Of what was open and is closed now the former proof says nothing.
        proven_at: isProven
          ? at
          : sql<Date | null>`CASE WHEN access_proofs.wanted = ${wanted} THEN access_proofs.proven_at END`,
      }),
    )
    .execute();
}

export function findProof(reader: Reader, subscriptionId: string) {
  return reader
    .selectFrom('access_proofs')
    .select(['wanted', 'state'])
    .where('subscription_id', '=', subscriptionId)
    .executeTakeFirst();
}

/** Datasets of a product, and which of them some grant still differs on. */
export async function listDrifting(reader: Reader, productId: string): Promise<Map<string, Finding[]>> {
  const { rows } = await sql<{ findings: Finding[] }>`
    SELECT access_proofs.findings FROM access_proofs
    JOIN subscriptions ON subscriptions.id = access_proofs.subscription_id
    WHERE subscriptions.product_id = ${productId} AND access_proofs.state = 'drift'`.execute(reader);
  return Map.groupBy(
    rows.flatMap(({ findings }) => findings),
    ({ datasetId }) => datasetId,
  );
}

export async function listDatasetIds(reader: Reader, productId: string): Promise<string[]> {
  const rows = await reader
    .selectFrom('datasets')
    .select('id')
    .where('product_id', '=', productId)
    .orderBy('name')
    .execute();
  return rows.map(({ id }) => id);
}
