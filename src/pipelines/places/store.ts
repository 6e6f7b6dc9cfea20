import { sql } from 'kysely';
import type { Transaction } from '../../store/database.ts';
import type { PipelineRun } from '../store.ts';

/**
 * How many pipelines a domain runs at a time, by its domain.yaml; null where it says nothing. Where it does, its
 * row is locked: two runs do not both take the last place.
 */
export async function lockPlaces(transaction: Transaction, domainId: string): Promise<number | null> {
  const query = transaction
    .selectFrom('domains')
    .select(sql<number | null>`(document->'pipelines'->>'concurrent')::integer`.as('concurrent'))
    .where('id', '=', domainId);
  const { concurrent } = await query.executeTakeFirstOrThrow();
  if (concurrent === null) return null;
  return (await query.forNoKeyUpdate().executeTakeFirstOrThrow()).concurrent;
}

export type QueuedIn = { datasetId: string } | { domainId: string };

interface Queue {
  of: QueuedIn;
  run: PipelineRun;
  heldBy: string;
}

/** Runs under way beside this one, and those held by the same thing for longer than it. A backfill lets all others go first. */
export async function countAhead(
  transaction: Transaction,
  { of, run, heldBy }: Queue,
): Promise<{ running: number; queued: number }> {
  const query = transaction
    .selectFrom('runs')
    .innerJoin('datasets', 'datasets.id', 'runs.dataset_id')
    .innerJoin('products', 'products.id', 'datasets.product_id')
    .select([
      sql<number>`(count(*) FILTER (WHERE runs.state = 'running'))::integer`.as('running'),
      sql<number>`(count(*) FILTER (WHERE runs.state = 'queued' AND runs.held_by = ${heldBy}
        AND (runs.backfill_value IS NOT NULL, runs.queued_at, runs.id)
          < (SELECT me.backfill_value IS NOT NULL, me.queued_at, me.id FROM runs AS me WHERE me.id = ${run.id})))::integer`.as(
        'queued',
      ),
    ])
    .where('runs.state', 'in', ['queued', 'running'])
    .where('runs.id', '<>', run.id);
  const within =
    'datasetId' in of
      ? query.where('runs.dataset_id', '=', of.datasetId)
      : query.where('products.domain_id', '=', of.domainId);
  return within.executeTakeFirstOrThrow();
}

/** Says what a queued run waits for; it begins or ends by itself. */
export async function markHeld(
  transaction: Transaction,
  { id, heldBy }: { id: string; heldBy: string },
): Promise<void> {
  await transaction
    .updateTable('runs')
    .set({ held_by: heldBy })
    .where('id', '=', id)
    .where('state', '=', 'queued')
    .execute();
}
