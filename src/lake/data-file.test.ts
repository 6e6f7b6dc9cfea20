import { open, writeFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import type { Column, DataType } from '../base/data-type.ts';
import {
  freshLake,
  query,
  writeFiles,
  writeRows,
  type LakeUnderTest,
} from '../../test/fixtures/lake-tables.ts';
import { dataFiles } from './scan.ts';
import { decodeValue } from './single-value.ts';
import { snapshotOf } from './snapshot.ts';
import { stageFiles } from './stage-files.ts';
import { createTable } from './table.ts';

const column = (name: string, type: DataType, required = false): Column => ({ name, type, required });
const COLUMNS = [
  column('id', { kind: 'int' }, true),
  column('name', { kind: 'string' }),
  column('price', { kind: 'decimal', precision: 20, scale: 2 }),
  column('cost', { kind: 'decimal', precision: 9, scale: 2 }),
  column('ratio', { kind: 'double' }),
  column('at', { kind: 'timestamptz' }),
  column('key', { kind: 'uuid' }),
  column('tags', { kind: 'list', element: { kind: 'string' }, elementRequired: false }),
  column('place', { kind: 'struct', fields: [column('x', { kind: 'long' })] }),
];

async function metricsOf(sql: string) {
  const lake = await freshLake();
  const table = await createTable(lake, { tableId: 'tbl_1', prefix: 't', columns: COLUMNS });
  const { table: last } = await writeRows(lake, table, { sql });
  const [only] = await dataFiles(lake, last, snapshotOf(last));
  return only!.file;
}

const some = (
  where: string,
) => `SELECT i::INTEGER AS id, CASE WHEN i = 5 THEN NULL ELSE 'a very long name, number ' || i END AS name,
  (i - 3.5)::DECIMAL(20,2) AS price, (i - 300.01)::DECIMAL(9,2) AS cost, i / 2 AS ratio,
  TIMESTAMPTZ '1969-12-31 23:59:59.999999+00' + INTERVAL 1 SECOND * i AS at, uuid() AS key, ['b', 'a', NULL] AS tags,
  CASE WHEN i = 1 THEN NULL ELSE {'x': i} END AS place FROM range(10) r(i) WHERE ${where}`;

test('counts and bounds are those of the rows', async () => {
  const file = await metricsOf(some('true'));
  const bounds = (id: number, type: DataType) =>
    [file.lowerBounds, file.upperBounds].map((map) => decodeValue(type, map.get(id)!));
  expect(file.rows).toBe(10);
  expect(bounds(1, { kind: 'int' })).toEqual([0, 9]);
  expect(bounds(2, { kind: 'string' })).toEqual(['a very long name', 'a very long namf']);
  expect(bounds(3, { kind: 'decimal', precision: 20, scale: 2 })).toEqual([-350n, 550n]);
  expect(bounds(4, { kind: 'decimal', precision: 9, scale: 2 })).toEqual([-30001n, -29101n]);
  expect(bounds(5, { kind: 'double' })).toEqual([-0, 4.5]);
  expect(bounds(6, { kind: 'timestamptz' })).toEqual([-1n, 8_999_999n]);
  // tags.element is 10, place.x is 11: bounds for what a row has once, counts for all.
  expect(bounds(11, { kind: 'long' })).toEqual([0n, 9n]);
  expect([7, 10].map((id) => file.lowerBounds.has(id))).toEqual([false, false]);
  expect([1, 2, 11].map((id) => file.nullCounts.get(id))).toEqual([0, 1, 1]);
  expect([1, 10].map((id) => file.valueCounts.get(id))).toEqual([10, 30]);
  expect(file.nanCounts.get(5)).toBe(0);
  expect(file.columnSizes.get(1)).toBeGreaterThan(0);
  expect(file.splitOffsets).toEqual([4]);
});

test('a column with NaN or without values has no bounds', async () => {
  const nan = await metricsOf(
    some('true').replace('i / 2 AS ratio', `CASE i WHEN 3 THEN 'NaN'::DOUBLE ELSE i END AS ratio`),
  );
  expect([nan.lowerBounds.has(5), nan.nanCounts.has(5)]).toEqual([false, false]);
  const nulls = await metricsOf(some('i = 5'));
  expect([nulls.lowerBounds.has(2), nulls.nullCounts.get(2)]).toEqual([false, 1]);
});

test('bounds hold over row groups', async () => {
  const lake = await freshLake();
  const table = await createTable(lake, {
    tableId: 'tbl_1',
    prefix: 't',
    columns: [column('id', { kind: 'int' })],
  });
  const path = `${lake.root}/.tmp/groups.parquet`;
  await query(`COPY (SELECT (CASE WHEN i < 4096 THEN NULL ELSE 10000 - i END)::INTEGER AS id FROM range(8192) r(i)) TO '${path}'
    (FORMAT parquet, ROW_GROUP_SIZE 2048, FIELD_IDS {id: 1})`);
  const [file] = await stageFiles(lake, table, [{ path }]);
  expect(file!.splitOffsets).toHaveLength(4);
  expect(file!.nullCounts.get(1)).toBe(4096);
  expect(
    [file!.lowerBounds, file!.upperBounds].map((map) => decodeValue({ kind: 'int' }, map.get(1)!)),
  ).toEqual([1809, 5904]);
});

const PART = [column('id', { kind: 'int' }, true), column('region', { kind: 'string' })];

async function refusal(sql: string, said: { partition?: (string | null)[]; fieldIds?: string } = {}) {
  const lake = await freshLake();
  const partitions = [{ column: 'region', transform: 'identity' as const }];
  const table = await createTable(lake, { tableId: 'tbl_1', prefix: 't', columns: PART, partitions });
  const path = `${lake.root}/.tmp/file.parquet`;
  const { fieldIds = '{id: 1, region: 2}', ...partition } = said;
  await query(`COPY (${sql}) TO '${path}' (FORMAT parquet, FIELD_IDS ${fieldIds})`);
  const staged = stageFiles(lake, table, [{ path, ...partition }]);
  const error: unknown = await staged.then(
    () => null,
    (reason: unknown) => reason,
  );
  expect(await keysOf(lake)).toHaveLength(error ? 1 : 2);
  return error;
}

async function keysOf(lake: LakeUnderTest) {
  return Array.fromAsync(lake.objects.list('t'));
}

test.each<[string, string, Parameters<typeof refusal>[1]?]>([
  ['is not one partition by region', `SELECT i::INTEGER AS id, 'r' || i AS region FROM range(2) r(i)`],
  [
    'is not one partition by region',
    `SELECT i::INTEGER AS id, 'r' || i AS region FROM range(2) r(i)`,
    { partition: ['r0'] },
  ],
  ['is not one partition by region', `SELECT 1::INTEGER AS id, 'north' AS region`, { partition: ['south'] }],
  ['is not one partition by region', `SELECT 1::INTEGER AS id, 'north' AS region`, { partition: [null] }],
  ['is not one partition by region', `SELECT 1::INTEGER AS id, unnest(['a', NULL]) AS region`],
  ['column id is not stored as int', `SELECT 1::BIGINT AS id, 'north' AS region`],
  ['column region has no field id', `SELECT 1::INTEGER AS id, 'north' AS region`, { fieldIds: '{id: 1}' }],
  [
    'column more has the unknown field id 9',
    `SELECT 1::INTEGER AS id, 1 AS more`,
    { fieldIds: '{id: 1, more: 9}' },
  ],
  ['required column id is missing', `SELECT 'north' AS region`, { fieldIds: '{region: 2}' }],
  ['required column id has nulls', `SELECT NULL::INTEGER AS id, 'north' AS region`],
])('a file is refused when %s', async (reason, sql, said) => {
  expect(await refusal(sql, said)).toMatchObject({
    code: 'lake.file-invalid',
    facts: { file: 'file.parquet', reason: expect.stringContaining(reason) },
  });
});

test('a file that says its partition, or shows it, is taken', async () => {
  expect(await refusal(`SELECT 1::INTEGER AS id, 'north' AS region`, { partition: ['north'] })).toBeNull();
  expect(await refusal(`SELECT 1::INTEGER AS id, 'north' AS region`)).toBeNull();
  expect(await refusal(`SELECT 1::INTEGER AS id, NULL::VARCHAR AS region`)).toBeNull();
});

test('a torn or foreign file is refused, and nothing of its batch is moved', async () => {
  const lake = await freshLake();
  const table = await createTable(lake, { tableId: 'tbl_1', prefix: 't', columns: PART });
  const [good] = await writeFiles(lake, table, `SELECT 1::INTEGER AS id, 'n' AS region`);
  const [torn] = await writeFiles(lake, table, `SELECT 1::INTEGER AS id, 'n' AS region`);
  const handle = await open(torn!.path, 'r+');
  await handle.truncate((await handle.stat()).size - 3);
  await handle.close();
  const other = `${lake.root}/.tmp/other.parquet`;
  await writeFile(other, 'PAR1 no Parquet ÿÿÿÿPAR1');
  for (const path of [torn!.path, other]) {
    await expect(stageFiles(lake, table, [good!, { path }])).rejects.toMatchObject({
      code: 'lake.file-invalid',
    });
  }
  expect(await keysOf(lake)).toHaveLength(1);
  expect(await stageFiles(lake, table, [good!])).toHaveLength(1);
});

test('files without rows are left out', async () => {
  const lake = await freshLake();
  const table = await createTable(lake, { tableId: 'tbl_1', prefix: 't', columns: PART });
  const { snapshot } = await writeRows(lake, table, {
    sql: `SELECT 1::INTEGER AS id, 'n' AS region WHERE false`,
  });
  expect(snapshot.summary).toMatchObject({ 'added-data-files': '0', operation: 'append' });
});
