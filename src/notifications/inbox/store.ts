import { sql } from 'kysely';
import type { Reader, Transaction } from '../../store/database.ts';

export interface InboxPage {
  principalId: string;
  unreadOnly: boolean;
  /** Only entries before this event: the cursor. */
  before?: string | undefined;
  limit: number;
}

/** What somebody was told, newest first. */
export function listNotifications(reader: Reader, page: InboxPage) {
  let query = reader
    .selectFrom('notifications')
    .innerJoin('mesh_events', 'mesh_events.id', 'notifications.event_id')
    .select(['mesh_events.id', 'mesh_events.type', 'mesh_events.subject', 'mesh_events.title'])
    .select(['mesh_events.at', 'mesh_events.data', 'notifications.read_at'])
    .where('notifications.principal_id', '=', page.principalId)
    .orderBy('notifications.event_id', 'desc')
    .limit(page.limit);
  if (page.unreadOnly) query = query.where('notifications.read_at', 'is', null);
  if (page.before !== undefined) query = query.where('notifications.event_id', '<', page.before);
  return query.execute();
}

export type ListedNotification = Awaited<ReturnType<typeof listNotifications>>[number];

/** Unread entries, counted up to a limit: nobody reads the exact number of a thousand. */
export async function countUnread(reader: Reader, principalId: string, most: number): Promise<number> {
  const { rows } = await sql<{ count: number }>`
    SELECT count(*)::int AS count FROM (
      SELECT FROM notifications WHERE principal_id = ${principalId} AND read_at IS NULL LIMIT ${most}
    ) AS unread`.execute(reader);
  return rows[0]?.count ?? 0;
}

/** Marks these entries, or all up to one, as read. Returns how many were not. */
export async function markRead(
  transaction: Transaction,
  what: { principalId: string; at: Date; ids?: string[]; upTo?: string | undefined },
): Promise<number> {
  let query = transaction
    .updateTable('notifications')
    .set({ read_at: what.at })
    .where('principal_id', '=', what.principalId)
    .where('read_at', 'is', null);
  if (what.ids !== undefined) query = query.where('event_id', 'in', what.ids);
  if (what.upTo !== undefined) query = query.where('event_id', '<=', what.upTo);
  return Number((await query.executeTakeFirst()).numUpdatedRows);
}

export async function listMuted(reader: Reader, principalId: string): Promise<string[]> {
  const rows = await reader
    .selectFrom('muted_events')
    .select('type')
    .where('principal_id', '=', principalId)
    .execute();
  return rows.map(({ type }) => type);
}

/** Doing it twice is doing it once. */
export async function setMuted(
  transaction: Transaction,
  { principalId, type, muted }: { principalId: string; type: string; muted: boolean },
): Promise<void> {
  if (muted) {
    const row = { principal_id: principalId, type };
    await transaction
      .insertInto('muted_events')
      .values(row)
      .onConflict((conflict) => conflict.doNothing())
      .execute();
    return;
  }
  await transaction
    .deleteFrom('muted_events')
    .where('principal_id', '=', principalId)
    .where('type', '=', type)
    .execute();
}
