import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { typeName } from '../base/data-type.ts';
import { lintDatasetContract } from '../contracts/read-contract.ts';
import { openBareDuckdb, type BareDuckdb } from './bare-duckdb.ts';
import { crawlSource } from './crawl.ts';
import type { Crawl, CrawledTable } from './crawled-table.ts';
import { openFileSource } from './file-source.ts';
import { inferContract } from './infer-contract.ts';
import { prepareFiles } from './prepare-files.ts';
import { profileTable } from './profile-table.ts';
import type { RawSource } from './raw-source.ts';
import { relationSql } from './relation-sql.ts';

const DATA = resolve(process.env.CROSSDOCK_REAL_DATA ?? '../shared/data');
const present = existsSync(join(DATA, 'uci_online_retail'));

interface KnownTable {
  rows: number;
  columns: { name: string; type: string; null_or_empty: number }[];
}

let duckdb: BareDuckdb;
let scratch: string;

beforeAll(async () => {
  duckdb = await openBareDuckdb();
  scratch = mkdtempSync(join(tmpdir(), 'crossdock-real-'));
  return () => {
    duckdb.close();
    rmSync(scratch, { recursive: true });
  };
});

async function crawlFolder(name: string): Promise<{ source: RawSource; crawl: Crawl }> {
  const source = await openFileSource({ root: DATA, domain: name, path: '.' });
  const crawl = await crawlSource({
    document: { kind: 'files', path: '.' },
    source,
    runSql: duckdb.runSql,
    scratchRoot: scratch,
  });
  return { source, crawl };
}

function known(folder: string): Record<string, KnownTable> {
  return JSON.parse(readFileSync(join(DATA, folder, 'known_answers.json'), 'utf8'));
}

function tableOf(crawl: Crawl, name: string): CrawledTable {
  const table = crawl.tables.find((candidate) => candidate.name === name);
  if (!table)
    throw new Error(`no table ${name} among ${crawl.tables.map((candidate) => candidate.name).join(', ')}`);
  return table;
}

async function query(source: RawSource, table: CrawledTable, sql: string): Promise<unknown[][]> {
  const copies = mkdtempSync(join(scratch, 'copies-'));
  const relation = relationSql(table, await prepareFiles(table, source, copies));
  return (await duckdb.runSql(`WITH t AS (${relation.sql}) ${sql}`, relation.files)).rows;
}

/** Folder, table of the crawl, table of the known answers. */
const TABLES: [string, string, string][] = [
  ['uci_online_retail', 'transactions', 'transactions_all_months'],
  ['iowa_liquor_sales', 'sales', 'sales_2012-01_and_2021'],
  ['iowa_liquor_sales', 'products', 'products'],
  ['iowa_liquor_sales', 'stores', 'stores'],
  ['iowa_liquor_sales', 'raw_export_2019_10k', 'raw_export_2019_10k'],
  ['my_pricecatcher', 'lookup_item', 'lookup_item'],
  ['my_pricecatcher', 'chicken_egg_yearly_prices', 'chicken_egg_yearly_prices_2022'],
  ['openfoodfacts', 'products_2016', 'products_2016'],
  ['openfoodfacts', 'products_2024', 'products_2024'],
  ['openfoodfacts', 'products_2026', 'products_2026'],
  ['usaid_scms_shipments', 'scms_delivery_history_latin1', 'scms_delivery_history'],
  ['usaid_scms_shipments', 'scms_delivery_history_utf8_cr', 'scms_delivery_history'],
  ['usda_branded_foods', 'branded_food', 'branded_food'],
  ['usda_branded_foods', 'food_other', 'food_other'],
  ['wfp_food_prices_pak', 'wfp_food_prices_pak', 'wfp_food_prices_pak'],
  ['fda_recalls_2024_2025', 'fda_recalls_2024_2025_export', 'fda_recalls_export'],
  ['uci_wholesale_customers', 'wholesale_customers', 'wholesale_customers (normalised by us)'],
  [
    'uci_wholesale_customers',
    'wholesale_customers_column_dropped_crlf',
    'wholesale_customers_column_dropped_crlf',
  ],
  ['synthetic_loyalty_customers', 'customers', 'customers'],
];

const crawls = new Map<string, { source: RawSource; crawl: Crawl }>();

beforeAll(async () => {
  if (!present) return;
  for (const [folder] of TABLES) if (!crawls.has(folder)) crawls.set(folder, await crawlFolder(folder));
});

