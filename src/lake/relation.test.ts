import { cp, mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, test } from 'vitest';
import type { Column, DataType } from '../base/data-type.ts';
import {
  freshLake,
  query,
  readRows,
  writeRows,
  type LakeUnderTest,
} from '../../test/fixtures/lake-tables.ts';
import { commitTable } from './commit.ts';
import { loadTable, openLake, readManifestList } from './lake.ts';
import { localObjects } from './local-objects.ts';
import { encodeManifestList } from './manifest-list.ts';
import { expireSnapshots, reachableKeys, removeOrphans } from './maintenance.ts';
import { columnsOf } from './schema.ts';
import { rebaseTable } from './rebase.ts';
import { readRelation } from './relation.ts';
import { snapshotOf } from './snapshot.ts';
import { createTable, evolveTable } from './table.ts';

const column = (name: string, type: DataType): Column => ({ name, type, required: false });
const int: DataType = { kind: 'int' };
const text: DataType = { kind: 'string' };
const struct = (...fields: Column[]): DataType => ({ kind: 'struct', fields });
const list = (element: DataType): DataType => ({ kind: 'list', element, elementRequired: false });
const map = (value: DataType): DataType => ({ kind: 'map', key: text, value, valueRequired: false });

async function evolvedTable() {
  const lake = await freshLake();
  const columns = [
    column('id', int),
    column('place', struct(column('zip', text), column('floor', int))),
    column('lines', list(struct(column('ean', text), column('parts', list(struct(column('n', int))))))),
    column('prices', map(struct(column('net', int), column('old', int)))),
  ];
  const table = await createTable(lake, { tableId: 'tbl_1', prefix: 't', columns });
  await writeRows(lake, table, {
    sql: `SELECT 1::INTEGER AS id, {'zip': '01', 'floor': 3::INTEGER} AS place,
      [{'ean': 'e', 'parts': [{'n': 1::INTEGER}, NULL]}, NULL] AS lines, MAP {'a': {'net': 5::INTEGER, 'old': 6::INTEGER}} AS prices
      UNION ALL SELECT 2, NULL, NULL, NULL UNION ALL SELECT 3, {'zip': NULL, 'floor': NULL}, [], MAP {}`,
  });
  return { lake, columns };
}

test('inside structs, lists and maps columns are found by field id, not by name', async () => {
  const { lake, columns } = await evolvedTable();
  const [id, , , prices] = columns as [Column, Column, Column, Column];
  // `floor` and `old` go, and their names come back as new fields: their old values must not.
  await evolveTable(lake, 'tbl_1', {
    columns: [
      id,
      column('place', struct(column('zip', text))),
      columns[2]!,
      column('prices', map(struct(column('net', int)))),
    ],
  });
  const table = await evolveTable(lake, 'tbl_1', {
    columns: [
      column('place', struct(column('floor', int), column('postcode', text))),
      column(
        'lines',
        list(struct(column('parts', list(struct(column('count', { kind: 'long' })))), column('gtin', text))),
      ),
      prices,
      id,
    ],
    renames: {
      'place.zip': 'postcode',
      'lines.element.ean': 'gtin',
      'lines.element.parts.element.n': 'count',
    },
  });
  expect((await readRows(lake, table)).map((row) => JSON.parse(row) as unknown)).toEqual([
    { place: null, lines: null, prices: null, id: 2 },
    {
      place: { floor: null, postcode: '01' },
      lines: [{ parts: [{ count: '1' }, null], gtin: 'e' }, null],
      prices: [{ key: 'a', value: { net: 5, old: null } }],
      id: 1,
    },
    { place: { floor: null, postcode: null }, lines: [], prices: [], id: 3 },
  ]);
  const { table: both } = await writeRows(lake, table, {
    sql: `SELECT {'floor': 9::INTEGER, 'postcode': '02'} AS place, NULL AS lines, NULL AS prices, 4::INTEGER AS id`,
  });
  const relation = await readRelation(lake, both, { snapshot: snapshotOf(both) });
  expect(await query(`SELECT place.floor AS floor FROM (${relation.sql}) WHERE id = 4`)).toEqual([
    { floor: 9 },
  ]);
  expect(relation).toMatchObject({ rows: 4, files: [expect.any(String), expect.any(String)] });
});

