import { z } from 'zod';
import { isoTime } from '../../base/clock.ts';
import { LIMITS } from '../../base/limits.ts';
import { operation } from '../../identity/context.ts';
import { eventLink } from '../event-link.ts';
import { listNotifications, type ListedNotification } from './store.ts';

const ENTRY = z.object({
  id: z.string(),
  type: z.string(),
  subject: z.string().describe('what it is about: domain.product.dataset, as far as it goes'),
  title: z.string(),
  at: z.string(),
  read: z.boolean(),
  link: z.string().describe('path in the web app'),
  data: z.record(z.string(), z.unknown()),
});

export const listInbox = operation({
  name: 'inbox.list',
  summary: 'What you were told, newest first: releases, failures, versions, subscriptions.',
  effect: 'read',
  http: { method: 'GET', path: '/inbox' },
  scope: 'read',
  input: z.object({
    show: z.enum(['all', 'unread']).default('all'),
    before: z.string().max(100).optional().describe('cursor: `next` of the page before'),
    limit: z.coerce.number().int().min(1).max(LIMITS.pageRows).default(50),
  }),
  output: z.object({ entries: z.array(ENTRY), next: z.string().nullable() }),
  async run({ caller, database }, { show, before, limit }) {
    const page = { principalId: caller.id, unreadOnly: show === 'unread', before, limit: limit + 1 };
    const rows = await listNotifications(database.reader, page);
    const entries = rows.slice(0, limit).map(viewEntry);
    return { entries, next: rows.length > limit ? (entries.at(-1)?.id ?? null) : null };
  },
});

function viewEntry(row: ListedNotification): z.output<typeof ENTRY> {
  const { id, type, subject, title, at, data, read_at } = row;
  return { id, type, subject, title, at: isoTime(at), read: read_at !== null, link: eventLink(row), data };
}
