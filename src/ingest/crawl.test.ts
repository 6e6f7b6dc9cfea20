import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { typeName } from '../base/data-type.ts';
import { openBareDuckdb, type BareDuckdb } from './bare-duckdb.ts';
import { compareCrawls, findChanges } from './compare-crawls.ts';
import type { CrawledTable } from './crawled-table.ts';
import { checkUnchanged } from './prepare-files.ts';
import { relationSql } from './relation-sql.ts';
import { leftBehind, makeTestFolder, queryTable, type TestFolder } from './test-folder.ts';

let duckdb: BareDuckdb;
let folder: TestFolder;

beforeAll(async () => {
  duckdb = await openBareDuckdb();
  return () => duckdb.close();
});
beforeEach(() => {
  folder = makeTestFolder();
});
afterEach(() => {
  expect(leftBehind(folder)).toEqual([]);
  folder.remove();
});

function types(table: CrawledTable): Record<string, string> {
  return Object.fromEntries(table.columns.map(({ name, type }) => [name, typeName(type)]));
}

function query(table: CrawledTable, sql: string): Promise<unknown[][]> {
  return queryTable(folder, table, { runSql: duckdb.runSql, sql });
}

const TEXT = 'id,name,price\n1,Käse,2.50\n2,"Brot, groß",3.00\n';

test.each([
  ['plain', 'x.csv', Buffer.from(TEXT)],
  ['with a byte order mark', 'x.csv', Buffer.from(`\ufeff${TEXT}`)],
  ['with CRLF', 'x.csv', Buffer.from(TEXT.replaceAll('\n', '\r\n'))],
  ['with CR', 'x.csv', Buffer.from(TEXT.replaceAll('\n', '\r'))],
  ['without a last line end', 'x.csv', Buffer.from(TEXT.trimEnd())],
  [
    'with semicolons',
    'x.csv',
    Buffer.from(
      TEXT.replace('"Brot, groß"', '"Brot; groß"').replaceAll(',', ';').replaceAll('"Brot;', '"Brot,'),
    ),
  ],
  [
    'with tabs in a .csv',
    'x.csv',
    Buffer.from(TEXT.replace('"Brot, groß"', 'Brot@ groß').replaceAll(',', '\t').replace('@', ',')),
  ],
  [
    'with bars',
    'x.psv',
    Buffer.from(TEXT.replace('"Brot, groß"', 'Brot@ groß').replaceAll(',', '|').replace('@', ',')),
  ],
  ['in Latin-1', 'x.csv', Buffer.from(TEXT, 'latin1')],
  ['in UTF-16 LE', 'x.csv', Buffer.from(`\ufeff${TEXT}`, 'utf16le')],
  ['in UTF-16 BE', 'x.csv', Buffer.from(`\ufeff${TEXT}`, 'utf16le').swap16()],
  ['gzipped', 'x.csv.gz', gzipSync(TEXT)],
  ['gzipped without saying so', 'x.csv', gzipSync(TEXT)],
  [
    'gzipped in two parts',
    'x.csv.gz',
    Buffer.concat([gzipSync(TEXT.slice(0, 30)), gzipSync(TEXT.slice(30))]),
  ],
  ['in zstd', 'x.csv.zst', zstdCompressSync(TEXT)],
  ['in Latin-1 and gzipped', 'x.csv.gz', gzipSync(Buffer.from(TEXT, 'latin1'))],
  ['with a name that looks like a glob', "x'[1]*?.csv", Buffer.from(TEXT)],
])('CSV %s', async (_, key, content) => {
  folder.write(key, content);
  folder.write('x2.csv', 'other\n1\n');
  const { tables } = await folder.crawl(duckdb.runSql);
  const table = tables.find(({ files }) => files[0]!.key === key)!;
  expect(types(table)).toEqual({ id: 'long', name: 'string', price: 'decimal(18,2)' });
  expect(table).toMatchObject({ rows: 2, bytes: content.length, damage: [] });
  expect(await query(table, 'SELECT * FROM t ORDER BY id')).toEqual([
    ['1', 'Käse', '2.50'],
    ['2', 'Brot, groß', '3.00'],
  ]);
});

const COMMAS = 'id;net;share;note\n1;1.234,56;0,5;a\n2;0,50;;b\n3;-3,00;1,25;\n4;;12;c\n';

