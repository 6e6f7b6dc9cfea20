import { rmSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type BareDuckdb, openBareDuckdb } from './bare-duckdb.ts';
import { crawlSource } from './crawl.ts';
import type { RunSql } from './crawl-context.ts';
import type { Crawl } from './crawled-table.ts';
import { type KnownCrawl, rulesOf } from './known-tables.ts';
import type { SourceDocument } from './source.ts';
import { makeTestFolder, type TestFolder } from './test-folder.ts';

const DOCUMENT: SourceDocument = { kind: 'files', path: '.' };
const WRITTEN = new Date('2026-01-01T00:00:00Z');
const LOOKED = new Date('2026-01-02T00:00:00Z');

let folder: TestFolder;
let bare: BareDuckdb;
let read: string[];
let runSql: RunSql;

beforeEach(async () => {
  folder = makeTestFolder();
  read = [];
  bare = await openBareDuckdb();
  runSql = async (sql, files) => {
    read.push(...files.map((file) => file.slice(folder.home.length + 1)));
    return bare.runSql(sql, files);
  };
  write('sales.csv', 'id,amount\n1,2.50\n2,3.00\n');
  write('stores.csv', 'store,city\n');
});
afterEach(() => {
  bare.close();
  folder.remove();
});

function write(key: string, text: string, at = WRITTEN): void {
  folder.write(key, text);
  utimesSync(join(folder.home, key), at, at);
}

async function crawl(known?: KnownCrawl): Promise<Crawl> {
  read = [];
  return crawlSource({
    document: DOCUMENT,
    source: await folder.open(),
    runSql,
    scratchRoot: folder.scratch,
    known,
  });
}

async function firstCrawl(startedAt = LOOKED): Promise<{ first: Crawl; known: KnownCrawl }> {
  const first = await crawl();
  const { tables, problems } = JSON.parse(JSON.stringify(first)) as Crawl;
  return { first, known: { startedAt, rules: rulesOf(DOCUMENT), tables, problems } };
}

test('files that are the same are not read again, and the crawl says the same, warnings included', async () => {
  const { first, known } = await firstCrawl();
  expect(first.problems.length).toBeGreaterThan(0);
  expect(await crawl(known)).toEqual(first);
  expect(read).toEqual([]);
});

test('a file with another date is read again, the other tables are not', async () => {
  const { first, known } = await firstCrawl();
  write('sales.csv', 'id,amount\n1,2.50\n2,9.00\n', new Date('2026-01-03T00:00:00Z'));
  const again = await crawl(known);
  expect(new Set(read)).toEqual(new Set(['sales.csv']));
  expect(again.problems).toEqual(first.problems);
});

test('a file of another size, of another start under the same date, a new one and one that is gone', async () => {
  const { known } = await firstCrawl();
  write('sales.csv', 'id,amount\n1,2.50\n2,3.00\n3,1.00\n');
  expect((await crawl(known)).tables[0]!.rows).toBe(3);
  write('sales.csv', 'id,amount\n1,2.50\n2,x.00\n');
  expect((await crawl(known)).tables[0]!.columns[1]!.type.kind).toBe('string');
  write('sales.csv', 'id,amount\n1,2.50\n2,3.00\n');
  write('sales_2.csv', 'id,amount\n7,1.00\n');
  expect((await crawl(known)).tables[0]!.rows).toBe(3);
  rmSync(join(folder.home, 'sales_2.csv'));
  expect((await crawl(known)).tables[0]!.rows).toBe(2);
  expect(read).toEqual([]);
});

test('a file written while the crawl before was looking is read again', async () => {
  const { known } = await firstCrawl(new Date(WRITTEN.getTime() + 500));
  await crawl(known);
  expect(read).toContain('sales.csv');
});

test('a damaged file is looked at each time', async () => {
  write('stores.csv', 'store,city\n1,Ames\n2\n');
  const { first, known } = await firstCrawl();
  expect(first.tables[1]!.damage).toHaveLength(1);
  expect(await crawl(known)).toEqual(first);
  expect(new Set(read)).toEqual(new Set(['stores.csv']));
});

test('another document is other rules', () => {
  const typed = { ...DOCUMENT, tables: { sales: { files: '*.csv', options: { types: { id: 'string' } } } } };
  expect(rulesOf(typed)).not.toBe(rulesOf(DOCUMENT));
  expect(rulesOf({ ...DOCUMENT })).toBe(rulesOf(DOCUMENT));
});
