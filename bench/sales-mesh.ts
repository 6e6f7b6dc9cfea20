import { mkdir } from 'node:fs/promises';
import { request } from 'node:http';
import { join } from 'node:path';
import { openTestMesh, type Person, type TestMesh } from '../test/fixtures/mesh.ts';
import { domainFiles, type Files, meshFiles, productFiles, sourceFile } from '../test/fixtures/mesh-files.ts';
import { makeData } from './bare-duckdb.ts';

/** Ten columns of a till's lines, the same for the same number of rows. */
export const COLUMNS = [
  { name: 'order_id', type: 'bigint', more: ['required: true', 'primaryKey: true'] },
  { name: 'day', type: 'date', more: ['required: true'] },
  { name: 'region', type: 'varchar', more: ['required: true'] },
  { name: 'store', type: 'varchar', more: ['required: true'] },
  {
    name: 'item',
    type: 'varchar',
    more: ['required: true', 'logicalTypeOptions: { minLength: 14, maxLength: 14 }'],
  },
  { name: 'customer', type: 'varchar' },
  { name: 'channel', type: 'varchar' },
  { name: 'units', type: 'integer', more: ['logicalTypeOptions: { minimum: 1 }'] },
  { name: 'amount', type: 'decimal(12,2)', more: ['required: true', 'logicalTypeOptions: { minimum: 0 }'] },
  { name: 'discount', type: 'decimal(12,2)' },
];

/** The rows as DuckDB makes them; `hash` spreads values without a random seed. */
export function orderRows(rows: number): string {
  return `SELECT i AS order_id, DATE '2025-01-01' + CAST(hash(i) % 365 AS INTEGER) AS day,
    ['NORTH', 'EAST', 'SOUTH', 'WEST'][CAST(1 + hash(i + 1) % 4 AS BIGINT)] AS region,
    'store-' || lpad(CAST(hash(i + 2) % 500 AS VARCHAR), 4, '0') AS store,
    '0' || CAST(4000000000000 + hash(i + 3) % 5000 AS VARCHAR) AS item,
    'customer' || CAST(hash(i + 4) % 200000 AS VARCHAR) || '@shop.example' AS customer,
    ['shop', 'web', 'app'][CAST(1 + hash(i + 5) % 3 AS BIGINT)] AS channel,
    CAST(1 + hash(i + 6) % 12 AS INTEGER) AS units,
    CAST((100 + hash(i + 7) % 90000) / 100 AS DECIMAL(12, 2)) AS amount,
    CAST((hash(i + 8) % 500) / 100 AS DECIMAL(12, 2)) AS discount
    FROM range(${rows}) AS numbers(i)`;
}

export const SELECT_ORDERS = `SELECT order_id, day, region, store, item, customer, channel,
  CAST(units AS INTEGER) AS units, CAST(amount AS DECIMAL(12,2)) AS amount,
  CAST(discount AS DECIMAL(12,2)) AS discount FROM tills.orders`;

export interface OrdersProduct {
  name: string;
  rows: number;
}

/** A mesh of its own in which the domain sales offers `sales.<name>` and marketing has people. */
export async function openSalesMesh(
  name: string,
  products: OrdersProduct[],
  settings: Record<string, string> = EMBEDDED,
): Promise<TestMesh> {
  const mesh = await openTestMesh(`bench/${name}`, { settings });
  const files: Files = { ...meshFiles(), ...domainFiles('sales'), ...domainFiles('marketing') };
  for (const product of products) {
    const folder = join(mesh.folder, 'sources', 'sales', product.name);
    await mkdir(folder, { recursive: true });
    await makeData([`COPY (${orderRows(product.rows)}) TO '${folder}/orders.parquet' (FORMAT parquet)`]);
    Object.assign(files, productOf(product.name));
  }
  const tables = products.map(
    ({ name: one }) => `  ${one}: { files: '${one}/*.parquet', format: parquet }\n`,
  );
  await mesh.apply({ ...files, ...sourceFile('sales', 'tills', tables.join('')) });
  await mesh.settle();
  return mesh;
}

/** Not the database of a test run, and no limit that a benchmark would meet. */
export const EMBEDDED = { CROSSDOCK_DATABASE_URL: '', CROSSDOCK_RATE_LIMIT: '1000000' };

function productOf(name: string): Files {
  const sql = SELECT_ORDERS.replace('tills.orders', `tills.${name}`);
  return productFiles({ domain: 'sales', product: name, datasets: [{ name, columns: COLUMNS, sql }] });
}

export interface Approval {
  rows?: string;
  masks?: Record<string, { action: string }>;
}

/** marketing asks for a product and gets it, narrowed. Returns the analyst. */
export async function subscribe(mesh: TestMesh, product: string, approval: Approval = {}): Promise<Person> {
  const analyst = await mesh.person('analyst@marketing.example');
  const steward = await mesh.person('steward@sales.example');
  const asked = await analyst.post('/api/v1/requests', { product, purpose: 'benchmark' });
  const approved = await steward.post(`/api/v1/requests/${asked.body.id}/approve`, approval);
  if (approved.status !== 200) throw new Error(JSON.stringify(approved.body));
  return analyst;
}

/** POSTs a query and reads the answer to its end without looking at it. Returns its bytes. */
export function download(mesh: TestMesh, person: Person, body: object): Promise<number> {
  const text = JSON.stringify(body);
  const headers = { authorization: `Bearer ${person.token}`, 'content-type': 'application/json' };
  return new Promise((resolve, reject) => {
    const asked = request(`${mesh.mesh.url}/api/v1/query`, { method: 'POST', headers }, (response) => {
      let bytes = 0;
      response.on('data', (chunk: Buffer) => (bytes += chunk.length));
      response.on('error', reject);
      response.on('end', () => {
        if (response.statusCode === 200) resolve(bytes);
        else reject(new Error(`the export was refused: ${response.statusCode}`));
      });
    });
    asked.on('error', reject);
    asked.end(text);
  });
}
