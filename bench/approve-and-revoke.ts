import type { Person, TestMesh } from '../test/fixtures/mesh.ts';
import { type Bench, latencies } from './bench.ts';
import { openSalesMesh } from './sales-mesh.ts';

const BAR_MS = 1_000;
const SQL = 'SELECT count(*) AS n FROM sales.orders';
const DATA_API = '/data/v1/sales/orders/orders?limit=1';

/**
 * From the steward's click to what the consumer meets: the first allowed row after an approval, the refusal
 * after a revocation, on the doors for SQL and data. Nothing is cached, so nothing is waited for: the time is
 * that of the two requests.
 */
export const approveAndRevoke: Bench = {
  name: 'approve-and-revoke',
  async run({ quick }) {
    const mesh = await openSalesMesh('approve-and-revoke', [{ name: 'orders', rows: 10_000 }]);
    try {
      const analyst = await mesh.person('analyst@marketing.example');
      const approved: number[] = [];
      const revoked: number[] = [];
      for (let round = -5; round < (quick ? 20 : 100); round++) {
        const { approveMs, revokeMs } = await oneRound(mesh, analyst, round % 2 === 0 ? sqlDoor : dataDoor);
        if (round < 0) continue;
        approved.push(approveMs);
        revoked.push(revokeMs);
      }
      const doors = 'SQL and data API by turns';
      return [
        latencies({
          subject: `approve until the first allowed row, ${doors}`,
          elapsedMs: approved,
          share: 0.99,
          barMs: BAR_MS,
        }),
        latencies({
          subject: `revoke until the refusal, ${doors}`,
          elapsedMs: revoked,
          share: 0.99,
          barMs: BAR_MS,
        }),
      ];
    } finally {
      await mesh.close();
    }
  },
};

/** Whether the door lets the consumer in. */
type Door = (person: Person) => Promise<boolean>;

const sqlDoor: Door = async (person) => (await person.post('/api/v1/query', { sql: SQL })).status === 200;
const dataDoor: Door = async (person) => (await person.get(DATA_API)).status === 200;

async function oneRound(mesh: TestMesh, analyst: Person, door: Door) {
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
    while ((await door(analyst)) !== wanted);
    return performance.now() - started;
  }
}
