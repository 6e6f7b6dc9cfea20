import { expect, test } from 'vitest';
import type { Column } from '../base/data-type.ts';
import { freshLake, query, readRows, sortedRows, writeRows } from '../../test/fixtures/lake-tables.ts';
import { loadTable } from './lake.ts';
import { dataFiles } from './scan.ts';
import { snapshotAsOf, snapshotHistory, snapshotOf } from './snapshot.ts';
import { createTable, evolveTable, repartitionTable, tableColumns, tableSpec } from './table.ts';

const column = (name: string, kind: 'int' | 'long' | 'float' | 'string' | 'date' | 'double'): Column => ({
  name,
  type: { kind },
  required: false,
});
const SALES = [column('id', 'int'), column('region', 'string'), column('day', 'date')];
const sales = (from: number, to: number, region = 'north') =>
  `SELECT i::INTEGER AS id, '${region}' AS region, DATE '2026-01-31' + i::INTEGER AS day FROM range(${from}, ${to}) r(i)`;

async function salesTable(partitions: Parameters<typeof repartitionTable>[2] = []) {
  const lake = await freshLake();
  const table = await createTable(lake, {
    tableId: 'tbl_1',
    prefix: 'sales/orders/t1',
    columns: SALES,
    partitions,
  });
  return { lake, table };
}

test('an empty table reads as no rows with the columns', async () => {
  const { lake, table } = await salesTable();
  expect(await readRows(lake, table)).toEqual([]);
});

test('appends add rows, an overwrite takes their place, and the past stays readable', async () => {
  const { lake, table } = await salesTable();
  const first = await writeRows(lake, table, { sql: sales(0, 3) });
  lake.clock.time += 60_000;
  await writeRows(lake, table, { sql: sales(3, 5) });
  const afterTwo = lake.clock.time;
  lake.clock.time += 60_000;
  const { table: last } = await writeRows(lake, table, { sql: sales(9, 10), kind: 'overwrite' });

  expect(await readRows(lake, last)).toEqual(sortedRows(await query(sales(9, 10))));
  expect(snapshotHistory(last).map((one) => one.summary.operation)).toEqual([
    'append',
    'append',
    'overwrite',
  ]);
  expect(snapshotHistory(last).at(-1)?.summary).toMatchObject({
    'deleted-records': '5',
    'total-records': '1',
    'total-data-files': '1',
  });
  const asOf = snapshotAsOf(last, new Date(afterTwo + 1));
  expect(asOf.summary['total-records']).toBe('5');
  expect(snapshotAsOf(last, new Date(first.snapshot['timestamp-ms']))).toEqual(first.snapshot);
  expect(() => snapshotAsOf(last, new Date(0))).toThrow(
    expect.objectContaining({ code: 'lake.snapshot-missing' }),
  );
});

test('replacing partitions touches only those that were written', async () => {
  const { lake, table } = await salesTable([
    { column: 'region', transform: 'identity' },
    { column: 'day', transform: 'month' },
  ]);
  await writeRows(lake, table, {
    sql: `${sales(0, 4)} UNION ALL ${sales(10, 12, 'south')} UNION ALL ${sales(20, 21, 'ü/=')}`,
  });
  const { table: last } = await writeRows(lake, table, {
    sql: sales(100, 101).replace('2026-01-31', '2025-10-24'),
    kind: 'replace-partitions',
  });
  expect(await readRows(lake, last)).toEqual(
    sortedRows([
      ...(await query(
        `${sales(0, 1)} UNION ALL ${sales(10, 12, 'south')} UNION ALL ${sales(20, 21, 'ü/=')}`,
      )),
      ...(await query(sales(100, 101).replace('2026-01-31', '2025-10-24'))),
    ]),
  );
});

