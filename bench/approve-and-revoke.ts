import { sql } from 'kysely';
import type { Person, TestMesh } from '../test/fixtures/mesh.ts';
import { type Bench, latencies, type Line } from './bench.ts';
import { EMBEDDED, openSalesMesh } from './sales-mesh.ts';

const BAR_MS = 1_000;
const SQL = 'SELECT count(*) AS n FROM sales.orders';
const DATA_API = '/data/v1/sales/orders/orders?limit=1';
/** What takes longer is a decision that is not the last one, and no latency. */
const GIVE_UP_MS = 30_000;
/** Active subscriptions to the very product, of as many domains. */
const ACTIVE = 1_000;

/**
 * From the steward's click to what the consumer meets: the first allowed row after an approval, the refusal
 * after a revocation, on each door, in a mesh with many other grants. Nothing is cached, so nothing is waited
 * for: the time is that of the two requests.
 */
export const approveAndRevoke: Bench = {
  name: 'approve-and-revoke',
  async run({ quick }) {
    const lines = await approveOn('embedded database', EMBEDDED, quick);
    if (process.env['CROSSDOCK_TEST_DATABASE_URL'] === undefined) return lines;
    const settings = { CROSSDOCK_RATE_LIMIT: EMBEDDED.CROSSDOCK_RATE_LIMIT };
    return [...lines, ...(await approveOn('PostgreSQL', settings, quick))];
  },
};

async function approveOn(where: string, settings: Record<string, string>, quick: boolean): Promise<Line[]> {
  const mesh = await openSalesMesh('approve-and-revoke', [{ name: 'orders', rows: 10_000 }], settings);
  try {
    await insertOthers(mesh);
    const analyst = await mesh.person('analyst@marketing.example');
    const lines: Line[] = [];
    for (const [name, door] of Object.entries(DOORS)) {
      const rounds = await manyRounds(mesh, { analyst, door, count: quick ? 20 : 100 });
      const line = (what: string, elapsedMs: number[]) =>
        latencies({ subject: `${what}, ${name}, ${where}`, elapsedMs, share: 0.99, barMs: BAR_MS });
      lines.push(
        line(
          `approve until the first allowed row among ${ACTIVE.toLocaleString('en')} grants`,
          rounds.map(({ approveMs }) => approveMs),
        ),
        line(
          'revoke until the refusal',
          rounds.map(({ revokeMs }) => revokeMs),
        ),
      );
    }
    return lines;
  } finally {
    await mesh.close();
  }
}

/** Whether the door lets the consumer in. */
type Door = (person: Person) => Promise<boolean>;

const DOORS: Record<string, Door> = {
  SQL: async (person) => (await person.post('/api/v1/query', { sql: SQL })).status === 200,
  'data API': async (person) => (await person.get(DATA_API)).status === 200,
};

/** Other domains with one grant each, as their approvals would leave them. */
async function insertOthers(mesh: TestMesh): Promise<void> {
  await mesh.mesh.parts.database.transact(async (transaction) => {
    await sql`INSERT INTO domains (id, name, title, description, document, text, created_at, updated_at)
      SELECT 'dom_' || n, 'unit-' || n, '', '', '{}', '', now(), now() FROM generate_series(1, ${ACTIVE}::int) AS n`.execute(
      transaction,
    );
    await sql`INSERT INTO subscriptions (id, product_id, domain_id, purpose, state, requested_by, requested_at, granted)
      SELECT 'sub_' || n, products.id, 'dom_' || n, 'benchmark', 'active', 'nobody', now(),
        '{"columns":null,"rowFilter":null,"masks":{}}'
      FROM products, generate_series(1, ${ACTIVE}::int) AS n`.execute(transaction);
  });
}

interface Round {
  approveMs: number;
  revokeMs: number;
}

async function manyRounds(
  mesh: TestMesh,
  { analyst, door, count }: { analyst: Person; door: Door; count: number },
): Promise<Round[]> {
  const rounds: Round[] = [];
  for (let round = -5; round < count; round++) rounds.push(await oneRound(mesh, analyst, door));
  return rounds.slice(5);
}

async function oneRound(mesh: TestMesh, analyst: Person, door: Door): Promise<Round> {
  const steward = await mesh.person('steward@sales.example');
  const asked = await analyst.post('/api/v1/requests', { product: 'sales.orders', purpose: 'benchmark' });
  if (await door(analyst)) throw new Error('let in before the approval');
  const approveMs = await until(true, () => steward.post(`/api/v1/requests/${asked.body.id}/approve`));
  const revokeMs = await until(false, () =>
    steward.post(`/api/v1/subscriptions/${asked.body.id}/revoke`, { reason: 'benchmark' }),
  );
  return { approveMs, revokeMs };

  async function until(wanted: boolean, act: () => Promise<{ status: number }>): Promise<number> {
    const started = performance.now();
    const { status } = await act();
    if (status !== 200) throw new Error(`the steward was refused: ${status}`);
    while ((await door(analyst)) !== wanted) {
      if (performance.now() - started > GIVE_UP_MS) throw new Error('the door never came to it');
    }
    return performance.now() - started;
  }
}
