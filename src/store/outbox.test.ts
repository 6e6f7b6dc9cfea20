import { sql } from 'kysely';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { testDatabase } from '../../test/fixtures/database.ts';
import type { Database } from './database.ts';
import { announce, type MeshEvent } from './outbox.ts';
import { openQueue, type Queue } from './queue.ts';

let database: Database;
let queue: Queue;

beforeAll(async () => {
  database = await testDatabase('outbox');
  queue = await openQueue(database);
});
beforeEach(async () => {
  await database.transact(async (transaction) => {
    await transaction.deleteFrom('mesh_events').execute();
    await sql`DELETE FROM ${sql.table(`${database.schema}_jobs.job`)}`.execute(transaction);
  });
});
afterAll(async () => {
  await queue.close();
  await database.close();
});

const RELEASED: MeshEvent = {
  type: 'dataset.released',
  subject: 'sales.sell-out.sell_out',
  at: new Date('2026-03-02T09:00:00Z'),
  domainId: 'dom_sales',
  productId: 'prd_sell_out',
  audience: 'both',
  title: 'sales.sell-out.sell_out has release 7',
  data: { release: 7 },
};

test('an event waits with the job that delivers it', async () => {
  await database.transact((transaction) => announce({ queue }, transaction, RELEASED));
  const [event] = await database.reader.selectFrom('mesh_events').selectAll().execute();
  expect(event).toMatchObject({ type: 'dataset.released', audience: 'both', data: { release: 7 } });
  expect(event?.delivered_at).toBeNull();
  expect(await countJobs()).toBe(1);
});

test('what did not happen is not told', async () => {
  const failure = database.transact(async (transaction) => {
    await announce({ queue }, transaction, RELEASED);
    throw new RangeError('no');
  });
  await expect(failure).rejects.toThrow('no');
  expect(await countEvents()).toBe(0);
  expect(await countJobs()).toBe(0);
});

test('one job delivers all the events of a transaction', async () => {
  await database.transact(async (transaction) => {
    await announce({ queue }, transaction, RELEASED);
    await announce({ queue }, transaction, { ...RELEASED, audience: ['dom_marketing', 'usr_ada'] });
  });
  expect(await countEvents()).toBe(2);
  expect(await countJobs()).toBe(1);
});

test('what is announced once stays announced once', async () => {
  const event: MeshEvent = { ...RELEASED, type: 'subscription.expiring', once: 'expiring sub_1 14' };
  for (const _ of [1, 2]) {
    await database.transact((transaction) => announce({ queue }, transaction, event));
  }
  expect(await countEvents()).toBe(1);
  expect(await countJobs()).toBe(1);
});

async function countEvents(): Promise<number> {
  const rows = await database.reader.selectFrom('mesh_events').select('id').execute();
  return rows.length;
}

async function countJobs(): Promise<number> {
  const jobs = await sql<{ count: number }>`
    SELECT count(*)::int AS count FROM ${sql.table(`${database.schema}_jobs.job`)}
    WHERE name = 'deliver-events'`.execute(database.reader);
  return jobs.rows[0]?.count ?? 0;
}
