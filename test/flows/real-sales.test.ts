import { mkdtemp, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openTestMesh, type Person, type TestMesh } from '../fixtures/mesh.ts';
import { domainFiles, type Files, meshFiles, productFiles, sourceFile } from '../fixtures/mesh-files.ts';
import { hasRealData, knownAnswers, REAL_DATA } from '../fixtures/real-data.ts';

/**
 * Real retail data through the whole product: Iowa's liquor sales (2,770,482 lines in 13 monthly files, item
 * and store masters with orphans) and UCI Online Retail (541,909 lines, 5,268 exact duplicates).
 */
const real = test.skipIf(!hasRealData);

let mesh: TestMesh;
let producer: Person;
let marketing: Person;
let finance: Person;

beforeAll(async () => {
  if (!hasRealData) return;
  const sources = await mkdtemp(join(tmpdir(), 'crossdock-real-'));
  for (const domain of ['sales', 'product', 'store'])
    await symlink(join(REAL_DATA, 'iowa_liquor_sales'), join(sources, domain));
  await symlink(join(REAL_DATA, 'uci_online_retail'), join(sources, 'online'));
  mesh = await openTestMesh('flows/real-sales', { sources });
  await mesh.apply(iowa());
  await mesh.settle();
  producer = await mesh.person('engineer@sales.example');
  marketing = await mesh.person('analyst@marketing.example');
  finance = await mesh.person('analyst@finance.example');
}, 180_000);
afterAll(async () => {
  if (hasRealData) await mesh.close();
});

const facts = hasRealData ? knownAnswers('iowa_liquor_sales')['sales_2012-01_and_2021'].facts : {};
const months: [string, number, number, number][] = facts.rows_per_month ?? [];
const sales2021 = months.filter(([month]) => month.startsWith('2021'));
const perMonth = `SELECT strftime(date, '%Y-%m') AS month, count(*) AS n, sum(sale_dollars) AS dollars, CAST(sum(bottles_sold) AS INTEGER) AS bottles
  FROM sales.lines GROUP BY ALL ORDER BY month`;

real('13 monthly files become one released dataset, to the cent', async () => {
  const { body } = await producer.get('/api/v1/products/sales/liquor/runs');
  expect(body.runs.map((run: { state: string; error: unknown }) => [run.state, run.error])).toEqual([
    ['released', null],
  ]);
  expect(await producer.rows(perMonth)).toEqual(months.map(asRow));
});

real('a consumer asks for all three products; the producers narrow rows and columns', async () => {
  await grant(marketing, 'sales.liquor', { rows: "date >= DATE '2021-01-01'" });
  const columns = ['item_number', 'description', 'category', 'vendor', 'upc'];
  await grant(marketing, 'product.items', { columns });
  await grant(marketing, 'store.stores');
  for (const product of ['sales.liquor', 'product.items', 'store.stores']) await grant(finance, product);
});

real('the consumer’s totals are those of the granted months, to the cent', async () => {
  expect(await marketing.rows(perMonth)).toEqual(sales2021.map(asRow));
});

real('price columns that were not granted are not there', async () => {
  const [first] = await marketing.rows('SELECT * FROM product.items LIMIT 1');
  expect(Object.keys(first!)).toEqual(['item_number', 'description', 'category', 'vendor', 'upc']);
  const refusal = await marketing.refusal('SELECT bottle_cost FROM product.items');
  expect(refusal.code).toBe('query.invalid');
});

real('the three products join, and orphans are counted as they are', async () => {
  const orphans = `SELECT count(*) FILTER (WHERE s.store IS NULL) AS stores, count(DISTINCT l.store_number) FILTER (WHERE s.store IS NULL) AS distinct_stores,
      count(*) FILTER (WHERE i.item_number IS NULL) AS items, count(DISTINCT l.item_number) FILTER (WHERE i.item_number IS NULL) AS distinct_items, count(*) AS n
    FROM sales.lines AS l LEFT JOIN store.stores AS s ON s.store = l.store_number LEFT JOIN product.items AS i ON i.item_number = l.item_number`;
  const all = {
    stores: facts.store_not_in_store_master,
    distinct_stores: facts.distinct_stores_not_in_master,
    items: facts.item_not_in_product_master,
    distinct_items: facts.distinct_items_not_in_master,
    n: 2_770_482,
  };
  expect(await finance.rows(orphans)).toEqual([all]);
  const [granted] = await marketing.rows(orphans);
  expect(granted!['n']).toBe(2_770_482 - 147_770);
  expect(Number(granted!['stores'])).toBeLessThan(all.stores);
});

