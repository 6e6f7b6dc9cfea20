import { MeshError } from '../../base/errors.ts';
import { LIMITS } from '../../base/limits.ts';
import { json, type Reader, type Transaction } from '../../store/database.ts';
import type { ContractTestRow } from '../../store/rows/contract-tests.ts';

/** A running test whose server has said nothing for so long is over: it says something each second. */
const SILENCE_MS = 30_000;

export interface NewTest {
  id: string;
  principalId: string;
  domain: string;
  product: string;
  dataset: string;
  purpose: string | null;
  planHash: string;
  at: Date;
}

/**
 * A test that begins. The caller's row is locked, so that two requests at once do not exceed the limit.
 * @throws MeshError `query.id-taken`, `test.too-many`
 */
export async function insertTest(transaction: Transaction, test: NewTest): Promise<void> {
  const { id, principalId, at } = test;
  await transaction.selectFrom('principals').select('id').where('id', '=', principalId).forUpdate().execute();
  const { running } = await transaction
    .selectFrom('contract_tests')
    .select((of) => of.fn.countAll<number>().as('running'))
    .where('principal_id', '=', principalId)
    .where('state', '=', 'running')
    .where('seen_at', '>', new Date(at.getTime() - SILENCE_MS))
    .executeTakeFirstOrThrow();
  if (Number(running) >= LIMITS.runningTests)
    throw new MeshError('test.too-many', { facts: { limit: LIMITS.runningTests } });
  const inserted = await transaction
    .insertInto('contract_tests')
    .values({
      ...{ id, principal_id: principalId, domain: test.domain, product: test.product },
      ...{ dataset: test.dataset, purpose: test.purpose, plan_hash: test.planHash, state: 'running' },
      ...{ report: null, error: null, started_at: at, seen_at: at },
    })
    .onConflict((conflict) => conflict.column('id').doNothing())
    .returning('id')
    .executeTakeFirst();
  if (inserted === undefined) throw new MeshError('query.id-taken', { facts: { id } });
}

export interface ContractTest {
  id: string;
  domain: string;
  product: string;
  dataset: string;
  purpose: string | null;
  planHash: string;
  state: ContractTestRow['state'];
  done: number;
  total: number;
  report: string | null;
  error: Record<string, unknown> | null;
  startedAt: Date;
}

/**
 * A test of this caller; somebody else's does not exist for them, and one that ended a while ago is forgotten.
 * @throws MeshError `not-found`
 */
export async function needTest(
  reader: Reader,
  { id, principalId, now }: { id: string; principalId: string; now: Date },
): Promise<ContractTest> {
  const row = await reader
    .selectFrom('contract_tests')
    .select(['id', 'domain', 'product', 'dataset', 'purpose', 'plan_hash as planHash', 'state', 'report'])
    .select(['checks_done as done', 'checks_total as total', 'error', 'started_at as startedAt'])
    .select('seen_at as seenAt')
    .where('id', '=', id)
    .where('principal_id', '=', principalId)
    .where('seen_at', '>', new Date(now.getTime() - LIMITS.testKeptMs))
    .executeTakeFirst();
  if (row === undefined) throw new MeshError('not-found', { facts: { what: `contract test ${id}` } });
  const { seenAt, ...test } = row;
  const isSilent = test.state === 'running' && seenAt.getTime() <= now.getTime() - SILENCE_MS;
  return isSilent ? { ...test, state: 'failed', error: abandoned() } : test;
}

/** What is told of a test whose server stopped. */
export function abandoned(): Record<string, unknown> {
  const { status, code, message, fix } = new MeshError('test.abandoned');
  return { status, code, message, fix, problems: [] };
}

/** Says how far a running test is; whether it goes on: false when it shall end, or is not known any more. */
export async function markProgress(
  transaction: Transaction,
  { id, done, total, at }: { id: string; done: number; total: number; at: Date },
): Promise<boolean> {
  const row = await transaction
    .updateTable('contract_tests')
    .set({ checks_done: done, checks_total: total, seen_at: at })
    .where('id', '=', id)
    .where('state', '=', 'running')
    .returning('cancel_requested as cancelled')
    .executeTakeFirst();
  return row !== undefined && !row.cancelled;
}

export type TestEnd =
  | { state: 'done'; report: string }
  | { state: 'failed'; error: Record<string, unknown> }
  | { state: 'cancelled' };

/** running -> what it came to. */
export async function markTestEnded(
  transaction: Transaction,
  {
    id,
    at,
    end,
    progress,
  }: { id: string; at: Date; end: TestEnd; progress: { done: number; total: number } },
): Promise<void> {
  await transaction
    .updateTable('contract_tests')
    .set({
      state: end.state,
      seen_at: at,
      checks_done: progress.done,
      checks_total: progress.total,
      report: end.state === 'done' ? end.report : null,
      error: end.state === 'failed' ? json(end.error) : null,
    })
    .where('id', '=', id)
    .where('state', '=', 'running')
    .execute();
}

/** Asks the server that runs a test to end it. */
export async function requestTestCancel(
  transaction: Transaction,
  { id, principalId }: { id: string; principalId: string },
): Promise<void> {
  await transaction
    .updateTable('contract_tests')
    .set({ cancel_requested: true })
    .where('id', '=', id)
    .where('principal_id', '=', principalId)
    .where('state', '=', 'running')
    .execute();
}

/** Reports hold rows: they are kept no longer than somebody fetches them. */
export async function removeOldTests(transaction: Transaction, now: Date): Promise<void> {
  await transaction
    .deleteFrom('contract_tests')
    .where('seen_at', '<=', new Date(now.getTime() - LIMITS.testKeptMs))
    .execute();
}