test('numbers with a decimal comma are read exactly where the source says that it has them', async () => {
  folder.write('x.csv', COMMAS);
  const tables = { sold: { files: 'x.csv', options: { decimal: ',' as const } } };
  const crawl = await folder.crawl(duckdb.runSql, { tables });
  expect(crawl.problems).toEqual([]);
  const table = crawl.tables[0]!;
  expect(types(table)).toEqual({ id: 'long', net: 'decimal(18,2)', share: 'decimal(18,2)', note: 'string' });
  expect(await query(table, 'SELECT * FROM t ORDER BY id')).toEqual([
    ['1', '1234.56', '0.50', 'a'],
    ['2', '0.50', null, 'b'],
    ['3', '-3.00', '1.25', null],
    ['4', null, '12.00', 'c'],
  ]);
});

test('a number of another writing is no number of a file with decimal commas', async () => {
  const rows = Array.from({ length: 700 }, (_, at) => `${at};1.${String(at % 1_000).padStart(3, '0')},5`);
  folder.write('x.csv', `id;net\n${rows.join('\n')}\n700;12.5\n`);
  const options = { decimal: ',' as const };
  const found = await folder.crawl(duckdb.runSql, { tables: { sold: { files: 'x.csv', options } } });
  expect(types(found.tables[0]!)).toEqual({ id: 'long', net: 'string' });
  const declared = { ...options, types: { net: 'decimal(12,2)' } };
  const { problems } = await folder.crawl(duckdb.runSql, {
    tables: { sold: { files: 'x.csv', options: declared } },
  });
  expect(problems).toMatchObject([
    { severity: 'error', place: 'x.csv:702', message: expect.stringContaining('such as "12.5"') },
  ]);
});

test('what looks like a decimal comma is said once, and is text until the source says more', async () => {
  for (const name of ['x', 'x_2']) folder.write(`${name}.csv`, COMMAS);
  const one = { files: 'x*.csv' };
  const { tables, problems } = await folder.crawl(duckdb.runSql, { tables: { sold: one } });
  expect(types(tables[0]!)).toMatchObject({ net: 'string', share: 'string' });
  expect(problems).toMatchObject([
    { severity: 'warning', place: 'x.csv:1:1', message: expect.stringContaining("set options.decimal: ','") },
  ]);
  for (const options of [{ decimal: '.' as const }, { types: { net: 'string', share: 'string' } }]) {
    const said = { tables: { sold: { ...one, options } } };
    expect((await folder.crawl(duckdb.runSql, said)).problems).toEqual([]);
  }
});

test('the options of the source are taken as given', async () => {
  folder.write('x.dat', "7;'a;b';31/12/2025;-\n8;'c;d';01/01/2026;3\n");
  const options = {
    delimiter: ';',
    quote: "'",
    header: false,
    nullValues: ['-'],
    dateFormat: '%d/%m/%Y',
    types: { column_3: 'date', column_1: 'string' },
  };
  const tables = { sold: { files: '*.dat', format: 'csv' as const, options } };
  const [table] = (await folder.crawl(duckdb.runSql, { tables })).tables;
  expect(types(table!)).toEqual({
    column_1: 'string',
    column_2: 'string',
    column_3: 'date',
    column_4: 'long',
  });
  expect(await query(table!, 'SELECT * FROM t ORDER BY column_1')).toEqual([
    ['7', 'a;b', '2025-12-31', null],
    ['8', 'c;d', '2026-01-01', '3'],
  ]);
});

test('partitions of folders become columns, with their values as they are written', async () => {
  for (const month of ['01', '02']) {
    folder.write(`sold/year=2026/month=${month}/shop=a%20b/part-0.csv`, `id\n${Number(month)}\n`);
  }
  folder.write('sold/year=2027/month=01/shop=__HIVE_DEFAULT_PARTITION__/part-0.csv', 'id\n9\n');
  const { tables } = await folder.crawl(duckdb.runSql);
  expect(tables).toHaveLength(1);
  const [table] = tables;
  expect(table).toMatchObject({ name: 'sold', rows: 3, partitionColumns: ['year', 'month', 'shop'] });
  expect(types(table!)).toEqual({ id: 'long', year: 'long', month: 'string', shop: 'string' });
  expect(await query(table!, 'SELECT * FROM t ORDER BY id')).toEqual([
    ['1', '2026', '01', 'a b'],
    ['2', '2026', '02', 'a b'],
    ['9', '2027', '01', null],
  ]);
});

test('a value behind the first rows widens the type, and the pass over all rows sees it', async () => {
  const lines = (last: string) => `code,n\n${'12345,1\n'.repeat(60_000)}${last}\n`;
  folder.write('a.csv', lines('0012,2.5'));
  folder.write('b.csv', lines('7,x'));
  const { tables, problems } = await folder.crawl(duckdb.runSql);
  expect(tables.map(types)).toEqual([
    { code: 'string', n: 'decimal(18,2)' },
    { code: 'long', n: 'string' },
  ]);
  expect(problems).toEqual([]);
  expect(await query(tables[0]!, "SELECT code, n FROM t WHERE code <> '12345'")).toEqual([['0012', '2.50']]);
});