real(
  'UCI Online Retail: the contract catches 5,268 exact duplicates, shows some, and holds the release back',
  async () => {
    await mesh.apply({ ...iowa(), ...retail('error') });
    await mesh.settle();
    const owner = await mesh.person('engineer@online.example');
    const [run] = (await owner.get('/api/v1/products/online/retail/runs')).body.runs;
    expect([run.state, run.error?.code]).toEqual(['blocked', 'pipeline.checks-failed']);
    const duplicates = run.checks.find((check: { title: string }) =>
      check.title.includes('no line is there twice'),
    );
    expect(duplicates).toMatchObject({ passed: false, failures: 5_268, severity: 'error' });
    expect(duplicates.sample.rows.length).toBeGreaterThan(1);
    expect(duplicates.sample.rows[0]).toEqual(duplicates.sample.rows[1]);
    expect(await owner.refusal('SELECT 1 FROM online.transactions')).toMatchObject({
      code: 'query.no-release',
    });
  },
  120_000,
);

real(
  'as a warning they are released with the mark, and every known figure holds',
  async () => {
    await mesh.apply({ ...iowa(), ...retail('warning') });
    await mesh.settle();
    const owner = await mesh.person('engineer@online.example');
    const known = knownAnswers('uci_online_retail').transactions_all_months.facts;
    const [totals] =
      await owner.rows(`SELECT count(*) AS n, sum(quantity) AS quantity, sum(quantity * unit_price) AS amount,
      count(*) FILTER (WHERE invoice_no LIKE 'C%') AS cancellations, count(DISTINCT invoice_no) AS invoices,
      count(DISTINCT stock_code) AS stock_codes, count(DISTINCT customer_id) AS customers FROM online.transactions`);
    expect({
      ...totals,
      amount: Number(totals!['amount']).toFixed(4),
      quantity: Number(totals!['quantity']),
    }).toEqual({
      n: 541_909,
      quantity: known.sum_quantity,
      amount: known.sum_amount_gbp,
      cancellations: known.cancellation_rows_InvoiceNo_starts_C,
      invoices: known.distinct_invoices,
      stock_codes: known.distinct_stockcodes,
      customers: known.distinct_customers_nonnull,
    });
    const rowsPerMonth = await owner.rows(
      "SELECT strftime(invoice_date, '%Y-%m') AS month, count(*) AS n FROM online.transactions GROUP BY ALL ORDER BY month",
    );
    expect(rowsPerMonth).toEqual(known.rows_per_month.map(([month, n]: [string, number]) => ({ month, n })));
  },
  120_000,
);

function asRow([month, n, dollars, bottles]: [string, number, number, number]) {
  return { month, n, dollars: dollars.toFixed(2), bottles };
}

async function grant(
  person: Person,
  product: string,
  narrowing: { rows?: string; columns?: string[] } = {},
): Promise<void> {
  const asked = await person.post('/api/v1/requests', { product, purpose: 'plan promotions' });
  const steward = await mesh.person(`steward@${product.split('.')[0]}.example`);
  const approved = await steward.post(`/api/v1/requests/${asked.body.id}/approve`, narrowing);
  expect([product, approved.status, approved.body.problems]).toEqual([product, 200, undefined]);
}

function iowa(): Files {
  return {
    ...meshFiles(),
    ...['sales', 'product', 'store', 'marketing', 'finance', 'online']
      .map((name) => domainFiles(name))
      .reduce((all, one) => ({ ...all, ...one })),
    ...sourceFile('sales', 'exports', "  sales: { files: 'sales_*.parquet', format: parquet }\n"),
    ...sourceFile(
      'product',
      'master',
      "  items: { files: products.csv.gz, format: csv, options: { types: { 'Item Number': string, UPC: string } } }\n",
    ),
    ...sourceFile(
      'store',
      'master',
      '  stores: { files: stores.csv.gz, format: csv, options: { types: { Store: string } } }\n',
    ),
    ...productFiles({ domain: 'sales', product: 'liquor', datasets: [LINES] }),
    ...productFiles({ domain: 'product', product: 'items', datasets: [ITEMS] }),
    ...productFiles({ domain: 'store', product: 'stores', datasets: [STORES] }),
  };
}

