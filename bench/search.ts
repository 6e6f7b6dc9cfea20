import { openTestMesh } from '../test/fixtures/mesh.ts';
import { type Bench, latencies, type Line, timed } from './bench.ts';
import { EMBEDDED } from './sales-mesh.ts';
import { COLUMNS_OF_A_PRODUCT, fillCatalog, questions } from './search-mesh.ts';

/** Of PostgreSQL: a mesh of this size has outgrown the embedded database. */
const BAR_MS = 50;

/** Searches of people over HTTP, each hit judged for whether this caller may discover it. */
export const search: Bench = {
  name: 'search',
  async run({ quick }) {
    const lines: Line[] = [{ ...(await searchOn('embedded database', EMBEDDED, quick)), bar: '', ok: null }];
    if (process.env['CROSSDOCK_TEST_DATABASE_URL'] !== undefined)
      lines.push(
        await searchOn('PostgreSQL', { CROSSDOCK_RATE_LIMIT: EMBEDDED.CROSSDOCK_RATE_LIMIT }, quick),
      );
    return lines;
  },
};

async function searchOn(where: string, settings: Record<string, string>, quick: boolean): Promise<Line> {
  const products = quick ? 1_000 : 10_000;
  const mesh = await openTestMesh(`bench/search-${where}`, { settings });
  try {
    await fillCatalog(mesh, products);
    // The server counts itself busy for a while after such a load.
    await new Promise((resolve) => setTimeout(resolve, 3_000));
    const analyst = await mesh.person('analyst@marketing.example');
    const elapsedMs: number[] = [];
    const asked = questions(quick ? 70 : 350);
    for (const text of [...asked.slice(0, 14), ...asked]) {
      let hits = 0;
      const path = `/api/v1/search?${new URLSearchParams({ text })}`;
      const elapsed = await timed(async () => {
        const { status, body } = await analyst.get(path);
        if (status !== 200) throw new Error(`${text}: ${JSON.stringify(body)}`);
        hits = body.hits.length;
      });
      elapsedMs.push(elapsed);
      if (process.env['CROSSDOCK_BENCH_SHOW'] !== undefined)
        process.stderr.write(`${elapsedMs.at(-1)!.toFixed(1)} ms ${hits} hits: ${text}\n`);
    }
    const columns = (products * COLUMNS_OF_A_PRODUCT).toLocaleString('en');
    const subject = `search over HTTP, ${products.toLocaleString('en')} products, ${columns} columns, ${where}`;
    return latencies({ subject, elapsedMs: elapsedMs.slice(14), share: 0.95, barMs: BAR_MS });
  } finally {
    await mesh.close();
  }
}