test('a snapshot can be read under the columns it was written by', async () => {
  const { lake } = await evolvedTable();
  const table = await evolveTable(lake, 'tbl_1', {
    columns: [column('nr', { kind: 'long' })],
    renames: { id: 'nr' },
  });
  const columns = columnsOf(table.metadata.schemas[0]!).slice(0, 1);
  const { sql } = await readRelation(lake, table, { snapshot: snapshotOf(table), columns });
  expect(await query(`SELECT sum(id)::INTEGER AS total FROM (${sql})`)).toEqual([{ total: 6 }]);
  const now = await readRelation(lake, table, { snapshot: snapshotOf(table) });
  expect(now.sql).not.toContain('place');
});

test('a filter reaches the files through the mapping of columns', async () => {
  const lake = await freshLake();
  const table = await createTable(lake, { tableId: 'tbl_1', prefix: 't', columns: [column('a', int)] });
  await writeRows(lake, table, { sql: `SELECT i::INTEGER AS a FROM range(10) r(i)` });
  const renamed = await evolveTable(lake, 'tbl_1', { columns: [column('b', int)], renames: { a: 'b' } });
  const { sql } = await readRelation(lake, renamed, { snapshot: snapshotOf(renamed) });
  const [plan] = await query(`EXPLAIN SELECT b FROM (${sql}) WHERE b = 3`);
  expect(plan!['explain_value']).toMatch(/Filters:[\s\S]*b=3/);
});

/** The same table's files at another place, its pointer as it was. */
async function movedLake(lake: LakeUnderTest): Promise<LakeUnderTest> {
  const root = await mkdtemp(path.join(tmpdir(), 'crossdock-moved-'));
  await cp(lake.root, root, { recursive: true });
  const parts = { objects: await localObjects(root), pointer: lake.pointer, clock: lake.clock };
  return { ...openLake(parts), ...parts, root };
}

test('a moved folder is read, written and swept as before, and can be rebased for others', async () => {
  const { lake } = await evolvedTable();
  const moved = await movedLake(lake);
  const table = await loadTable(moved, 'tbl_1');
  const sql = `SELECT 9::INTEGER AS id, NULL AS place, NULL AS lines, NULL AS prices`;
  const { table: written } = await writeRows(moved, table, { sql });
  expect(await readRows(moved, written)).toHaveLength(4);
  const before = await readRelation(moved, written, { snapshot: snapshotOf(written) });
  expect(before.files.every((file) => file.startsWith(moved.root))).toBe(true);

  const rebased = await rebaseTable(moved, 'tbl_1');
  expect(rebased.metadata.location).toBe(`file://${moved.root}/t`);
  const text = new TextDecoder().decode(await moved.objects.read(rebased.metadataKey));
  expect(text).not.toContain(lake.root);
  expect(await readRows(moved, rebased)).toEqual(await readRows(moved, written));
  expect(await rebaseTable(moved, 'tbl_1')).toEqual(rebased);

  moved.clock.time = Date.now() + 3_600_000;
  await removeOrphans(moved, 'tbl_1', { graceMs: 0 });
  await expireSnapshots(moved, 'tbl_1', { maxSnapshotAgeMs: 0, minSnapshotsToKeep: 1 });
  const last = await loadTable(moved, 'tbl_1');
  expect(await readRows(moved, last)).toHaveLength(4);
  const keys = (await Array.fromAsync(moved.objects.list('t'))).map((one) => one.key);
  expect(new Set(keys)).toEqual(await reachableKeys(moved, last));
});

test('row-level deletes of other writers are refused, not read over', async () => {
  const lake = await freshLake();
  const table = await createTable(lake, { tableId: 'tbl_1', prefix: 't', columns: [column('a', int)] });
  const { table: written, snapshot } = await writeRows(lake, table, { sql: 'SELECT 1::INTEGER AS a' });
  const [manifest] = await readManifestList(lake, written, snapshot);
  const list = encodeManifestList([manifest!, { ...manifest!, content: 'deletes' }], {
    snapshotId: snapshot['snapshot-id'],
    parentId: undefined,
    sequenceNumber: 1,
  });
  await lake.objects.write('t/metadata/with-deletes.avro', list);
  const foreign = { ...snapshot, 'manifest-list': lake.objects.uri('t/metadata/with-deletes.avro') };
  await commitTable(lake, 'tbl_1', async ({ metadata }) => ({
    metadata: { ...metadata, snapshots: [foreign] },
  }));
  const last = await loadTable(lake, 'tbl_1');
  const refused = { code: 'lake.unsupported', facts: { table: 'tbl_1', feature: 'row-level deletes' } };
  await expect(readRows(lake, last)).rejects.toMatchObject(refused);
  await expect(writeRows(lake, last, { sql: 'SELECT 2::INTEGER AS a' })).rejects.toMatchObject(refused);
});
