import { MeshError } from '../base/errors.ts';
import { commitTable, nextTime } from './commit.ts';
import type { Lake, Table } from './lake.ts';
import type { SnapshotId } from './metadata.ts';
import { MAIN_BRANCH, snapshotById, withoutReference, withReference } from './snapshot.ts';

/** Snapshots under test are on this branch; readers of `main` do not see them. */
export const CANDIDATE_BRANCH = 'candidate';

/** The tag that keeps a release's snapshot from expiring. */
export function releaseTag(release: number): string {
  return `release-${release}`;
}

export interface Release {
  snapshotId: SnapshotId;
  /** Number of the release, counted by the caller from 1. */
  release: number;
  /** After this age the tag no longer keeps the snapshot; absent = for ever. */
  keepMs?: number;
}

/**
 * Makes an audited snapshot what readers see: `main` is fast-forwarded to it and the release gets its tag, in
 * one commit. Releasing the same snapshot under the same number again changes nothing.
 * @throws MeshError `lake.release-stale` when `main` has moved since the snapshot was made,
 *   `lake.snapshot-missing` when it has expired.
 */
export async function releaseSnapshot(lake: Lake, tableId: string, release: Release): Promise<Table> {
  const { snapshotId } = release;
  return commitTable(lake, tableId, async (table) => {
    const { metadata } = table;
    const snapshot = snapshotById(table, snapshotId);
    const tagged = metadata.refs[releaseTag(release.release)]?.['snapshot-id'];
    const isCurrent = metadata['current-snapshot-id'] === snapshotId;
    if (tagged === snapshotId && isCurrent) return null;
    const follows = snapshot['parent-snapshot-id'] === metadata['current-snapshot-id'];
    if (tagged !== undefined || !(follows || isCurrent)) {
      throw new MeshError('lake.release-stale', { facts: { table: tableId, snapshot: snapshotId } });
    }
    const timeMs = nextTime(lake, metadata);
    const moved = isCurrent
      ? metadata
      : withReference(metadata, MAIN_BRANCH, {
          reference: { ...metadata.refs[MAIN_BRANCH], 'snapshot-id': snapshotId, type: 'branch' },
          timeMs,
        });
    const tag = withReference(moved, releaseTag(release.release), {
      reference: {
        'snapshot-id': snapshotId,
        type: 'tag',
        ...(release.keepMs === undefined ? {} : { 'max-ref-age-ms': release.keepMs }),
      },
      timeMs,
    });
    const isCandidate = tag.refs[CANDIDATE_BRANCH]?.['snapshot-id'] === snapshotId;
    return { metadata: isCandidate ? withoutReference(tag, CANDIDATE_BRANCH) : tag };
  });
}

/**
 * Gives up a snapshot that failed its checks: nothing points to it any more, and it expires. A candidate that
 * has been replaced in the meantime stays.
 */
export async function discardCandidate(lake: Lake, tableId: string, snapshotId: SnapshotId): Promise<Table> {
  return commitTable(lake, tableId, async ({ metadata }) => {
    if (metadata.refs[CANDIDATE_BRANCH]?.['snapshot-id'] !== snapshotId) return null;
    return { metadata: withoutReference(metadata, CANDIDATE_BRANCH) };
  });
}