test('a type on which files disagree becomes string and is said with file and line', async () => {
  folder.write('stores_2023.csv', 'code,name\n1,a\n2,b\n');
  folder.write('stores_2024.csv', 'code,name\n1.0,a\n2.0,b\n');
  const { tables, problems } = await folder.crawl(duckdb.runSql);
  expect(tables.map(({ name }) => name)).toEqual(['stores']);
  expect(types(tables[0]!)).toEqual({ code: 'string', name: 'string' });
  expect(problems).toMatchObject([{ severity: 'warning', table: 'stores', place: 'stores_2024.csv:2' }]);
});

test('columns are matched by name when files have them in another order, or not all', async () => {
  folder.write('t_1.csv', 'a,b\n1,x\n');
  folder.write('t_2.csv', 'B,a,c\ny,2,2026-01-01\n');
  const [table] = (await folder.crawl(duckdb.runSql)).tables;
  expect(types(table!)).toEqual({ a: 'long', b: 'string', c: 'date' });
  expect(await query(table!, 'SELECT * FROM t ORDER BY a')).toEqual([
    ['1', 'x', null],
    ['2', 'y', '2026-01-01'],
  ]);
  expect(table!.nullCounts).toEqual({ a: 0, b: 0, c: 1 });
});

test('JSON of every form', async () => {
  folder.write('lines.ndjson', '{"a":1,"b":{"c":[1,2]}}\n{"a":2.5}\n');
  folder.write('array.json', '\ufeff[{"a":"2026-01-01"},{"a":null}]');
  folder.write('packed.json.gz', gzipSync('[{"a":true}]'));
  folder.write('deep.json', `${'{"a":'.repeat(500)}1${'}'.repeat(500)}`);
  const { tables, problems } = await folder.crawl(duckdb.runSql);
  expect(problems).toEqual([]);
  const byName = new Map(tables.map((table) => [table.name, table]));
  expect(types(byName.get('lines')!)).toEqual({ a: 'double', b: 'struct<c: list<long>>' });
  expect(types(byName.get('array')!)).toEqual({ a: 'date' });
  expect(types(byName.get('packed')!)).toEqual({ a: 'boolean' });
  expect(typeName(byName.get('deep')!.columns[0]!.type).match(/struct/g)!.length).toBeLessThan(12);
  expect(tables.map(({ rows }) => rows)).toEqual([2, 1, 2, 1]);
  expect(await query(byName.get('lines')!, 'SELECT a, b.c[2] FROM t ORDER BY a')).toEqual([
    [1, '2'],
    [2.5, null],
  ]);
});

test('Parquet files with different columns and types are read by name and without loss', async () => {
  const write = (name: string, select: string) =>
    duckdb.runSql(`COPY (${select}) TO '${join(folder.home, name)}' (FORMAT parquet)`, []);
  await write('p_1.parquet', "SELECT 1::INTEGER AS id, 'x' AS name, 1.5::DECIMAL(4,1) AS price");
  await write('p_2.parquet', 'SELECT 5000000000 AS id, 2.25::DECIMAL(6,2) AS price, true AS extra');
  const { tables, problems } = await folder.crawl(duckdb.runSql);
  expect(types(tables[0]!)).toEqual({ id: 'long', name: 'string', price: 'decimal(6,2)', extra: 'boolean' });
  expect(tables[0]).toMatchObject({ rows: 2, damage: [] });
  expect(problems.every(({ severity }) => severity === 'warning')).toBe(true);
  expect(await query(tables[0]!, 'SELECT id, name, price, extra FROM t ORDER BY id')).toEqual([
    ['1', 'x', '1.50', null],
    ['5000000000', null, '2.25', true],
  ]);
});

test('Parquet files of one schema cost one statement, and one that is damaged costs the others nothing', async () => {
  for (const name of ['p_1', 'p_2', 'p_3'])
    await duckdb.runSql(`COPY (SELECT 1 AS id) TO '${join(folder.home, name)}.parquet' (FORMAT parquet)`, []);
  const bytes = readFileSync(join(folder.home, 'p_1.parquet'));
  const footer = bytes.length - 8 - bytes.readUInt32LE(bytes.length - 8);
  // Of the schema's root, which is not compared, the number of columns: only a reader that builds it notices.
  expect(bytes.subarray(footer + 21, footer + 23)).toEqual(Buffer.from([0x15, 0x02]));
  bytes[footer + 22] = 20;
  folder.write('p_1.parquet', bytes);
  duckdb.statements.length = 0;
  const { tables } = await folder.crawl(duckdb.runSql);
  const damage = [{ message: 'the file is damaged: its footer cannot be read', place: 'p_1.parquet' }];
  expect(tables).toMatchObject([{ rows: 2, damage }]);
  expect(duckdb.statements).toHaveLength(2);
});

