import { mkdir, rm, stat, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { openTestMesh, type TestMesh } from '../test/fixtures/mesh.ts';
import { domainFiles, meshFiles, productFiles, sourceFile } from '../test/fixtures/mesh-files.ts';
import { inBareDuckdb, makeData } from './bare-duckdb.ts';
import { alternate, type Bench, compared, median } from './bench.ts';
import { COLUMNS, EMBEDDED, orderRows, SELECT_ORDERS } from './sales-mesh.ts';

const BAR = 1.7;

/** A CSV file becomes a released dataset: crawl, write, every check of the contract (a primary key among them). */
export const load: Bench = {
  name: 'load',
  async run({ quick }) {
    const rows = quick ? 500_000 : 10_000_000;
    const mesh = await openTestMesh('bench/load', { settings: EMBEDDED });
    try {
      const csv = join(mesh.folder, 'sources', 'sales', 'orders.csv');
      await mkdir(join(mesh.folder, 'sources', 'sales'), { recursive: true });
      await makeData([`COPY (${orderRows(rows)}) TO '${csv}' (FORMAT csv, HEADER true)`]);
      await mesh.apply({
        ...meshFiles(),
        ...domainFiles('sales'),
        ...sourceFile('sales', 'tills', '  orders: { files: orders.csv }\n'),
        ...productFiles({
          domain: 'sales',
          product: 'orders',
          datasets: [{ name: 'orders', columns: COLUMNS, sql: SELECT_ORDERS }],
        }),
      });
      await mesh.settle();
      const size = `${rows.toLocaleString('en')} rows x 10, ${((await stat(csv)).size / 1e6).toFixed(0)} MB`;
      const rounds = quick ? 3 : 5;
      return [
        await contest(mesh, {
          csv,
          rounds,
          subject: `load of a new CSV to a release, ${size}`,
          isNew: true,
          // The first look at a file is a crawl of its own; what is held to the bar is the load.
          bar: null,
        }),
        await contest(mesh, {
          csv,
          rounds,
          subject: `load of a known CSV to a release, ${size}`,
          isNew: false,
          bar: BAR,
        }),
      ];
    } finally {
      await mesh.close();
    }
  },
};

interface Loading {
  csv: string;
  rounds: number;
  subject: string;
  /** Whether the crawl meets the file for the first time. */
  isNew: boolean;
  bar: number | null;
}

async function contest(mesh: TestMesh, { csv, rounds, subject, isNew, bar }: Loading) {
  const copy = join(mesh.folder, 'bare.parquet');
  const crawlShares: number[] = [];
  const times = await alternate({
    rounds,
    subject: async (round) => {
      if (isNew) await touch(csv, round);
      const { runMs, crawlMs } = await runOnce(mesh);
      crawlShares.push(crawlMs / runMs);
      return runMs;
    },
    yardstick: async () => {
      const elapsed = await inBareDuckdb((bare) =>
        bare.run(`COPY (FROM read_csv('${csv}')) TO '${copy}' (FORMAT parquet, COMPRESSION zstd)`),
      );
      await rm(copy);
      return elapsed;
    },
  });
  const note = `crawl is ${(median(crawlShares) * 100).toFixed(0)} % of it`;
  return compared({ subject, note, yardstick: 'bare DuckDB COPY to Parquet (zstd)', ...times, bar });
}

/** A new date makes it a new file. */
async function touch(path: string, round: number): Promise<void> {
  const time = new Date(Date.UTC(2026, 0, 2) + round * 1000);
  await utimes(path, time, time);
}

/** From the moment the job takes the run until its release is there; waiting in the queue is not loading. */
async function runOnce({
  mesh,
  administrator,
  settle,
}: TestMesh): Promise<{ runMs: number; crawlMs: number }> {
  const asked = await administrator.post('/api/v1/products/sales/orders/run');
  await settle();
  const { reader } = mesh.parts.database;
  const run = await reader
    .selectFrom('runs')
    .selectAll()
    .where('id', '=', asked.body.runs[0].id)
    .executeTakeFirstOrThrow();
  if (run.state !== 'released')
    throw new Error(`the run ended as ${run.state}: ${JSON.stringify(run.error)}`);
  const crawl = await reader
    .selectFrom('crawls')
    .selectAll()
    .where('started_at', '>=', run.started_at!)
    .orderBy('started_at')
    .executeTakeFirst();
  return {
    runMs: run.finished_at!.getTime() - run.started_at!.getTime(),
    crawlMs: crawl === undefined ? 0 : crawl.finished_at!.getTime() - crawl.started_at.getTime(),
  };
}
