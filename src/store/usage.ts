import { json, type Transaction } from './database.ts';

/** One use of one dataset by one query. */
export interface UsageEntry {
  at: Date;
  queryId: string;
  /** Null for a domain's own data. */
  subscriptionId: string | null;
  /** The emergency right it was read under. */
  elevationId?: string | null;
  datasetId: string;
  principalId: string;
  domainId: string;
  door: string;
  /** Rows and bytes of the whole answer, which may join several datasets. */
  rows: number;
  bytes: number;
  elapsedMs: number;
  /** Columns of this dataset that the query read. */
  columns: string[];
}

export async function insertUsage(transaction: Transaction, entries: UsageEntry[]): Promise<void> {
  if (entries.length === 0) return;
  await transaction
    .insertInto('usage')
    .values(
      entries.map((entry) => ({
        at: entry.at,
        query_id: entry.queryId,
        subscription_id: entry.subscriptionId,
        elevation_id: entry.elevationId ?? null,
        dataset_id: entry.datasetId,
        principal_id: entry.principalId,
        domain_id: entry.domainId,
        door: entry.door,
        rows: entry.rows,
        bytes: entry.bytes,
        elapsed_ms: Math.round(entry.elapsedMs),
        columns: json(entry.columns),
      })),
    )
    .execute();
}
