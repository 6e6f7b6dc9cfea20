import { json, type Transaction } from './database.ts';

/** One row of the audit: who did or tried what, when, by which door, and why it was allowed or not. */
export interface NewChange {
  at: Date;
  actor: string;
  door: string;
  requestId: string;
  action: string;
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
  await transaction
    .insertInto('changes')
    .values({
      at: change.at,
      actor: change.actor,
      door: change.door,
      request_id: change.requestId,
      action: change.action,
      object: change.object,
      domain_id: change.domainId,
      allowed: change.allowed,
      reasons: json(change.reasons),
      facts: json(change.facts),
      address: change.address ?? null,
      policies: change.policies ?? null,
    })
    .execute();
}
