import { expect, test } from 'vitest';
import {
  freshLake,
  readRows,
  writeFiles,
  writeRows,
  type LakeUnderTest,
} from '../../test/fixtures/lake-tables.ts';
import { commitTable } from './commit.ts';
import { loadTable, openLake } from './lake.ts';
import { reachableKeys, removeOrphans } from './maintenance.ts';
import type { Objects } from './objects.ts';
import { dataFiles } from './scan.ts';
import { snapshotHistory } from './snapshot.ts';
import { stageFiles } from './stage-files.ts';
import { createTable } from './table.ts';
import { writeSnapshot } from './write.ts';

const row = (id: number, part = 'a') => `SELECT ${id}::INTEGER AS id, '${part}' AS part`;

async function numbersTable(lake: LakeUnderTest) {
  return createTable(lake, {
    tableId: 'tbl_1',
    prefix: 'numbers/t1',
    columns: [
      { name: 'id', type: { kind: 'int' }, required: false },
      { name: 'part', type: { kind: 'string' }, required: false },
    ],
    partitions: [{ column: 'part', transform: 'identity' }],
  });
}

test('racing writers lose nothing', async () => {
  const lake = await freshLake();
  const table = await numbersTable(lake);
  const writers = Array.from({ length: 12 }, (_, id) => writeRows(lake, table, { sql: row(id) }));
  await Promise.all(writers);
  const last = await loadTable(lake, 'tbl_1');
  expect(await readRows(lake, last)).toHaveLength(12);
  expect(snapshotHistory(last).map((one) => one['sequence-number'])).toEqual(
    Array.from({ length: 12 }, (_, n) => n + 1),
  );
  expect(new Set(last.metadata['metadata-log'].map((one) => one['metadata-file'])).size).toBe(12);
});

test('appends and replacements in a race end as if one came after the other', async () => {
  const lake = await freshLake();
  const table = await numbersTable(lake);
  await writeRows(lake, table, { sql: `${row(0, 'a')} UNION ALL ${row(0, 'b')}` });
  await Promise.all([
    writeRows(lake, table, { sql: row(1, 'a'), kind: 'replace-partitions' }),
    writeRows(lake, table, { sql: row(2, 'b'), kind: 'replace-partitions' }),
    writeRows(lake, table, { sql: row(3, 'c') }),
    writeRows(lake, table, { sql: row(4, 'c') }),
  ]);
  const rows = await readRows(lake, await loadTable(lake, 'tbl_1'));
  expect(rows).toEqual([1, 2, 3, 4].map((id) => JSON.stringify({ id, part: ' abcc'[id] })));
});

test('files are taken out by name, the others stay; a file that somebody else took out is a conflict', async () => {
  const lake = await freshLake();
  const table = await numbersTable(lake);
  await writeRows(lake, table, { sql: `${row(1, 'a')} UNION ALL ${row(2, 'b')}` });
  const { table: before, snapshot } = await writeRows(lake, table, { sql: row(3, 'a') });
  const files = await dataFiles(lake, before, snapshot);
  const removed = files.filter(({ file }) => file.partition[0] === 'a').map(({ file }) => file.location);
  const write = { sql: row(13, 'a'), kind: 'replace-files', removed } as const;
  const { table: after, snapshot: written } = await writeRows(lake, table, write);
  expect(await readRows(lake, after)).toEqual(['{"id":13,"part":"a"}', '{"id":2,"part":"b"}']);
  expect(written.summary).toMatchObject({
    operation: 'overwrite',
    'total-records': '2',
    'deleted-records': '2',
  });
  await expect(writeRows(lake, table, write)).rejects.toMatchObject({ code: 'lake.release-stale' });
  expect(await readRows(lake, await loadTable(lake, 'tbl_1'))).toHaveLength(2);
});

test('a snapshot may build on the rows of an earlier one: it follows the last and forgets what was between', async () => {
  const lake = await freshLake();
  const table = await numbersTable(lake);
  const { snapshot: first } = await writeRows(lake, table, { sql: row(1, 'a') });
  const { snapshot: second } = await writeRows(lake, table, { sql: row(2, 'b') });
  const rowsOf = first['snapshot-id'];
  const { table: after, snapshot } = await writeRows(lake, table, { sql: row(3, 'c'), rowsOf });
  expect(await readRows(lake, after)).toEqual(['{"id":1,"part":"a"}', '{"id":3,"part":"c"}']);
  expect(snapshot).toMatchObject({
    'parent-snapshot-id': second['snapshot-id'],
    summary: { operation: 'overwrite', 'total-records': '2', 'total-data-files': '2' },
  });
});