test('files that writers leave behind and files without a table are not read', async () => {
  for (const key of ['_SUCCESS', '.hidden.csv', 'x.csv.tmp', '~$x.csv', 'x.csv.part', '_temporary/0/y.csv']) {
    folder.write(key, 'a\n1\n');
  }
  folder.write('notes.md', '# notes');
  folder.write('x.csv', 'a\n1\n');
  const crawl = await folder.crawl(duckdb.runSql);
  expect(crawl.tables.map(({ files }) => files.map(({ key }) => key))).toEqual([['x.csv']]);
  expect(crawl.ignored.map(({ key }) => key)).toEqual(['notes.md']);
});

test('many files of one form cost one statement', async () => {
  for (let month = 1; month <= 12; month++) folder.write(`sold/2026-${month}.csv`, `id,v\n${month},a\n`);
  duckdb.statements.length = 0;
  const { tables } = await folder.crawl(duckdb.runSql);
  expect(tables).toMatchObject([{ name: 'sold', rows: 12 }]);
  expect(duckdb.statements).toHaveLength(1);
});

test('what changed since the crawl before', async () => {
  folder.write('t_1.csv', 'a,b\n1,x\n');
  folder.write('u.csv', 'a\n1\n');
  const before = await folder.crawl(duckdb.runSql);
  expect(compareCrawls(before.tables, (await folder.crawl(duckdb.runSql)).tables)).toEqual([]);
  folder.write('t_1.csv', 'a,c\n1.25,x\n');
  folder.write('t_2.csv', 'a,c\n3,x\n');
  folder.write('v.csv', 'a\n1\n');
  rmSync(join(folder.home, 'u.csv'));
  const after = await folder.crawl(duckdb.runSql);
  expect(findChanges(before.tables, after.tables)).toEqual([
    { kind: 'column-retyped', table: 't', column: 'a', from: 'long', to: 'decimal(18,2)' },
    { kind: 'column-added', table: 't', column: 'c', type: 'string' },
    { kind: 'column-removed', table: 't', column: 'b', type: 'string' },
    { kind: 'file-changed', table: 't', key: 't_1.csv' },
    { kind: 'file-added', table: 't', key: 't_2.csv' },
    { kind: 'table-added', table: 'v' },
    { kind: 'table-removed', table: 'u' },
  ]);
  expect(compareCrawls(before.tables, after.tables)).toContain('table t: t_2.csv is new');
  const source = await folder.open();
  await expect(checkUnchanged(before.tables[0]!, source)).rejects.toMatchObject({
    code: 'source.changed',
    problems: [{ place: 't_1.csv' }],
  });
  await expect(checkUnchanged(after.tables[0]!, source)).resolves.toBeUndefined();
});

test('a source that is not there, or leads out of the domain, is refused', async () => {
  await expect(folder.open('nothing')).rejects.toMatchObject({ code: 'source.missing' });
  for (const path of ['..', '../finance', 'a/../../finance', '/etc', 'a\\..\\b', 'a\0b']) {
    await expect(folder.open(path)).rejects.toMatchObject({ code: 'source.outside' });
  }
  folder.write('x.csv', 'a\n1\n');
  const source = await folder.open();
  await expect(source.localFile('../x.csv')).rejects.toMatchObject({ code: 'source.outside' });
  await expect(source.localFile('y.csv')).rejects.toMatchObject({ code: 'source.missing' });
});

test('a table without files, or with damage, has no relation', async () => {
  folder.write('bad.csv', 'a,b\n1\n');
  const tables = { none: { files: 'x/*.csv' }, bad: { files: 'bad.csv' } };
  const crawl = await folder.crawl(duckdb.runSql, { tables });
  const [none, bad] = crawl.tables;
  expect(() => relationSql(none!, (key) => key)).toThrow(expect.objectContaining({ code: 'source.empty' }));
  expect(() => relationSql(bad!, (key) => key)).toThrow(
    expect.objectContaining({
      code: 'source.unreadable',
      problems: [{ place: 'bad.csv:2:1', message: expect.any(String) }],
    }),
  );
});

test('reading is strict: a file that was torn after the crawl fails the statement', async () => {
  folder.write('x.csv', 'a,b\n1,2\n');
  const [table] = (await folder.crawl(duckdb.runSql)).tables;
  folder.write('x.csv', 'a,b\n1,2\n3\n');
  await expect(query(table!, 'SELECT sum(b) FROM t')).rejects.toThrow();
});
