import { afterAll, beforeAll, expect, test } from 'vitest';
import { callerOf, openTestParts, type TestParts } from '../../../test/fixtures/context.ts';
import {
  domainFiles,
  type Files,
  meshFiles,
  productFiles,
  sourceFile,
} from '../../../test/fixtures/mesh-files.ts';
import { listFiles } from '../../../test/fixtures/sample-mesh.ts';
import { applyMesh } from '../../mesh-as-code/apply.ts';
import { startScheduledRuns } from './start-scheduled-runs.ts';

/** Every morning in Madrid; `report` reads `daily` and has the same schedule. Nobody works on the jobs. */
let mesh: TestParts;
const columns = [{ name: 'n', type: 'integer' }];
const MORNING = '-- when: "0 6 * * *" in Europe/Madrid\n';
const filesWith = (when: string, version = '1.0.0'): Files => ({
  ...meshFiles(),
  ...domainFiles('sales'),
  ...sourceFile('sales', 'tills', '  receipts: { files: receipts/*.csv }\n'),
  ...productFiles({
    domain: 'sales',
    product: 'takings',
    version,
    datasets: [
      { name: 'report', columns, sql: `${when}SELECT n FROM sales.daily` },
      { name: 'daily', columns, sql: `${when}SELECT n FROM tills.receipts` },
    ],
  }),
});
const apply = (files: Files) =>
  applyMesh.run(mesh.as(callerOf('admin', [], true)), { files: listFiles(files) });

beforeAll(async () => {
  mesh = await openTestParts('start-scheduled-runs');
  mesh.clock.set('2026-03-27T12:00:00Z');
  await apply(filesWith(MORNING));
  await endAll();
});
afterAll(() => mesh.close());

const reader = () => mesh.parts.database.reader;

/** Whatever waits or runs is over. */
async function endAll(): Promise<void> {
  await reader().updateTable('runs').set({ state: 'released' }).execute();
}

/** What the clock starts at this moment. */
async function startedAt(now: string): Promise<string[]> {
  const before = (await reader().selectFrom('runs').select('id').execute()).map(({ id }) => id);
  mesh.clock.set(now);
  await startScheduledRuns(mesh.parts);
  const runs = await reader()
    .selectFrom('runs')
    .innerJoin('datasets', 'datasets.id', 'runs.dataset_id')
    .select(['datasets.name', 'runs.state', 'runs.scheduled_for', 'runs.trigger'])
    .where('runs.id', 'not in', before)
    .orderBy('runs.id')
    .execute();
  expect(runs.every(({ trigger }) => trigger.startsWith('schedule "0 6 * * *" in Europe/Madrid'))).toBe(true);
  return runs.map(({ name, state, scheduled_for }) => `${name} ${state} ${scheduled_for?.toISOString()}`);
}

test('a schedule starts its runs at its moment, once, in order', async () => {
  expect(await startedAt('2026-03-28T04:59:00Z')).toEqual([]);
  const tick = '2026-03-28T05:00:00.000Z';
  expect(await startedAt('2026-03-28T05:00:30Z')).toEqual([`daily queued ${tick}`, `report waiting ${tick}`]);
  expect(await startedAt('2026-03-28T05:01:30Z')).toEqual([]);
  await endAll();
  expect(await startedAt('2026-03-28T05:02:30Z')).toEqual([]);
});

test('when the clocks of the zone change, the hour of the schedule stays theirs', async () => {
  expect(await startedAt('2026-03-29T03:59:00Z')).toEqual([]);
  expect(await startedAt('2026-03-29T04:00:00Z')).toHaveLength(2);
  await endAll();
});

test('moments that passed while no server ran are one run, of the last of them', async () => {
  const tick = '2026-04-07T04:00:00.000Z';
  expect(await startedAt('2026-04-07T15:00:00Z')).toEqual([`daily queued ${tick}`, `report waiting ${tick}`]);
  expect(await startedAt('2026-04-07T15:01:00Z')).toEqual([]);
});

test('a run that still waits is the run of the next moment too', async () => {
  expect(await startedAt('2026-04-08T04:00:00Z')).toEqual([]);
  await endAll();
  expect(await startedAt('2026-04-09T04:00:00Z')).toHaveLength(2);
  await endAll();
});

test('servers that look at the clock at once start one run', async () => {
  mesh.clock.set('2026-04-10T04:00:00Z');
  const counts = await Promise.all([1, 2, 3, 4].map(() => startScheduledRuns(mesh.parts)));
  expect(counts.toSorted()).toEqual([0, 0, 0, 2]);
  await endAll();
});

test('a schedule that is left out starts nothing more; one that stays keeps its moment', async () => {
  mesh.clock.set('2026-04-10T12:00:00Z');
  await apply(filesWith(`${MORNING}-- when: release of any input\n`, '1.0.1'));
  await endAll();
  expect(await startedAt('2026-04-11T04:00:00Z')).toHaveLength(2);
  await endAll();
  await apply(filesWith('', '1.0.2'));
  await endAll();
  expect(await startedAt('2026-04-12T04:00:00Z')).toEqual([]);
});
