import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { openTestParts, type TestParts } from '../../../test/fixtures/context.ts';
import { MeshError } from '../../base/errors.ts';
import { LIMITS } from '../../base/limits.ts';
import { json } from '../../store/database.ts';
import type { TableReport } from '../../pipelines/contract-test/report.ts';
import { runTest, stopTests } from './running-tests.ts';
import { insertTest, needTest, removeOldTests, requestTestCancel } from './store.ts';

let mesh: TestParts;
const START = '2026-03-02T09:00:00Z';
const REPORT = { object: 'weeks', checks: [], rows: 3 } as unknown as TableReport;

beforeAll(async () => {
  mesh = await openTestParts('contract-tests');
  // The row of whoever tests is what serialises their starts.
  await mesh.parts.database.transact(async (transaction) => {
    const person = { kind: 'person' as const, name: 'Busy', email: 'busy@x.example', domain_id: null };
    await transaction
      .insertInto('principals')
      .values({ ...person, id: 'usr_busy', attributes: json({}), created_at: new Date(START) })
      .execute();
  });
});
beforeEach(() => mesh.clock.set(START));
afterAll(() => mesh.close());

let count = 0;
async function begun(principalId = 'usr_me'): Promise<string> {
  const id = `qry_${String(++count).padStart(8, '0')}`;
  const { database, clock } = mesh.parts;
  await database.transact((transaction) =>
    insertTest(transaction, {
      ...{ id, principalId, domain: 'sales', product: 'sell-out', dataset: 'weeks' },
      ...{ purpose: null, planHash: 'h', at: clock.now() },
    }),
  );
  return id;
}

const found = (id: string, principalId = 'usr_me') =>
  needTest(mesh.parts.database.reader, { id, principalId, now: mesh.parts.clock.now() });

/** Reports that three of twelve checks are done, and goes on until it is stopped. */
const endless = (signal: AbortSignal, onProgress: (done: number, total: number) => void) => {
  onProgress(3, 12);
  return new Promise<TableReport>((_, reject) =>
    signal.addEventListener('abort', () => reject(new MeshError('query.cancelled'))),
  );
};

test('another server sees how far a test is, and its word to cancel ends it', async () => {
  const id = await begun();
  const ended = runTest(mesh.parts, id, endless);
  await expect.poll(async () => (await found(id)).done, { timeout: 10_000 }).toBe(3);
  expect(await found(id)).toMatchObject({ state: 'running', total: 12, report: null });
  await expect(found(id, 'usr_somebody')).rejects.toMatchObject({ code: 'not-found' });
  await mesh.parts.database.transact((transaction) =>
    requestTestCancel(transaction, { id, principalId: 'usr_somebody' }),
  );
  expect(await found(id)).toMatchObject({ state: 'running' });
  await mesh.parts.database.transact((transaction) =>
    requestTestCancel(transaction, { id, principalId: 'usr_me' }),
  );
  await ended;
  expect(await found(id)).toMatchObject({ state: 'cancelled', done: 3, report: null, error: null });
});

test('a report is kept as it was; a failure with what to do', async () => {
  const done = await begun();
  await runTest(mesh.parts, done, async () => REPORT);
  expect(JSON.parse((await found(done)).report!)).toEqual(REPORT);
  const failed = await begun();
  await runTest(mesh.parts, failed, async () => {
    throw new MeshError('query.queue-full');
  });
  expect(await found(failed)).toMatchObject({
    state: 'failed',
    error: { code: 'query.queue-full', status: 503, fix: expect.stringContaining('try again') },
  });
});

test('a server that stops ends its tests, one that dies is found out by its silence', async () => {
  const stopped = await begun();
  void runTest(mesh.parts, stopped, endless);
  await stopTests(mesh.parts.database);
  expect(await found(stopped)).toMatchObject({ state: 'failed', error: { code: 'test.abandoned' } });
  const silent = await begun();
  expect(await found(silent)).toMatchObject({ state: 'running' });
  mesh.clock.set('2026-03-02T09:00:31Z');
  expect(await found(silent)).toMatchObject({ state: 'failed', error: { code: 'test.abandoned' } });
});

test('one caller runs a few tests at once; two requests at the same moment do not make one more', async () => {
  const asked = Array.from({ length: LIMITS.runningTests + 2 }, () => begun('usr_busy'));
  const results = await Promise.allSettled(asked);
  const refused = results.filter(({ status }) => status === 'rejected');
  expect(refused).toHaveLength(2);
  expect(refused[0]).toMatchObject({ reason: { code: 'test.too-many', status: 429 } });
  await begun();
  count--;
  await expect(begun()).rejects.toMatchObject({ code: 'query.id-taken' });
});

test('after a quarter of an hour a test is forgotten, and then removed', async () => {
  const id = await begun();
  await runTest(mesh.parts, id, async () => REPORT);
  mesh.clock.set('2026-03-02T09:15:01Z');
  await expect(found(id)).rejects.toMatchObject({ code: 'not-found' });
  await mesh.parts.database.transact((transaction) => removeOldTests(transaction, mesh.parts.clock.now()));
  const rows = await mesh.parts.database.reader.selectFrom('contract_tests').select('id').execute();
  expect(rows.map((row) => row.id)).not.toContain(id);
});
