import type { Column } from '../../base/data-type.ts';
import { newId } from '../../base/ids.ts';
import { json, type Reader, type Transaction } from '../../store/database.ts';

/** A run of ours with what its events tell. */
export async function readRunFacts(reader: Reader, runId: string) {
  return reader
    .selectFrom('runs')
    .innerJoin('datasets', 'datasets.id', 'runs.dataset_id')
    .innerJoin('products', 'products.id', 'datasets.product_id')
    .innerJoin('domains', 'domains.id', 'products.domain_id')
    .leftJoin('releases', 'releases.run_id', 'runs.id')
    .select(['runs.id', 'runs.dataset_id', 'runs.snapshot_id', 'runs.rows', 'runs.inputs', 'runs.checks'])
    .select(['runs.error', 'datasets.name as dataset', 'datasets.columns', 'datasets.sql_text as sql'])
    .select(['products.id as product_id', 'products.name as product', 'domains.id as domain_id'])
    .select(['domains.name as domain', 'releases.bytes', 'runs.group_id'])
    .where('runs.id', '=', runId)
    .executeTakeFirst();
}

export interface NewEvent {
  domainId: string;
  productId: string | null;
  runId: string | null;
  type: string;
  at: Date;
  receivedAt: Date;
  hash: string;
  event: Record<string, unknown>;
  forward: boolean;
}

/** Keeps an event; false when the domain has told exactly this before. */
export async function insertEvent(transaction: Transaction, event: NewEvent): Promise<boolean> {
  const { numInsertedOrUpdatedRows } = await transaction
    .insertInto('lineage_events')
    .values({
      id: newId('lev'),
      domain_id: event.domainId,
      product_id: event.productId,
      run_id: event.runId,
      type: event.type,
      at: event.at,
      received_at: event.receivedAt,
      hash: event.hash,
      event: json(event.event),
      forwarding: event.forward ? 'waiting' : null,
    })
    .onConflict((conflict) => conflict.columns(['domain_id', 'hash']).doNothing())
    .executeTakeFirst();
  return numInsertedOrUpdatedRows === 1n;
}

export interface EventPage {
  /** Id of the last event of the page before: newest first. */
  before: string | undefined;
  limit: number;
}

/** Events, newest first, with what decides who may see them. */
export function listEvents(reader: Reader, { before, limit }: EventPage) {
  return reader
    .selectFrom('lineage_events as event')
    .innerJoin('domains', 'domains.id', 'event.domain_id')
    .leftJoin('products', 'products.id', 'event.product_id')
    .select(['event.id', 'event.event', 'event.domain_id', 'domains.name as domain'])
    .select(['event.product_id', 'products.name as product'])
    .$if(before !== undefined, (query) => query.where('event.id', '<', before!))
    .orderBy('event.id', 'desc')
    .limit(limit)
    .execute();
}

/** Events that wait to be sent on, oldest first. */
export function listWaiting(reader: Reader, limit: number) {
  return reader
    .selectFrom('lineage_events')
    .select(['id', 'event'])
    .where('forwarding', '=', 'waiting')
    .orderBy('id')
    .limit(limit)
    .execute();
}

export async function markForwarded(
  transaction: Transaction,
  { id, forwarding }: { id: string; forwarding: 'sent' | 'refused' },
): Promise<void> {
  await transaction.updateTable('lineage_events').set({ forwarding }).where('id', '=', id).execute();
}

/** Old events go, whoever sent them; the graph stays. Returns how many. */
export async function removeEvents(transaction: Transaction, before: Date): Promise<number> {
  const { numDeletedRows } = await transaction
    .deleteFrom('lineage_events')
    .where('received_at', '<', before)
    .executeTakeFirst();
  return Number(numDeletedRows);
}

/** A dataset's contract as its columns: for the schema facet. */
export function columnsOf(row: { columns: unknown }): Column[] {
  return row.columns as Column[];
}
