import { afterAll, beforeAll, expect, test } from 'vitest';
import { callerOf, openTestParts, type TestParts } from '../../test/fixtures/context.ts';
import { domainFiles, meshFiles, productFiles, sourceFile } from '../../test/fixtures/mesh-files.ts';
import { listFiles } from '../../test/fixtures/sample-mesh.ts';
import { applyMesh } from '../mesh-as-code/apply.ts';
import { getRun } from './get-run.ts';
import { getRunGroup } from './groups/get-group.ts';
import { runPipeline } from './run-pipeline.ts';
import { findRun } from './store.ts';
import { takeRun } from './take-run.ts';

/** A domain that runs two pipelines at a time, and three datasets. Nobody works on the jobs. */
let mesh: TestParts;
const columns = [{ name: 'n', type: 'integer' }];
const admin = () => mesh.as(callerOf('admin', [], true));

beforeAll(async () => {
  mesh = await openTestParts('take-run');
  const files = {
    ...meshFiles(),
    ...domainFiles('sales', 'pipelines: { concurrent: 2 }\n'),
    ...sourceFile('sales', 'tills', '  receipts: { files: receipts/*.csv }\n'),
    ...productFiles({
      domain: 'sales',
      product: 'takings',
      datasets: ['a', 'b', 'c'].map((name) => ({
        name,
        columns,
        sql: '-- retries: 2\nSELECT n FROM tills.receipts',
      })),
    }),
  };
  await applyMesh.run(admin(), { files: listFiles(files) });
});
afterAll(() => mesh.close());

const reader = () => mesh.parts.database.reader;

async function runIds(): Promise<string[]> {
  return (await reader().selectFrom('runs').select('id').orderBy('id').execute()).map(({ id }) => id);
}

async function take(id: string) {
  const run = await findRun(reader(), id);
  return mesh.parts.database.transact((transaction) => takeRun(mesh.parts, transaction, run!));
}

const shown = async (id: string) =>
  (await getRunGroup.run(admin(), { id })).steps.find((step) => step.id === id)!;

test('a domain runs as many pipelines as it says; the others say what they wait for, and go in turn', async () => {
  const [a, b, c] = (await runIds()) as [string, string, string];
  const taken = await Promise.all([a, b, c].map(take));
  expect(taken.filter((one) => one.taken)).toHaveLength(2);
  const held = [a, b, c].find((_, index) => !taken[index]!.taken)!;
  expect(await shown(held)).toMatchObject({
    state: 'queued',
    waitsFor: 'a place: sales runs 2 pipelines at a time',
  });
  await reader().updateTable('runs').set({ state: 'released' }).where('state', '=', 'running').execute();
  expect(await take(held)).toEqual({ taken: true });
  expect(await shown(held)).toMatchObject({ state: 'running', waitsFor: null });
});

test('a failure that may pass is tried again later, as often as the pipeline says, and then it has failed', async () => {
  const [id] = (await runIds()) as [string];
  await reader().updateTable('runs').set({ state: 'cancelled' }).execute();
  await reader().updateTable('runs').set({ state: 'queued' }).where('id', '=', id).execute();
  const { signal } = new AbortController();
  mesh.clock.set('2026-03-02T10:00:00Z');
  // Its source is not there.
  expect(await runPipeline(mesh.parts, id, signal)).toBeNull();
  expect(await shown(id)).toMatchObject({
    state: 'queued',
    attempt: 2,
    waitsFor: expect.stringMatching(/^2026-03-02T10:00:30\.000Z, to be tried again: there is nothing at /),
  });
  await runPipeline(mesh.parts, id, signal);
  expect(await shown(id)).toMatchObject({ attempt: 3, waitsFor: expect.stringContaining('10:01:00') });
  await runPipeline(mesh.parts, id, signal);
  expect(await shown(id)).toMatchObject({ state: 'failed', attempt: 3 });
  const { phases, log } = await getRun.run(admin(), { id });
  expect(phases.map(({ name, attempt }) => `${name} ${attempt}`)).toEqual(['read 1', 'read 2', 'read 3']);
  expect(log.map(({ text }) => text)).toEqual([
    expect.stringMatching(
      /^attempt 1 failed, the next one is due 2026-03-02T10:00:30\.000Z: there is nothing/,
    ),
    expect.stringMatching(/^attempt 2 failed/),
    expect.stringMatching(/^failed: there is nothing/),
  ]);
  const incidents = await reader().selectFrom('incidents').select('kind').execute();
  expect(incidents).toEqual([{ kind: 'run-failed' }]);
});
