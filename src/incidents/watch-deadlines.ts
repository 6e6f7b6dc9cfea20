import type { Contract } from '../contracts/odcs.ts';
import type { Parts } from '../identity/context.ts';
import type { Transaction } from '../store/database.ts';
import { closeIncidents, openIncident } from '../store/incidents.ts';
import { type Deadline, nextDeadline } from './deadline.ts';
import {
  findWatched,
  listForsaken,
  listOverdue,
  listUnwatched,
  lockDeadline,
  saveDeadline,
} from './store.ts';

/** Datasets of one look: the next one comes in a minute. */
const BATCH = 500;

export interface Watched {
  opened: number;
}

/**
 * Opens an incident for every dataset that is later than its contract promises. Which those are follows from
 * an index over deadlines, which releases and this watch keep; a minute in which nothing is due costs three
 * short statements, however many datasets there are. Idempotent: what has its incident is not looked at again.
 */
export async function watchDeadlines(parts: Parts): Promise<Watched> {
  const { database, clock } = parts;
  for (const id of await listUnwatched(database.reader, BATCH)) {
    await database.transact((transaction) => renewDeadline(parts, transaction, id));
  }
  for (const { datasetId, kind } of await listForsaken(database.reader, BATCH)) {
    const closing = { datasetId, kinds: [kind], at: clock.now(), reason: 'it is not offered any more' };
    await database.transact((transaction) => closeIncidents(parts, transaction, closing));
  }
  const watched: Watched = { opened: 0 };
  for (const id of await listOverdue(database.reader, clock.now(), BATCH)) {
    if (await database.transact((transaction) => openIfDue(parts, transaction, id))) watched.opened++;
  }
  return watched;
}

/** Looked at again with the row locked: a release may have come in between. */
async function openIfDue(parts: Parts, transaction: Transaction, datasetId: string): Promise<boolean> {
  const at = parts.clock.now();
  const deadline = await lockDeadline(transaction, datasetId);
  if (deadline.dueAt === null || deadline.dueAt > at) return false;
  await openIncident(parts, transaction, {
    datasetId,
    kind: 'overdue',
    severity: 'error',
    summary: deadline.promise,
    detail: { dueAt: deadline.dueAt.toISOString() },
    at,
  });
  return true;
}

/**
 * Computes a dataset's deadline anew, in the transaction of the release or contract that changes it, and
 * closes the incident of being late where it is not late any more.
 */
export async function renewDeadline(
  parts: Pick<Parts, 'queue' | 'clock'>,
  transaction: Transaction,
  datasetId: string,
): Promise<void> {
  const at = parts.clock.now();
  await lockDeadline(transaction, datasetId);
  const dataset = await findWatched(transaction, datasetId);
  if (dataset === undefined) return;
  const { contract, contractVersion, releasedAt, publishedAt, columns } = dataset;
  const newest = Object.fromEntries(
    columns.flatMap(({ name, maximum }) => (maximum === null ? [] : [[name, maximum]])),
  );
  const deadline = nextDeadline(contract as unknown as Contract, { releasedAt, publishedAt, newest });
  await saveDeadline(transaction, { datasetId, contractVersion, deadline, at });
  if (isDue(deadline, at)) return;
  await closeIncidents(parts, transaction, {
    datasetId,
    kinds: ['overdue'],
    at,
    reason: deadline === null ? 'the contract promises no time any more' : 'a release is there in time again',
  });
}

function isDue(deadline: Deadline | null, now: Date): boolean {
  return deadline !== null && deadline.at <= now;
}
