import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { inBareDuckdb } from './bare-duckdb.ts';
import { alternate, type Bench, compared, type Line, timed } from './bench.ts';
import { startClient } from './client.ts';
import { releasedFiles } from './released-files.ts';
import { openSalesMesh, subscribe } from './sales-mesh.ts';

const BAR = 1.4;

const FORMATS = {
  csv: 'FORMAT csv, HEADER true',
  ndjson: 'FORMAT json',
  parquet: 'FORMAT parquet, COMPRESSION zstd',
};

/** All rows of a dataset through a subscription, as a file over HTTP to the last byte, taken by a client beside the server. */
export const exportRows: Bench = {
  name: 'export-rows',
  async run({ quick }) {
    const rows = quick ? 100_000 : 1_000_000;
    const mesh = await openSalesMesh('export-rows', [{ name: 'orders', rows }]);
    const client = startClient();
    try {
      const analyst = await subscribe(mesh, 'sales.orders');
      const files = (await releasedFiles(mesh, 'orders')).map((file) => `'${file}'`).join(', ');
      const lines: Line[] = [];
      for (const [format, options] of Object.entries(FORMATS)) {
        const copy = join(mesh.folder, `bare.${format}`);
        const times = await alternate({
          rounds: quick ? 3 : 9,
          subject: () =>
            timed(() =>
              client.post(`${mesh.mesh.url}/api/v1/query`, analyst.token, {
                sql: 'SELECT * FROM sales.orders',
                format,
              }),
            ),
          yardstick: async () => {
            const elapsed = await inBareDuckdb((bare) =>
              bare.run(`COPY (FROM read_parquet([${files}])) TO '${copy}' (${options})`),
            );
            await rm(copy);
            return elapsed;
          },
        });
        const subject = `export over HTTP as ${format}, ${rows.toLocaleString('en')} rows x 10`;
        lines.push(compared({ subject, yardstick: 'bare DuckDB COPY to a file', ...times, bar: BAR }));
      }
      return lines;
    } finally {
      await client.stop();
      await mesh.close();
    }
  },
};
