import fc from 'fast-check';
import { expect, test } from 'vitest';
import { freshLake, readRows, writeRows, type LakeUnderTest } from '../../test/fixtures/lake-tables.ts';
import { loadTable } from './lake.ts';
import { expireSnapshots, reachableKeys, removeOrphans } from './maintenance.ts';
import { CANDIDATE_BRANCH, discardCandidate, releaseSnapshot } from './release.ts';
import { findSnapshot, snapshotHistory } from './snapshot.ts';
import { createTable } from './table.ts';
import type { SnapshotId } from './metadata.ts';

const HOUR_MS = 3_600_000;

const step = fc.oneof(
  fc.record({
    do: fc.constant('write' as const),
    kind: fc.constantFrom('append' as const, 'overwrite' as const, 'replace-partitions' as const),
    branch: fc.constantFrom('main', CANDIDATE_BRANCH),
    part: fc.constantFrom('a', 'b'),
  }),
  fc.record({ do: fc.constantFrom('release' as const, 'discard' as const, 'sweep' as const) }),
  fc.record({
    do: fc.constant('expire' as const),
    maxSnapshotAgeMs: fc.constantFrom(0, 2 * HOUR_MS),
    minSnapshotsToKeep: fc.integer({ min: 1, max: 3 }),
    maxRefAgeMs: fc.constantFrom(3 * HOUR_MS, Infinity),
  }),
);

type Step = typeof step extends fc.Arbitrary<infer Value> ? Value : never;

async function partsTable(): Promise<LakeUnderTest> {
  const lake = await freshLake();
  await createTable(lake, {
    tableId: 'tbl_1',
    prefix: 'parts/t1',
    columns: [
      { name: 'id', type: { kind: 'int' }, required: false },
      { name: 'part', type: { kind: 'string' }, required: false },
    ],
    partitions: [{ column: 'part', transform: 'identity' }],
  });
  return lake;
}

interface History {
  lake: LakeUnderTest;
  /** What each snapshot read when it was made. */
  rows: Map<SnapshotId, string[]>;
  releases: number;
  turn: number;
}

async function take(history: History, action: Step): Promise<void> {
  const { lake } = history;
  const table = await loadTable(lake, 'tbl_1');
  const candidate = table.metadata.refs[CANDIDATE_BRANCH]?.['snapshot-id'];
  if (action.do === 'write') {
    const sql = `SELECT ${history.turn}::INTEGER AS id, '${action.part}' AS part`;
    const made = await writeRows(lake, table, { sql, kind: action.kind, branch: action.branch });
    history.rows.set(made.snapshot['snapshot-id'], await readRows(lake, made.table, action.branch));
  } else if (action.do === 'expire') {
    await expireSnapshots(lake, 'tbl_1', action);
  } else if (action.do === 'sweep') {
    await removeOrphans(lake, 'tbl_1', { graceMs: 0 });
  } else if (candidate !== undefined) {
    if (action.do === 'discard') await discardCandidate(lake, 'tbl_1', candidate);
    const release = { snapshotId: candidate, release: ++history.releases };
    const stale =
      findSnapshot(table.metadata, candidate)?.['parent-snapshot-id'] !==
      table.metadata['current-snapshot-id'];
    if (action.do === 'release' && !stale) await releaseSnapshot(lake, 'tbl_1', release);
  }
}

async function checkHistory({ lake, rows }: History): Promise<void> {
  const table = await loadTable(lake, 'tbl_1');
  const kept = new Set(snapshotHistory(table).map((one) => one['snapshot-id']));
  for (const [name, reference] of Object.entries(table.metadata.refs)) {
    expect(await readRows(lake, table, name)).toEqual(rows.get(reference['snapshot-id']));
  }
  for (const entry of table.metadata['snapshot-log']) expect(kept).toContain(entry['snapshot-id']);
  const refs = [...kept].map((id) => ({
    ...table,
    metadata: { ...table.metadata, refs: { at: { 'snapshot-id': id, type: 'tag' as const } } },
  }));
  for (const at of refs)
    expect(await readRows(lake, at, 'at')).toEqual(rows.get(at.metadata.refs.at['snapshot-id']));
}

test('whatever happens to a table, what its snapshots read stays readable, and the rest can be swept', async () => {
  const histories = fc.array(step, { minLength: 4, maxLength: 12 });
  const property = fc.asyncProperty(histories, async (steps) => {
    const history: History = { lake: await partsTable(), rows: new Map(), releases: 0, turn: 0 };
    history.lake.clock.time = Date.now() + HOUR_MS;
    for (const action of steps) {
      history.turn++;
      history.lake.clock.time += HOUR_MS;
      await take(history, action);
    }
    await checkHistory(history);
    await removeOrphans(history.lake, 'tbl_1', { graceMs: 0 });
    const left: string[] = [];
    for await (const { key } of history.lake.objects.list('parts/t1')) left.push(key);
    expect(new Set(left)).toEqual(await reachableKeys(history.lake, await loadTable(history.lake, 'tbl_1')));
    await checkHistory(history);
  });
  await fc.assert(property, { numRuns: 25 });
});

test('files younger than the grace period stay', async () => {
  const lake = await partsTable();
  await lake.objects.write('parts/t1/data/under-way.parquet', new Uint8Array(4));
  lake.clock.time = Date.now();
  expect(await removeOrphans(lake, 'tbl_1', { graceMs: HOUR_MS })).toEqual({ removed: [] });
  lake.clock.time += 2 * HOUR_MS;
  const { removed } = await removeOrphans(lake, 'tbl_1', { graceMs: HOUR_MS });
  expect(removed).toEqual(['parts/t1/data/under-way.parquet']);
});

test('a table that names a file outside of itself is not swept', async () => {
  const lake = await partsTable();
  const table = await loadTable(lake, 'tbl_1');
  const { table: written } = await writeRows(lake, table, { sql: `SELECT 1::INTEGER AS id, 'a' AS part` });
  const bytes = new TextDecoder().decode(await lake.objects.read(written.metadataKey));
  const metadataKey = 'parts/t1/metadata/00009-x.metadata.json';
  await lake.objects.write(
    metadataKey,
    new TextEncoder().encode(bytes.replaceAll('/metadata/snap-', '/../snap-')),
  );
  lake.pointer.keys.set('tbl_1', metadataKey);
  lake.clock.time = Date.now() + HOUR_MS;
  await expect(removeOrphans(lake, 'tbl_1', { graceMs: 0 })).rejects.toMatchObject({
    code: 'lake.key-invalid',
  });
});
