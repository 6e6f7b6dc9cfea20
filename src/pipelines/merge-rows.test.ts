import { rm } from 'node:fs/promises';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { comparable, type IcebirdReader, startIcebird } from '../../test/fixtures/icebird-reader.ts';
import { freshLake, type LakeUnderTest, query } from '../../test/fixtures/lake-tables.ts';
import { mergeInto, writeStatement } from '../../test/fixtures/merge-table.ts';
import { startTestPool } from '../../test/fixtures/queries/test-pool.ts';
import { type Column, quoteLiteral } from '../base/data-type.ts';
import type { DuckdbPool } from '../engines/duckdb-pool.ts';
import { loadTable } from '../lake/lake.ts';
import type { PartitionField } from '../lake/partition.ts';
import { readRelation } from '../lake/relation.ts';
import { dataFiles } from '../lake/scan.ts';
import { snapshotOf } from '../lake/snapshot.ts';
import { stageFiles } from '../lake/stage-files.ts';
import { createTable } from '../lake/table.ts';
import { writeSnapshot } from '../lake/write.ts';
import type { Merged, RefusedBatch } from './merge-rows.ts';

let engine: DuckdbPool;
let icebird: IcebirdReader;
beforeAll(async () => {
  engine = startTestPool({ workers: 1 });
  icebird = await startIcebird();
});
afterAll(async () => {
  await engine.close();
  await icebird.close();
});

const optional = (name: string, type: Column['type']): Column => ({ name, type, required: false });
const COLUMNS = [
  optional('shop', { kind: 'string' }),
  optional('id', { kind: 'long' }),
  optional('amount', { kind: 'decimal', precision: 9, scale: 2 }),
  optional('note', { kind: 'string' }),
];
const BY_SHOP: PartitionField[] = [
  { column: 'shop', transform: 'identity' },
  { column: 'id', transform: { bucket: 3 } },
];

interface Row {
  shop: string;
  id: string;
  amount: string | null;
  note: string | null;
}

const keyOf = ({ shop, id }: Pick<Row, 'shop' | 'id'>) => `${shop} ${id}`;

function valuesSql(rows: (Row & { gone?: boolean })[]): string {
  const literal = (value: string | null) => (value === null ? 'NULL' : quoteLiteral(value));
  const lines = rows.map(
    ({ shop, id, amount, note, gone = false }) =>
      `(${literal(shop)}, CAST(${literal(id)} AS BIGINT), CAST(${literal(amount)} AS DECIMAL(9,2)), CAST(${literal(note)} AS VARCHAR), ${gone})`,
  );
  const empty = "SELECT 'x', 0::BIGINT, 0::DECIMAL(9,2), 'x', false WHERE false";
  const rowsSql = lines.length === 0 ? empty : `VALUES ${lines.join(', ')}`;
  return `SELECT * FROM (${rowsSql}) AS v (shop, id, amount, note, gone)`;
}

interface World {
  lake: LakeUnderTest;
}

async function newWorld(partitions: PartitionField[]): Promise<World> {
  const lake = await freshLake();
  await createTable(lake, { tableId: 'tbl_1', prefix: 't', columns: COLUMNS, partitions });
  return { lake };
}

const targetOf = ({ lake }: World, partitions: PartitionField[]) => ({ lake, tableId: 'tbl_1', partitions });

async function merge(world: World, partitions: PartitionField[], rows: (Row & { gone?: boolean })[]) {
  const batch = { sql: valuesSql(rows), key: ['shop', 'id'], deleteWhere: 'gone' };
  return mergeInto(engine, targetOf(world, partitions), batch);
}

async function append(world: World, partitions: PartitionField[], rows: Row[]): Promise<void> {
  const reach = { relations: [], files: [] };
  const sql = `SELECT shop, id, amount, note FROM (${valuesSql(rows)})`;
  const written = await writeStatement(engine, targetOf(world, partitions), { sql, reach });
  const files = await stageFiles(world.lake, await loadTable(world.lake, 'tbl_1'), written);
  await writeSnapshot(world.lake, 'tbl_1', { kind: 'append', files });
}

async function rowsOf({ lake }: World): Promise<Row[]> {
  const table = await loadTable(lake, 'tbl_1');
  const { sql } = await readRelation(lake, table, { snapshot: snapshotOf(table) });
  return (await query(sql)) as unknown as Row[];
}

async function locationsOf({ lake }: World): Promise<Set<string>> {
  const table = await loadTable(lake, 'tbl_1');
  return new Set((await dataFiles(lake, table, snapshotOf(table))).map(({ file }) => file.location));
}

const sorted = (rows: Row[]) => rows.map((row) => JSON.stringify(row)).toSorted();
const accepted = (merged: Merged | RefusedBatch): Merged => {
  if (merged.kind === 'refused') throw new Error(JSON.stringify(merged.checks));
  return merged;
};

