import { z } from 'zod';
import { LIMITS } from '../../base/limits.ts';
import { operation } from '../../identity/context.ts';
import { markRead } from './store.ts';

const MARKED = z.object({ marked: z.number().describe('entries that were unread until now') });

export const readEntries = operation({
  name: 'inbox.read',
  summary: 'Mark entries of your inbox as read.',
  effect: 'write',
  http: { method: 'POST', path: '/inbox/read' },
  scope: 'read',
  input: z.object({ ids: z.array(z.string().max(100)).min(1).max(LIMITS.pageRows) }),
  output: MARKED,
  async run({ caller, clock, database }, { ids }) {
    const marking = { principalId: caller.id, at: clock.now(), ids };
    return { marked: await database.transact((transaction) => markRead(transaction, marking)) };
  },
});

export const readAllEntries = operation({
  name: 'inbox.read-all',
  summary: 'Mark everything in your inbox as read, or everything up to an entry.',
  effect: 'write',
  http: { method: 'POST', path: '/inbox/read-all' },
  scope: 'read',
  input: z.object({
    upTo: z.string().max(100).optional().describe('the newest entry you have seen; what came after stays'),
  }),
  output: MARKED,
  async run({ caller, clock, database }, { upTo }) {
    const marking = { principalId: caller.id, at: clock.now(), upTo };
    return { marked: await database.transact((transaction) => markRead(transaction, marking)) };
  },
});
