import { isMeshError, MeshError, toMeshError } from '../../base/errors.ts';
import { LIMITS } from '../../base/limits.ts';
import type { Parts } from '../../identity/context.ts';
import type { TableReport } from '../../pipelines/contract-test/report.ts';
import type { Database } from '../../store/database.ts';
import { abandoned, markProgress, markTestEnded, type TestEnd } from './store.ts';

/** How often a running test says how far it is and looks whether it shall end. */
const BEAT_MS = 1_000;

interface RunningTest {
  database: Database;
  stop: AbortController;
  ended: Promise<void>;
}

/** Contract tests that this server runs; the database knows those of all servers. */
const running = new Map<string, RunningTest>();

type Work = (signal: AbortSignal, onProgress: (done: number, total: number) => void) => Promise<TableReport>;

/** Why a test is stopped: somebody asked, or the server goes. */
type Reason = 'cancelled' | 'stopping';

/**
 * Runs a test apart from the request that started it. The promise resolves when its end is written; it never
 * rejects. Once a second the test writes how far it is, and learns whether another server was asked to end it.
 */
export function runTest(parts: Parts, id: string, work: Work): Promise<void> {
  const stop = new AbortController();
  const ended = runToEnd(parts, { id, work, stop })
    .catch((error: unknown) => parts.log.error({ err: error, test: id }, 'the end of a test was not written'))
    .finally(() => running.delete(id));
  running.set(id, { database: parts.database, stop, ended });
  return ended;
}

async function runToEnd(
  parts: Parts,
  { id, work, stop }: { id: string; work: Work; stop: AbortController },
): Promise<void> {
  const { database, clock } = parts;
  const progress = { done: 0, total: 0 };
  let beating = Promise.resolve();
  const beat = async () => {
    const goesOn = await database.transact((transaction) =>
      markProgress(transaction, { id, ...progress, at: clock.now() }),
    );
    if (!goesOn) stop.abort('cancelled' satisfies Reason);
  };
  const timer = setInterval(() => {
    beating = beating
      .then(beat)
      .catch((error: unknown) => parts.log.warn({ err: error }, 'a test is silent'));
  }, BEAT_MS);
  const overdue = AbortSignal.timeout(LIMITS.testMs);
  const end = await work(AbortSignal.any([stop.signal, overdue]), (done, total) => {
    Object.assign(progress, { done, total });
  }).then(doneWith, (error: unknown) => endOf(error, { parts, stopped: stop.signal, overdue }));
  clearInterval(timer);
  await beating;
  await database.transact((transaction) =>
    markTestEnded(transaction, { id, at: clock.now(), end, progress }),
  );
}

/** A report that is too long to keep is kept without its rows. */
function doneWith(report: TableReport): TestEnd {
  const text = JSON.stringify(report);
  if (text.length <= LIMITS.testReportCharacters) return { state: 'done', report: text };
  const checks = report.checks.map((check) => ({ ...check, sample: null }));
  return { state: 'done', report: JSON.stringify({ ...report, checks }) };
}

function endOf(
  error: unknown,
  { parts, stopped, overdue }: { parts: Parts; stopped: AbortSignal; overdue: AbortSignal },
): TestEnd {
  if (stopped.aborted) {
    const isCancelled = (stopped.reason as Reason) === 'cancelled';
    return isCancelled ? { state: 'cancelled' } : { state: 'failed', error: abandoned() };
  }
  const minutes = LIMITS.testMs / 60_000;
  const isLate = overdue.aborted && isMeshError(error, 'query.cancelled');
  const known = isLate ? new MeshError('test.too-long', { facts: { minutes } }) : toMeshError(error);
  if (known.status >= 500) parts.log.error({ err: error, detail: known.detail }, 'a contract test failed');
  const { status, code, message, fix, problems } = known;
  return { state: 'failed', error: { status, code, message, fix, problems } };
}

/** Ends a test of this server at once; one of another server learns of it within a second. */
export function cancelHere(id: string): void {
  running.get(id)?.stop.abort('cancelled' satisfies Reason);
}

/** Ends every test that runs on this database before it closes. */
export async function stopTests(database: Database): Promise<void> {
  const mine = [...running.values()].filter((test) => test.database === database);
  for (const { stop } of mine) stop.abort('stopping' satisfies Reason);
  await Promise.all(mine.map(({ ended }) => ended));
}
