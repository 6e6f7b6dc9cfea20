import { sql } from 'kysely';
import { addressedName } from '../store/addressed-name.ts';
import type { Reader, Transaction } from '../store/database.ts';
import type { IncidentKind, IncidentRow } from '../store/rows/incidents.ts';

/** A dataset as its deadline is computed from. */
export interface WatchedDataset {
  id: string;
  contract: Record<string, unknown>;
  contractVersion: string;
  releasedAt: Date | null;
  publishedAt: Date | null;
  /** Columns as the last release was observed. */
  columns: { name: string; maximum: string | null }[];
}

/** Offered datasets whose deadline was never computed, or for another version of their contract. */
export async function listUnwatched(reader: Reader, limit: number): Promise<string[]> {
  const rows = await reader
    .selectFrom('datasets')
    .innerJoin('products', 'products.id', 'datasets.product_id')
    .leftJoin('deadlines', 'deadlines.dataset_id', 'datasets.id')
    .select('datasets.id')
    .where('products.status', 'in', ['published', 'deprecated'])
    .where((is) =>
      is.or([
        is('deadlines.dataset_id', 'is', null),
        is('deadlines.contract_version', '<>', is.ref('datasets.contract_version')),
      ]),
    )
    .orderBy('datasets.id')
    .limit(limit)
    .execute();
  return rows.map(({ id }) => id);
}

/** Offered datasets that are late and have no living incident of it, longest first. */
export async function listOverdue(reader: Reader, now: Date, limit: number): Promise<string[]> {
  const rows = await reader
    .selectFrom('deadlines')
    .innerJoin('datasets', 'datasets.id', 'deadlines.dataset_id')
    .innerJoin('products', 'products.id', 'datasets.product_id')
    .select('datasets.id')
    .where('deadlines.due_at', '<=', now)
    .where('products.status', 'in', ['published', 'deprecated'])
    .where((is) =>
      is.not(
        is.exists(
          is
            .selectFrom('incidents')
            .select('incidents.id')
            .whereRef('incidents.dataset_id', '=', 'datasets.id')
            .where('incidents.kind', '=', 'overdue')
            .where('incidents.state', '<>', 'closed'),
        ),
      ),
    )
    .orderBy('deadlines.due_at')
    .limit(limit)
    .execute();
  return rows.map(({ id }) => id);
}

/** Living incidents of datasets whose product is not offered any more. */
export async function listForsaken(
  reader: Reader,
  limit: number,
): Promise<{ datasetId: string; kind: IncidentKind }[]> {
  return reader
    .selectFrom('incidents')
    .innerJoin('products', 'products.id', 'incidents.product_id')
    .select(['incidents.dataset_id as datasetId', 'incidents.kind'])
    .where('incidents.state', '<>', 'closed')
    .where('products.status', 'not in', ['published', 'deprecated'])
    .limit(limit)
    .execute();
}

/** Everything a deadline follows from; undefined when the dataset is gone. */
export async function findWatched(reader: Reader, datasetId: string): Promise<WatchedDataset | undefined> {
  const { rows } = await sql<WatchedDataset>`
    SELECT datasets.id, datasets.contract, datasets.contract_version AS "contractVersion",
      last.released_at AS "releasedAt", products.published_at AS "publishedAt",
      coalesce(observations.columns, '[]') AS columns
    FROM datasets
    JOIN products ON products.id = datasets.product_id
    LEFT JOIN LATERAL (
      SELECT run_id, released_at FROM releases WHERE dataset_id = datasets.id ORDER BY number DESC LIMIT 1
    ) AS last ON true
    LEFT JOIN observations ON observations.run_id = last.run_id
    WHERE datasets.id = ${datasetId}`.execute(reader);
  return rows[0];
}

/**
 * The dataset's deadline with its row locked, so that a release and the watch do not interleave; made where
 * there is none, for a row that is not there locks nobody out.
 */
export async function lockDeadline(
  transaction: Transaction,
  datasetId: string,
): Promise<{ dueAt: Date | null; promise: string }> {
  await transaction
    .insertInto('deadlines')
    .values({ dataset_id: datasetId, contract_version: '', promise: '', computed_at: new Date(0) })
    .onConflict((conflict) => conflict.column('dataset_id').doNothing())
    .execute();
  return transaction
    .selectFrom('deadlines')
    .select(['due_at as dueAt', 'promise'])
    .where('dataset_id', '=', datasetId)
    .forUpdate()
    .executeTakeFirstOrThrow();
}

export interface SavedDeadline {
  datasetId: string;
  contractVersion: string;
  deadline: { at: Date; promise: string } | null;
  at: Date;
}

