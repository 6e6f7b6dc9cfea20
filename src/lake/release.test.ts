import { expect, test } from 'vitest';
import { freshLake, readRows, writeRows } from '../../test/fixtures/lake-tables.ts';
import { loadTable } from './lake.ts';
import { expireSnapshots } from './maintenance.ts';
import { CANDIDATE_BRANCH, discardCandidate, releaseSnapshot } from './release.ts';
import { snapshotOf } from './snapshot.ts';
import { createTable } from './table.ts';

const candidate = (id: number) => ({
  sql: `SELECT ${id}::INTEGER AS id`,
  kind: 'overwrite' as const,
  branch: CANDIDATE_BRANCH,
});

async function onlyTable() {
  const lake = await freshLake();
  const columns = [{ name: 'id', type: { kind: 'int' as const }, required: false }];
  const table = await createTable(lake, { tableId: 'tbl_1', prefix: 't', columns });
  return { lake, table };
}

test('a candidate is seen by nobody until it is released', async () => {
  const { lake, table } = await onlyTable();
  const staged = await writeRows(lake, table, candidate(1));
  expect(snapshotOf(staged.table)).toBeNull();
  expect(staged.table.metadata['snapshot-log']).toEqual([]);
  expect(await readRows(lake, staged.table)).toEqual([]);
  expect(await readRows(lake, staged.table, CANDIDATE_BRANCH)).toEqual(['{"id":1}']);

  lake.clock.time += 1000;
  const snapshotId = staged.snapshot['snapshot-id'];
  const released = await releaseSnapshot(lake, 'tbl_1', { snapshotId, release: 1 });
  expect(await readRows(lake, released)).toEqual(['{"id":1}']);
  expect(released.metadata['current-snapshot-id']).toBe(snapshotId);
  expect(Object.keys(released.metadata.refs)).toEqual(['main', 'release-1']);
  // Readers saw it from its release on, not from when it was written.
  expect(released.metadata['snapshot-log']).toEqual([
    { 'snapshot-id': snapshotId, 'timestamp-ms': lake.clock.time },
  ]);
  expect(await releaseSnapshot(lake, 'tbl_1', { snapshotId, release: 1 })).toEqual(released);
});

test('a candidate made from an older release is refused', async () => {
  const { lake, table } = await onlyTable();
  const first = await writeRows(lake, table, candidate(1));
  const second = await writeRows(lake, table, candidate(2));
  await releaseSnapshot(lake, 'tbl_1', { snapshotId: second.snapshot['snapshot-id'], release: 1 });
  const stale = releaseSnapshot(lake, 'tbl_1', { snapshotId: first.snapshot['snapshot-id'], release: 2 });
  await expect(stale).rejects.toMatchObject({ code: 'lake.release-stale' });
  const third = await writeRows(lake, table, candidate(3));
  const taken = releaseSnapshot(lake, 'tbl_1', { snapshotId: third.snapshot['snapshot-id'], release: 1 });
  await expect(taken).rejects.toMatchObject({ code: 'lake.release-stale' });
  expect(await readRows(lake, await loadTable(lake, 'tbl_1'))).toEqual(['{"id":2}']);
});

test('of two that release from the same state one wins', async () => {
  const { lake, table } = await onlyTable();
  const made = await Promise.all([1, 2].map((id) => writeRows(lake, table, candidate(id))));
  const releases = made.map(({ snapshot }) =>
    releaseSnapshot(lake, 'tbl_1', { snapshotId: snapshot['snapshot-id'], release: 1 }),
  );
  const outcomes = await Promise.allSettled(releases);
  expect(outcomes.map((one) => one.status).toSorted()).toEqual(['fulfilled', 'rejected']);
});

test('a discarded candidate expires and takes its files along; a release stays', async () => {
  const { lake, table } = await onlyTable();
  const good = await writeRows(lake, table, candidate(1));
  await releaseSnapshot(lake, 'tbl_1', { snapshotId: good.snapshot['snapshot-id'], release: 1 });
  const bad = await writeRows(lake, table, candidate(2));
  const snapshotId = bad.snapshot['snapshot-id'];
  await discardCandidate(lake, 'tbl_1', snapshotId);
  const again = await writeRows(lake, table, candidate(3));
  await discardCandidate(lake, 'tbl_1', snapshotId);
  expect((await loadTable(lake, 'tbl_1')).metadata.refs[CANDIDATE_BRANCH]?.['snapshot-id']).toBe(
    again.snapshot['snapshot-id'],
  );

  lake.clock.time += 1000;
  const expiry = await expireSnapshots(lake, 'tbl_1', { maxSnapshotAgeMs: 0, minSnapshotsToKeep: 1 });
  expect(expiry.expired).toEqual([snapshotId]);
  // Its data file, its manifests (added and rewritten) and its manifest list.
  expect(expiry.removed).toHaveLength(4);
  expect(await readRows(lake, await loadTable(lake, 'tbl_1'), 'release-1')).toEqual(['{"id":1}']);
  await expect(releaseSnapshot(lake, 'tbl_1', { snapshotId, release: 2 })).rejects.toMatchObject({
    code: 'lake.snapshot-missing',
  });
});
