import { sql } from 'kysely';
import { newId } from '../base/ids.ts';
import { addressedName } from './addressed-name.ts';
import { json, type Reader, type Transaction } from './database.ts';
import { announce } from './outbox.ts';
import type { Queue } from './queue.ts';
import type { IncidentEventRow, IncidentKind, IncidentRow } from './rows/incidents.ts';

/** Something about a dataset that its readers should know. */
export interface NewIncident {
  datasetId: string;
  kind: IncidentKind;
  severity: IncidentRow['severity'];
  /** One public sentence without a full stop and without values of rows. */
  summary: string;
  /** For the producer's people: the run, its error, the changed columns. */
  detail: Record<string, unknown>;
  at: Date;
}

/** Who acts where nobody does. */
const OURSELVES = 'crossdock';

/**
 * Opens an incident in the transaction of what causes it, or renews the living one of the same kind: two
 * servers that see the same cause open one. A dataset whose product is not offered has none.
 */
export async function openIncident(
  parts: { queue: Queue },
  transaction: Transaction,
  incident: NewIncident,
): Promise<void> {
  const names = await findOffered(transaction, incident.datasetId);
  if (names === undefined) return;
  const { summary, at, severity, kind } = incident;
  const before = await findLiving(transaction, incident);
  const row = await transaction
    .insertInto('incidents')
    .values({
      id: newId('inc'),
      dataset_id: incident.datasetId,
      product_id: names.productId,
      kind,
      severity,
      state: 'open',
      summary,
      detail: json(incident.detail),
      opened_at: at,
      seen_at: at,
    })
    .onConflict((conflict) =>
      conflict
        .columns(['dataset_id', 'kind'])
        .where('state', '<>', 'closed')
        .doUpdateSet({ severity, summary, detail: json(incident.detail), seen_at: at }),
    )
    .returning(['id', 'opened_at'])
    // A row that was not there before has no transaction that replaced it.
    .returning(sql<boolean>`xmax = 0`.as('inserted'))
    .executeTakeFirstOrThrow();
  if (!row.inserted) {
    const isNews = before === undefined || before.summary !== summary;
    if (isNews)
      await insertIncidentEvent(transaction, { incidentId: row.id, at, kind: 'seen', text: summary });
    return;
  }
  await insertIncidentEvent(transaction, { incidentId: row.id, at, kind: 'opened', text: summary });
  await announce(parts, transaction, {
    type: 'incident.opened',
    subject: names.subject,
    at,
    domainId: names.domainId,
    productId: names.productId,
    audience: 'both',
    title: `${names.subject}: ${summary}`,
    data: { incident: row.id, dataset: names.subject, kind, severity, summary },
  });
}

export interface Closing {
  datasetId: string;
  kinds: IncidentKind[];
  at: Date;
  /** Why, in public words. */
  reason: string;
}

/** Closes the living incidents of these kinds in the transaction of what ends them; none is no harm. */
export async function closeIncidents(
  parts: { queue: Queue },
  transaction: Transaction,
  { datasetId, kinds, at, reason }: Closing,
): Promise<void> {
  if (kinds.length === 0) return;
  const closed = await transaction
    .updateTable('incidents')
    .set({ state: 'closed', closed_at: at })
    .where('dataset_id', '=', datasetId)
    .where('kind', 'in', kinds)
    .where('state', '<>', 'closed')
    .returning(['id', 'kind', 'severity', 'summary'])
    .execute();
  const names = closed.length === 0 ? undefined : await findOffered(transaction, datasetId);
  for (const { id, kind, severity, summary } of closed) {
    await insertIncidentEvent(transaction, { incidentId: id, at, kind: 'closed', text: reason });
    if (names === undefined) continue;
    await announce(parts, transaction, {
      type: 'incident.closed',
      subject: names.subject,
      at,
      domainId: names.domainId,
      productId: names.productId,
      audience: 'both',
      title: `${names.subject}: ${reason}`,
      data: { incident: id, dataset: names.subject, kind, severity, summary, reason },
    });
  }
}

export interface NewIncidentEvent {
  incidentId: string;
  at: Date;
  kind: IncidentEventRow['kind'];
  text: string;
  /** Default: nobody but the mesh itself. */
  actor?: string;
}

export async function insertIncidentEvent(transaction: Transaction, event: NewIncidentEvent): Promise<void> {
  await transaction
    .insertInto('incident_events')
    .values({
      incident_id: event.incidentId,
      at: event.at,
      kind: event.kind,
      actor: event.actor ?? OURSELVES,
      text: event.text,
    })
    .execute();
}

function findLiving(reader: Reader, { datasetId, kind }: { datasetId: string; kind: IncidentKind }) {
  return reader
    .selectFrom('incidents')
    .select('summary')
    .where('dataset_id', '=', datasetId)
    .where('kind', '=', kind)
    .where('state', '<>', 'closed')
    .executeTakeFirst();
}

/** The dataset's names where its product is offered: what nobody reads is nobody's incident. */
function findOffered(reader: Reader, datasetId: string) {
  return reader
    .selectFrom('datasets')
    .innerJoin('products', 'products.id', 'datasets.product_id')
    .innerJoin('domains', 'domains.id', 'products.domain_id')
    .select(['products.id as productId', 'domains.id as domainId'])
    .select(sql<string>`${addressedName} || '.' || datasets.name`.as('subject'))
    .where('datasets.id', '=', datasetId)
    .where('products.status', 'in', ['published', 'deprecated'])
    .executeTakeFirst();
}

/** The worst living incident of each of these products and of their datasets, by the id of either. */
export async function worstIncidents(
  reader: Reader,
  productIds: string[],
): Promise<Map<string, IncidentRow['severity']>> {
  const worst = new Map<string, IncidentRow['severity']>();
  if (productIds.length === 0) return worst;
  const rows = await reader
    .selectFrom('incidents')
    .select(['product_id', 'dataset_id', 'severity'])
    .where('product_id', 'in', productIds)
    .where('state', '<>', 'closed')
    .execute();
  for (const { product_id, dataset_id, severity } of rows) {
    for (const id of [product_id, dataset_id]) if (worst.get(id) !== 'error') worst.set(id, severity);
  }
  return worst;
}
