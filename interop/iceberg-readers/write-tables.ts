/**
 * Writes tables with our lake, and beside them what every reader must find: `node write-tables.ts <folder>`.
 * The expected values come from DuckDB's rows of the same queries, not from our own reading.
 */
import { copyFile, mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Column, DataType } from '../../src/base/data-type.ts';
import { quoteIdentifier } from '../../src/base/data-type.ts';
import { localObjects } from '../../src/lake/local-objects.ts';
import type { PartitionField } from '../../src/lake/partition.ts';
import { loadTable, openLake, type Table } from '../../src/lake/lake.ts';
import { CANDIDATE_BRANCH, releaseSnapshot } from '../../src/lake/release.ts';
import { createTable, evolveTable, tableColumns, type NewTable } from '../../src/lake/table.ts';
import { parseSingleValue } from '../../src/lake/value-text.ts';
import { mergeInto } from '../../test/fixtures/merge-table.ts';
import { startTestPool } from '../../test/fixtures/queries/test-pool.ts';
import {
  memoryPointer,
  query,
  settableClock,
  writeRows,
  type LakeUnderTest,
} from '../../test/fixtures/lake-tables.ts';

interface ExpectedTable {
  name: string;
  metadata: string;
  /** Readers that have all the types of the table. */
  readers: string[];
  columns: { name: string; type: string }[];
  rows: unknown[][];
  /** How many rows have this value: tells whether a reader was led astray by bounds or partitions. */
  probes: { column: string; type: string; value: unknown; rows: number }[];
}

const ALL_READERS = ['pyiceberg', 'spark'];
const MOST_PROBES = 6;

const column = (name: string, type: DataType, required = false): Column => ({ name, type, required });
const primitive = (
  name: string,
  kind: 'int' | 'long' | 'float' | 'double' | 'string' | 'date' | 'timestamp',
) => column(name, { kind });

/** Every third row is all null but for its id and its items: PyIceberg 0.12 reads a null list of structs as an empty one. */
function everyType(from: number, to: number): string {
  const value = (sql: string) => `CASE WHEN i % 3 = 0 THEN NULL ELSE ${sql} END`;
  return `SELECT i::INTEGER AS id, ${value('i % 2 = 0')} AS ok, ${value('9007199254740993 + i')} AS big,
    ${value('(i / 4)::FLOAT')} AS f, ${value(`CASE i WHEN 1 THEN 'NaN'::DOUBLE WHEN 2 THEN -0.0 ELSE i / 8 END`)} AS d,
    ${value('(i * 1.25 - 3)::DECIMAL(4,2)')} AS tiny, ${value('(i * 1.25 - 3)::DECIMAL(9,2)')} AS small,
    ${value('(i * 1.25 - 3)::DECIMAL(18,2)')} AS price, ${value('(i * 1.25 - 3)::DECIMAL(20,4)')} AS wide,
    ${value(`('-1234567890123456789012345678901234.1234')::DECIMAL(38,4) + i`)} AS widest,
    ${value(`DATE '1969-12-30' + i::INTEGER`)} AS day,
    ${value(`TIMESTAMP '1969-12-31 22:59:59.123456' + INTERVAL 1 HOUR * i`)} AS at,
    ${value(`TIMESTAMPTZ '2026-03-29 00:30:00.000001+00' + INTERVAL 1 HOUR * i`)} AS at_utc,
    ${value(`'Größe 日本 🙂 ' || i || repeat('~', (i * 50)::INTEGER)`)} AS "Näme ""x"" y",
    ${value(`('f79c3e09-677c-4bbd-a479-3f349cb785e' || i % 10)::UUID`)} AS key, ${value(`'\\x00\\xFF'::BLOB || (i::VARCHAR)::BLOB`)} AS raw,
    ${value(`CASE i WHEN 1 THEN [] ELSE ['a', NULL, 'ü' || i] END`)} AS tags,
    ${value(`{'zip': '0' || i, 'at': {'x': i / 2}}`)} AS place,
    CASE WHEN i % 3 = 0 THEN [] ELSE [{'ean': 4000000 + i, 'parts': [i::INTEGER]}] END AS items,
    ${value(`MAP {'a': i, 'b': NULL}`)} AS prices FROM range(${from}, ${to}) r(i)`;
}