describe.skipIf(!present)('real files of consumer goods', () => {
  test.each(TABLES)('%s: %s has the known rows, columns and gaps', async (folder, name, answer) => {
    const { crawl } = crawls.get(folder)!;
    const table = tableOf(crawl, name);
    const expected = known(folder)[answer]!;
    expect(table.damage).toEqual([]);
    expect(table.rows).toBe(expected.rows);
    expect(table.columns.map((column) => column.name)).toEqual(
      expected.columns.map((column) => column.name.trim()),
    );
    if (table.format !== 'csv') return;
    const gaps = expected.columns.map((column) => [column.name.trim(), column.null_or_empty]);
    expect(table.nullCounts).toEqual(Object.fromEntries(gaps));
  });

  test('the sums of money are right to the last digit', async () => {
    const { source, crawl } = crawls.get('uci_online_retail')!;
    const table = tableOf(crawl, 'transactions');
    const sql = 'SELECT sum("Quantity")::BIGINT, sum("Quantity" * "UnitPrice")::DECIMAL(18,4) FROM t';
    expect(await query(source, table, sql)).toEqual([['5176450', '9747747.9340']]);
  });

  test('three snapshots of a store master whose key drifts are one table, and the drift is said', () => {
    const { crawl } = crawls.get('my_pricecatcher')!;
    const table = tableOf(crawl, 'lookup_premise');
    expect(table.rows).toBe(2_673 + 2_694 + 2_708);
    expect(typeName(table.columns[0]!.type)).toBe('string');
    const drift = crawl.problems.find(({ message }) => message.includes('premise_code'));
    expect(drift).toMatchObject({ severity: 'warning', place: 'lookup_premise_2024-02-11.csv.gz:2' });
  });

  test('two damaged encodings of one file hold the same rows', async () => {
    const { source, crawl } = crawls.get('usaid_scms_shipments')!;
    const select =
      'SELECT sum("Line Item Quantity")::BIGINT, sum("Line Item Value"), count(DISTINCT "Country"), max("Country") FILTER ("Country" LIKE \'C%Ivoire\') FROM t';
    const latin1 = await query(source, tableOf(crawl, 'scms_delivery_history_latin1'), select);
    const utf8 = await query(source, tableOf(crawl, 'scms_delivery_history_utf8_cr'), select);
    expect(latin1).toEqual([['189265090', '1627584457.29', '43', "Côte d'Ivoire"]]);
    expect(utf8).toEqual(latin1);
  });

  test('a file of mixed encoding with notes beside the table is read and said', () => {
    const { crawl } = crawls.get('uci_wholesale_customers')!;
    const table = tableOf(crawl, 'wholesale_customers_side_notes_mixed_encoding');
    expect([table.rows, table.columns.length]).toEqual([440, 12]);
    const said = crawl.problems
      .filter((problem) => problem.table === table.name)
      .map(({ message }) => message);
    expect(said.join('\n')).toMatch(/Windows-1252/);
    expect(said.join('\n')).toMatch(/without a name \(9, 10, 11, 12\)/);
  });
});

describe.skipIf(!present)('types of real files', () => {
  test('codes keep their zeros and money is no float', () => {
    const { crawl } = crawls.get('iowa_liquor_sales')!;
    const types = Object.fromEntries(
      tableOf(crawl, 'products').columns.map(({ name, type }) => [name, typeName(type)]),
    );
    expect(types).toMatchObject({ 'State Bottle Cost': 'decimal(18,2)', 'List Date': 'date' });
    const branded = tableOf(crawls.get('usda_branded_foods')!.crawl, 'branded_food');
    expect(branded.columns.find(({ name }) => name === 'gtin_upc')!.type).toEqual({ kind: 'string' });
    const off = crawls.get('openfoodfacts')!.crawl;
    for (const name of ['products_2016', 'products_2024']) {
      expect(typeName(tableOf(off, name).columns[0]!.type)).toBe('string');
    }
  });

  test('the row of HXL tags is noticed', () => {
    const { crawl } = crawls.get('wfp_food_prices_pak')!;
    expect(crawl.problems).toMatchObject([{ severity: 'warning', place: 'wfp_food_prices_pak.csv.gz:2:1' }]);
  });
});

describe.skipIf(!present)('drafts of contracts for real files', () => {
  test.each([
    ['iowa_liquor_sales', 'stores', ['Store']],
    ['iowa_liquor_sales', 'products', ['Item Number']],
    ['usda_branded_foods', 'branded_food', ['fdc_id']],
    ['usaid_scms_shipments', 'scms_delivery_history_utf8_cr', ['ID']],
    ['synthetic_loyalty_customers', 'customers', []],
  ])('the draft of a contract for %s: %s finds the key', async (folder, name, key) => {
    const { source, crawl } = crawls.get(folder)!;
    const table = tableOf(crawl, name);
    const copies = mkdtempSync(join(scratch, 'copies-'));
    const localFile = await prepareFiles(table, source, copies);
    const profile = await profileTable(table, { runSql: duckdb.runSql, localFile });
    const content = inferContract({ id: 'c', dataset: name, domain: 'sales', table, profile });
    const { document, problems } = lintDatasetContract({ file: 'draft.odcs.yaml', content });
    expect(problems).toEqual([]);
    const properties = document!.value.schema![0]!.properties!;
    expect(properties.filter(({ primaryKey }) => primaryKey).map((property) => property.name)).toEqual(key);
  });

  test('personal data is suggested as such and not shown in examples', async () => {
    const { source, crawl } = crawls.get('synthetic_loyalty_customers')!;
    const table = tableOf(crawl, 'customers');
    const localFile = await prepareFiles(table, source, scratch);
    const profile = await profileTable(table, { runSql: duckdb.runSql, localFile });
    const content = inferContract({ id: 'c', dataset: 'customers', table, profile });
    const { document } = lintDatasetContract({ file: 'draft.odcs.yaml', content });
    const properties = document!.value.schema![0]!.properties!;
    const personal = properties.filter(({ classification }) => classification === 'personal');
    expect(personal.map(({ name }) => name)).toEqual([
      'first_name',
      'last_name',
      'email',
      'phone',
      'date_of_birth',
      'street_address',
      'iban',
    ]);
    expect(personal.every(({ examples, quality }) => examples === undefined && quality === undefined)).toBe(
      true,
    );
    expect(content).not.toMatch(/paulette/i);
  });
});

test.runIf(!present)('real files are not here: set CROSSDOCK_REAL_DATA', () => {
  expect(present).toBe(false);
});
