import { type RawBuilder, sql, type SqlBool } from 'kysely';
import { newId } from '../../base/ids.ts';
import type { Reader, Transaction } from '../../store/database.ts';
import type { RenewalRow } from '../../store/rows/requests.ts';
import type { Read, RequestStep } from '../../store/schema.ts';
import { decisionsOf, type StepDecision } from '../approval/store.ts';

/** A renewal that waits, beside its subscription. */
export interface WaitingRenewal {
  id: string;
  /** ISO 8601: the first moment that would not count any more. */
  until: string;
  note: string | null;
  step: RequestStep;
  requestedById: string;
  requestedBy: string;
  requestedAt: string;
  decisions: StepDecision[];
}

const ISO = 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"';

/** The renewal of a subscription that waits, as one value beside its row. */
export function waitingRenewal(): RawBuilder<WaitingRenewal | null> {
  return sql<WaitingRenewal | null>`(SELECT jsonb_build_object('id', renewals.id, 'note', renewals.note,
      'until', to_char(renewals.until, ${sql.lit(ISO)}), 'step', renewals.step,
      'requestedById', renewals.requested_by, 'requestedBy', coalesce(asker.name, renewals.requested_by),
      'requestedAt', to_char(renewals.requested_at, ${sql.lit(ISO)}), 'decisions', ${decisionsOf('renewals.id')})
    FROM renewals LEFT JOIN principals AS asker ON asker.id = renewals.requested_by
    WHERE renewals.subscription_id = subscriptions.id AND renewals.state = 'requested')`;
}

/** Whether a subscription has a renewal that waits for this step. */
export function waitsForRenewal(step: RequestStep): RawBuilder<SqlBool> {
  return sql<SqlBool>`EXISTS (SELECT FROM renewals
    WHERE renewals.subscription_id = subscriptions.id AND renewals.step = ${step})`;
}

export interface Renewal extends Read<RenewalRow> {
  decisions: StepDecision[];
}

export function findRenewal(reader: Reader, id: string): Promise<Renewal | undefined> {
  return reader
    .selectFrom('renewals')
    .selectAll()
    .select(decisionsOf('renewals.id').as('decisions'))
    .where('id', '=', id)
    .executeTakeFirst();
}

export interface NewRenewal {
  subscriptionId: string;
  until: Date;
  note: string | null;
  requestedBy: string;
  at: Date;
}

/** A renewal waits for the producer. Returns its id. */
export async function insertRenewal(transaction: Transaction, renewal: NewRenewal): Promise<string> {
  const id = newId('rnw');
  await transaction
    .insertInto('renewals')
    .values({
      id,
      subscription_id: renewal.subscriptionId,
      until: renewal.until,
      note: renewal.note,
      state: 'requested',
      step: 'owner',
      requested_by: renewal.requestedBy,
      requested_at: renewal.at,
    })
    .execute();
  return id;
}

export async function markRenewalStep(
  transaction: Transaction,
  { id, step }: { id: string; step: RequestStep },
): Promise<void> {
  await transaction.updateTable('renewals').set({ step }).where('id', '=', id).execute();
}

export interface RenewalEnd {
  id: string;
  state: 'approved' | 'rejected' | 'withdrawn';
  reason: string | null;
  at: Date;
}

export async function markRenewalEnded(transaction: Transaction, end: RenewalEnd): Promise<void> {
  await transaction
    .updateTable('renewals')
    .set({ state: end.state, step: null, reason: end.reason, ended_at: end.at })
    .where('id', '=', end.id)
    .execute();
}

/** A subscription has ended: nothing is left that a renewal could keep. */
export async function lapseRenewal(
  transaction: Transaction,
  { id, at }: { id: string; at: Date },
): Promise<void> {
  await transaction
    .updateTable('renewals')
    .set({ state: 'lapsed', step: null, ended_at: at })
    .where('subscription_id', '=', id)
    .where('state', '=', 'requested')
    .execute();
}

/** The grant as it is, for longer. */
export async function markRenewed(
  transaction: Transaction,
  { id, until }: { id: string; until: Date },
): Promise<void> {
  await transaction.updateTable('subscriptions').set({ until }).where('id', '=', id).execute();
}