const EVERY_TYPE: Column[] = [
  column('id', { kind: 'int' }, true),
  column('ok', { kind: 'boolean' }),
  primitive('big', 'long'),
  primitive('f', 'float'),
  primitive('d', 'double'),
  column('tiny', { kind: 'decimal', precision: 4, scale: 2 }),
  column('small', { kind: 'decimal', precision: 9, scale: 2 }),
  column('price', { kind: 'decimal', precision: 18, scale: 2 }),
  column('wide', { kind: 'decimal', precision: 20, scale: 4 }),
  column('widest', { kind: 'decimal', precision: 38, scale: 4 }),
  primitive('day', 'date'),
  primitive('at', 'timestamp'),
  column('at_utc', { kind: 'timestamptz' }),
  primitive('Näme "x" y', 'string'),
  column('key', { kind: 'uuid' }),
  column('raw', { kind: 'binary' }),
  column('tags', { kind: 'list', element: { kind: 'string' }, elementRequired: false }),
  column('place', {
    kind: 'struct',
    fields: [
      primitive('zip', 'string'),
      column('at', { kind: 'struct', fields: [primitive('x', 'double')] }),
    ],
  }),
  column('items', {
    kind: 'list',
    elementRequired: false,
    element: {
      kind: 'struct',
      fields: [
        primitive('ean', 'long'),
        column('parts', { kind: 'list', element: { kind: 'int' }, elementRequired: false }),
      ],
    },
  }),
  column('prices', { kind: 'map', key: { kind: 'string' }, value: { kind: 'long' }, valueRequired: false }),
];

const SALES: Column[] = [
  primitive('id', 'int'),
  primitive('region', 'string'),
  primitive('day', 'date'),
  primitive('at', 'timestamp'),
  column('price', { kind: 'decimal', precision: 9, scale: 2 }),
];

function sales(from: number, to: number): string {
  return `SELECT i::INTEGER AS id, CASE WHEN i % 5 = 4 THEN NULL ELSE 'Süd/' || i % 3 END AS region,
    CASE WHEN i % 7 = 6 THEN NULL ELSE DATE '1969-11-29' + (i * 9)::INTEGER END AS day,
    CASE WHEN i % 7 = 6 THEN NULL ELSE TIMESTAMP '1969-12-30 23:00:00' + INTERVAL 7 HOUR * i END AS at,
    (i * 0.5)::DECIMAL(9,2) AS price FROM range(${from}, ${to}) r(i)`;
}

const PARTITIONINGS: Record<string, PartitionField[]> = {
  identity: [{ column: 'region', transform: 'identity' }],
  year: [{ column: 'day', transform: 'year' }],
  month: [{ column: 'at', transform: 'month' }],
  day: [{ column: 'at', transform: 'day' }],
  bucket: [{ column: 'id', transform: { bucket: 4 } }],
  bucket_text: [
    { column: 'region', transform: { bucket: 3 } },
    { column: 'day', transform: 'month' },
  ],
  identity_decimal: [{ column: 'price', transform: 'identity' }],
};

async function main(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  const parts = { objects: await localObjects(folder), pointer: memoryPointer(), clock: settableClock() };
  const lake: LakeUnderTest = { ...openLake(parts), ...parts, root: folder };
  const tables = [
    await types(lake),
    await times(lake),
    ...(await Promise.all(Object.keys(PARTITIONINGS).map((name) => partitioned(lake, name)))),
    await evolved(lake),
    await evolvedInside(lake),
    await released(lake),
    await replaced(lake),
    await merged(lake, []),
    await merged(lake, BY_REGION),
  ];
  await writeFile(path.join(folder, 'expected.json'), JSON.stringify(tables, null, 1));
  console.log(`${tables.length} tables in ${folder}`);
}

async function create(lake: LakeUnderTest, table: Omit<NewTable, 'prefix'>): Promise<Table> {
  return createTable(lake, { ...table, prefix: `tables/${table.tableId}` });
}

async function types(lake: LakeUnderTest): Promise<ExpectedTable> {
  const table = await create(lake, { tableId: 'types', columns: EVERY_TYPE });
  await writeRows(lake, table, { sql: everyType(0, 5) });
  const { table: last } = await writeRows(lake, table, { sql: everyType(5, 9) });
  return expectTable(lake, last, everyType(0, 9));
}

/** Spark has no type for a time of day. */
async function times(lake: LakeUnderTest): Promise<ExpectedTable> {
  const table = await create(lake, {
    tableId: 'times',
    columns: [primitive('id', 'int'), column('of_day', { kind: 'time' })],
  });
  const sql = `SELECT 1::INTEGER AS id, TIME '23:59:59.999999' AS of_day UNION ALL SELECT 2, NULL`;
  const { table: last } = await writeRows(lake, table, { sql });
  return { ...(await expectTable(lake, last, sql)), readers: ['pyiceberg'] };
}

