import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { openTestMesh, type Person } from '../test/fixtures/mesh.ts';
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
    for (const format of ['parquet', 'csv'] as const) lines.push(await crawlFormat(format, count));
    return lines;
  },
};

async function crawlFormat(format: Format, count: number): Promise<Line> {
  const mesh = await openTestMesh(`bench/crawl-${format}`, { settings: EMBEDDED });
  try {
    const root = join(mesh.folder, 'sources', 'sales');
    await makeFiles(root, format, count);
    await mesh.apply({
      ...meshFiles(),
      ...domainFiles('sales'),
      ...sourceFile('sales', 'tills', `  orders: { files: '*/*.${format}', format: ${format} }\n`),
    });
    const engineer = await mesh.person('engineer@sales.example');
    const many = `${count.toLocaleString('en')} ${format} files in ${FOLDERS} folders`;
    const yardstick =
      format === 'parquet'
        ? 'bare DuckDB, all footers by one glob'
        : 'bare DuckDB, one file of a folder sniffed, all read by that';
    const times = await alternate({
      rounds: 5,
      subject: () => timed(() => crawlOnce(engineer, count)),
      yardstick: () => bareLook(root, format),
    });
    const subject = `crawl of ${many}, rows and types of all`;
    return compared({ subject, yardstick, ...times, bar: BAR });
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

async function crawlOnce(engineer: Person, count: number): Promise<void> {
  const { status, body } = await engineer.post('/api/v1/sources/sales/tills/crawl');
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
      const first = `${root}/till${folder}/orders_0.csv`;
      const sniffed = await bare.runAndReadAll(`SELECT Prompt FROM sniff_csv('${first}')`);
      const read = String(sniffed.value(0, 0))
        .replace('orders_0.csv', '*.csv')
        .replace(/\);?$/, ', filename = true)');
      await bare.runAndReadAll(`SELECT filename, count(COLUMNS(*)) ${read} GROUP BY filename`);
    }
  });
}