const LINES = {
  name: 'lines',
  columns: [
    { name: 'invoice_item', type: 'varchar', more: ['required: true', 'primaryKey: true'] },
    {
      name: 'date',
      type: 'date',
      more: [
        'required: true',
        'partitioned: true',
        'customProperties: [{ property: partitionTransform, value: month }]',
      ],
    },
    { name: 'store_number', type: 'varchar', more: ['required: true'] },
    { name: 'item_number', type: 'varchar', more: ['required: true'] },
    { name: 'bottles_sold', type: 'integer', more: ['logicalTypeOptions: { minimum: 0 }'] },
    { name: 'sale_dollars', type: 'decimal(12,2)', more: ['logicalTypeOptions: { minimum: 0 }'] },
  ],
  sql: `SELECT "Invoice/Item Number" AS invoice_item, "Date" AS date, "Store Number" AS store_number,
    "Item Number" AS item_number, "Bottles Sold" AS bottles_sold, CAST("Sale (Dollars)" AS DECIMAL(12,2)) AS sale_dollars
  FROM exports.sales`,
};

const ITEMS = {
  name: 'items',
  columns: [
    { name: 'item_number', type: 'varchar', more: ['required: true', 'primaryKey: true'] },
    { name: 'description', type: 'varchar' },
    { name: 'category', type: 'varchar' },
    { name: 'vendor', type: 'varchar' },
    { name: 'upc', type: 'varchar' },
    { name: 'bottle_cost', type: 'decimal(12,2)', more: ['classification: confidential'] },
    { name: 'bottle_retail', type: 'decimal(12,2)', more: ['classification: confidential'] },
  ],
  sql: `SELECT "Item Number" AS item_number, "Item Description" AS description, "Category Name" AS category, "Vendor Name" AS vendor,
    UPC AS upc, CAST("State Bottle Cost" AS DECIMAL(12,2)) AS bottle_cost, CAST("State Bottle Retail" AS DECIMAL(12,2)) AS bottle_retail
  FROM master.items`,
};

const STORES = {
  name: 'stores',
  columns: [
    { name: 'store', type: 'varchar', more: ['required: true', 'primaryKey: true'] },
    { name: 'name', type: 'varchar', more: ['required: true'] },
    { name: 'city', type: 'varchar' },
  ],
  sql: 'SELECT Store AS store, Name AS name, City AS city FROM master.stores',
};

function retail(severity: string): Files {
  // A rule that only warns is a weaker promise: it comes as a new major version.
  const version = severity === 'error' ? '1.0.0' : '2.0.0';
  const columns = [
    { name: 'invoice_no', type: 'varchar', more: ['required: true'] },
    { name: 'stock_code', type: 'varchar', more: ['required: true'] },
    { name: 'description', type: 'varchar' },
    { name: 'quantity', type: 'integer', more: ['required: true'] },
    { name: 'invoice_date', type: 'timestamp', more: ['required: true'] },
    { name: 'unit_price', type: 'decimal(12,4)', more: ['required: true'] },
    { name: 'customer_id', type: 'varchar' },
    { name: 'country', type: 'varchar', more: ['required: true'] },
  ];
  const quality = `    quality:
      - name: no line is there twice
        type: library
        metric: duplicateValues
        arguments: { properties: [${columns.map(({ name }) => name).join(', ')}] }
        mustBe: 0
        severity: ${severity}
`;
  const sql = `SELECT InvoiceNo AS invoice_no, StockCode AS stock_code, Description AS description, CAST(Quantity AS INTEGER) AS quantity,
    CAST(InvoiceDate AS TIMESTAMP) AS invoice_date, CAST(UnitPrice AS DECIMAL(12,4)) AS unit_price, CustomerID AS customer_id, Country AS country
  FROM shop.transactions`;
  const types =
    '{ InvoiceNo: string, StockCode: string, CustomerID: string, UnitPrice: string, Description: string }';
  return {
    ...sourceFile(
      'online',
      'shop',
      `  transactions: { files: 'transactions_*.csv.gz', format: csv, options: { types: ${types} } }\n`,
    ),
    ...productFiles({
      domain: 'online',
      product: 'retail',
      version,
      datasets: [{ name: 'transactions', columns, sql, quality, version }],
    }),
  };
}
