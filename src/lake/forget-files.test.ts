import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  freshLake,
  type LakeUnderTest,
  query,
  readRows,
  writeFiles,
  writeRows,
} from '../../test/fixtures/lake-tables.ts';
import { quoteLiteral } from '../base/data-type.ts';
import { decodeAvro } from './avro-file.ts';
import { everyFile, forgetFiles } from './forget-files.ts';
import { loadTable, type Table } from './lake.ts';
import { expireSnapshots, reachableKeys, removeOrphans, sweepTable } from './maintenance.ts';
import { filesRelation } from './relation.ts';
import { CANDIDATE_BRANCH, releaseSnapshot } from './release.ts';
import { dataFiles, type ScanFile } from './scan.ts';
import { snapshotHistory, snapshotOf } from './snapshot.ts';
import { stageFiles } from './stage-files.ts';
import { createTable, tableColumns } from './table.ts';

const NAMES = ['anna@example.com', 'bert@example.com', 'cora@example.com', 'dora@example.com'];
const GONE = NAMES[0]!;

const step = fc.oneof(
  fc.record({
    do: fc.constant('write' as const),
    kind: fc.constantFrom('append' as const, 'overwrite' as const, 'replace-partitions' as const),
    branch: fc.constantFrom('main', 'main', CANDIDATE_BRANCH),
    names: fc.uniqueArray(fc.constantFrom(...NAMES), { minLength: 1, maxLength: 3 }),
    part: fc.constantFrom('a', 'b'),
  }),
  fc.record({ do: fc.constantFrom('release' as const, 'expire' as const) }),
);

type Step = typeof step extends fc.Arbitrary<infer Value> ? Value : never;

async function take(lake: LakeUnderTest, action: Step, turn: number): Promise<void> {
  const table = await loadTable(lake, 'tbl_1');
  if (action.do === 'write') {
    const rows = action.names.map((name) => `(${turn}, ${quoteLiteral(name)}, ${quoteLiteral(action.part)})`);
    const sql = `SELECT * FROM (VALUES ${rows.join(', ')}) AS t (id, name, part)`;
    await writeRows(lake, table, { sql, kind: action.kind, branch: action.branch });
  } else if (action.do === 'expire') {
    await expireSnapshots(lake, 'tbl_1', { maxSnapshotAgeMs: -1, minSnapshotsToKeep: 1 });
    await removeOrphans(lake, 'tbl_1', { graceMs: -1e15 });
  } else {
    const main = snapshotOf(table);
    if (main === null) return;
    await releaseSnapshot(lake, 'tbl_1', { snapshotId: main['snapshot-id'], release: turn + 1 }).catch(
      () => undefined,
    );
  }
}

/** Where rows with the name are, and how the current ones look without it. */
async function forgetName(lake: LakeUnderTest, table: Table): Promise<void> {
  const holding: ScanFile[] = [];
  for (const file of await everyFile(lake, table)) {
    const { sql } = await filesRelation(lake, [file], { columns: tableColumns(table) });
    if ((await query(`SELECT 1 FROM (${sql}) WHERE name = ${quoteLiteral(GONE)}`)).length > 0)
      holding.push(file);
  }
  const forgotten = new Set(holding.map(({ file }) => file.location));
  const head = await dataFiles(lake, table, snapshotOf(table));
  const current = head.filter(({ file }) => forgotten.has(file.location));
  const { sql } = await filesRelation(lake, current, { columns: tableColumns(table) });
  const kept = await query(`SELECT * FROM (${sql}) WHERE name <> ${quoteLiteral(GONE)}`);
  const files =
    kept.length === 0
      ? []
      : await writeFiles(lake, table, `SELECT * FROM (${sql}) WHERE name <> ${quoteLiteral(GONE)}`);
  await forgetFiles(lake, 'tbl_1', { forgotten, files: await stageFiles(lake, table, files) });
  await sweepTable(lake, 'tbl_1');
}

