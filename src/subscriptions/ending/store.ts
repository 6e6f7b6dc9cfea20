import { sql } from 'kysely';
import type { Reader } from '../../store/database.ts';
import { named, type NamedSubscription } from '../store.ts';

/** Grants whose time is over and that still say they are active. */
export async function listOverdue(reader: Reader, now: Date): Promise<NamedSubscription[]> {
  return (await named(reader)
    .where('subscriptions.state', '=', 'active')
    .where('subscriptions.until', '<=', now)
    .limit(500)
    .execute()) as unknown as NamedSubscription[];
}

export interface Expiring {
  id: string;
  /** The reminder that is due: this many days before the end. */
  days: number;
  /** The key of this reminder of this end date. */
  once: string;
}

/** Grants that end within the smallest of these numbers of days that holds, and that nobody was reminded of. */
export async function listExpiring(
  reader: Reader,
  { now, days }: { now: Date; days: number[] },
): Promise<Expiring[]> {
  const { rows } = await sql<Expiring>`
    SELECT id, days, once FROM (
      SELECT DISTINCT ON (held.id) held.id, due.days,
        'subscription.expiring ' || held.id || ' ' || extract(epoch FROM held.until)::bigint || ' ' || due.days AS once
      FROM subscriptions AS held
      JOIN unnest(${sql.val(days)}::int[]) AS due(days)
        ON held.until <= ${now}::timestamptz + make_interval(days => due.days)
        AND held.until - held.decided_at > make_interval(days => due.days)
      WHERE held.state = 'active' AND held.until > ${now}
      ORDER BY held.id, due.days
    ) AS reminders
    WHERE NOT EXISTS (SELECT FROM mesh_events WHERE mesh_events.once = reminders.once)
    LIMIT 500`.execute(reader);
  return rows;
}
