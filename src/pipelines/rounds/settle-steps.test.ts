import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { callerOf, openTestParts, type TestParts } from '../../../test/fixtures/context.ts';
import { domainFiles, meshFiles, productFiles, sourceFile } from '../../../test/fixtures/mesh-files.ts';
import { listFiles } from '../../../test/fixtures/sample-mesh.ts';
import type { Context } from '../../identity/context.ts';
import { applyMesh } from '../../mesh-as-code/apply.ts';
import { queueDueRuns } from '../../products/runs/queue-due-runs.ts';
import { cancelRun } from '../cancel-run.ts';
import { markEnded } from '../store.ts';
import { settleForgotten } from './settle-steps.ts';

/** Two datasets `left` and `right`, and `join` in another product that reads both. Nobody works on the jobs. */
const columns = [{ name: 'n', type: 'integer' }];
const FILES = {
  ...meshFiles(),
  ...domainFiles('sales'),
  ...sourceFile('sales', 'tills', '  receipts: { files: receipts/*.csv }\n'),
  ...productFiles({
    domain: 'sales',
    product: 'sides',
    datasets: ['left', 'right'].map((name) => ({ name, columns, sql: 'SELECT n FROM tills.receipts' })),
  }),
  ...productFiles({
    domain: 'sales',
    product: 'whole',
    datasets: [{ name: 'join', columns, sql: 'SELECT a.n AS n FROM sales.left a, sales.right b' }],
  }),
};

let mesh: TestParts;
let admin: Context;

beforeAll(async () => {
  mesh = await openTestParts('settle-steps');
  admin = mesh.as(callerOf('admin', [], true));
  await applyMesh.run(admin, { files: listFiles(FILES) });
});
afterAll(() => mesh.close());

const reader = () => mesh.parts.database.reader;

/** The last run of each dataset. */
async function lastRuns(): Promise<Record<string, { id: string; state: string; error: unknown }>> {
  const rows = await reader()
    .selectFrom('runs')
    .innerJoin('datasets', 'datasets.id', 'runs.dataset_id')
    .select(['datasets.name', 'runs.id', 'runs.state', 'runs.error'])
    .orderBy('runs.id')
    .execute();
  return Object.fromEntries(rows.map((row) => [row.name, row]));
}

const states = async () =>
  Object.fromEntries(Object.entries(await lastRuns()).map(([name, { state }]) => [name, state]));

/** Starts the datasets of these products as if they had just been changed. */
async function startAll(which: 'sides' | 'whole' | 'both', meanwhile = async () => {}): Promise<void> {
  const rows = await reader().selectFrom('products').select(['id', 'name']).execute();
  const productIds = rows.filter(({ name }) => which === 'both' || name === which).map(({ id }) => id);
  await mesh.parts.database.transact(async (transaction) => {
    await queueDueRuns(admin, transaction, { productIds, trigger: 'applied' });
    await meanwhile();
  });
}

/** An hour later every run is over and every dataset was changed. */
async function changeAll(): Promise<void> {
  mesh.clock.set(new Date(mesh.clock.now().getTime() + 3_600_000).toISOString());
  await reader().updateTable('runs').set({ state: 'cancelled' }).execute();
  await reader().updateTable('datasets').set({ updated_at: mesh.clock.now() }).execute();
}

test('both sides of a join end at once: the join is settled, and by one of them', async () => {
  for (let round = 0; round < 5; round++) {
    await changeAll();
    await startAll('both');
    expect(await states()).toEqual({ left: 'queued', right: 'queued', join: 'waiting' });
    const { left, right } = await lastRuns();
    await Promise.all([left!, right!].map(({ id }) => cancelRun.run(admin, { id })));
    expect(await states()).toEqual({ left: 'cancelled', right: 'cancelled', join: 'skipped' });
  }
});

test('a run that ends while another one is made wait for it leaves nobody waiting', async () => {
  await changeAll();
  await startAll('sides');
  const { left, right } = await lastRuns();
  let ending: Promise<unknown> = Promise.resolve();
  await startAll('whole', async () => {
    ending = Promise.all([left!, right!].map(({ id }) => cancelRun.run(admin, { id })));
    // They end now, if nothing holds them.
    await Promise.race([ending, sleep(300)]);
  });
  await ending;
  expect(await states()).toEqual({ left: 'cancelled', right: 'cancelled', join: 'skipped' });
});

test('a step whose runs before it are gone with their datasets is skipped and says so', async () => {
  await changeAll();
  await startAll('both');
  await settleForgotten(mesh.parts);
  expect((await states())['join']).toBe('waiting');
  const { left, right } = await lastRuns();
  await reader().deleteFrom('runs').where('id', '=', left!.id).execute();
  await settleForgotten(mesh.parts);
  expect((await states())['join']).toBe('waiting');
  // The end of a run without its settling, as no program of this version leaves it.
  await mesh.parts.database.transact((transaction) =>
    markEnded(transaction, { id: right!.id, state: 'released', at: mesh.clock.now() }),
  );
  await settleForgotten(mesh.parts);
  const { join } = await lastRuns();
  expect(join).toMatchObject({
    state: 'skipped',
    error: { message: 'join was not run: a dataset before it is gone' },
  });
});
