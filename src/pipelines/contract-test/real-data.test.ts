import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTestPool } from '../../../test/fixtures/queries/test-pool.ts';
import { hasRealData, knownAnswers, REAL_DATA } from '../../../test/fixtures/real-data.ts';
import { readContract } from '../../contracts/read-contract.ts';
import type { DuckdbPool } from '../../engines/duckdb-pool.ts';
import { openLocalTable } from './local-table.ts';
import { testTables } from './test-tables.ts';

let pool: DuckdbPool;
let scratch: string;

beforeAll(() => {
  pool = startTestPool({ workers: 1 });
  scratch = mkdtempSync(join(tmpdir(), 'crossdock-test-'));
});

afterAll(async () => {
  await pool.close();
  rmSync(scratch, { recursive: true });
});

/** What each check of a contract measured on real files, by object and id. */
async function measure(contractFile: string, path: string, places = [0]) {
  const file = `test/fixtures/contracts/real/${contractFile}.odcs.yaml`;
  const contract = readContract({ file, content: readFileSync(file) }).value;
  const bench = { engine: pool, scratch, memoryBytes: 512 * 1024 ** 2, signal: new AbortController().signal };
  const reports = await testTables({
    ...{ ...bench, contract, places, now: new Date('2026-11-27T00:00:00Z') },
    data: {
      open: ({ name }, { texts }) =>
        openLocalTable(bench, { path: join(REAL_DATA, path), names: [name], texts }),
      openReferenced: async () => null,
    },
  });
  const checks = reports.flatMap((report) => report.checks);
  return {
    reports,
    measured: Object.fromEntries(checks.map(({ id, measured }) => [id, measured])),
    failed: checks.filter(({ outcome }) => outcome === 'failed').map(({ id }) => id),
    sample: (id: string) => checks.find((check) => check.id === id)!.sample!.rows,
  };
}

test.runIf(hasRealData)('Online Retail: duplicates, nulls, cancellations and prices as known', async () => {
  const { transactions_all_months: known } = knownAnswers('uci_online_retail');
  const { measured, failed, sample } = await measure('online-retail', 'uci_online_retail');
  expect(measured).toMatchObject({
    'InvoiceNo.required': 0,
    'not-cancelled': known.facts.cancellation_rows_InvoiceNo_starts_C,
    described: 1454,
    'Quantity.range': known.facts.qty_negative,
    'schema.UnitPrice.type': 0,
    'UnitPrice.range': known.facts.price_negative,
    'known-customer': 135_080,
    'country-given': known.facts.country_unspecified,
    rows: known.rows,
    repeated: known.exact_duplicate_rows_excess,
    'line-once': known.key_checks[0].excess_rows,
    volume: known.facts.sum_quantity,
  });
  expect(failed).toEqual([
    ...['not-cancelled', 'described', 'Quantity.range', 'UnitPrice.range', 'country-given'],
    ...['repeated', 'line-once', 'fresh'],
  ]);
  expect(sample('UnitPrice.range').map((row) => row[5])).toEqual(['-11062.060', '-11062.060']);
});

test.runIf(hasRealData)('Iowa: orphans against both masters, wrong and missing codes as known', async () => {
  const known = knownAnswers('iowa_liquor_sales');
  const { facts } = known['sales_2012-01_and_2021'];
  const { measured, failed } = await measure('iowa', 'iowa_liquor_sales', [0, 2]);
  const { gtin } = known.products;
  expect(measured).toMatchObject({
    'Invoice/Item Number.unique': 0,
    'Store Number.reference': facts.store_not_in_store_master,
    'Item Number.reference': facts.item_not_in_product_master,
    'Bottles Sold.range': facts.negative_bottles,
    'some-amount': facts.zero_sales,
    lines: 2_770_482,
    'no-upc': gtin.UPC.null,
    'upc-form': known.products.rows - gtin.UPC.valid_12 - gtin.UPC.null,
    'scc-digit': gtin.SCC.bad_check_digit,
  });
  expect(failed).toEqual(
    expect.arrayContaining([
      'Store Number.reference',
      'Item Number.reference',
      'upc-form',
      'scc-digit',
      'schema.extra',
    ]),
  );
});

test.runIf(hasRealData)(
  'USDA branded foods: check digits, repeated GTINs, units and owners as known',
  async () => {
    const { branded_food: known } = knownAnswers('usda_branded_foods');
    const { measured } = await measure('branded-foods', 'usda_branded_foods');
    const units = known.facts.serving_size_unit as [string | null, number][];
    const other = units.filter(([unit]) => unit !== null && unit !== 'g' && unit !== 'ml');
    expect(measured).toMatchObject({
      'fdc_id.unique': 0,
      owned: 66,
      'gtin_upc.unique': known.key_checks[1].excess_rows,
      'check-digit': known.gtin.gtin_upc.bad_check_digit,
      'unit-known': other.reduce((sum, [, rows]) => sum + rows, 0),
      modified: 1,
      'version-once': known.key_checks[2].excess_rows,
    });
  },
);

test.runIf(hasRealData)('Open Food Facts: wrong check digits, and tags inside lists', async () => {
  const { products_2026: known } = knownAnswers('openfoodfacts');
  const { measured } = await measure('open-food-facts', 'openfoodfacts');
  expect(measured).toMatchObject({
    'code.required': 0,
    'code-form': 0,
    'check-digit': known.gtin.code.bad_check_digit,
    'products_2026.rowCount': known.rows,
  });
});
