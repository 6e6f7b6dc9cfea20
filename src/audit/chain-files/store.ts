import { sql } from 'kysely';
import { isoTime } from '../../base/clock.ts';
import type { Reader } from '../../store/database.ts';

/** A row of the chain as consumers of the audit get it; keys are columns of `mesh.audit.changes`. */
export interface ChainRow {
  sequence: number;
  decided_at: string;
  actor: string;
  actor_name: string | null;
  door: string;
  address: string | null;
  action: string;
  object: string;
  /** By its name. */
  domain: string | null;
  allowed: boolean;
  reasons: string[];
  policies: string | null;
  request_id: string;
  /** JSON, for facts differ from action to action. */
  facts: string;
  hash: string;
}

export async function listChainRows(
  reader: Reader,
  { after, upTo, limit }: { after: number; upTo: number; limit: number },
): Promise<ChainRow[]> {
  const rows = await reader
    .selectFrom('changes')
    .leftJoin('principals', 'principals.id', 'changes.actor')
    .leftJoin('domains', 'domains.id', 'changes.domain_id')
    .select(['changes.at as decided_at', 'changes.actor', 'principals.name as actor_name', 'changes.door'])
    .select(['changes.address', 'changes.action', 'changes.object', 'domains.name as domain'])
    .select(['changes.allowed', 'changes.reasons', 'changes.policies', 'changes.request_id'])
    .select([
      sql<number>`changes.sequence`.as('sequence'),
      sql<string>`changes.facts::text`.as('facts'),
      sql<string>`changes.hash`.as('hash'),
    ])
    .where('changes.sequence', '>', after)
    .where('changes.sequence', '<=', upTo)
    .orderBy('changes.sequence')
    .limit(limit)
    .execute();
  return rows.map((row) => ({
    ...row,
    sequence: Number(row.sequence),
    decided_at: isoTime(row.decided_at),
  }));
}

/** The hashes at these places of the chain, by place. */
export async function hashesAt(reader: Reader, sequences: number[]): Promise<Map<number, string>> {
  if (sequences.length === 0) return new Map();
  const rows = await reader
    .selectFrom('changes')
    .select(['sequence', 'hash'])
    .where('sequence', 'in', sequences)
    .execute();
  return new Map(rows.map(({ sequence, hash }) => [Number(sequence), String(hash)]));
}
