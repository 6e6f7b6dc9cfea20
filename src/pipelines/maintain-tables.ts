import type { Parts } from '../identity/context.ts';
import { legalHold } from '../contracts/data-subjects.ts';
import type { Contract } from '../contracts/odcs.ts';
import { releaseRetentionMs } from '../contracts/retention.ts';
import { type Expiry, expireSnapshots, removeOrphans, type Retention } from '../lake/maintenance.ts';
import { deleteTable, listTables } from '../lake/store.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** Releases can be travelled back to for a quarter; snapshots that nothing names go after a day. */
const USUAL = { maxSnapshotAgeMs: DAY_MS, minSnapshotsToKeep: 5, maxRefAgeMs: 92 * DAY_MS };

const NOTHING: Expiry = { expired: [], removed: [] };

/** As short as the contract keeps releases, if it says so; null under legal hold, where nothing goes. */
function retentionOf({ contract, document }: MaintainedTable, now: Date): Retention | null {
  if (legalHold(contract ?? {}) !== null || legalHold(document ?? {}) !== null) return null;
  const keptMs = releaseRetentionMs((contract ?? {}) as unknown as Contract, now);
  if (keptMs === null || keptMs >= USUAL.maxRefAgeMs) return USUAL;
  return { maxSnapshotAgeMs: Math.min(keptMs, DAY_MS), minSnapshotsToKeep: 1, maxRefAgeMs: keptMs };
}

/** Longer than any pipeline may run: files of a commit under way are younger. */
export const ORPHAN_GRACE_MS = 6 * HOUR_MS;

type MaintainedTable = Awaited<ReturnType<typeof listTables>>[number];

export interface Maintained {
  expired: number;
  removed: number;
}

/**
 * Expires old snapshots of every table, sweeps what crashes left behind, and removes tables whose dataset is
 * gone. Idempotent; a table that fails does not keep the others from being swept.
 */
export async function maintainTables(parts: Parts, graceMs: number = ORPHAN_GRACE_MS): Promise<Maintained> {
  const total: Maintained = { expired: 0, removed: 0 };
  for (const table of await listTables(parts.database.reader)) {
    try {
      if (table.dataset_id === null) {
        total.removed += await removeTable(parts, table);
        continue;
      }
      const retention = retentionOf(table, parts.clock.now());
      const expiry = retention === null ? NOTHING : await expireSnapshots(parts.lake, table.id, retention);
      const orphans = await removeOrphans(parts.lake, table.id, { graceMs });
      total.expired += expiry.expired.length;
      total.removed += expiry.removed.length + orphans.removed.length;
    } catch (error) {
      parts.log.error({ err: error, table: table.id }, 'maintenance of a table failed');
    }
  }
  const oldest = new Date(parts.clock.now().getTime() - graceMs);
  total.removed += await parts.lake.objects.removeUnfinished(oldest);
  return total;
}

/** Removes the tables whose dataset is gone, at once. */
export async function removeLostTables(parts: Parts): Promise<number> {
  let removed = 0;
  for (const table of await listTables(parts.database.reader)) {
    if (table.dataset_id === null) removed += await removeTable(parts, table);
  }
  return removed;
}

/** The files first, then the row: killed in between, the next sweep finds the row and goes on. */
async function removeTable(
  { lake, database }: Parts,
  table: { id: string; location: string },
): Promise<number> {
  const keys: string[] = [];
  for await (const { key } of lake.objects.list(table.location)) keys.push(key);
  await lake.objects.remove(keys);
  await database.transact((transaction) => deleteTable(transaction, table.id));
  return keys.length;
}