test('null is a partition of its own', async () => {
  const { lake, table } = await salesTable([{ column: 'region', transform: { bucket: 4 } }]);
  const nulls = `SELECT 1::INTEGER AS id, NULL::VARCHAR AS region, NULL::DATE AS day`;
  await writeRows(lake, table, { sql: `${nulls} UNION ALL ${sales(2, 5)}` });
  const { table: last } = await writeRows(lake, table, {
    sql: nulls.replace('1::', '7::'),
    kind: 'replace-partitions',
  });
  const files = await dataFiles(lake, last, snapshotOf(last));
  expect(new Set(files.map(({ file }) => file.partition[0]))).toEqual(new Set([null, 0]));
  expect(await readRows(lake, last)).toHaveLength(4);
});

test('columns are added, renamed, widened, reordered and dropped without touching files', async () => {
  const { lake, table } = await salesTable();
  await writeRows(lake, table, { sql: sales(0, 2) });
  const wanted = [column('day', 'date'), column('order_id', 'long'), column('note', 'string')];
  const evolved = await evolveTable(lake, 'tbl_1', { columns: wanted, renames: { id: 'order_id' } });
  expect(tableColumns(evolved).map((one) => [one.id, one.name])).toEqual([
    [3, 'day'],
    [1, 'order_id'],
    [4, 'note'],
  ]);
  const { table: last } = await writeRows(lake, evolved, {
    sql: `SELECT DATE '2026-05-01' AS day, 9007199254740993 AS order_id, 'new' AS note`,
  });
  expect(await readRows(lake, last)).toEqual([
    '{"day":"2026-01-31","order_id":"0","note":null}',
    '{"day":"2026-02-01","order_id":"1","note":null}',
    '{"day":"2026-05-01","order_id":"9007199254740993","note":"new"}',
  ]);
  expect(await evolveTable(lake, 'tbl_1', { columns: wanted })).toEqual(last);
});

test('a schema that somebody else changed is not changed again unseen', async () => {
  const { lake } = await salesTable();
  const columns = [...SALES, column('note', 'string')];
  await evolveTable(lake, 'tbl_1', { columns, expectedSchemaId: 0 });
  await expect(evolveTable(lake, 'tbl_1', { columns, expectedSchemaId: 0 })).rejects.toMatchObject({
    code: 'lake.schema-changed',
  });
});

test('a table partitioned anew keeps its old files, and only an overwrite may replace them', async () => {
  const { lake, table } = await salesTable([{ column: 'day', transform: 'month' }]);
  await writeRows(lake, table, { sql: sales(0, 2) });
  const anew = await repartitionTable(lake, 'tbl_1', [{ column: 'day', transform: 'day' }]);
  expect(tableSpec(anew)).toEqual({
    'spec-id': 1,
    fields: [{ 'source-id': 3, 'field-id': 1001, name: 'day_day', transform: 'day' }],
  });
  const { table: both } = await writeRows(lake, anew, { sql: sales(5, 6) });
  expect(await readRows(lake, both)).toHaveLength(3);
  await expect(writeRows(lake, both, { sql: sales(0, 1), kind: 'replace-partitions' })).rejects.toMatchObject(
    {
      code: 'lake.unsupported',
    },
  );
  const back = await repartitionTable(lake, 'tbl_1', [{ column: 'day', transform: 'month' }]);
  expect(back.metadata['default-spec-id']).toBe(0);
  expect(back.metadata['partition-specs']).toHaveLength(2);
});

test('a table exists once, and its columns have one name each', async () => {
  const { lake } = await salesTable();
  const again = createTable(lake, { tableId: 'tbl_1', prefix: 'other', columns: SALES });
  await expect(again).rejects.toMatchObject({ code: 'lake.table-exists' });
  const twins = createTable(lake, {
    tableId: 'tbl_2',
    prefix: 't2',
    columns: [column('a', 'int'), column('A', 'int')],
  });
  await expect(twins).rejects.toMatchObject({ code: 'lake.schema-incompatible' });
  await expect(loadTable(lake, 'tbl_2')).rejects.toMatchObject({ code: 'lake.table-missing' });
});
