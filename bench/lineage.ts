import { sql } from 'kysely';
import { describeLineage } from '../src/lineage/describe-lineage.ts';
import { recordLineage } from '../src/lineage/record-lineage.ts';
import type { Transaction } from '../src/store/database.ts';
import { openTestMesh, type Person, type TestMesh } from '../test/fixtures/mesh.ts';
import {
  domainFiles,
  type Files,
  meshFiles,
  productFiles,
  type TestDataset,
} from '../test/fixtures/mesh-files.ts';
import { alternate, type Bench, compared, latencies, type Line, timed } from './bench.ts';
import { EMBEDDED } from './sales-mesh.ts';

/** Datasets of the graph that is traced from real SQL, in layers of ten. */
const DAG = 200;
const LAYER = 10;
const COLUMNS = ['id', 'amount', 'region', 'day'];

/** Walks over HTTP through a large graph, against bare recursive SQL on the same table; and a traced DAG. */
export const lineage: Bench = {
  name: 'lineage',
  async run({ quick }) {
    const lines = await lineageOn('embedded database', EMBEDDED, quick);
    if (process.env['CROSSDOCK_TEST_DATABASE_URL'] === undefined) return lines;
    const settings = { CROSSDOCK_RATE_LIMIT: EMBEDDED.CROSSDOCK_RATE_LIMIT };
    return [...lines, ...(await lineageOn('PostgreSQL', settings, quick))];
  },
};

async function lineageOn(where: string, settings: Record<string, string>, quick: boolean): Promise<Line[]> {
  const mesh = await openTestMesh(`bench/lineage-${where}`, { settings });
  try {
    await mesh.apply({ ...meshFiles(), ...domainFiles('sales'), ...dagFiles(quick ? 40 : DAG) });
    const analyst = await mesh.person('analyst@sales.example');
    const edges = quick ? 10_000 : 100_000;
    const traced = await tracing(mesh, where);
    const start = await fillGraph(mesh, edges);
    return [traced, await walking(mesh, { analyst, start, edges, where, rounds: quick ? 5 : 25 })];
  } finally {
    await mesh.close();
  }
}

/** Every dataset's SQL once more, with its edges written: what an apply of the whole mesh adds for lineage. */
async function tracing({ mesh }: TestMesh, where: string): Promise<Line> {
  const { database } = mesh.parts;
  const datasets = await database.reader.selectFrom('datasets').select('id').execute();
  const elapsedMs: number[] = [];
  for (const { id } of datasets) {
    await describeLineage(database.reader, id);
    const recording = { datasetId: id, origin: 'declared' as const, runId: null, at: new Date() };
    elapsedMs.push(
      await timed(() => database.transact((transaction) => recordLineage(transaction, recording))),
    );
  }
  const subject = `record lineage of one dataset, DAG of ${datasets.length} datasets, ${where}`;
  return latencies({ subject, elapsedMs, share: 0.95, barMs: null });
}

interface Walking {
  analyst: Person;
  start: string;
  edges: number;
  where: string;
  rounds: number;
}

async function walking({ mesh }: TestMesh, { analyst, start, edges, where, rounds }: Walking): Promise<Line> {
  const { reader } = mesh.parts.database;
  const walked = await alternate({
    rounds,
    subject: () =>
      timed(async () => {
        const path = `/api/v1/lineage/graph?node=${start}&direction=downstream&depth=10&limit=200`;
        const { status, body } = await analyst.get(path);
        if (status !== 200 || body.nodes.length < 100) throw new Error(JSON.stringify(body).slice(0, 300));
      }),
    yardstick: () =>
      timed(() =>
        sql`
          WITH RECURSIVE reached (node, depth) AS (
            SELECT ${start}::text, 0
            UNION SELECT edge.to_node, reached.depth + 1
            FROM reached JOIN lineage_edges AS edge ON edge.from_node = reached.node
              AND edge.from_column = '' AND edge.to_column = ''
            WHERE reached.depth < 10
          )
          SELECT DISTINCT node FROM reached LIMIT 200`.execute(reader),
      ),
  });
  return compared({
    subject: `lineage over HTTP with columns, 10 steps, 200 nodes of ${edges.toLocaleString('en')} edges, ${where}`,
    yardstick: 'bare recursive SQL on the same table, node ids only',
    ...walked,
    bar: null,
  });
}

/** A graph below the doors: nodes of the domain in layers, each made of four of the layer before, by columns too. */
async function fillGraph({ mesh }: TestMesh, edges: number): Promise<string> {
  const { database } = mesh.parts;
  const nodes = Math.floor(edges / 20);
  await database.transact(async (transaction) => {
    await insertNodes(transaction, nodes);
    await sql`
      INSERT INTO lineage_edges (writer, from_node, to_node, from_column, to_column, transformations)
      SELECT 'lin_' || below.n, 'lin_' || greatest(0, below.n - 50 - (below.n * way * 7) % 50), 'lin_' || below.n,
        names.name, names.name, CASE WHEN names.name = '' THEN '[]' ELSE '["DIRECT IDENTITY"]' END::jsonb
      FROM generate_series(50, ${nodes - 1}::int) AS below (n), generate_series(1, 4) AS ways (way),
        unnest(ARRAY['', 'id', 'amount', 'region', 'day']) AS names (name)
      ON CONFLICT DO NOTHING`.execute(transaction);
  });
  await sql`ANALYZE lineage_edges`.execute(database.reader);
  return 'lin_60';
}

async function insertNodes(transaction: Transaction, nodes: number): Promise<void> {
  await sql`
    INSERT INTO lineage_nodes (id, kind, domain_id, name)
    SELECT 'lin_' || n, 'external', (SELECT id FROM domains WHERE name = 'sales'), 'node ' || n
    FROM generate_series(0, ${nodes - 1}::int) AS numbers (n)`.execute(transaction);
}

/** Datasets in layers; each joins two of the layer before. The first layer reads nothing. */
function dagFiles(datasets: number): Files {
  const all = Array.from({ length: datasets }, (_, index): TestDataset => {
    const columns = COLUMNS.map((name) => ({
      name,
      type: name === 'region' ? 'varchar' : name === 'day' ? 'date' : 'bigint',
    }));
    return { name: `d${index}`, columns, sql: sqlOf(index) };
  });
  return productFiles({ domain: 'sales', product: 'dag', datasets: all, status: 'draft' });
}

function sqlOf(index: number): string {
  const layer = Math.floor(index / LAYER);
  if (layer === 0) return "SELECT 1 AS id, 2 AS amount, 'NORTH' AS region, DATE '2026-01-01' AS day\n";
  const [left, right] = [index, index + 3].map((one) => (layer - 1) * LAYER + (one % LAYER));
  return `WITH totals AS (
  SELECT region, day, sum(amount) AS amount, min(id) AS id FROM sales.d${left} GROUP BY region, day
)
SELECT totals.id, totals.amount + other.amount AS amount, upper(totals.region) AS region, other.day
FROM totals JOIN sales.d${right} AS other ON other.id = totals.id AND other.region = totals.region
WHERE other.amount > 0
`;
}
