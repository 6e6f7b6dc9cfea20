import { availableParallelism } from 'node:os';
import type { Person, TestMesh } from '../test/fixtures/mesh.ts';
import { inBareDuckdb } from './bare-duckdb.ts';
import { alternate, type Bench, compared, latencies, type Line, timed } from './bench.ts';
import { releasedFiles } from './released-files.ts';
import { download, openSalesMesh, subscribe } from './sales-mesh.ts';

const BAR = 1.1;
const FIXED_BAR_MS = 15;

/** What a consumer asks; the masked columns are used, so the masks are paid for. */
const QUERIES = [
  {
    name: 'sums by masked month',
    sql: 'SELECT day, region, count(*) AS n, sum(units) AS units, sum(amount) AS amount FROM orders GROUP BY ALL ORDER BY ALL',
  },
  {
    name: 'customers by masked name',
    sql: 'SELECT channel, count(DISTINCT customer) AS customers, max(day) AS last FROM orders GROUP BY ALL ORDER BY ALL',
  },
  {
    name: 'one store of 500',
    sql: "SELECT item, sum(units) AS units FROM orders WHERE store = 'store-0042' GROUP BY ALL ORDER BY ALL LIMIT 100",
  },
  {
    name: 'a filter that could tell of hidden rows',
    sql: 'SELECT channel, sum(amount) AS amount FROM orders WHERE CAST(right(store, 4) AS INTEGER) < 250 GROUP BY ALL ORDER BY ALL',
  },
];

/** More than there are workers: each query is the first of its dataset in its worker. */
const TINY = Array.from({ length: availableParallelism() + 1 }, (_, number) => `tiny${number}`);

const GRANT = {
  rows: "region in ('NORTH', 'WEST')",
  masks: { day: { action: 'truncate-to-month' }, customer: { action: 'sha-256-global' } },
};

/** The same rows and masks as somebody would write them by hand. */
function governedByHand(files: string[]): string {
  const list = files.map((file) => `'${file}'`).join(', ');
  return `(SELECT * REPLACE (CAST(date_trunc('month', day) AS DATE) AS day, sha256(customer) AS customer)
    FROM read_parquet([${list}]) WHERE region IN ('NORTH', 'WEST'))`;
}

export const governedQuery: Bench = {
  name: 'governed-query',
  async run({ quick }) {
    const rows = quick ? 500_000 : 10_000_000;
    const mesh = await openSalesMesh('governed-query', [
      { name: 'orders', rows },
      ...TINY.map((name) => ({ name, rows: 100 })),
    ]);
    try {
      const analyst = await subscribe(mesh, 'sales.orders', GRANT);
      for (const name of TINY) await subscribe(mesh, `sales.${name}`, GRANT);
      const files = await releasedFiles(mesh, 'orders');
      const lines: Line[] = [];
      for (const query of QUERIES) {
        const times = await alternate({
          rounds: quick ? 3 : 7,
          subject: () =>
            timed(() =>
              download(mesh, analyst, { sql: query.sql.replace('FROM orders', 'FROM sales.orders') }),
            ),
          yardstick: () =>
            inBareDuckdb((bare) =>
              bare.runAndReadAll(query.sql.replace('FROM orders', `FROM ${governedByHand(files)}`)),
            ),
        });
        const subject = `governed query over HTTP, ${rows.toLocaleString('en')} rows: ${query.name}`;
        lines.push(
          compared({ subject, yardstick: 'bare DuckDB, same files, filter and masks', ...times, bar: BAR }),
        );
      }
      const asked = { mesh, analyst, rounds: quick ? 50 : 300 };
      return [
        ...lines,
        await fixedCost({
          ...asked,
          names: TINY.slice(0, 1),
          subject: 'what every query costs',
          barMs: FIXED_BAR_MS,
        }),
        await fixedCost({ ...asked, names: TINY, subject: 'of another dataset each time', barMs: null }),
      ];
    } finally {
      await mesh.close();
    }
  },
};

interface Asked {
  mesh: TestMesh;
  analyst: Person;
  rounds: number;
  names: string[];
  subject: string;
  barMs: number | null;
}

async function fixedCost({ mesh, analyst, rounds, names, subject, barMs }: Asked): Promise<Line> {
  const elapsedMs: number[] = [];
  for (let round = -20; round < rounds; round++) {
    const name = names[(round + 20) % names.length]!;
    const sql = `SELECT day, customer, amount FROM sales.${name} LIMIT 10`;
    const elapsed = await timed(() => download(mesh, analyst, { sql }));
    if (round >= 0) elapsedMs.push(elapsed);
  }
  const named = `governed query over HTTP, 100 rows: ${subject}`;
  return latencies({ subject: named, elapsedMs, share: 0.5, barMs });
}
