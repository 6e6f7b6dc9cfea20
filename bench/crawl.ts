import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { openTestMesh, type TestMesh } from '../test/fixtures/mesh.ts';
import { domainFiles, meshFiles, sourceFile } from '../test/fixtures/mesh-files.ts';
import { inBareDuckdb, makeData } from './bare-duckdb.ts';
import { alternate, type Bench, compared, type Line, timed } from './bench.ts';
import { EMBEDDED, orderRows } from './sales-mesh.ts';

const BAR = 2;
const FOLDERS = 100;
const ROWS_OF_A_FILE = 100;

type Format = 'parquet' | 'csv';

/** Many small files in folders, as exports of tills leave them. */
export const crawl: Bench = {
  name: 'crawl',
  async run({ quick }) {
    const count = quick ? 1_000 : 10_000;
    const lines: Line[] = [];
    for (const format of ['parquet', 'csv'] as const) lines.push(...(await crawlFormat(format, count)));
    return lines;
  },
};

async function crawlFormat(format: Format, count: number): Promise<Line[]> {
  const mesh = await openTestMesh(`bench/crawl-${format}`, { settings: EMBEDDED });
  try {
    const root = join(mesh.folder, 'sources', 'sales');
    await makeFiles(root, format, count);
    await mesh.apply({
      ...meshFiles(),
      ...domainFiles('sales'),
      ...sourceFile('sales', 'tills', `  orders: { files: '*/*.${format}', format: ${format} }\n`),
    });
    const many = `${count.toLocaleString('en')} ${format} files in ${FOLDERS} folders`;
    const yardstick =
      format === 'parquet'
        ? 'bare DuckDB, all footers by one glob'
        : 'bare DuckDB, a sniffed glob per folder';
    const first = await alternate({
      rounds: 5,
      subject: async () => {
        await forget(mesh);
        return timed(() => crawlOnce(mesh, count));
      },
      yardstick: () => bareLook(root, format),
    });
    const again = await alternate({
      rounds: 5,
      subject: () => timed(() => crawlOnce(mesh, count)),
      yardstick: () => bareLook(root, format),
    });
    return [
      compared({ subject: `first crawl of ${many}`, yardstick, ...first, bar: BAR }),
      compared({ subject: `crawl again, nothing changed: ${many}`, yardstick, ...again, bar: BAR }),
    ];
  } finally {
    await mesh.close();
  }
}

async function makeFiles(root: string, format: Format, count: number): Promise<void> {
  const each = count / FOLDERS;
  const statements: string[] = [`CREATE TABLE orders AS ${orderRows(ROWS_OF_A_FILE)}`];
  for (let folder = 0; folder < FOLDERS; folder++) {
    await mkdir(join(root, `till${folder}`), { recursive: true });
    for (let file = 0; file < each; file++)
      statements.push(`COPY orders TO '${root}/till${folder}/orders_${file}.${format}' (FORMAT ${format})`);
  }
  await makeData(statements);
}

/** Forgets what was crawled, so that the next crawl is a first one. */
async function forget({ mesh }: TestMesh): Promise<void> {
  await mesh.parts.database.transact((transaction) => transaction.deleteFrom('source_tables').execute());
}

async function crawlOnce({ administrator }: TestMesh, count: number): Promise<void> {
  const { status, body } = await administrator.post('/api/v1/sources/sales/tills/crawl');
  const rows = body.tables?.[0]?.rows;
  if (status !== 200 || rows !== count * ROWS_OF_A_FILE)
    throw new Error(`the crawl found ${rows}: ${JSON.stringify(body).slice(0, 500)}`);
}

/** What DuckDB needs to know the columns and rows of each file. */
function bareLook(root: string, format: Format): Promise<number> {
  return inBareDuckdb(async (bare) => {
    if (format === 'parquet') {
      await bare.runAndReadAll(
        `SELECT file_name, num_rows FROM parquet_file_metadata('${root}/*/*.parquet')`,
      );
      return;
    }
    for (let folder = 0; folder < FOLDERS; folder++) {
      const glob = `${root}/till${folder}/*.csv`;
      await bare.runAndReadAll(
        `SELECT filename, count(*) FROM read_csv('${glob}', filename = true) GROUP BY filename`,
      );
    }
  });
}