test('a race that is always lost ends with a refusal and leaves nothing behind', async () => {
  const lake = await freshLake();
  const table = await numbersTable(lake);
  const losing = openLake({ ...lake, pointer: { ...lake.pointer, swap: async () => false } });
  const commit = commitTable(losing, 'tbl_1', async ({ metadata }) => ({ metadata }));
  await expect(commit).rejects.toMatchObject({ code: 'lake.commit-lost' });
  expect(await loadTable(lake, 'tbl_1')).toEqual(table);
  expect(await allKeys(lake)).toEqual([table.metadataKey]);
});

async function allKeys(lake: LakeUnderTest): Promise<string[]> {
  const keys: string[] = [];
  for await (const { key } of lake.objects.list('numbers/t1')) keys.push(key);
  return keys;
}

/** Storage of a process that dies at its n-th step: that step and all after it never happen. */
function dyingAt(objects: Objects, step: number): Objects & { dead: boolean } {
  let steps = 0;
  const dying = {
    ...Object.fromEntries(
      (['uri', 'read', 'localFile', 'list'] as const).map((name) => [name, objects[name].bind(objects)]),
    ),
    dead: false,
  } as Objects & { dead: boolean };
  const act = async <Result>(work: () => Promise<Result>): Promise<Result> => {
    dying.dead ||= ++steps >= step;
    if (dying.dead) throw new Error('the process has died');
    return work();
  };
  dying.write = (...call) => act(() => objects.write(...call));
  dying.moveIn = (...call) => act(() => objects.moveIn(...call));
  dying.remove = (...call) => act(() => objects.remove(...call));
  return dying;
}

test('a writer that dies at any step leaves the old table or the new one, and orphans that are swept', async () => {
  const lake = await freshLake();
  const table = await numbersTable(lake);
  await writeRows(lake, table, { sql: `${row(1, 'a')} UNION ALL ${row(2, 'b')}` });
  let step = 1;
  for (let done = false; !done; step++) {
    const before = await loadTable(lake, 'tbl_1');
    const written = await writeFiles(lake, before, row(100 + step, 'a'));
    const objects = dyingAt(lake.objects, step);
    const mortal = openLake({ ...lake, objects });
    const write = async () => {
      const files = await stageFiles(mortal, before, written);
      await writeSnapshot(mortal, 'tbl_1', { kind: 'replace-partitions', files });
    };
    await write().catch(() => undefined);
    done = !objects.dead;
    const rows = await readRows(lake, await loadTable(lake, 'tbl_1'));
    expect(rows).toEqual([`{"id":${done ? 100 + step : 1},"part":"a"}`, '{"id":2,"part":"b"}'].toSorted());
  }
  // Data file, added manifest, rewritten manifest, manifest list, metadata: death at each was tried.
  expect(step).toBe(7);
  lake.clock.time = Date.now() + 60_000;
  const { removed } = await removeOrphans(lake, 'tbl_1', { graceMs: 0 });
  expect(removed.length).toBeGreaterThanOrEqual(10);
  const last = await loadTable(lake, 'tbl_1');
  expect(new Set(await allKeys(lake))).toEqual(await reachableKeys(lake, last));
});

test('a swap of which nobody knows whether it happened removes nothing', async () => {
  const lake = await freshLake();
  const table = await numbersTable(lake);
  const swap: typeof lake.pointer.swap = async (...call) => {
    await lake.pointer.swap(...call);
    throw new Error('the connection was lost');
  };
  const cut = openLake({ ...lake, pointer: { ...lake.pointer, swap } });
  const files = await stageFiles(cut, table, await writeFiles(lake, table, row(1)));
  await expect(writeSnapshot(cut, 'tbl_1', { kind: 'append', files })).rejects.toThrow('lost');
  expect(await readRows(lake, await loadTable(lake, 'tbl_1'))).toEqual(['{"id":1,"part":"a"}']);
});

test('earlier metadata files are kept up to the number the table says', async () => {
  const lake = await freshLake();
  await createTable(lake, {
    tableId: 'tbl_1',
    prefix: 'numbers/t1',
    columns: [{ name: 'id', type: { kind: 'int' }, required: false }],
    properties: { 'write.metadata.previous-versions-max': '3' },
  });
  for (let turn = 0; turn < 6; turn++)
    await commitTable(lake, 'tbl_1', async ({ metadata }) => ({ metadata }));
  const last = await loadTable(lake, 'tbl_1');
  expect(last.metadata['metadata-log']).toHaveLength(3);
  const versions = (await allKeys(lake)).map((key) => key.split('/').at(-1)!.slice(0, 5));
  expect(versions.toSorted()).toEqual(['00003', '00004', '00005', '00006']);
});
