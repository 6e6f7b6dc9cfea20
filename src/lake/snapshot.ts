import { randomBytes } from 'node:crypto';
import { MeshError } from '../base/errors.ts';
import type { Table } from './lake.ts';
import type { Snapshot, SnapshotId, SnapshotReference, TableMetadata } from './metadata.ts';

export const MAIN_BRANCH = 'main';

/** The snapshots of a table, oldest first. */
export function snapshotHistory(table: Table): Snapshot[] {
  return table.metadata.snapshots.toSorted(
    (left, right) => left['sequence-number'] - right['sequence-number'],
  );
}

/** @throws MeshError `lake.snapshot-missing`. */
export function snapshotById(table: Table, snapshotId: SnapshotId): Snapshot {
  return findSnapshot(table.metadata, snapshotId) ?? missing(table, snapshotId);
}

/** The snapshot a branch or tag points to; null for a table or branch without one. */
export function snapshotOf(table: Table, reference: string = MAIN_BRANCH): Snapshot | null {
  const found = table.metadata.refs[reference];
  return found ? snapshotById(table, found['snapshot-id']) : null;
}

/**
 * The snapshot that readers saw at that time, by the log of `main` (table spec, "Point in Time Reads"):
 * branches that were never released do not show.
 * @throws MeshError `lake.snapshot-missing` when the table had none, or it has expired.
 */
export function snapshotAsOf(table: Table, time: Date): Snapshot {
  const entry = table.metadata['snapshot-log'].findLast((one) => one['timestamp-ms'] <= time.getTime());
  return (
    (entry && findSnapshot(table.metadata, entry['snapshot-id'])) ??
    missing(table, `at ${time.toISOString()}`)
  );
}

export function findSnapshot(metadata: TableMetadata, snapshotId: SnapshotId): Snapshot | undefined {
  return metadata.snapshots.find((one) => one['snapshot-id'] === snapshotId);
}

function missing(table: Table, snapshot: string): never {
  throw new MeshError('lake.snapshot-missing', { facts: { table: table.id, snapshot } });
}

/** The snapshot and those it was made from, newest first, as far as they have not expired. */
export function ancestry(metadata: TableMetadata, snapshotId: SnapshotId): Snapshot[] {
  const line: Snapshot[] = [];
  let at = findSnapshot(metadata, snapshotId);
  while (at) {
    line.push(at);
    const parent = at['parent-snapshot-id'];
    at = parent === undefined ? undefined : findSnapshot(metadata, parent);
  }
  return line;
}

/**
 * A random id no snapshot of the table has. 52 bits keep it exact for readers in JavaScript, and two
 * snapshots of one table still never meet.
 */
export function newSnapshotId(metadata: TableMetadata): SnapshotId {
  for (;;) {
    const id = String(randomBytes(8).readBigUInt64BE() >> 12n);
    if (id !== '0' && !findSnapshot(metadata, id)) return id;
  }
}

/** Metadata with a reference moved; moving `main` moves the current snapshot and its log with it. */
export function withReference(
  metadata: TableMetadata,
  name: string,
  move: { reference: SnapshotReference; timeMs: number },
): TableMetadata {
  const next = { ...metadata, refs: { ...metadata.refs, [name]: move.reference } };
  if (name !== MAIN_BRANCH) return next;
  const snapshotId = move.reference['snapshot-id'];
  return {
    ...next,
    'current-snapshot-id': snapshotId,
    'snapshot-log': [...metadata['snapshot-log'], { 'timestamp-ms': move.timeMs, 'snapshot-id': snapshotId }],
  };
}

export function withoutReference(metadata: TableMetadata, name: string): TableMetadata {
  const { [name]: _gone, ...refs } = metadata.refs;
  return { ...metadata, refs };
}
