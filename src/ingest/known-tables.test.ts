import { rmSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
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

test('of a table that grows only the new file is passed over, also with a column more; the result is the same', async () => {
  const { known } = await firstCrawl();
  write('sales_2.csv', 'id,amount,note\n7,1.00,new\n8,,\n');
  const grown = await crawl(known);
  expect(new Set(read)).toEqual(new Set(['sales_2.csv']));
  expect(grown).toEqual(await crawl());
  expect(grown.tables[0]).toMatchObject({ rows: 4, nullCounts: { id: 0, amount: 1, note: 3 } });
});

test('a new file that does not bear out what is known has the whole table read', async () => {
  const { known } = await firstCrawl();
  for (const text of [
    'id,amount\nx,1.00\n',
    'id,amount\n7,1.12345\n',
    'id;amount\n7;1.00\n',
    'id,amount\n7\n',
  ]) {
    write('sales_2.csv', text);
    expect([text, await crawl(known)]).toEqual([text, await crawl()]);
  }
});

const CELLS = [
  '',
  '1',
  '7',
  '007',
  '2.50',
  '3.0',
  '1.12345',
  '2026-01-31',
  '2026-02-30',
  'true',
  'x',
  '12e3',
  '"a,b"',
];

test('a crawl that builds on what is known says what a crawl of everything says', async () => {
  const cells = fc.constantFrom(...CELLS.slice(0, 6), ...CELLS);
  const rows = fc.array(fc.tuple(cells, cells), { maxLength: 5 });
  const file = fc.record({ rows, wide: fc.boolean(), delimiter: fc.constantFrom(',', ',', ',', ';') });
  const files = fc.array(file, { minLength: 1, maxLength: 3 });
  const textOf = ({ rows: lines, wide, delimiter }: { rows: string[][]; wide: boolean; delimiter: string }) =>
    [['id', 'amount', ...(wide ? ['more'] : [])], ...lines.map((line) => [...line, ...(wide ? ['1'] : [])])]
      .map((line) => `${line.join(delimiter)}\n`)
      .join('');
  let reused = 0;
  await fc.assert(
    fc.asyncProperty(files, files, async (old, added) => {
      rmSync(folder.home, { recursive: true, force: true });
      old.forEach((one, index) => write(`orders_${2 * index}.csv`, textOf(one)));
      const { known } = await firstCrawl();
      added.forEach((one, index) => write(`orders_${2 * index + 1}.csv`, textOf(one)));
      const grown = await crawl(known);
      if (!read.includes('orders_0.csv')) reused++;
      expect(grown).toEqual(await crawl());
    }),
    { numRuns: 40 },
  );
  expect(reused).toBeGreaterThan(3);
}, 60_000);

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
