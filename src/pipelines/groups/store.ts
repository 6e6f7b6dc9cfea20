import { addressedName } from '../../store/addressed-name.ts';
import type { Reader } from '../../store/database.ts';

/** What one product runs in a round. */
export interface RunGroup {
  id: string;
  roundId: string;
  trigger: string;
  requestedBy: string;
  createdAt: Date;
  productId: string;
  product: string;
  /** `DOMAIN.PRODUCT`, with the major of one that is not the current one. */
  addressed: string;
  domainId: string;
  domain: string;
}

/** The group of this id, or of the run of this id. */
export function findGroupOf(reader: Reader, id: string): Promise<RunGroup | undefined> {
  return reader
    .selectFrom('run_groups')
    .innerJoin('products', 'products.id', 'run_groups.product_id')
    .innerJoin('domains', 'domains.id', 'products.domain_id')
    .select(['run_groups.id', 'run_groups.round_id as roundId', 'run_groups.trigger'])
    .select(['run_groups.requested_by as requestedBy', 'run_groups.created_at as createdAt'])
    .select(['products.id as productId', 'products.name as product'])
    .select(['domains.id as domainId', 'domains.name as domain', addressedName.as('addressed')])
    .where((where) =>
      where.or([
        where('run_groups.id', '=', id),
        where(
          'run_groups.id',
          '=',
          where.selectFrom('runs').select('runs.group_id').where('runs.id', '=', id),
        ),
      ]),
    )
    .executeTakeFirst();
}

/** Every run of a group, also those that were tried again since: in the order they were made. */
export function listSteps(reader: Reader, groupId: string) {
  return reader
    .selectFrom('runs')
    .innerJoin('datasets', 'datasets.id', 'runs.dataset_id')
    .select(['runs.id', 'runs.dataset_id as datasetId', 'datasets.name as dataset', 'runs.state'])
    .select(['runs.attempt', 'runs.rows', 'runs.error', 'runs.held_by as heldBy', 'runs.trigger'])
    .select(['runs.queued_at as queuedAt', 'runs.started_at as startedAt', 'runs.finished_at as finishedAt'])
    .select(['datasets.sql_text as sql', 'runs.parameters', 'runs.backfill_value as backfillValue'])
    .where('runs.group_id', '=', groupId)
    .orderBy('runs.queued_at')
    .orderBy('runs.id')
    .execute();
}

export type StepRow = Awaited<ReturnType<typeof listSteps>>[number];

/** Which runs of a group each run waits or waited for, also in other groups. */
export async function readNeeds(reader: Reader, groupId: string) {
  return reader
    .selectFrom('run_needs')
    .innerJoin('runs', 'runs.id', 'run_needs.run_id')
    .leftJoin('runs as needed', 'needed.id', 'run_needs.needs_run_id')
    .leftJoin('datasets', 'datasets.id', 'needed.dataset_id')
    .select(['run_needs.run_id as runId', 'run_needs.needs_run_id as needs', 'needed.state'])
    .select('datasets.name as dataset')
    .where('runs.group_id', '=', groupId)
    .orderBy('datasets.name')
    .execute();
}