async function partitioned(lake: LakeUnderTest, name: string): Promise<ExpectedTable> {
  const table = await create(lake, {
    tableId: `by_${name}`,
    columns: SALES,
    partitions: PARTITIONINGS[name]!,
  });
  await writeRows(lake, table, { sql: sales(0, 15) });
  await writeRows(lake, table, { sql: sales(15, 20) });
  // Takes the partitions of its rows and puts the same rows back, so that manifests are rewritten.
  const { table: last } = await writeRows(lake, table, { sql: sales(0, 20), kind: 'replace-partitions' });
  return expectTable(lake, last, sales(0, 20));
}

async function evolved(lake: LakeUnderTest): Promise<ExpectedTable> {
  const table = await create(lake, {
    tableId: 'evolved',
    columns: SALES,
    partitions: [{ column: 'region', transform: 'identity' }],
  });
  await writeRows(lake, table, { sql: sales(0, 6) });
  const wanted = await evolveTable(lake, 'evolved', {
    columns: [
      primitive('note', 'string'),
      column('amount', { kind: 'decimal', precision: 18, scale: 2 }),
      primitive('area', 'string'),
      primitive('id', 'long'),
    ],
    renames: { price: 'amount', region: 'area' },
  });
  const added = `SELECT 'new' AS note, 12345678901.25::DECIMAL(18,2) AS amount, 'Nord' AS area, 5000000000 AS id`;
  const { table: last } = await writeRows(lake, wanted, { sql: added });
  const old = `SELECT NULL AS note, price::DECIMAL(18,2) AS amount, region AS area, id::BIGINT AS id FROM (${sales(0, 6)})`;
  return expectTable(lake, last, `${added} UNION ALL ${old}`);
}

/** Inside a struct: a field renamed, one dropped, and a new one with the dropped one's name. */
async function evolvedInside(lake: LakeUnderTest): Promise<ExpectedTable> {
  const place = (...fields: Column[]) => column('place', { kind: 'struct', fields });
  const table = await create(lake, {
    tableId: 'evolved_inside',
    columns: [primitive('id', 'int'), place(primitive('zip', 'string'), primitive('floor', 'int'))],
  });
  await writeRows(lake, table, {
    sql: `SELECT 1::INTEGER AS id, {'zip': '01', 'floor': 3::INTEGER} AS place`,
  });
  await evolveTable(lake, 'evolved_inside', {
    columns: [primitive('id', 'int'), place(primitive('zip', 'string'))],
  });
  const wanted = await evolveTable(lake, 'evolved_inside', {
    columns: [primitive('id', 'int'), place(primitive('floor', 'int'), primitive('postcode', 'string'))],
    renames: { 'place.zip': 'postcode' },
  });
  const added = `SELECT 2::INTEGER AS id, {'floor': 7::INTEGER, 'postcode': '02'} AS place`;
  const { table: last } = await writeRows(lake, wanted, { sql: added });
  const old = `SELECT 1::INTEGER AS id, {'floor': NULL::INTEGER, 'postcode': '01'} AS place`;
  return expectTable(lake, last, `${added} UNION ALL ${old}`);
}

/** Readers see the release, not the candidate. */
async function released(lake: LakeUnderTest): Promise<ExpectedTable> {
  const table = await create(lake, { tableId: 'released', columns: SALES });
  const first = await writeRows(lake, table, { sql: sales(0, 3), branch: CANDIDATE_BRANCH });
  await releaseSnapshot(lake, 'released', { snapshotId: first.snapshot['snapshot-id'], release: 1 });
  const { table: last } = await writeRows(lake, table, { sql: sales(3, 9), branch: CANDIDATE_BRANCH });
  return expectTable(lake, last, sales(0, 3));
}

const BY_REGION: PartitionField[] = [{ column: 'region', transform: 'identity' }];

/** Partitions with other rows than they had, one of them with fewer, beside those that stay. */
async function replaced(lake: LakeUnderTest): Promise<ExpectedTable> {
  const table = await create(lake, { tableId: 'replaced', columns: SALES, partitions: BY_REGION });
  await writeRows(lake, table, { sql: sales(0, 20) });
  const fresh = `SELECT * REPLACE (id + 100 AS id) FROM (${sales(0, 20)})
    WHERE (region = 'Süd/1' OR region IS NULL) AND id % 2 = 0`;
  const { table: last } = await writeRows(lake, table, { sql: fresh, kind: 'replace-partitions' });
  const stay = `SELECT * FROM (${sales(0, 20)}) WHERE region IN ('Süd/0', 'Süd/2')`;
  return expectTable(lake, last, `${fresh} UNION ALL ${stay}`);
}