/** Few keys, so that they meet; values that SQL, bounds and quotes could get wrong. */
const row = fc.record({
  shop: fc.constantFrom(
    '',
    "O'Hara",
    'Zürich',
    'a long name of a shop, cut in bounds: 1',
    'a long name of a shop, cut in bounds: 2',
  ),
  id: fc.constantFrom('-9223372036854775808', '-1', '0', '7', '9007199254740993'),
  amount: fc.constantFrom('-0.01', '0.00', '9999999.99', null),
  note: fc.constantFrom('', 'x', '\u{1f6d2}', null),
});
const batch = fc.uniqueArray(fc.record({ row, gone: fc.boolean() }), {
  selector: (one) => keyOf(one.row),
  maxLength: 12,
});
const steps = fc.array(fc.record({ kind: fc.constantFrom('merge', 'merge', 'append'), batch }), {
  minLength: 1,
  maxLength: 4,
});

test('any sequence of appends, merges and deletes equals the same done on a map; others read the same', async () => {
  await fc.assert(
    fc.asyncProperty(steps, fc.boolean(), async (sequence, isPartitioned) => {
      const partitions = isPartitioned ? BY_SHOP : [];
      const world = await newWorld(partitions);
      const model = new Map<string, Row>();
      for (const step of sequence) {
        const before = new Map(model);
        const rows = step.batch.map((one) => ({ ...one.row, gone: one.gone }));
        if (step.kind === 'append') {
          const fresh = step.batch.map((one) => one.row).filter((one) => !model.has(keyOf(one)));
          for (const one of fresh) model.set(keyOf(one), one);
          await append(world, partitions, fresh);
        } else {
          for (const { gone, ...one } of rows) gone ? model.delete(keyOf(one)) : model.set(keyOf(one), one);
          const { counts } = accepted(await merge(world, partitions, rows));
          expect(counts).toEqual(expectedCounts(before, rows));
        }
        expect(sorted(await rowsOf(world))).toEqual(sorted([...model.values()]));
      }
      // icebird takes a snapshot without any file for a fault.
      const hasFiles = (await locationsOf(world)).size > 0;
      const read = hasFiles
        ? (await icebird.read(world.lake, 'tbl_1')).map((one) => comparable(one) as Row)
        : [];
      const exact = ({ amount, ...one }: Row) => ({
        ...one,
        amount: amount === null ? null : Number(amount),
      });
      const bySql = (await rowsOf(world)).map(exact);
      expect(sorted(read.map(exact) as never)).toEqual(sorted(bySql as never));
      await rm(world.lake.root, { recursive: true, force: true });
    }),
    { numRuns: 4 },
  );
});

function expectedCounts(before: Map<string, Row>, rows: (Row & { gone: boolean })[]) {
  const counts = { inserted: 0, updated: 0, deleted: 0, unchanged: 0 };
  for (const { gone, ...one } of rows) {
    const known = before.get(keyOf(one));
    if (gone) counts.deleted += known === undefined ? 0 : 1;
    else if (known === undefined) counts.inserted++;
    else counts[JSON.stringify(known) === JSON.stringify(one) ? 'unchanged' : 'updated']++;
  }
  return counts;
}

const make = (shop: string, id: number, note: string | null = null): Row => ({
  shop,
  id: String(id),
  amount: '1.00',
  note,
});

test('only files with a row that changes are written anew; rows named without a change write nothing', async () => {
  const world = await newWorld([]);
  for (const shop of ['A', 'B', 'C']) await append(world, [], [make(shop, 1), make(shop, 2)]);
  const before = await locationsOf(world);
  const same = accepted(await merge(world, [], [make('A', 1), make('C', 2)]));
  expect(same).toMatchObject({ files: [], removed: [], counts: { unchanged: 2 } });
  expect(await locationsOf(world)).toEqual(before);
  const changed = accepted(await merge(world, [], [make('A', 1), make('B', 2, 'new'), make('D', 1)]));
  expect(changed.removed).toHaveLength(1);
  expect(changed.counts).toEqual({ inserted: 1, updated: 1, deleted: 0, unchanged: 1 });
  const after = await locationsOf(world);
  expect([...before].filter((location) => after.has(location))).toHaveLength(2);
  expect(await rowsOf(world)).toHaveLength(7);
});

test('a key that is NULL or comes twice refuses the whole batch, with the rows', async () => {
  const world = await newWorld([]);
  await append(world, [], [make('A', 1)]);
  const before = await locationsOf(world);
  const twice = await merge(world, [], [make('A', 1, 'first'), make('A', 1, 'second'), make('B', 1)]);
  expect(twice).toMatchObject({ kind: 'refused', checks: [{ id: 'merge-key', failures: 1 }] });
  expect(JSON.stringify(twice)).toMatch(/first.*second/);
  const empty = await merge(world, [], [{ ...make('A', 1), shop: null as never }]);
  expect(empty).toMatchObject({ kind: 'refused', checks: [{ id: 'merge-key-shop', failures: 1 }] });
  expect(await locationsOf(world)).toEqual(before);
});