/** Keys of objects that hold the name: as bytes, in unpacked manifests, in rows. */
async function objectsWith(lake: LakeUnderTest): Promise<string[]> {
  const found: string[] = [];
  for await (const { key } of lake.objects.list('parts/t1')) {
    const bytes = Buffer.from(await lake.objects.read(key));
    const unpacked = key.endsWith('.avro') ? textsIn(decodeAvro(bytes, key).entries) : [];
    const rows = key.endsWith('.parquet')
      ? await query(
          `SELECT CAST(COLUMNS(*) AS VARCHAR) FROM read_parquet(${quoteLiteral(await lake.objects.localFile(key))})`,
        )
      : [];
    // A bound holds the first 16 characters of a text.
    const texts = [bytes.toString('latin1'), ...unpacked, JSON.stringify(rows)];
    if (texts.some((text) => text.includes(GONE.slice(0, 16)))) found.push(key);
  }
  return found;
}

function textsIn(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  if (value instanceof Uint8Array) return [Buffer.from(value).toString('latin1')];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(textsIn) : [];
}

async function namesTable(): Promise<LakeUnderTest> {
  const lake = await freshLake();
  await createTable(lake, {
    tableId: 'tbl_1',
    prefix: 'parts/t1',
    columns: [
      { name: 'id', type: { kind: 'int' }, required: false },
      { name: 'name', type: { kind: 'string' }, required: false },
      { name: 'part', type: { kind: 'string' }, required: false },
    ],
    partitions: [{ column: 'part', transform: 'identity' }],
  });
  return lake;
}

test('after any history what is forgotten is in no object, and every other row is where it was', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 8 }), async (steps) => {
      const lake = await namesTable();
      for (const [turn, action] of steps.entries()) await take(lake, action, turn);
      const before = await loadTable(lake, 'tbl_1');
      const rows = await readRows(lake, before);
      const releases = Object.entries(before.metadata.refs).filter(
        ([, { 'snapshot-id': id }]) => id === before.metadata['current-snapshot-id'],
      );
      await forgetName(lake, before);
      const after = await loadTable(lake, 'tbl_1');
      expect(await readRows(lake, after)).toEqual(rows.filter((row) => !row.includes(GONE)));
      expect(await objectsWith(lake)).toEqual([]);
      expect(releases.filter(([name]) => !(name in after.metadata.refs))).toEqual([]);
      const held = new Set(snapshotHistory(after).map((one) => one['snapshot-id']));
      expect(Object.values(after.metadata.refs).filter((ref) => !held.has(ref['snapshot-id']))).toEqual([]);
      const kept = await reachableKeys(lake, after);
      for await (const { key } of lake.objects.list('parts/t1')) expect(kept).toContain(key);
    }),
    { numRuns: 15 },
  );
});

test('snapshots that know nothing of it stay, and so does a table that has nothing to forget', async () => {
  const lake = await namesTable();
  const write = (name: string, kind: 'append' | 'overwrite') =>
    loadTable(lake, 'tbl_1').then((table) =>
      writeRows(lake, table, { sql: `SELECT 1 AS id, ${quoteLiteral(name)} AS name, 'a' AS part`, kind }),
    );
  const first = await write(NAMES[1]!, 'append');
  await write(GONE, 'append');
  await forgetName(lake, await loadTable(lake, 'tbl_1'));
  const table = await loadTable(lake, 'tbl_1');
  const ids = snapshotHistory(table).map((one) => one['snapshot-id']);
  expect(ids).toHaveLength(2);
  expect(ids[0]).toBe(first.snapshot['snapshot-id']);
  await forgetName(lake, table);
  expect((await loadTable(lake, 'tbl_1')).metadataKey).toBe(table.metadataKey);
});

test('the totals of the new snapshot are those of its rows', async () => {
  const lake = await namesTable();
  const rows = NAMES.map((name, index) => `(${index}, ${quoteLiteral(name)}, 'a')`).join(', ');
  await writeRows(lake, await loadTable(lake, 'tbl_1'), {
    sql: `SELECT * FROM (VALUES ${rows}) AS t (id, name, part)`,
  });
  await forgetName(lake, await loadTable(lake, 'tbl_1'));
  const table = await loadTable(lake, 'tbl_1');
  const files = await dataFiles(lake, table, snapshotOf(table));
  expect(snapshotOf(table)?.summary).toMatchObject({
    'total-records': '3',
    'total-data-files': '1',
    'total-files-size': String(files.reduce((sum, { file }) => sum + file.bytes, 0)),
  });
});