/** Batches that change, move between partitions, delete and add rows of several files; files are written anew. */
async function merged(lake: LakeUnderTest, partitions: PartitionField[]): Promise<ExpectedTable> {
  const tableId = partitions.length === 0 ? 'merged' : 'merged_by_region';
  const table = await create(lake, { tableId, columns: SALES, partitions });
  for (const from of [0, 5, 10, 15]) await writeRows(lake, table, { sql: sales(from, from + 5) });
  const engine = startTestPool({ workers: 1 });
  const changed = `SELECT * REPLACE ('moved' AS region, price + 1 AS price) FROM (${sales(3, 8)})`;
  const batches = [
    `SELECT *, false AS gone FROM (${changed}) UNION ALL SELECT *, true FROM (${sales(12, 14)})`,
    `SELECT *, id % 2 = 0 AS gone FROM (${sales(16, 24)})`,
  ];
  for (const sql of batches) {
    const answer = await mergeInto(
      engine,
      { lake, tableId, partitions },
      { sql, key: ['id'], deleteWhere: 'gone' },
    );
    if (answer.kind === 'refused') throw new Error(JSON.stringify(answer.checks));
  }
  await engine.close();
  const stay = `SELECT * FROM (${sales(0, 24)}) WHERE id < 3 OR id BETWEEN 8 AND 11 OR id IN (14, 15) OR (id > 15 AND id % 2 = 1)`;
  return expectTable(lake, await loadTable(lake, tableId), `${changed} UNION ALL ${stay}`);
}

async function expectTable(lake: LakeUnderTest, table: Table, sql: string): Promise<ExpectedTable> {
  const columns = tableColumns(table);
  const names = columns.map((one) => quoteIdentifier(one.name)).join(', ');
  const rows = (await query(`SELECT ${names} FROM (${sql})`)).map((row) =>
    columns.map((one) => canonical(one.type, row[one.name])),
  );
  const metadata = path.join(lake.root, `tables/${table.id}/metadata/v1.metadata.json`);
  await copyFile(await lake.objects.localFile(table.metadataKey), metadata);
  return {
    name: table.id,
    metadata,
    readers: ALL_READERS,
    columns: columns.map((one) => ({ name: one.name, type: one.type.kind })),
    rows,
    probes: columns.flatMap((one, place) =>
      probesOf(
        one,
        rows.map((row) => row[place]),
      ),
    ),
  };
}

const PROBED = new Set(['int', 'long', 'decimal', 'date', 'timestamp', 'timestamptz', 'string', 'uuid']);

function probesOf({ name, type }: Column, values: unknown[]): ExpectedTable['probes'] {
  if (!PROBED.has(type.kind)) return [];
  const counts = Map.groupBy(values, (value) => value);
  counts.delete(null);
  return Array.from(counts, ([value, same]) => ({
    column: name,
    type: type.kind,
    value,
    rows: same.length,
  })).slice(0, MOST_PROBES);
}

/** One form for all readers: numbers that JSON cannot hold as text, times in microseconds, bytes as hex. */
function canonical(type: DataType, value: unknown): unknown {
  if (value === null || value === undefined) return null;
  switch (type.kind) {
    case 'boolean':
    case 'string':
    case 'uuid':
    case 'date':
      return value;
    case 'float':
    case 'double':
      return Number.isNaN(Number(value)) ? 'NaN' : value;
    case 'time':
    case 'timestamp':
    case 'timestamptz':
      return String(parseSingleValue(type, String(value)));
    case 'binary':
      return bytesOf(String(value));
    case 'struct':
      return Object.fromEntries(
        type.fields.map((field) => [
          field.name,
          canonical(field.type, (value as Record<string, unknown>)[field.name]),
        ]),
      );
    case 'list':
      return (value as unknown[]).map((one) => canonical(type.element, one));
    case 'map':
      return (value as { key: unknown; value: unknown }[]).map((pair) => [
        canonical(type.key, pair.key),
        canonical(type.value, pair.value),
      ]);
    default:
      return String(value);
  }
}

/** DuckDB shows bytes that are not printable as `\xAB`. */
function bytesOf(text: string): string {
  return text.replace(/\\x([0-9A-F]{2})|[^]/g, (whole, code: string | undefined) =>
    code === undefined ? Buffer.from(whole).toString('hex') : code.toLowerCase(),
  );
}

await main(path.resolve(process.argv[2] ?? 'tables'));
