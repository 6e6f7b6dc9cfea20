import { sql } from 'kysely';
import { json, type Reader, type Transaction } from '../../store/database.ts';
import type { AccessProofRow, ProofState } from '../../store/rows/proofs.ts';
import type { Finding, FORBIDDEN } from './finding.ts';

interface Due {
  now: Date;
  staleBefore: Date;
  limit: number;
}

/**
 * Grants to be proven next: what was given or has ended since it was proven, newest first; then what differed,
 * what its policies, restrictions or contracts may have changed, what could not be said some minutes ago, and
 * those that were looked at longest ago. Each by an index, however many grants there are.
 */
export async function listDueProofs(reader: Reader, due: Due): Promise<string[]> {
  const found = new Set<string>();
  for (const kind of [isNew, differed, rulesOfMesh, rulesOfProducts, unsaid, isStale]) {
    if (found.size >= due.limit) break;
    const { rows } = await kind(due).execute(reader);
    for (const { id } of rows) found.add(id);
  }
  return [...found].slice(0, due.limit);
}

function isNew({ limit }: Due) {
  return sql<{ id: string }>`SELECT subscription_id AS id FROM access_proofs
    WHERE checked_at IS NULL ORDER BY changed_at DESC LIMIT ${limit}`;
}

function differed({ limit }: Due) {
  return sql<{ id: string }>`SELECT subscription_id AS id FROM access_proofs
    WHERE state = 'drift' ORDER BY checked_at LIMIT ${limit}`;
}

function rulesOfMesh({ limit }: Due) {
  return sql<{ id: string }>`SELECT subscription_id AS id FROM access_proofs
    WHERE wanted = 'open' AND checked_at < (
      SELECT max(at) FROM access_history WHERE relation IN ('policies', 'restrictions') AND about = 'mesh')
    ORDER BY checked_at LIMIT ${limit}`;
}

/** Of the last day: what is older the slow round over everything has met. */
function rulesOfProducts({ now, limit }: Due) {
  return sql<{ id: string }>`
    WITH changed AS (
      SELECT about, max(at) AS at FROM access_history
      WHERE at > ${now}::timestamptz - interval '1 day'
        AND relation IN ('policies', 'restrictions', 'products', 'datasets')
      GROUP BY about
    ), touched AS (
      SELECT products.id, changed.at FROM changed JOIN products ON products.id = changed.about
      UNION ALL SELECT products.id, changed.at FROM changed JOIN products ON products.domain_id = changed.about
    )
    SELECT subscriptions.id FROM touched
    JOIN subscriptions ON subscriptions.product_id = touched.id AND subscriptions.state = 'active'
    JOIN access_proofs AS proofs ON proofs.subscription_id = subscriptions.id
    WHERE proofs.wanted = 'open' AND proofs.checked_at < touched.at
    ORDER BY touched.at DESC, subscriptions.id LIMIT ${limit}`;
}

function unsaid({ now, limit }: Due) {
  return sql<{ id: string }>`SELECT subscription_id AS id FROM access_proofs
    WHERE state = 'pending' AND checked_at < ${now}::timestamptz - interval '5 minutes'
    ORDER BY checked_at LIMIT ${limit}`;
}

function isStale({ staleBefore, limit }: Due) {
  return sql<{ id: string }>`SELECT subscription_id AS id FROM access_proofs
    WHERE wanted = 'open' AND checked_at < ${staleBefore} ORDER BY checked_at LIMIT ${limit}`;
}

export interface SavedProof {
  subscriptionId: string;
  wanted: AccessProofRow['wanted'];
  state: ProofState;
  /** Whether the doors were as wanted this time; a state may also be what an earlier time left. */
  isProven: boolean;
  at: Date;
  findings: (Finding | typeof FORBIDDEN)[];
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

/** Whether an incident of it lives: a grant that differed may have ended since. */
export async function hasDrifted(reader: Reader, productId: string): Promise<boolean> {
  const row = await reader
    .selectFrom('incidents')
    .select('id')
    .where('product_id', '=', productId)
    .where('kind', '=', 'access-drift')
    .where('state', '<>', 'closed')
    .limit(1)
    .executeTakeFirst();
  return row !== undefined;
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