export async function saveDeadline(transaction: Transaction, saved: SavedDeadline): Promise<void> {
  const values = {
    contract_version: saved.contractVersion,
    due_at: saved.deadline?.at ?? null,
    promise: saved.deadline?.promise ?? '',
    computed_at: saved.at,
  };
  await transaction
    .insertInto('deadlines')
    .values({ dataset_id: saved.datasetId, ...values })
    .onConflict((conflict) => conflict.column('dataset_id').doUpdateSet(values))
    .execute();
}

/** An incident with the names it is known by. */
export interface NamedIncident {
  id: string;
  datasetId: string;
  dataset: string;
  productId: string;
  product: string;
  /** `DOMAIN.PRODUCT`, with its major where that is not the current one. */
  addressed: string;
  domainId: string;
  domain: string;
  kind: IncidentKind;
  severity: IncidentRow['severity'];
  state: IncidentRow['state'];
  summary: string;
  detail: Record<string, unknown>;
  openedAt: Date;
  seenAt: Date;
  closedAt: Date | null;
}

function named(reader: Reader) {
  return reader
    .selectFrom('incidents')
    .innerJoin('datasets', 'datasets.id', 'incidents.dataset_id')
    .innerJoin('products', 'products.id', 'incidents.product_id')
    .innerJoin('domains', 'domains.id', 'products.domain_id')
    .select(['incidents.id', 'incidents.dataset_id as datasetId', 'datasets.name as dataset'])
    .select(['products.id as productId', 'products.name as product'])
    .select(['domains.id as domainId', 'domains.name as domain'])
    .select(addressedName.as('addressed'))
    .select(['incidents.kind', 'incidents.severity', 'incidents.state', 'incidents.summary'])
    .select(['incidents.detail', 'incidents.opened_at as openedAt', 'incidents.seen_at as seenAt'])
    .select('incidents.closed_at as closedAt');
}

export interface IncidentFilter {
  /** Closed ones too. */
  all: boolean;
  productId?: string | undefined;
  domain?: string | undefined;
  /** Opened before this one (`opened_at` and id of the last one of the page before). */
  after?: { openedAt: Date; id: string } | undefined;
  limit: number;
}

/** Incidents, newest first. */
export function listIncidentRows(reader: Reader, filter: IncidentFilter): Promise<NamedIncident[]> {
  let query = named(reader)
    .where('products.status', '<>', 'retired')
    .orderBy('incidents.opened_at', 'desc')
    .orderBy('incidents.id', 'desc')
    .limit(filter.limit);
  if (!filter.all) query = query.where('incidents.state', '<>', 'closed');
  if (filter.productId !== undefined) query = query.where('products.id', '=', filter.productId);
  if (filter.domain !== undefined) query = query.where('domains.name', '=', filter.domain);
  const { after } = filter;
  if (after === undefined) return query.execute();
  return query
    .where(sql<boolean>`(incidents.opened_at, incidents.id) < (${after.openedAt}, ${after.id})`)
    .execute();
}

/** Living incidents of these products, worst and oldest first. */
export async function listLiving(reader: Reader, productIds: string[]): Promise<NamedIncident[]> {
  if (productIds.length === 0) return [];
  return named(reader)
    .where('products.id', 'in', productIds)
    .where('incidents.state', '<>', 'closed')
    .orderBy('incidents.severity')
    .orderBy('incidents.opened_at')
    .execute();
}

export function findIncident(reader: Reader, id: string): Promise<NamedIncident | undefined> {
  return named(reader).where('incidents.id', '=', id).executeTakeFirst();
}

/** The events of incidents in their order, with the names of the people who acted. */
export async function listEvents(reader: Reader, incidentIds: string[]) {
  if (incidentIds.length === 0) return [];
  return reader
    .selectFrom('incident_events')
    .leftJoin('principals', 'principals.id', 'incident_events.actor')
    .select(['incident_events.incident_id as incidentId', 'incident_events.at', 'incident_events.kind'])
    .select(['incident_events.text', 'principals.name as person'])
    .where('incident_events.incident_id', 'in', incidentIds)
    .orderBy('incident_events.id')
    .execute();
}

/** open -> acknowledged; false when it is not open any more. */
export async function markAcknowledged(transaction: Transaction, id: string): Promise<boolean> {
  const result = await transaction
    .updateTable('incidents')
    .set({ state: 'acknowledged' })
    .where('id', '=', id)
    .where('state', '=', 'open')
    .executeTakeFirst();
  return result.numUpdatedRows === 1n;
}
